"""A server of the OpenAI chat protocol: Ollama, llama.cpp, vLLM, `transformers serve`, or a hosted one.

Nothing that it says is trusted: not how long it is, how long it takes, where it sends us, nor what it holds.
"""

import importlib.util
import ipaddress
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from msgspec import Struct

from ankillm.common.diagnostics import Refusal
from ankillm.common.installation import installing
from ankillm.writer.errors import ServerError, UnansweredError
from ankillm.writer.key import KEY, key

if TYPE_CHECKING:
    from openai import AsyncOpenAI

RETRIES = 3
STATUS_OF_REQUEST = frozenset({400, 413, 422})
"""Says that this request is not to its liking; another may be."""
CUT_SHORT = "length"


class Server(Struct, frozen=True):
    """Where a model is asked, and how long one answer may take, in seconds."""

    url: str
    model: str
    timeout: float = 300.0

    @property
    def host(self) -> str:
        """The host and port, as they are shown."""
        return urlsplit(self.url).netloc


class Answer(Struct, frozen=True):
    """What a model said; `whole` unless it was cut short."""

    text: str
    whole: bool = True


def server_at(url: str, model: str, timeout: float) -> Server:
    """Return a server.

    :raises Refusal: if the address is none, holds a key, or would have the key sent in the clear; if the extra is not
        installed.
    """
    if importlib.util.find_spec("openai") is None:
        raise Refusal(f"--server needs openai: {installing(['openai'])}")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if parts.scheme not in {"http", "https"} or not host or not url.isprintable() or " " in url:
        raise Refusal("--server: is no address; give one such as http://localhost:11434/v1")
    if parts.username is not None or parts.query or parts.fragment:
        raise Refusal(f"--server: an address without a name, a key or a question in it; the key comes from {KEY}")
    if parts.scheme == "http" and key() and not _is_near(host):
        raise Refusal(f"--server: {KEY} would go to {host} unencrypted; give https://, or unset it")
    return Server(url, model, timeout)


def _is_near(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


class Chat:
    """A connection to a server, as a context; asks one question at a time for whoever calls it."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._unknown: set[str] = set()
        """What the server does not know, and is asked without from then on."""
        self._client: AsyncOpenAI | None = None

    async def __aenter__(self) -> Self:
        """Open it; nothing is sent yet."""
        import httpx2  # noqa: PLC0415  (of the extra)
        from openai import AsyncOpenAI  # noqa: PLC0415  (likewise)

        from ankillm.writer.guard import Guard, PatientClient  # noqa: PLC0415  (likewise)

        near = _is_near(urlsplit(self._server.url).hostname or "")
        guard = Guard(self._server.url)
        http = PatientClient(
            self._server.timeout,
            timeout=httpx2.Timeout(self._server.timeout, connect=min(self._server.timeout, 10.0)),
            follow_redirects=True,
            max_redirects=3,
            trust_env=not near,
            event_hooks={"request": [guard.request], "response": [guard.response]},
        )
        self._client = AsyncOpenAI(
            base_url=self._server.url,
            api_key=key() or "none",
            max_retries=RETRIES,
            http_client=http,
            default_headers={"Accept-Encoding": "identity"},
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        if self._client:
            await self._client.close()

    async def say(self, turns: Sequence[tuple[str, str]], schema: Mapping[str, Any], tokens: int) -> Answer:
        """Return what the model says to a conversation, who and what; for JSON by a schema where the server knows them.

        :raises UnansweredError: if it says nothing that is a text.
        :raises ServerError: if there is no answer, after some retries.
        """
        import openai  # noqa: PLC0415  (of the extra)

        messages = [{"role": role, "content": text} for role, text in turns]
        form = {"type": "json_schema", "json_schema": {"name": "cards", "strict": True, "schema": schema}}
        wishes = {"temperature": 0, "response_format": form}
        try:
            while True:
                asked = {name: wish for name, wish in wishes.items() if name not in self._unknown}
                try:
                    return await self._completed(messages, {"max_tokens": tokens, **asked})
                except (openai.BadRequestError, openai.UnprocessableEntityError):
                    if not asked:
                        raise
                    self._unknown.add([*asked][-1])  # the schema first: few servers refuse a temperature
        except openai.APIStatusError as error:
            raise _status_error(error.status_code, self._server) from None
        except openai.APITimeoutError:
            raise ServerError(f"{self._server.host} gave no answer in {self._server.timeout:g} seconds") from None
        except openai.APIConnectionError:
            raise ServerError(f"{self._server.host} can't be reached, or broke off; is it running?") from None
        except (openai.OpenAIError, ValueError, TypeError, LookupError, AttributeError, RecursionError):
            raise UnansweredError from None

    async def _completed(self, messages: Sequence[Mapping[str, str]], extra: Mapping[str, Any]) -> Answer:
        completions: Any = self._client.chat.completions if self._client else None
        found = await completions.create(model=self._server.model, messages=messages, **extra)
        choice = found.choices[0]
        text = choice.message.content
        if not isinstance(text, str):
            raise TypeError
        return Answer(text, whole=choice.finish_reason != CUT_SHORT)


def _status_error(status: int, server: Server) -> Exception:
    """Return what an HTTP status means; what the server says beside it may hold anything, the key too."""
    if status in STATUS_OF_REQUEST:
        return UnansweredError()
    meant = {
        401: f"wants another key (401); {KEY} holds it",
        403: f"wants another key (403); {KEY} holds it",
        404: f"does not know the address or the model {server.model} (404); is /v1 missing?",
        429: "says that it was asked too much (429)",
    }
    return ServerError(f"{server.host} {meant.get(status, f'answers with status {status}')}")
