"""What tests of packages share: cards made by hand or from notes, shipped, and imported by the real Anki."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from anki import import_export_pb2
from anki.collection import Collection, ImportAnkiPackageOptions, ImportAnkiPackageRequest
from msgspec.structs import replace

from ankillm.anki.fields import left_out, render
from ankillm.anki.media import plots
from ankillm.build.output import Target, changes_of, searches_of, ship
from ankillm.build.report import Report
from ankillm.cards.card import Card, Gap
from ankillm.common.diagnostics import Span
from ankillm.common.project import NoteFile, resource

NOW = 1_760_000_000
CONDITIONS = {
    "if newer": import_export_pb2.IMPORT_ANKI_PACKAGE_UPDATE_CONDITION_IF_NEWER,
    "always": import_export_pb2.IMPORT_ANKI_PACKAGE_UPDATE_CONDITION_ALWAYS,
}
LOG = (
    "new",
    "updated",
    "duplicate",
    "conflicting",
    "first_field_match",
    "missing_notetype",
    "missing_deck",
    "empty_first_field",
)


def card(front: str, back: str = "答案", *, gaps: Sequence[str] = (), code: str = "", **more: Any) -> Card:  # noqa: ANN401
    """Return a card; `gaps` are the pieces of the front that a cloze hides."""
    kind: Literal["basic", "cloze"] = "cloze" if gaps else "basic"
    made = tuple(Gap(front.index(text), front.index(text) + len(text)) for text in gaps)
    given: dict[str, Any] = {
        "name": front,
        "note": "a.md",
        "section": ("节",),
        "context": ("节",),
        "source": Span("a.md", 1, 1),
        "deck": "测试",
        "language": "zh",
    }
    return Card(kind, "question", front, "" if gaps else back, gaps=made, code=code, **(given | more))


@dataclass(slots=True)
class Output:
    """A folder that cards are shipped to, and the files that they come from."""

    folder: Path
    now: int = NOW
    notes: tuple[str, ...] = ("a.md",)
    unread: tuple[str, ...] = ()
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def package(self) -> Path:
        """The package."""
        return self.folder / "out.apkg"

    @property
    def ledger(self) -> Path:
        """The ledger."""
        return self.folder / "out.ledger.jsonl"

    def ship(self, *cards: Card, **more: Any) -> Report:  # noqa: ANN401
        """Ship cards, a minute after the last time."""
        self.now += 60
        root = self.folder / "notes"
        files = tuple(NoteFile(root / path, path, root) for path in (*self.notes, *self.unread))
        given: dict[str, Any] = {"templates": resource("templates")} | self.more | more
        shown = plots(given.pop("pictures", {}))
        target = Target(
            output=self.package,
            ledger=self.ledger,
            files=files,
            read=frozenset(self.notes),
            now=self.now,
            **given,
        )
        rendered, album = render(cards, {entry.path: entry for entry in files}, shown.names)
        shipped = ship([card for card in rendered if not card.dropped], {**shown.media, **album.contents}, target)
        unshown = filter(None, map(left_out, rendered))
        report = Report(
            name="out",
            notes=len(self.notes),
            cards=shipped.cards,
            media=shipped.media,
            warnings=(*album.warnings, *unshown, *shown.warnings, *shipped.warnings),
            unchanged=shipped.plan.unchanged,
            searches=searches_of(shipped.plan),
        )
        return replace(report, **changes_of(shipped.plan))


@contextmanager
def collection(folder: Path | None = None) -> Iterator[Collection]:
    """Open a collection, fresh unless its folder has one."""
    with tempfile.TemporaryDirectory() as temporary:
        place = folder or Path(temporary)
        place.mkdir(parents=True, exist_ok=True)
        opened = Collection(str(place / "collection.anki2"))
        try:
            yield opened
        finally:
            opened.close()


def bring(
    opened: Collection, package: Path, *, update: str = "if newer", merge: bool = False, scheduling: bool = False
) -> dict[str, int]:
    """Import a package; return how many notes Anki put where, without the zeros."""
    options = ImportAnkiPackageOptions(
        merge_notetypes=merge,
        update_notes=CONDITIONS[update],
        update_notetypes=CONDITIONS[update],
        with_scheduling=scheduling,
        with_deck_configs=False,
    )
    done = opened.import_anki_package(ImportAnkiPackageRequest(package_path=str(package), options=options))
    opened.models._clear_cache()
    counts = {name: len(getattr(done.log, name)) for name in LOG}
    return {name: count for name, count in counts.items() if count}


def rows(opened: Collection, sql: str) -> list[Any]:
    """Return the rows of a query."""
    assert opened.db
    return list(opened.db.all(sql))


def is_sound(opened: Collection, *, updated: bool = False) -> bool:
    """Whether Anki finds nothing to mend: database check, empty cards, missing media.

    Where an update took one of several gaps out of a note, Anki keeps that gap's card, empty, until the reader lets it
    clean up; so empty cards are looked for in fresh collections only.
    """
    problems, good = opened.fix_integrity()
    quiet = problems == "Database rebuilt and optimized."
    return quiet and good and (updated or not opened.get_empty_cards().notes) and not opened.media.check().missing
