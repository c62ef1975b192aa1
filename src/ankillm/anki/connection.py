"""Anki while it runs, through its add-on AnkiConnect, version 6: requests as JSON over HTTP, one at a time.

Whatever answers is not trusted: an answer has the form that is asked for, or it is refused in one line. No proxy is
asked and no redirection followed, so that what is meant for this machine stays on it.
"""

import http.client
import ipaddress
import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import SplitResult, urlsplit

import msgspec
from msgspec import Struct

from ankillm.common.diagnostics import Refusal

VERSION = 6
HERE = "http://127.0.0.1:8765"
KEY_FROM = "ANKICONNECT_KEY"
"""Names in the environment the key that the add-on's settings may ask for."""
GREETING, PATIENCE, LONG = 5.0, 60.0, 600.0
"""Seconds to wait for the first answer, for any other, and for the end of an import or an export."""
LONG_ACTIONS = frozenset({"importPackage", "exportPackage", "storeMediaFile", "retrieveMediaFile"})
MOST_BYTES = 512 * 2**20
AT_ONCE = 500
"""Notes or cards in one request: Anki stands still until it has answered."""
KEY_WANTED = "api key"
UNSUPPORTED = "unsupported action"
CLOSED = "start Anki with the AnkiConnect add-on (code 2055492159), and sync again"

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class _Reply(Struct):
    result: msgspec.Raw = msgspec.Raw(b"null")
    error: str | None = None


class AnkiError(Exception):
    """What the add-on says of a request that it could not do."""


class Connection:
    """A running Anki; nothing is sent before the first question."""

    def __init__(self, url: str = HERE, key: str = "") -> None:
        """Take an address, `http://HOST:PORT`.

        :raises Refusal: if it is none.
        """
        self.url, self.key = url, key
        self.place = _place(url)

    @property
    def is_local(self) -> bool:
        """Whether the address is this machine's own."""
        host = self.place.hostname or ""
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return host == "localhost"

    def greet(self) -> None:
        """Make sure that an AnkiConnect answers that speaks our version.

        :raises Refusal: if not, in one line.
        """
        version = self._asked("version", int, {}, GREETING)
        if version < VERSION:
            raise Refusal(f"{self.url}: AnkiConnect speaks version {version}, not {VERSION}; update the add-on in Anki")

    def ask(self, action: str, form: type[Answer], **params: Any) -> Answer:  # noqa: ANN401  (whatever JSON has)
        """Return the answer to a request, in the form that it must have.

        :raises AnkiError: if the add-on says that it cannot be done.
        :raises Refusal: if there is no answer, a key is wanted, or the answer is none of AnkiConnect's.
        """
        return self._asked(action, form, params, LONG if action in LONG_ACTIONS else PATIENCE)

    def ask_if_it_can(self, action: str, form: type[Answer], default: Answer, **params: Any) -> Answer:  # noqa: ANN401  (likewise)
        """Return the answer to a request that some versions of the add-on do not know; the default from those.

        :raises Refusal: as `ask`.
        """
        try:
            return self.ask(action, form, **params)
        except AnkiError as error:
            if UNSUPPORTED in str(error):
                return default
            raise

    def ask_of_each(self, action: str, form: type[list[Answer]], name: str, items: Sequence[Item]) -> list[Answer]:
        """Return the answers about many notes or cards, asked a part at a time.

        :raises Refusal: as `ask`, and if there is not one answer for each.
        """
        found: list[Answer] = []
        for start in range(0, len(items), AT_ONCE):
            part = list(items[start : start + AT_ONCE])
            answers = self._asked(action, form, {name: part}, PATIENCE)
            if len(answers) != len(part):
                raise Refusal(f"{self.url}: {action} answered for {len(answers)} of {len(part)}; update the add-on")
            found += answers
        return found

    def _asked(self, action: str, form: type[Answer], params: Mapping[str, Any], seconds: float) -> Answer:
        given = {"action": action, "version": VERSION, "params": params} | ({"key": self.key} if self.key else {})
        body = self._sent(json.dumps(given).encode(), seconds)
        try:
            reply = msgspec.json.decode(body, type=_Reply)
            if reply.error is None:
                return msgspec.json.decode(reply.result, type=form)
        except (ValueError, RecursionError):
            raise Refusal(f"{self.url}: answers, but not as AnkiConnect does; is it another program's port?") from None
        if KEY_WANTED in reply.error:
            wrong = "wants another key, or none; put the" if self.key else "wants a key; put the"
            raise Refusal(f"{self.url}: AnkiConnect {wrong} apiKey of its settings into {KEY_FROM}")
        raise AnkiError(reply.error)

    def _sent(self, body: bytes, seconds: float) -> bytes:
        kind = http.client.HTTPSConnection if self.place.scheme == "https" else http.client.HTTPConnection
        door = kind(self.place.hostname or "", self.place.port, timeout=seconds)
        try:
            door.request("POST", self.place.path or "/", body, {"Content-Type": "application/json"})
            answer = door.getresponse()
            content = answer.read(MOST_BYTES + 1)
        except TimeoutError:
            raise Refusal(f"{self.url}: Anki does not answer; it is busy, or shows a dialog: see to it first") from None
        except ConnectionRefusedError:
            raise Refusal(f"{self.url}: Anki is closed, or without its add-on; {CLOSED}") from None
        except http.client.HTTPException:
            raise Refusal(f"{self.url}: answers, but not as AnkiConnect does; is it another program's port?") from None
        except OSError as error:
            raise Refusal(f"{self.url}: Anki cannot be reached ({error.strerror or error}); {CLOSED}") from None
        finally:
            door.close()
        if answer.status == http.client.FORBIDDEN:
            raise Refusal(f"{self.url}: AnkiConnect allows nothing from here; see webCorsOriginList in its settings")
        if answer.status != http.client.OK or len(content) > MOST_BYTES:
            raise Refusal(f"{self.url}: answers, but not as AnkiConnect does; is it another program's port?")
        return content


def _place(url: str) -> SplitResult:
    try:
        place = urlsplit(url)
        good = place.scheme in {"http", "https"} and place.hostname and place.port != 0
    except ValueError:
        good = False
    if not good or any(sign.isspace() or not sign.isprintable() for sign in url):
        raise Refusal(f"{url}: is no address; write --url {HERE}") from None
    return place
