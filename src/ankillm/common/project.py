"""The project: its folder, its decks, and where templates and evidence are found."""

import importlib.util
import os
import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

from msgspec import Struct

from ankillm import TRAINER
from ankillm.common.diagnostics import Diagnostic, Refusal
from ankillm.common.files import require_place
from ankillm.common.language import Language

CONFIG = Path("deck") / "deck.toml"
SCHEMA = 1
SUFFIX = ".apkg"
WEIGHTS_FROM = "ANKILLM_JUDGE"
"""Names in the environment a file of other weights than those that are shipped."""
SUFFIXES = (".md", ".markdown", ".mdx", ".ipynb")
DRAWINGS = (".excalidraw.md", ".excalidraw", ".canvas")
LISTINGS = ".cards.md"
"""What a build lists its cards in: no note."""
PASSED_OVER = frozenset({"node_modules", "__pycache__", "site-packages", "bower_components"})
TEMPLATES = frozenset({"templates", "_templates", "template", "模板", "模版"})
KNOWN = {"schema", "facts", "language", "density", "decks"}
KNOWN_OF_DECK = {"notes", "name", "language", "facts", "density"}


Density = Literal["few", "normal", "many"]


class DeckSpec(Struct, frozen=True):
    """One deck to build: its notes, its name and where it goes."""

    name: str
    notes: tuple[Path, ...]
    """Folders and files; each folder, and each file's folder, is a root."""
    output: Path
    language: Language | None = None
    facts: bool = False
    density: Density = "normal"
    """How sure a card has to be."""
    label: str = ""
    """What `deck.toml` calls a project's deck; empty outside of one."""

    @property
    def ledger(self) -> Path:
        """The ledger's path: beside the output, named after it."""
        return self.beside(".ledger.jsonl")

    @property
    def listing(self) -> Path:
        """The path of the text that lists every card."""
        return self.beside(".cards.md")

    def beside(self, suffix: str) -> Path:
        """Return the path of a file that goes with the output; `a.apkg` and `a.APKG` have none in common."""
        plain = self.output.suffix == SUFFIX
        return self.output.with_suffix(suffix) if plain else self.output.with_name(self.output.name + suffix)


class Project(Struct, frozen=True):
    """A folder with `deck/deck.toml`, or, with `config` None, the current folder standing in for one."""

    root: Path
    config: Path | None
    decks: tuple[DeckSpec, ...]

    @property
    def evidence(self) -> tuple[Path, ...]:
        """The folders of evidence, the project's own first, then the shipped one."""
        own = (self.root / "deck" / "evidence",) if self.config else ()
        return tuple(dict.fromkeys((*own, resource("evidence"))))


@cache
def resource(name: str) -> Path:
    """Return the folder `templates` or `evidence`: a checkout's `deck/`, else the one in the installed package."""
    here = Path(__file__).resolve().parents[1]
    checkout = here.parent.parent / "deck" / name
    packaged = here / "_deck" / name
    return packaged if packaged.is_dir() else checkout


def trainer_folder() -> Path:
    """Find the folder of `reference_trainer`, in a checkout or a wheel, without importing it."""
    spec = importlib.util.find_spec(TRAINER)
    if spec is None or not spec.submodule_search_locations:
        raise Refusal(f"{TRAINER} is not installed beside ankillm: install ankillm again")
    return Path(next(iter(spec.submodule_search_locations)))


def find_config(start: Path) -> Path | None:
    """Return the `deck/deck.toml` of the nearest folder above, the given one included."""
    folders = (start, *start.parents)
    return next((folder / CONFIG for folder in folders if (folder / CONFIG).is_file()), None)


def load(start: Path) -> Project:
    """Return the project around a folder.

    :raises Refusal: if its `deck.toml` is damaged, of a newer version, or names what is no folder of notes.
    """
    config = find_config(start)
    if config is None:
        return Project(start, None, ())
    import tomllib  # noqa: PLC0415  (only a project pays for it)

    try:
        data = tomllib.loads(config.read_text("utf-8"))
    except OSError as error:
        raise Refusal(f"{config}: cannot be read ({error.strerror}); check its rights") from None
    except UnicodeDecodeError:
        raise Refusal(f"{config}: is not UTF-8; save it as UTF-8") from None
    except (ValueError, RecursionError) as error:  # not TOML, too many digits or brackets
        raise Refusal(f"{config}: is not TOML: {error}; mend it, or delete it and run ankillm init") from None
    return _checked(config, data)


def evidence_around(start: Path) -> tuple[Path, ...]:
    """Return the folders of evidence of the project around a folder, or the shipped one alone."""
    try:
        return load(start).evidence
    except Refusal:  # a damaged deck.toml is told where the project is asked for
        return (resource("evidence"),)


def _checked(config: Path, data: Mapping[str, Any]) -> Project:  # noqa: C901  (one check a line)
    def refuse(what: str) -> Refusal:
        return Refusal(f"{config}: {what}")

    def no_others(table: Mapping[str, Any], known: set[str], where: str) -> None:
        if unknown := sorted(set(table) - known):
            raise refuse(f"unknown setting {unknown[0]!r}{where}; known are {', '.join(sorted(known))}")

    no_others(data, KNOWN, "")
    if data.get("schema", SCHEMA) != SCHEMA:
        raise refuse(f"schema {data['schema']!r} is not {SCHEMA}; this ankillm is older than the file")
    facts = data.get("facts", False)
    decks = data.get("decks", {})
    if not isinstance(decks, dict) or not all(isinstance(table, dict) for table in decks.values()):
        raise refuse("decks are tables: [decks.NAME] with notes = and name =")
    root = config.parent.parent
    specs = []
    for label, table in decks.items():
        no_others(table, KNOWN_OF_DECK, f" in [decks.{label}]")
        notes = table.get("notes")
        language = table.get("language", data.get("language"))
        if not isinstance(notes, str) or Path(notes).is_absolute() or ".." in Path(notes).parts:
            raise refuse(f'[decks.{label}] needs notes = "a folder inside the project"')
        if language not in {None, "zh", "en"}:
            raise refuse(f'[decks.{label}] language is {language!r}; it is "zh" or "en"')
        density = table.get("density", data.get("density", "normal"))
        if density not in get_args(Density):
            raise refuse(f'[decks.{label}] density is {density!r}; it is "few", "normal" or "many"')
        if not label.replace("-", "").replace("_", "").isalnum():
            raise refuse(f"[decks.{label}]: a label is letters, digits, - and _")
        name = table.get("name", label)
        if not isinstance(name, str):
            raise refuse(f"[decks.{label}] name is no text")
        output = config.parent / f"{label}.apkg"
        facts_too = bool(table.get("facts", facts))
        specs.append(DeckSpec(name, (root / notes,), output, language, facts_too, density, label))
    return Project(root, config, tuple(specs))


class NoteFile(Struct, frozen=True):
    """A file to read: where it is, its path from its root (POSIX, NFC), and that root.

    With a problem it is a folder that could not be looked into; its path is `.` where it is the root itself.
    """

    file: Path
    path: str
    root: Path
    problem: str = ""


def note_files(places: tuple[Path, ...], left_out: list[Diagnostic] | None = None) -> tuple[NoteFile, ...]:
    """Return the notes in folders and files, sorted by path; what is no note is passed over, and told in `left_out`.

    Passed over are hidden folders, folders of programs and of templates, drawings and lists of cards.

    :raises Refusal: if a place does not exist, or two roots give the same path.
    """
    found: dict[str, NoteFile] = {}
    passed: dict[str, int] = {}
    closed: list[OSError] = []
    for place in places:
        require_place(place)
        root = place if place.is_dir() else place.parent
        for file in sorted(_markdown_files(place, passed, closed)) if place.is_dir() else [place]:
            path = unicodedata.normalize("NFC", file.relative_to(root).as_posix())
            known = found.setdefault(path, NoteFile(file, path, root))
            if known.file != file and os.path.realpath(known.file) != os.path.realpath(file):
                raise Refusal(f"{file} and {known.file} are both {path} to the deck; build them apart, or rename one")
        for error in closed:
            folder = Path(os.fsdecode(error.filename))
            path = unicodedata.normalize("NFC", folder.relative_to(root).as_posix())
            found[path] = NoteFile(folder, path, root, f"cannot be looked into ({error.strerror})")
        closed.clear()
    if passed and left_out is not None:
        words = ", ".join(f"{count} × {kind}" for kind, count in sorted(passed.items()))
        left_out.append(Diagnostic("", 0, f"passed over: {words}; name a file to read it all the same"))
    return tuple(found[path] for path in sorted(found))


def _markdown_files(folder: Path, passed: dict[str, int], closed: list[OSError]) -> list[Path]:
    """Walk a folder without following links to folders, so that a loop ends.

    What is passed over is counted, by kind; folders that cannot be looked into are in `closed`.
    """
    files: list[Path] = []
    for here, folders, names in os.walk(folder, onerror=closed.append):
        kinds = [_folder_kind(name) for name in folders]
        kinds += [_file_kind(name) for name in names if name.lower().endswith((*SUFFIXES, *DRAWINGS))]
        for kind in filter(None, kinds):
            passed[kind] = passed.get(kind, 0) + 1
        folders[:] = [name for name in folders if not name.startswith(".") and not _folder_kind(name)]
        notes = (name for name in names if name.lower().endswith(SUFFIXES) and not name.startswith("."))
        files += [Path(here, name) for name in notes if not _file_kind(name)]
    return files


def _folder_kind(name: str) -> str:
    """Return what a folder is that is never read, empty for others; of hidden ones nothing is told."""
    if name in PASSED_OVER:
        return f"folder {name}"
    return "folder of templates" if name.lower() in TEMPLATES else ""


def _file_kind(name: str) -> str:
    """Return what a file is that is no note, empty for others."""
    if name.lower().endswith(DRAWINGS):
        return "drawing"
    return "list of cards" if name.lower().endswith(LISTINGS) else ""
