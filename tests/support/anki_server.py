"""A running Anki for tests: AnkiConnect's protocol, version 6, over a real collection by the official library.

Each action does what the add-on does, with the same calls. What a test wants beyond that (a key, silence, an answer
that is none) is switched on by an attribute.
"""

import base64
import json
import re
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from anki.collection import (
    Collection,
    DeckIdLimit,
    ExportAnkiPackageOptions,
    ImportAnkiPackageOptions,
    ImportAnkiPackageRequest,
)

from anki.cards import CardId  # isort: skip  (after the collection, which it imports in a circle)
from anki.decks import DeckId
from anki.errors import NotFoundError
from anki.notes import NoteId
from anki.scheduler.v3 import CardAnswer, Scheduler

SNAKE = re.compile("([A-Z])")


class RunningAnki:
    """A profile that is open, and the port at which it answers."""

    def __init__(self, folder: Path) -> None:
        """Open the collection of a profile's folder, a fresh one unless there is one."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.open: Collection | None = Collection(str(folder / "collection.anki2"))
        self.profile = folder.name
        self.key: str | None = None
        self.raw: bytes | None = None
        """What is answered in place of an answer."""
        self.status = 200
        self.unknown: set[str] = set()
        """Actions that this version of the add-on does not have."""
        self.silence: threading.Event | None = None
        """Nothing is answered until this is set."""
        self.asked: list[str] = []
        self.url = ""

    @property
    def col(self) -> Collection:
        """The collection."""
        assert self.open
        return self.open

    def reply(self, body: bytes) -> bytes:
        """Answer a request as the add-on does."""
        request = json.loads(body)
        self.asked.append(request["action"])
        if self.silence:
            self.silence.wait(30)
        if self.raw is not None:
            return self.raw
        try:
            answer = {"result": self._method(request)(**request.get("params", {})), "error": None}
        except Exception as error:  # noqa: BLE001  (the add-on answers with whatever went wrong)
            answer = {"result": None, "error": str(error)}
        return json.dumps(answer).encode()

    def _method(self, request: Mapping[str, Any]) -> Callable[..., Any]:
        if request.get("key") != self.key:
            raise ValueError("valid api key must be provided")
        name = SNAKE.sub(r"_\1", request["action"]).lower()
        method: Callable[..., Any] | None = getattr(self, f"_do_{name}", None)
        if method is None or request["action"] in self.unknown:
            raise ValueError("unsupported action")
        if self.open is None and name != "version":
            raise ValueError("collection is not available")
        return method

    def _do_version(self) -> int:
        return 6

    def _do_get_media_dir_path(self) -> str:
        return self.col.media.dir()

    def _do_model_names(self) -> list[str]:
        return [found.name for found in self.col.models.all_names_and_ids()]

    def _do_get_tags(self) -> list[str]:
        return self.col.tags.all()

    def _do_get_num_cards_reviewed_by_day(self) -> list[Any]:
        assert self.col.db
        sql = "select date(id/1000, 'unixepoch') as day, count() from revlog group by day order by day desc"
        return self.col.db.all(sql)

    def _do_find_notes(self, query: str) -> list[int]:
        return list(self.col.find_notes(query))

    def _do_notes_info(self, notes: list[int]) -> list[dict[str, Any]]:
        return [self._note(number) for number in notes]

    def _note(self, number: int) -> dict[str, Any]:
        try:
            note = self.col.get_note(NoteId(number))
        except NotFoundError:
            return {}
        fields = {name: {"value": value, "order": at} for at, (name, value) in enumerate(note.items())}
        kind = note.note_type()
        assert kind
        cards = sorted(note.cards(), key=lambda card: card.ord)
        return {
            "noteId": number,
            "tags": note.tags,
            "fields": fields,
            "modelName": kind["name"],
            "cards": [card.id for card in cards],
        }

    def _do_cards_mod_time(self, cards: list[int]) -> list[dict[str, int]]:
        return [{"cardId": number, "mod": self.col.get_card(CardId(number)).mod} for number in cards]

    def _do_get_decks(self, cards: list[int]) -> dict[str, list[int]]:
        decks: dict[str, list[int]] = {}
        for number in cards:
            decks.setdefault(self.col.decks.name(self.col.get_card(CardId(number)).did), []).append(number)
        return decks

    def _do_cards_info(self, cards: list[int]) -> list[dict[str, Any]]:
        found = [self.col.get_card(CardId(number)) for number in cards]
        return [
            {"cardId": card.id, "deckName": self.col.decks.name(card.did), "queue": card.queue, "mod": card.mod}
            for card in found
        ]

    def _do_get_active_profile(self) -> str:
        return self.profile

    def _do_update_note_fields(self, note: dict[str, Any]) -> None:
        found = self.col.get_note(note["id"])
        for name, value in note["fields"].items():
            found[name] = value
        self.col.update_note(found)

    def _do_suspend(self, cards: list[CardId]) -> bool:
        self.col.sched.suspend_cards(cards)
        return True

    def _do_unsuspend(self, cards: list[CardId]) -> None:
        self.col.sched.unsuspend_cards(cards)

    def _do_add_tags(self, notes: list[NoteId], tags: str) -> None:
        self.col.tags.bulk_add(notes, tags)

    def _do_remove_tags(self, notes: list[NoteId], tags: str) -> None:
        self.col.tags.bulk_remove(notes, tags)

    def _do_change_deck(self, cards: list[CardId], deck: str) -> None:
        number = self.col.decks.id(deck)
        assert number
        self.col.set_deck(cards, number)

    def _do_export_package(self, deck: str, path: str, includeSched: bool = False) -> bool:  # noqa: FBT001, FBT002, N803  (the add-on's name)
        number = self.col.decks.id_for_name(deck)
        if number is None:
            return False
        options = ExportAnkiPackageOptions(
            with_scheduling=includeSched, with_deck_configs=includeSched, with_media=True, legacy=True
        )
        self.col.export_anki_package(out_path=path, options=options, limit=DeckIdLimit(DeckId(number)))
        return True

    def _do_import_package(self, path: str) -> bool:
        options = ImportAnkiPackageOptions(merge_notetypes=True, with_scheduling=True, with_deck_configs=True)
        self.col.import_anki_package(ImportAnkiPackageRequest(package_path=path, options=options))
        self.col.models._clear_cache()
        return True

    def _do_store_media_file(self, filename: str, data: str) -> str:
        Path(self.col.media.dir(), filename).write_bytes(base64.b64decode(data))
        return filename

    def _do_retrieve_media_file(self, filename: str) -> str | bool:
        file = Path(self.col.media.dir(), filename)
        return base64.b64encode(file.read_bytes()).decode() if file.exists() else False

    def _do_delete_media_file(self, filename: str) -> None:
        Path(self.col.media.dir(), filename).unlink(missing_ok=True)

    def fronts(self, query: str = "") -> list[str]:
        """Return the first fields of the notes that a search finds, in the order of their ids."""
        return [self.col.get_note(number).fields[0] for number in sorted(self.col.find_notes(query))]

    def answer_all(self) -> None:
        """Answer every card once."""
        scheduler = self.col.sched
        assert isinstance(scheduler, Scheduler)
        for number in sorted(self.col.find_cards("")):
            card = self.col.get_card(number)
            card.start_timer()
            states = self.col._backend.get_scheduling_states(number)
            answer = scheduler.build_answer(card=card, states=states, rating=CardAnswer.GOOD)
            scheduler.answer_card(answer)

    def scheduling(self) -> dict[int, list[Any]]:
        """Return all that is scheduled of each card, and its reviews."""
        assert self.col.db
        sql = "select id, type, queue, due, ivl, factor, reps, lapses, left, odue, odid, flags, data from cards"
        reviews = self.col.db.list("select cid || ' ' || id || ' ' || ease || ' ' || ivl from revlog order by id")
        return {
            row[0]: [*row[1:], [text for text in reviews if text.startswith(f"{row[0]} ")]]
            for row in self.col.db.all(sql)
        }

    def delete(self, query: str) -> None:
        """Delete the notes that a search finds, as a reader does in the browser."""
        self.col.remove_notes(self.col.find_notes(query))

    def copy(self, to: Path) -> Path:
        """Copy the collection's file, as a backup is kept."""
        return self._swapped(lambda file: Path(shutil.copy(file, to)))

    def restore(self, backup: Path | None) -> None:
        """Put a backup in the collection's place; None for a fresh collection."""

        def put(file: Path) -> Path:
            file.unlink()
            return Path(shutil.copy(backup, file)) if backup else file

        self._swapped(put)

    def _swapped(self, work: Any) -> Path:  # noqa: ANN401  (a function of the file)
        self.col.close()
        file = self.folder / "collection.anki2"
        done: Path = work(file)
        self.open = Collection(str(file))
        return done


@contextmanager
def running(folder: Path) -> Iterator[RunningAnki]:
    """Open a profile and answer at a free port of this machine, until the end."""
    anki = RunningAnki(folder)

    class Handler(BaseHTTPRequestHandler):
        """Hands every request on."""

        def do_POST(self) -> None:
            body = anki.reply(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(anki.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    anki.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield anki
    finally:
        if anki.silence:
            anki.silence.set()
        server.shutdown()
        server.server_close()
        thread.join()
        if anki.open:
            anki.open.close()
