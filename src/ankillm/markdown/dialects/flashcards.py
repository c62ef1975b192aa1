"""Cards as flashcard plugins have them written: `question::answer`, `question:::answer`, and a `?` between the two."""

import re
from collections.abc import Iterator, Sequence

from ankillm.common.patterns import CHINESE, regex
from ankillm.markdown.dialects.lines import ITEM, Line, prefix_of, toggle, toggle_end
from ankillm.markdown.spans import find_outside

COLONS = regex(r"(?<![:\w]):{2,3}(?![:\w])|(?<=[^\s:]):{2,3}(?=[^\s:])|(?<=\w):{2,3}(?=\s)|(?<=\s):{2,3}(?=\w)")
NAMESPACE = regex(r"(?:.*[\s(（])?[a-z_][\w.]*$|.*[(（,]\s*$")
LIBRARIES = frozenset(
    """absl at boost c10 chrono core crate cub cublas cudnn cutlass cv detail fmt folly fs ggml internal io llama nn
    numeric pybind11 ranges self serde spdlog std super tf thrust tokio torch utils vllm""".split()
)
"""Names that stand before `::` in code."""
IDENTIFIER = regex(r"~|[\w.]*(?:[(<{\[_]|[a-z][A-Z])")
"""How an answer begins that is a name in code."""
TELLS = regex(r"(?:an?|the|to|its?|how|when|what|where|for|from|with|by|each|every|one|two|no)\s", re.IGNORECASE)
"""How an answer begins that is said, and no name in code."""
MARK = regex(r"[ \t>]*\?{1,2}[ \t]*$")
ASKS = regex(r"[?？][*_]*$")
WONDERS = regex(r"(?:what|why|how|when|which|where|who)\s|什么是|为什么|为何|如何|怎么|怎样|哪些", re.IGNORECASE)
"""How a question begins, with its sign or without."""
STARTS = regex(r"[ \t]*START[ \t]*$")
ENDS = regex(r"[ \t]*END[ \t]*$")
ONE_LINE = regex(
    r"(?P<prefix>[ \t>]*(?:[-*+][ \t]+)?)STARTI[ \t]+\[[\w -]+\][ \t]+(?P<asked>.+?)[ \t]+Back:[ \t]*(?P<answer>.+?)"
    r"(?:[ \t]+Tags:.*?)?[ \t]+ENDI[ \t]*$"
)
FRONT, BACK = regex(r"[ \t]*(?:Front|正面):[ \t]*"), regex(r"[ \t]*(?:Back|Extra|背面):[ \t]*")
NOTED = regex(r"[ \t]*(?:Tags:.*|<!--\s*ID:.*-->|ID:\s*\d+)[ \t]*$")
ABOUT_FILE = regex(r"[ \t]*(?:TARGET DECK|FILE TAGS|FROZEN)[ \t]*(?::.*)?$")
"""How Obsidian_to_Anki has cards written: between `START` and `END`, the kind of card first."""
MOST_LINES = 60
LONGEST = 2000
"""Characters of a card in one line."""
LEFT_OUT = regex(r"<!--\s*SR:.*?-->\s*$", re.IGNORECASE)
"""What a plugin notes of its schedule behind a card."""


def _is_one_line(text: str) -> bool:
    """Whether a line may be a whole card, so that the pattern is worth its time."""
    return "STARTI" in text and len(text) < LONGEST and text.rstrip().endswith("ENDI")


def with_cards(lines: list[Line]) -> list[Line]:
    """Return lines with such cards as sections: the question opens one, its answer is all that is in it."""
    text = "\n".join(line.text for line in lines)
    if "START" in text or "TARGET DECK" in text or "FILE TAGS" in text:
        lines = list(_blocks(lines))
    if "::" in text:
        lines = [part for line in lines for part in _inline(line)]
    if "\n?" in text:
        lines = list(_multiline(lines))
    return lines


def _blocks(lines: Sequence[Line]) -> Iterator[Line]:
    """Read cards between `START` and `END`, and leave out what is said of the file."""
    at = 0
    while at < len(lines):
        line = lines[at]
        starts = not line.code and STARTS.match(line.text)
        within = range(at + 1, min(at + MOST_LINES, len(lines))) if starts else ()
        end = next((to for to in within if ENDS.match(lines[to].text)), 0)
        if line.code:
            yield line
        elif end:
            yield from _block(lines[at + 1 : end], line.number, lines[end].number)
            at = end
        elif _is_one_line(line.text) and (match := ONE_LINE.match(line.text)):
            yield toggle(_asking(match["asked"]), line.number, match["prefix"])
            yield line._replace(text=match["prefix"] + match["answer"])
            yield toggle_end(line.number, match["prefix"])
        elif ABOUT_FILE.match(line.text):
            says_more = line.text.rstrip().endswith(("DECK", "TAGS", "FROZEN")) and at + 1 < len(lines)
            yield from (other._replace(text="") for other in lines[at : at + 1 + says_more])
            at += says_more
        else:
            yield line
        at += 1


def _block(inner: Sequence[Line], number: int, closed: int) -> Iterator[Line]:
    """Yield a card: its front as the question that opens a section, its back as what is in it."""
    held = [line for line in inner[1:] if line.code or not NOTED.match(line.text)]  # the kind of card stands first
    back = next((at for at, line in enumerate(held) if not line.code and BACK.match(line.text)), -1)
    if back <= 0:  # a text with gaps
        yield from (Line("", number), *held, Line("", closed))
        return
    asked = " ".join(line.text.strip() for line in held[:back])
    yield Line("", number)
    yield toggle(_asking(FRONT.sub("", asked, count=1)), held[0].number)
    yield held[back]._replace(text=BACK.sub("", held[back].text, count=1))
    yield from held[back + 1 :]
    yield toggle_end(closed)


def _inline(line: Line) -> Iterator[Line]:
    match = find_outside(COLONS, line.text) if "::" in line.text and not line.code and "{{c" not in line.text else None
    if not match or line.text.lstrip().startswith((":", "|", "#", "<")):
        yield line
        return
    prefix = prefix_of(line.text)
    asked, answer = line.text[len(prefix) : match.start()].rstrip(), LEFT_OUT.sub("", line.text[match.end() :]).strip()
    tight = (
        not line.text[match.start() - 1 : match.start()].isspace() and line.text[match.end() : match.end() + 1].strip()
    )
    said = ASKS.search(asked)
    wonders = not said and WONDERS.match(asked)
    sign = _asking(asked)[len(asked) :]
    is_code = tight and match[0] == "::" and not wonders and _is_namespace(asked, answer)
    if not asked or not answer or "::" in answer.replace(":::", "::") or is_code:
        yield line
    elif not (said or wonders):
        colon = "：" if CHINESE.search(asked) else ": "
        yield line._replace(text=f"{prefix}{asked}{colon}{answer}")
    elif ITEM.match(line.text) or ">" in prefix:
        yield line._replace(text=f"{prefix}{asked}{sign} {answer}")
    else:
        yield toggle(asked + sign, line.number, prefix)
        yield line._replace(text=prefix + answer)
        yield toggle_end(line.number, prefix)


def _is_namespace(before: str, after: str) -> bool:
    """Whether what stands before and after `::` is code; several words are a question, unless one is known as code."""
    if TELLS.match(after) or CHINESE.match(after):
        return False
    *_, last = re.split(r"[\s(（]+", before)
    several = last != before and (last.split(".")[0] not in LIBRARIES)
    return bool(NAMESPACE.match(before)) and (not several or bool(IDENTIFIER.match(after)))


def _asking(asked: str) -> str:
    """Return a question with its sign, where it begins like one and has none."""
    wonders = not ASKS.search(asked) and WONDERS.match(asked)
    return asked + ("？" if CHINESE.search(asked) else "?") * bool(wonders)


def _multiline(lines: Sequence[Line]) -> Iterator[Line]:
    """Read the lines above a `?` up to a blank one as the question, those below it as the answer."""
    waiting: list[Line] = []
    open_at = 0
    for at, line in enumerate(lines):
        if MARK.match(line.text) and not line.code and waiting and at + 1 < len(lines) and not lines[at + 1].blank:
            *above, asked = waiting
            yield from above
            yield toggle(_asking(asked.text.strip()), asked.number)
            waiting, open_at = [], line.number
        elif line.blank and not line.code:
            yield from waiting
            waiting = []
            if open_at:
                yield toggle_end(line.number)
                open_at = 0
            yield line
        elif open_at or line.code or line.text.startswith("#"):
            yield from waiting
            waiting = []
            yield line
        else:
            waiting.append(line)
    yield from waiting
    if open_at:
        yield toggle_end(lines[-1].number)
