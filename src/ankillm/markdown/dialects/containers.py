"""Containers: `::: tip` of VuePress, `:::{note}` and fenced directives of MyST, `!!! note` of MkDocs, callouts.

A container whose title asks, or that folds, is a section of its own; of any other the title stands in bold above what
it holds. A figure is an image. What holds nothing but options or a mark to write it later is left out.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ankillm.common.patterns import regex
from ankillm.markdown.dialects.lines import ASKS, Line, toggle, toggle_end, with_code
from ankillm.markdown.dialects.signs import plain_signs
from ankillm.markdown.dialects.toggles import SAYS_ANSWER, without_click

COLONS = regex(r"(?P<prefix>[ \t>]*)(?P<colons>:{3,})[ \t]*(?P<name>\{[\w:-]+\}|[A-Za-z][\w-]*)?(?P<rest>.*)$")
FENCED = regex(r"(?P<prefix>[ \t>]*)(?P<fence>`{3,}|~{3,}|:{3,})[ \t]*\{(?P<name>[\w:-]+)\}[ \t]*(?P<rest>.*)$")
ADMONITION = regex(
    r"(?P<prefix>[ \t]*)(?P<sign>!!!|\?\?\?\+?|===)[ \t]+(?P<name>[\w-]+)?[ \t]*(?P<rest>\"[^\"]*\")?[ \t]*$"
)
DEEPEST = 20
"""Containers within one another that are read; what is deeper is left as text."""
SIGNS = frozenset({"!!!", "???", "==="})
CALLOUT = regex(r"(?P<prefix>[ \t]*>[ \t>]*)\[!(?P<name>[\w|-]+)\](?P<fold>[+-]?)[ \t]*(?P<rest>.*)$")
OPTION = regex(r"[ \t>]*:(?P<key>[\w-]+):[ \t]*(?P<said>.*)$")
UNWRITTEN = regex(r"^\W*(?:todo|tbd|wip|fixme|待补充?|待写|待续|未完)", re.IGNORECASE)
CODE_NAMES = frozenset("code code-block code-cell sourcecode literalinclude eval-rst python r julia".split())
FIGURES = frozenset({"figure", "image"})
NOTHING = frozenset(
    "toctree contents tableofcontents bibliography raw index only include mermaid tab-set cardgrid grid".split()
)
FOLDED = frozenset({"details", "dropdown", "collapse", "spoiler", "question", "faq", "exercise"})
NOTES = frozenset(
    """admonition note notes tip tips info important warning caution danger attention error hint seealso abstract
    summary tldr success check done failure bug example quote cite remark theorem definition lemma proof proposition
    corollary todo versionadded versionchanged deprecated topic sidebar margin epigraph highlights pull-quote
    takeaways""".split()
)
"""Containers that set a remark apart, as a quote does."""
NAMES = {"?": "details", "=": "tab"}
"""What a sign of MkDocs makes of what it opens, whatever it is called."""
TELLS_ANSWER = regex(r"answer|solution|答案|解答|解析|回答", re.IGNORECASE)
ATTRIBUTES = regex(r"\{[^{}]*\}\s*$|^\[(?P<title>.*)\]$")


def with_containers(lines: list[Line], depth: int = 0) -> list[Line]:
    """Return lines with every container read; `depth` is how many they stand in."""
    if depth >= DEEPEST:
        return lines
    text = "\n".join(line.text for line in lines)
    if "`{" in text or "~{" in text or "` {" in text:
        lines = list(_directives(lines, depth))
    if ":::" in text:
        lines = list(_nested(lines, 0, len(lines), _pairs(lines)))
    if "!!!" in text or "???" in text or '=== "' in text:
        lines = list(_admonitions(lines, depth))
    if "[!" in text:
        lines = list(_callouts(lines, depth))
    return lines


def _clean(rest: str) -> str:
    title = ATTRIBUTES.sub(lambda match: match["title"] or "", rest.strip()).strip()
    return without_click(plain_signs(title.strip("\"'").strip("# ").strip()))


def bold(title: str) -> str:
    """Return a title in bold, whatever of it was in bold."""
    return title if title.startswith("**") and title.endswith("**") else f"**{title.replace('**', '')}**"


class _Opening(NamedTuple):
    """How a container begins: its kind, its title, what stands before it, its line."""

    name: str
    title: str
    prefix: str
    number: int


def _body(opening: _Opening, body: Sequence[Line], closed: int) -> Iterator[Line]:
    """Yield a container's title and what it holds: as a section where it asks or folds, as a quote where it notes."""
    name, title, prefix, number = opening
    if UNWRITTEN.match(title):
        return
    if SAYS_ANSWER.match(title) and (name in FOLDED or TELLS_ANSWER.search(title)):
        yield from (Line(prefix.rstrip(), number), *body, Line(prefix.rstrip(), closed))
        return
    heads = any(line.text.startswith("#") and not line.code for line in body)
    if title and ">" not in prefix and (ASKS.search(title) or name in FOLDED or heads):
        yield toggle(title, number, prefix)
        yield from body
        yield toggle_end(closed, prefix)
        return
    quotes = name in NOTES and not heads
    quote = f"{prefix}> " if quotes else prefix
    yield Line(prefix.rstrip(), number)
    if title:
        yield Line(quote + bold(title), number)
        yield Line(quote.rstrip(), number)
    for line in body:
        yield line._replace(text=quote + line.text.removeprefix(prefix)) if quotes else line
    yield Line(prefix.rstrip(), closed)


def _directives(lines: Sequence[Line], depth: int) -> Iterator[Line]:
    """Read fences that are directives of MyST: ```` ```{note} ````."""
    at = 0
    while at < len(lines):
        line = lines[at]
        match = FENCED.match(line.text) if "{" in line.text else None
        fence = match["fence"] if match else ""
        if not match or fence[0] == ":" or match["name"].lower() in CODE_NAMES:
            yield line
            at += 1
            continue
        closes = re.compile(rf"[ \t>]*{fence[0]}{{{len(fence)},}}[ \t]*$")
        end = next((to for to in range(at + 1, len(lines)) if closes.match(lines[to].text)), len(lines))
        inner = with_code(lines[at + 1 : end])
        yield from _directive(match, with_containers(inner, depth + 1), line, lines[min(end, len(lines) - 1)].number)
        at = end + 1


def _directive(match: re.Match[str], inner: list[Line], line: Line, closed: int) -> Iterator[Line]:
    name, rest, prefix = match["name"].lower(), match["rest"].strip(), match["prefix"]
    options, body = _options(inner)
    if name == "math":
        yield Line(f"{prefix}$$", line.number, code=True)
        yield from (within._replace(code=True) for within in body if not within.blank)
        yield Line(f"{prefix}$$", closed, code=True)
    elif name in FIGURES:
        alt = options.get("alt", "") or " ".join(within.text.strip() for within in body if not within.blank)
        width = options.get("width", "").removesuffix("px")
        yield Line("", line.number)
        yield Line(f"{prefix}![{alt}{'|' + width if width.isdigit() else ''}](<{rest}>)", line.number)
        yield Line("", closed)
    elif name not in NOTHING:
        yield from _body(_Opening(name, _clean(rest), prefix, line.number), body, closed)


def _options(inner: Sequence[Line]) -> tuple[dict[str, str], list[Line]]:
    """Split the options of a directive from what it holds."""
    options: dict[str, str] = {}
    at = 0
    while at < len(inner) and (match := OPTION.match(inner[at].text)):
        options[match["key"]] = match["said"].strip()
        at += 1
    return options, list(inner[at:])


def _pairs(lines: Sequence[Line]) -> dict[int, int]:
    """Return where each `:::` with a name stands, and the one that closes it: -1 where none does."""
    stack: list[tuple[int, int]] = []
    pairs: dict[int, int] = {}
    for at, line in enumerate(lines):
        match = COLONS.match(line.text) if ":::" in line.text and not line.code else None
        if not match:
            continue
        length = len(match["colons"])
        if match["name"]:
            stack.append((at, length))
        elif not match["rest"].strip():
            while stack and stack[-1][1] < length and any(open_length == length for _, open_length in stack):
                stack.pop()
            opened = stack.pop()[0] if stack else at
            if len(stack) < DEEPEST:
                pairs[opened] = at
    pairs.update({at: -1 for at, _ in stack})
    return pairs


def _nested(lines: Sequence[Line], start: int, end: int, pairs: dict[int, int]) -> Iterator[Line]:
    """Read `::: name title` with what stands up to the `:::` that closes it."""
    at = start
    while at < end:
        line = lines[at]
        close = pairs.get(at)
        match = COLONS.match(line.text) if close is not None else None
        if not match or close is None:
            yield line
            at += 1
        elif close < 0 or close == at or close >= end:  # one that nothing closes, or a sign that closes nothing
            title = _clean(match["rest"])
            yield line._replace(text=match["prefix"] + bold(title) if title and close < 0 else "")
            at += 1
        else:
            yield from _container(match, lines, at, close, pairs)
            at = close + 1


def _container(
    match: re.Match[str], lines: Sequence[Line], at: int, close: int, pairs: dict[int, int]
) -> Iterator[Line]:
    line, name = lines[at], (match["name"] or "").lower()
    inner = list(_nested(lines, at + 1, close, pairs))
    if name.startswith("{"):
        directive = FENCED.match(line.text)
        if directive:
            yield from _directive(directive, inner, line, lines[close].number)
    else:
        opening = _Opening(name, _clean(match["rest"]), match["prefix"], line.number)
        yield from _body(opening, inner, lines[close].number)


def _admonitions(lines: Sequence[Line], depth: int) -> Iterator[Line]:
    """Read `!!! note "Title"` with the indented lines below it."""
    at = 0
    while at < len(lines):
        line = lines[at]
        match = ADMONITION.match(line.text) if not line.code and line.text.lstrip()[:3] in SIGNS else None
        if not match or (match["sign"] == "===" and not match["rest"]):  # `===` alone is below a heading
            yield line
            at += 1
            continue
        indent = match["prefix"] + "    "
        end = at + 1
        while end < len(lines) and (lines[end].blank or lines[end].text.startswith(indent)):
            end += 1
        while lines[end - 1].blank and end > at + 1:
            end -= 1
        inner = [within._replace(text=match["prefix"] + within.text[len(indent) :]) for within in lines[at + 1 : end]]
        body = with_containers(with_code(inner), depth + 1)
        name = NAMES.get(match["sign"][0]) or (match["name"] or "note").lower()
        opening = _Opening(name, _clean(match["rest"] or ""), match["prefix"], line.number)
        yield from _body(opening, body, lines[end - 1].number)
        at = end


def _callouts(lines: Sequence[Line], depth: int) -> Iterator[Line]:
    """Read `> [!tip] Title` with the quoted lines below it; one that asks is taken out of its quote."""
    at = 0
    while at < len(lines):
        line = lines[at]
        match = CALLOUT.match(line.text) if "[!" in line.text and not line.code else None
        if not match:
            yield line
            at += 1
            continue
        prefix, title = match["prefix"], plain_signs(match["rest"].strip())
        if SAYS_ANSWER.match(title) and (match["fold"] or TELLS_ANSWER.search(title)):
            title = ""
        quote, end = prefix.rstrip(), at + 1
        held = end < len(lines) and lines[end].text.startswith(quote)
        if held and title and depth < DEEPEST and quote.strip() == ">" and ASKS.search(title):
            while end < len(lines) and lines[end].text.startswith(quote):
                end += 1
            body = lines[at + 1 : end]
            yield toggle(title, line.number)
            yield from _callouts(
                with_code([within._replace(text=_unquoted(within.text)) for within in body]), depth + 1
            )
            yield toggle_end(body[-1].number)
        elif held and title:
            yield line._replace(text=prefix + bold(title))
            yield Line(quote, line.number)
        else:
            yield line._replace(text=f"{prefix}{title}")
        at = end


def _unquoted(text: str) -> str:
    rest = text.lstrip()[1:]
    return rest.removeprefix(" ")
