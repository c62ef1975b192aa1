"""A note cut into passages: the smallest runs of text that make one statement.

`passages(note)` returns them in reading order; whatever stands in a note belongs to at least one. Their kinds:

- `sentence`: one sentence of a paragraph (a line of its own is one); `sentence`/`sentences` say which of how many.
- `item`: one sentence of a list item's own text; nested items are passages of their own, and `parts` of their parent.
- `lead`: the end of a paragraph or item that only announces what follows (it ends with a colon); `parts`: what follows.
- `question`: a heading, line, item or sentence that asks; `parts`: the passages of its answer.
- `list`: a whole list of 2 to 12 short items, before its items; `parts`: their own texts. `label` is its announcement.
- `table`: a whole table, before its rows: `head`, and its rows as `parts`.
- `row`: a table's row: `head` and `cells` beside one another; `label` is its first cell, `rest` the others.
- `code`: lines of code that belong together: `label` is the comment that says what they do ("" without one), `rest`
  the code. The announcement above the block is the last of `labels`.
- `comment`: a sentence of a comment in code that says more than what the lines below it do, or has none below.
- `formula`: a displayed formula; `text` is TeX.
- `heading`: a heading, or a bold line in place of one, as written.
- `image`: an image with its alternative text.
- `raw`: lines that no block holds: raw HTML, front matter, link definitions, comments.

`titles` are the headings above, outermost first, without the passage itself. `labels` are what announces it inside of
its section, outermost first, as plain text: the items it is nested under, the bold label or announcement above it, and
for later sentences the label in front of the first. `label` and `rest` split `label: rest`, outside of code, formulas,
links, brackets and quotes.
"""

from bisect import bisect_right
from collections.abc import Sequence

from msgspec.structs import replace

from ankillm.extract.passage import Kind, Passage, Place, has_words, passage_at
from ankillm.extract.passage_blocks import block_passages
from ankillm.extract.prose import is_question, label_split
from ankillm.markdown.blocks import CodeBlock, Heading, Math, Paragraph, Section, Table
from ankillm.markdown.note import Note

__all__ = ["Kind", "Passage", "passages"]


def passages(note: Note) -> tuple[Passage, ...]:
    """Return the passages of a note in reading order."""
    lines = note.text.split("\n")
    groups: list[list[Passage]] = []
    sections = _reopened(note.sections)
    for section, (order, siblings) in zip(sections, _ranks(sections), strict=True):
        heading = [_heading(section, lines, order, siblings)] if section.title else []
        groups.append([*heading, *block_passages(section.blocks, Place(section))])
    found = [passage for group in _answered(sections, groups) for passage in group]
    return _with_raw(found, note, lines)


def _reopened(sections: Sequence[Section]) -> list[Section]:
    """Return sections; what follows a heading with a line of links belongs to that heading still."""
    out: list[Section] = []
    for section in sections:
        above = out[-1] if out else None
        out.append(replace(section, path=above.path) if above and not section.title else section)
    return out


def _ranks(sections: Sequence[Section]) -> list[tuple[int, int]]:
    """Return which of how many headings beside one another each section's is."""
    open_families: list[tuple[int, list[int]]] = []
    places: list[tuple[int, list[int]]] = []
    for at, section in enumerate(sections):
        if not section.title:
            places.append((0, [at]))
            continue
        while open_families and open_families[-1][0] > section.level:
            open_families.pop()
        if not open_families or open_families[-1][0] < section.level:
            open_families.append((section.level, []))
        family = open_families[-1][1]
        places.append((len(family), family))
        family.append(at)
    return [(order, len(family)) for order, family in places]


def _heading(section: Section, lines: Sequence[str], order: int, siblings: int) -> Passage:
    """Return a section's heading as a passage, as its line was written."""
    written = lines[section.line - 1].strip().strip("#>").strip() if section.line <= len(lines) else ""
    text = written or section.title
    label, rest = label_split(text)
    block = Heading(text, section.level, section.line, section.line)
    kind: Kind = "question" if is_question(section.title, titled=True) else "heading"
    above = section.path[:-1]
    return Passage(
        kind, text, section.line, section.line, block, section, above, (), label, rest, order=order, siblings=siblings
    )


def _answered(sections: Sequence[Section], groups: list[list[Passage]]) -> list[list[Passage]]:
    """Return the passages of sections, with the answers of headings that ask."""
    for at, section in enumerate(sections):
        if groups[at] and groups[at][0].kind == "question" and isinstance(groups[at][0].block, Heading):
            answer = groups[at][1:]
            for below in range(at + 1, len(sections)):
                if 0 < sections[below].level <= section.level:
                    break
                answer += groups[below]
            groups[at][0] = replace(groups[at][0], parts=tuple(answer))
    return groups


def _with_raw(found: Sequence[Passage], note: Note, lines: Sequence[str]) -> tuple[Passage, ...]:
    """Return passages in order, with those lines that no block holds."""
    covered = bytearray(len(lines) + 2)
    for passage in found:
        block = passage.block
        whole = isinstance(block, CodeBlock | Math | Table)
        first, last = (block.line, block.end) if whole else (passage.first, passage.last)
        covered[first : last + 1] = b"\1" * (min(last, len(lines)) + 1 - first)
    left = [line for line, text in enumerate(lines, 1) if not covered[line] and has_words(text)]
    runs: list[list[int]] = []
    for line in left:
        if runs and runs[-1][-1] == line - 1:
            runs[-1].append(line)
        else:
            runs.append([line])
    raw = [_raw(note, lines, run[0], run[-1]) for run in runs]
    return tuple(sorted((*found, *raw), key=lambda passage: passage.first)) if raw else tuple(found)


def _raw(note: Note, lines: Sequence[str], first: int, last: int) -> Passage:
    """Return lines that no block holds as a passage of the section that they stand in."""
    starts = [section.line for section in note.sections]
    at = bisect_right(starts, first) - 1
    section = note.sections[at] if at >= 0 else Section("", 0, (), (), 1)
    text = "\n".join(lines[first - 1 : last]).strip()
    return passage_at("raw", text, (first, last), Paragraph(text, first, last), Place(section))
