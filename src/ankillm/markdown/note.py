"""Notes: one Markdown file each, read into sections of typed blocks that know their lines.

Text → markdown-it tokens → blocks → sections. A section is a heading or a pseudo-heading with what stands under it.
Nothing here decides what is worth a card.
"""

import codecs
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from ankillm.common.diagnostics import Diagnostic
from ankillm.common.language import Language
from ankillm.common.patterns import regex
from ankillm.markdown.blocks import Section
from ankillm.markdown.dialects import normalised
from ankillm.markdown.reader import read_blocks
from ankillm.markdown.sections import outline
from ankillm.markdown.titles import file_title

if TYPE_CHECKING:
    from markdown_it.token import Token

WORD = regex(r"[A-Za-z]+")
CLAIMED = regex(r"demo\s*[:：]", re.IGNORECASE)
DRAWING = "excalidraw-plugin"
"""What the front matter of a drawing has, whatever its file is called."""
UNSAFE = regex("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class UnreadableNote(Exception):  # noqa: N818  (the note is at fault, not the program)
    """A note that could not be read; carries the one line to show."""

    def __init__(self, message: Diagnostic) -> None:
        super().__init__(str(message))
        self.message = message


class Note(Struct, frozen=True):
    """One Markdown file: `path` from the root of the notes (POSIX, NFC), `file` as messages show it."""

    path: str
    file: str
    text: str
    tokens: "tuple[Token, ...]"
    """markdown-it's tokens, kept for the places of claims; a note without claims has none."""
    references: Mapping[str, Any]
    """markdown-it's environment: the link definitions."""
    meta: Mapping[str, str]
    sections: tuple[Section, ...]
    language: Language
    tags: tuple[str, ...] = ()
    """What its front matter, and lines of nothing but tags, say that it is about."""
    line_tags: tuple[tuple[int, int, tuple[str, ...]], ...] = ()
    """First and last line, and what tags at the end of a line or of a heading say of what stands there."""
    warnings: tuple[Diagnostic, ...] = ()
    """What had to be left out of it, with its place."""

    @property
    def title(self) -> str:
        """The note's first heading, or its file's name."""
        first = next((section.title for section in self.sections if section.level == 1), "")
        return first or self.meta.get("title", "") or Path(self.path).stem


def tags_at(note: Note, first: int, last: int) -> tuple[str, ...]:
    """Return the tags that a note's author gave to what stands on some of its lines."""
    return tuple(tag for start, end, tags in note.line_tags if start <= last and first <= end for tag in tags)


def whole_tokens(note: Note) -> "Sequence[Token]":
    """Return a note's tokens, in a note without claims too."""
    from ankillm.markdown.parser import parser  # noqa: PLC0415  (only where there is markup)

    return note.tokens or parser().parse(note.text, {})


def decode(data: bytes, file: str) -> str:
    """Return the text of a note: UTF-8 with or without BOM, line endings made one.

    :raises UnreadableNote: for other encodings, with the line of the first bad byte.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise UnreadableNote(Diagnostic(file, 1, "is UTF-16; save the note as UTF-8"))
    try:
        text = data.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].replace(b"\r\n", b"\n").replace(b"\r", b"\n").count(b"\n") + 1
        bad = f"byte 0x{data[error.start]:02x} is not UTF-8"
        raise UnreadableNote(Diagnostic(file, line, f"{bad}; save the note as UTF-8")) from None
    return UNSAFE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def language_of(text: str) -> Language:
    """Return `zh` where CJK characters are at least a fifth of the words, else `en`."""
    if text.isascii():
        return "en"
    cjk = sum(count for character, count in Counter(text).items() if "\u3400" <= character <= "\u9fff")
    return "zh" if cjk * 4 > len(WORD.findall(text)) else "en"


def is_claimed(text: str) -> bool:
    """Whether a note may have claims; only then are the tokens inside of its lines needed."""
    return "demo" in text.lower() and bool(CLAIMED.search(text))


def _has_title(sections: Iterable[Section]) -> bool:
    """Whether one heading stands above all others: several of its level are chapters, of which none names the whole."""
    return sum(section.level == 1 for section in sections) == 1


def _under(title: str, section: Section) -> Section:
    known = section.path[:1] == (title,)
    return section if known else replace(section, path=(title, *section.path))


def parse(text: str, path: str, file: str = "", language: Language | None = None) -> Note:
    """Read a note's text (as `decode` returns it) into sections."""
    from ankillm.markdown.parser import block_parser, parser  # noqa: PLC0415  (only where a note is read)

    references: dict[str, Any] = {}
    shown = file or path
    normal = normalised(text, components=path.lower().endswith(".mdx"))
    sections = outline(read_blocks(block_parser().parse(normal.text, references), references, normal.numbers))
    if not _has_title(sections) and (title := normal.meta.get("title") or file_title(path)):
        sections = tuple(_under(title, section) for section in sections)
    tokens: tuple[Token, ...] = ()
    if is_claimed(text):
        references = {}
        tokens = tuple(parser().parse(text, references))
    named = normal.meta.get("lang", normal.meta.get("language", ""))[:2]
    spoken: Language = "zh" if named == "zh" else "en" if named == "en" else language or language_of(text)
    warnings = tuple(Diagnostic(shown, line, words) for line, words in normal.warnings)
    if DRAWING in normal.meta:
        sections, warnings = (), (Diagnostic(shown, 1, "is a drawing, as its front matter says; it gives no card"),)
    return Note(
        path, shown, text, tokens, references, normal.meta, sections, spoken, normal.tags, normal.line_tags, warnings
    )


def note_text(data: bytes, path: str, shown: str) -> str:
    """Return the text of a note's bytes; a notebook's is made of its cells.

    :raises UnreadableNote: if it is not UTF-8, or no notebook.
    """
    text = decode(data, shown)
    if not path.lower().endswith(".ipynb"):
        return text
    from ankillm.markdown.notebook import BadNotebook, notebook_text  # noqa: PLC0415  (only notebooks pay for it)

    try:
        return notebook_text(text)
    except BadNotebook as error:
        raise UnreadableNote(Diagnostic(shown, 0, str(error))) from None
