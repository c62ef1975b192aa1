"""Signs of Logseq and Roam: states of tasks, references to blocks, gaps, highlights, long tags, blocks of Org."""

import re
from collections.abc import Callable, Iterator, Sequence

from ankillm.common.patterns import regex
from ankillm.markdown.dialects.lines import Line, prefix_of, with_code

STATE = regex(
    r"(?P<item>[ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]+(?:#{1,6}[ \t]+|\[[ xX/-]\][ \t]+)?)"
    r"(?:TODO|DOING|DONE|NOW|LATER|WAITING|CANCELL?ED|\{\{\[\[(?:TODO|DONE)\]\]\}\})"
    r"[ \t]+(?:\[#[ABC]\][ \t]+)?(?![\s:：]|(?:lists?|flags?|apps?|tokens?|states?|queues?|requests?|is|are|means?)\b"
    r"|(?:状态|队列|标志|标记|信号|指令|请求|表示|代表|意味|是|指))"
)
"""The state of a task before its words; not one that is spoken of: `- WAITING 队列：…`."""
STATES = ("TODO", "DOING", "DONE", "NOW", "LATER", "WAITING", "CANCEL")
ORG = regex(
    r"[ \t]*(?:[-*+][ \t]+)?#\+(?P<does>BEGIN|END)_(?P<kind>\w+)(?:[ \t]+(?P<language>[\w+#-]+))?[ \t]*$", re.IGNORECASE
)
CODE_KINDS = frozenset({"src", "example", "export"})
REFERENCE = regex(r"[ \t]?\(\([0-9a-f]{8}-[0-9a-f-]{20,}\)\)")
NAMED_REFERENCE = regex(r"\[([^\[\]\n]+)\]\(\(\([0-9a-f-]{8,}\)\)\)")
EMBED = regex(r"[ \t]?\{\{(?:embed|query|video|youtube|renderer|tweet|twitter)\b[^{}\n]*\}\}", re.IGNORECASE)
CLOZE = regex(
    r"\{\{(?:cloze|c(?P<number>[1-9]\d?)):?[ \t]+(?P<words>\S[^\n]{0,400}?)"
    r"(?:[ \t]*\\\\[ \t]*(?P<hint>[^{}\n]+))?\}\}(?!\})"
)
MARKED = regex(r"\^\^(?=\S)([^^\n]+?)(?<=\S)\^\^")
LONG_TAG = regex(r"(?<!\S)#\[\[([^\[\]\n]+)\]\]")
FIELD = regex(r"\[([^\W\d_][\w /-]{0,30})::[ \t]+([^\[\]\n]+)\](?!\()|\(([^\W\d_][\w /-]{0,30})::[ \t]+([^()\n]+)\)")
"""A field of Dataview within a line: `[rank:: 8]`."""


def with_org(lines: Sequence[Line]) -> list[Line]:
    """Return lines with Org's blocks of code as fences, and without the signs of its other blocks."""
    out = []
    for line in lines:
        match = ORG.match(line.text) if "#+" in line.text and not line.code else None
        if match:
            is_code = match["kind"].lower() in CODE_KINDS
            language = match["language"] or "" if match["does"].upper() == "BEGIN" else ""
            line = line._replace(text=prefix_of(line.text) + (f"```{language}" if is_code else ""))  # noqa: PLW2901  (the same line)
        out.append(line)
    return with_code(out)


def without_states(lines: Sequence[Line]) -> Iterator[Line]:
    """Yield lines without the state of the task that an item is: `- DONE read it`."""
    for line in lines:
        yield (
            line
            if line.code or not (match := STATE.match(line.text))
            else line._replace(text=match["item"] + line.text[match.end() :])
        )


def _cloze(match: re.Match[str]) -> str:
    """Write a gap as Anki does."""
    hint = f"::{match['hint'].strip()}" if match["hint"] else ""
    return f"{{{{c{match['number'] or 1}::{match['words'].strip()}{hint}}}}}"


def _tag(match: re.Match[str]) -> str:
    """Write a tag of several words at the end of a line as a tag, any other as its words."""
    ends = not match.string[match.end() :].strip() or match.string[match.end() :].lstrip().startswith("#")
    return "#" + re.sub(r"\s+", "_", match[1].strip()) if ends else match[1]


def _field(match: re.Match[str]) -> str:
    return f"{match[1]}: {match[2]}" if match[1] else f"({match[3]}: {match[4]})"


OUTLINED: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("((", lambda text: REFERENCE.sub("", NAMED_REFERENCE.sub(r"\1", text))),
    ("{{", lambda text: CLOZE.sub(_cloze, EMBED.sub("", text))),
    ("^^", lambda text: MARKED.sub(r"\1", text)),
    ("#[[", lambda text: LONG_TAG.sub(_tag, text)),
    (":: ", lambda text: FIELD.sub(_field, text)),
)
"""What is changed within a line, by the sign that it must have for it."""
