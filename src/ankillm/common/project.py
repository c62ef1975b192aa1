"""The project: its folder, its decks, and where templates and evidence are found."""

import importlib.util
import os
import stat
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from pathlib import Path, PurePath
from typing import Any, Literal, get_args

import msgspec
from msgspec import Struct

from ankillm import TRAINER
from ankillm.common.diagnostics import Diagnostic, Refusal
from ankillm.common.file_names import is_device
from ankillm.common.files import UnreadableError, is_inside, read_file, require_place, shown
from ankillm.common.language import Language
from ankillm.common.path_patterns import pattern_of
from ankillm.common.vault import vault_link

CONFIG = Path("deck") / "deck.toml"
SCHEMA = 1
SUFFIX = ".apkg"
WEIGHTS_FROM = "ANKILLM_JUDGE"
"""Names in the environment a file of other weights than those that are shipped."""
SUFFIXES = (".md", ".markdown", ".mdx", ".ipynb")
DRAWINGS = (".excalidraw.md", ".excalidraw", ".canvas")
LISTINGS = ".cards.md"
LEDGER = ".ledger.jsonl"
"""What a build lists its cards in: no note."""
RESULT = frozenset({"metrics.jsonl", "settings.toml"})
"""What a training leaves beside its page."""
PASSED_OVER = frozenset({"node_modules", "__pycache__", "site-packages", "bower_components"})
TEMPLATES = frozenset({"templates", "_templates", "template", "模板", "模版"})


Density = Literal["few", "normal", "many"]
CHOICES = {"density": get_args(Density), "language": get_args(Language)}
MOST_BYTES = 2**20
"""Of a `deck.toml`."""


class DeckSpec(Struct, frozen=True):
    """One deck to build: its notes, its name and where it goes."""

    name: str
    notes: tuple[Path, ...]
    """Folders and files; without a `root` each folder, and each file's folder, is one."""
    output: Path
    language: Language | None = None
    facts: bool = False
    density: Density = "normal"
    """How sure a card has to be."""
    demos: bool = True
    """Whether terms of a card link it with a demo; claims do in any case."""
    exclude: tuple[str, ...] = ()
    """Patterns of paths from the root that are no notes of this deck."""
    root: Path | None = None
    """Where the paths of notes begin that lie in several folders."""
    project: Path | None = None
    """The project's folder; None outside of one."""
    label: str = ""
    """What `deck.toml` calls a project's deck; empty outside of one."""

    @property
    def ledger(self) -> Path:
        """The ledger's path: beside the output, named after it."""
        return self.beside(LEDGER)

    @property
    def written(self) -> Path:
        """The path of the cards that a language model wrote."""
        return self.output.with_suffix(".written.jsonl")

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
    """Return the `deck/deck.toml` of the nearest folder above, the given one included.

    :raises Refusal: if it leads out of its project, or cannot be looked for.
    """
    for folder in (start, *start.parents):
        config = folder / CONFIG
        try:
            if stat.S_ISDIR(config.stat().st_mode):
                continue
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise Refusal(f"{shown(config)}: cannot be looked for ({error.strerror}); check its rights") from None
        if not is_inside(config, folder):
            raise Refusal(f"{shown(config)}: is a link out of its project; put the file itself there")
        if not is_inside(evidence := config.parent / "evidence", folder):
            raise Refusal(f"{shown(evidence)}: is a link out of its project; put the folder itself there")
        return config
    return None


def load(start: Path) -> Project:
    """Return the project around a folder.

    :raises Refusal: if its `deck.toml` is damaged, of a newer version, or names what is no folder of notes.
    """
    config = find_config(start)
    if config is None:
        return Project(start, None, ())
    import tomllib  # noqa: PLC0415  (only a project pays for it)

    try:
        data = tomllib.loads(read_file(config, MOST_BYTES).decode("utf-8"))
    except UnreadableError as error:
        raise Refusal(f"{config}: {error}; check it and its rights") from None
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


class _DeckTable(Struct, forbid_unknown_fields=True):
    """`[decks.LABEL]`; what is not given is as for all decks."""

    notes: str | list[str] = ""
    name: str | None = None
    language: Language | None = None
    facts: bool | None = None
    density: Density | None = None
    demos: bool | None = None
    exclude: list[str] | None = None


class _Config(Struct, forbid_unknown_fields=True):
    """A `deck.toml`."""

    schema: int = SCHEMA
    facts: bool = False
    language: Language | None = None
    density: Density = "normal"
    demos: bool = True
    exclude: list[str] = []
    decks: dict[str, _DeckTable] = {}


def _checked(config: Path, data: Mapping[str, Any]) -> Project:
    """Return the project that the tables of a `deck.toml` describe.

    :raises Refusal: in one line that names what is wrong in it.
    """
    version = data.get("schema", SCHEMA)
    if version != SCHEMA:
        raise Refusal(f"{config}: schema {version!r} is not {SCHEMA}; this ankillm is older than the file")
    _refuse_unknown(config, data, _Config, "")
    decks = data.get("decks", {})
    for label, table in decks.items() if isinstance(decks, dict) else ():
        if isinstance(table, dict):
            _refuse_unknown(config, table, _DeckTable, f" in [decks.{label}]")
    try:
        found = msgspec.convert(data, _Config)
    except msgspec.ValidationError as error:
        what, _, place = str(error).partition(" - at `$")
        setting = place.strip("`.").replace("decks[...].", "of a deck: ") or "its content"
        choices = CHOICES.get(setting.rpartition(" ")[2])
        hint = f"; it is {', '.join(choices[:-1])} or {choices[-1]}" if choices else ""
        raise Refusal(f"{config}: {setting}: {what[:1].lower()}{what[1:]}{hint}") from None
    root = config.parent.parent
    return Project(root, config, tuple(_deck_spec(config, found, label) for label in found.decks))


def _refuse_unknown(config: Path, table: Mapping[str, Any], form: type[Struct], where: str) -> None:
    known = form.__struct_fields__
    if unknown := sorted(set(table) - set(known)):
        raise Refusal(f"{config}: unknown setting {unknown[0]!r}{where}; known are {', '.join(sorted(known))}")


def _deck_spec(config: Path, found: _Config, label: str) -> DeckSpec:
    table = found.decks[label]
    if not label.replace("-", "").replace("_", "").isalnum():
        raise Refusal(f"{config}: [decks.{label}]: a label is letters, digits, - and _")
    if is_device(label):
        raise Refusal(f"{config}: [decks.{label}]: Windows has no file of this name; give the label another")
    root = config.parent.parent
    places = [table.notes] if isinstance(table.notes, str) else table.notes
    if not places or any(leads_out(place) for place in places):
        raise Refusal(
            f'{config}: [decks.{label}] needs notes = "a folder inside the project", or a list of such folders'
        )
    if out := [place for place in places if not is_inside(root / place, root)]:
        raise Refusal(
            f"{config}: [decks.{label}] notes: {out[0]} is a link out of the project; make one where they lie"
        )
    return DeckSpec(
        name=label if table.name is None else table.name,
        notes=tuple(root / place for place in dict.fromkeys(places)),
        output=config.parent / f"{label}.apkg",
        language=table.language or found.language,
        facts=found.facts if table.facts is None else table.facts,
        density=table.density or found.density,
        demos=found.demos if table.demos is None else table.demos,
        exclude=(*found.exclude, *(table.exclude or ())),
        root=root if len(set(places)) > 1 else None,
        project=root,
        label=label,
    )


def leads_out(place: str, kind: type[PurePath] = PurePath) -> bool:
    """Whether a path leads out of the folder that it is meant in, or is none; `C:notes` of Windows does."""
    pure = kind(place)
    return not place or bool(pure.anchor) or ".." in pure.parts or not place.isprintable()


class NoteFile(Struct, frozen=True):
    """A file to read: where it is, its path from its root (POSIX, NFC), that root, and the address that opens it.

    With a problem it is a folder that could not be looked into; its path is `.` where it is the root itself.
    """

    file: Path
    path: str
    root: Path
    problem: str = ""
    link: str = ""
    """In Obsidian, where it lies in a vault; else empty: what is shared holds no path of a machine."""
    shared: str = ""
    """Its path as cards and listings have it: from the project's folder, wherever the build was started."""


def note_files(
    places: tuple[Path, ...],
    left_out: list[Diagnostic] | None = None,
    exclude: Sequence[str] = (),
    root: Path | None = None,
) -> tuple[NoteFile, ...]:
    """Return the notes in folders and files, sorted by path; what is no note is passed over, and told in `left_out`.

    Passed over are hidden folders, folders of programs and of templates, drawings, lists of cards, and, in silence,
    what `exclude` matches. Paths begin at `root`, else at each folder, or a file's folder.

    :raises Refusal: if a place does not exist, or two roots give the same path.
    """
    found: dict[str, NoteFile] = {}
    passed: dict[str, int] = {}
    closed: list[OSError] = []
    excluded = pattern_of(exclude)
    for place in places:
        require_place(place)
        here = root or (place if place.is_dir() else place.parent)
        for file in sorted(_markdown_files(place, passed, closed, here, excluded)) if place.is_dir() else [place]:
            path = unicodedata.normalize("NFC", file.relative_to(here).as_posix())
            known = found.setdefault(path, NoteFile(file, path, here, link=vault_link(file)))
            if known.file != file and os.path.realpath(known.file) != os.path.realpath(file):
                raise Refusal(f"{file} and {known.file} are both {path} to the deck; build them apart, or rename one")
        for error in closed:
            folder = Path(os.fsdecode(error.filename))
            path = unicodedata.normalize("NFC", folder.relative_to(here).as_posix())
            found[path] = NoteFile(folder, path, here, f"cannot be looked into ({error.strerror})")
        closed.clear()
    if passed and left_out is not None:
        words = ", ".join(f"{count} × {kind}" for kind, count in sorted(passed.items()))
        left_out.append(Diagnostic("", 0, f"passed over: {words}; name a file to read it all the same"))
    return tuple(found[path] for path in sorted(found))


def _markdown_files(
    folder: Path, passed: dict[str, int], closed: list[OSError], root: Path, excluded: Callable[[str], bool]
) -> list[Path]:
    """Walk a folder without following links to folders, so that a loop ends.

    What is passed over is counted, by kind; folders that cannot be looked into are in `closed`.
    """
    files: list[Path] = []
    for here, folders, names in os.walk(folder, onerror=closed.append):
        above = Path(here).relative_to(root).as_posix()
        start = "" if above == "." else f"{above}/"
        folders[:] = [name for name in folders if not name.startswith(".") and not excluded(start + name)]
        names = [name for name in names if not name.startswith(".") and not excluded(start + name)]  # noqa: PLW2901  (those that count)
        kinds = [_folder_kind(name) or ("link to a folder" * Path(here, name).is_symlink()) for name in folders]
        kinds += [
            _file_kind(name)
            for name in names
            if name.lower().endswith((*SUFFIXES, *DRAWINGS)) and not _is_own(name, names)
        ]
        for kind in filter(None, kinds):
            passed[kind] = passed.get(kind, 0) + 1
        folders[:] = [name for name in folders if not _folder_kind(name)]
        notes = (name for name in names if name.lower().endswith(SUFFIXES) and not _tells_of_training(name, names))
        files += [Path(here, name) for name in notes if not _file_kind(name)]
    return files


def _folder_kind(name: str) -> str:
    """Return what a folder is that is never read, empty for others; of hidden ones nothing is told."""
    if name in PASSED_OVER:
        return f"folder {name}"
    return "folder of templates" if name.lower() in TEMPLATES else ""


def _is_own(name: str, beside: Collection[str]) -> bool:
    """Whether a list of cards lies beside its deck's ledger: nobody takes it for a note."""
    return name.endswith(LISTINGS) and f"{name.removesuffix(LISTINGS)}{LEDGER}" in beside


def _tells_of_training(name: str, beside: Collection[str]) -> bool:
    """Whether it is the page that `ankillm train` leaves beside a result: in a vault that is a project, no note."""
    return name == "README.md" and RESULT.issubset(beside)


def _file_kind(name: str) -> str:
    """Return what a file is that is no note, empty for others."""
    if name.lower().endswith(DRAWINGS):
        return "drawing"
    return "list of cards" if name.lower().endswith(LISTINGS) else ""
