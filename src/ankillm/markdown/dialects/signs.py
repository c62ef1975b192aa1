"""Signs within a line: every dialect's math, highlights, tags, footnotes, roles and HTML, written one way."""

import re
from collections.abc import Callable, Iterator, Sequence

from ankillm.common.patterns import CHINESE, HAN, regex
from ankillm.markdown.code_spans import code_spans
from ankillm.markdown.dialects.extensions import EXTENDED
from ankillm.markdown.dialects.formulas import with_indices
from ankillm.markdown.dialects.lines import Line
from ankillm.markdown.dialects.obsidian import embedded
from ankillm.markdown.dialects.outliners import OUTLINED
from ankillm.markdown.dialects.stars import with_bold, with_products
from ankillm.markdown.dialects.tables import MATH
from ankillm.markdown.dialects.tag_names import with_named
from ankillm.markdown.raw_html import tag_name, tags_of

SIGNS = regex(r"[\w)\]]\*{1,2}[\w(]|[=#\^\[\\$<:{~]|\(\(|\+\+|\*\*\*|\*_|_\*|__")
"""What a line must have for any of this to be about it."""
SPACES = regex(r"(?:&(?:em|en|nb|thin)sp;[ \t]*)+")
"""Spaces by their names, which indent a line or part two."""
SPACES_FIRST = regex(r"^[ \t]*(?:&(?:em|en|nb|thin)sp;[ \t]*)+")
NUMBERED = regex(r"&#(?:x(?P<hex>[0-9A-Fa-f]{2,5})|(?P<decimal>\d{2,6}));")
TICKED_MATH = regex(r"\$`([^`$\n]+)`\$")
DOUBLE_MATH = regex(r"(?<![\\$])\$\$(?!\$)([^$\n]+?)\$\$(?!\$)")
DISPLAYED = regex(r"(?<![\\$])\$\$(?!\$)(?:[^$\n]|\$(?!\$))++\$\$(?!\$)")
ROUND_MATH = regex(r"(?<!\\)\\\(((?:(?!\\\(|\\\)).)+)\\\)")
SQUARE_MATH = regex(r"(?<!\\)\\\[((?:(?!\\\[|\\\]).)+)\\\]")
TWICE_ESCAPED = regex(r"\\\\([(\[])((?:(?!\\\\[()\[\]]).)+)\\\\[)\]]")
r"""Math whose backslashes were escaped for a generator of sites: `\\( m \\)`."""
PASTED_MATH = regex(r"(?<![\w\\])\( (?=[^()\n]*\\[A-Za-z])((?:[^()\n]|\([^()\n]*\))+) \)")
r"""Math as chat programs copy it, its backslashes lost: `( \alpha )`."""
TEX = regex(r"[\\=^_{}<>+*/|]|^\s*[A-Za-z]'*(?:\s*\(.*\))?\s*$|^-?\d+(?:\.\d+)?\s*[-+<>=]")
TEXT = regex(r"\\(?:text|mbox|textbf|mathrm|operatorname)\{[^{}]*\}")
COMMAND = regex(r"\\[A-Za-z]{2,}|[_^]\{")
CLAUSES = regex(r"[，。；：、？！]")
DOLLAR = regex(r"(?<![\\$])\$(?!\$)")
WIDE_HIGHLIGHT = regex(rf"(?<![=<!])==(?={HAN}|[“《（])([^=\n]*(?:{HAN}|[”》）]))==(?!=)")
"""One of Chinese words, which needs no space beside a letter: no comparison begins and ends with them."""
AFTER_DIGIT = regex(r"\d\$[\\^_]")
NUMBER_MATH = regex(
    r"(?<![\w$.\\])(?P<before>\d[\d.,]*)\$(?P<tex>(?:\\[A-Za-z%]|[\^_])[^$\n]{0,60}?)(?<!\s)\$(?P<after>\d[\d.]*)?(?![\w$])"
)
"""Math right behind a number, where a dollar would be money: `10$^{-3}$`, `2$\\times$3`."""
HIGHLIGHT = regex(r"(?<![=<!A-Za-z0-9_)\]])==(?=[^\s=])((?:(?!==)[^\n])+?)(?<=[^\s=<>!])==(?![=A-Za-z0-9_(])")
BLOCK_ID = regex(r"(?<=\S)[ \t]+\^(?!\d{1,3}$)[A-Za-z0-9-]+[ \t]*$")
AFTER_NUMBER = regex(r"\d[ \t]+\^[A-Za-z0-9]{1,2}[ \t]*$")
TAGS_BACKWARDS = regex(r"(?P<after>[ \t]*+)(?:(?=[\w/-]*[^\W\d])[\w/-]++#(?:[ \t]++(?=\S)|(?=[？！。；）】])))++")
"""Tags at the end of a line that is read from its end: forwards each of them would be tried as the first."""
CELL_TAGS = regex(r"(?<=[^\s|])(?:[ \t]+#(?=[\w/-]*[^\W\d])[\w/-]+)++(?=[ \t]*+\|)")
TAG_WITHIN = regex(
    r"(?<=\w[ \t])#(?=[\w/-]*[^\W\d])(?!(?:[\dA-Fa-f]{3}|[\dA-Fa-f]{6})\b)"
    r"(?!(?:pragma|define|include|if|ifdef|ifndef|else|endif|undef)\b)(?=[\w/-]+)"
)
"""The sign of a tag that is a word of its sentence, `a #transformer has …`; a colour is none, nor an order of C."""
FOOTNOTE = regex(r"[ \t]?\[\^ ?[^\]\s]+\](?!:)")
NOTE_WITHIN = regex(
    r"(?<=\S)[ \t]?\^\[(?=[^\[\]]*[^\W\d_]{2})[^\[\]]*\]|<sup>\s*(?:<a\b[^<>]*>)?\[?\d{1,2}\]?</a>\s*</sup>",
    re.IGNORECASE,
)
"""A footnote within its line, `text^[as said there]`, and a mark of one in HTML, which is a link."""
TASK = regex(r"^([ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]+)\[[ xX/<>!?*-]\][ \t]+(?=\S)")
DATED = regex(r"(?:[ \t]*(?:[📅⏳🛫✅➕❌]\ufe0f?[ \t]*\d{4}-\d\d-\d\d|🔁[ \t]*[\w ]+|[⏫🔼🔽🔺⏬]))+[ \t]*$")
TAGS_FIRST = regex(r"(?:#(?=[\w/-]*[^\W\d])[\w/-]+[ \t]+)+(?=\S)")
EMOJI = regex(
    r"(?<!\S):[+-]1:(?!\S)[ \t]?"
    r"|(?:(?<=\s)|^|(?<=[|*（(]))[ \t]?:(?=[\w+-]*[a-z])[a-z0-9][a-z0-9_+-]+:(?=\s|$|[|*）).,，。])[ \t]?"
)
ROLE = regex(r"\{(?P<name>[a-z][\w:+-]*)\}(?P<ticks>`+)(?P<said>[^`\n]+)(?P=ticks)")
BOLD_IN_BRACKETS = regex(r"(?<!\[)\[(\*\*[^*\n\[\]]+\*\*)\](?![(\[:{])")
"""What the same books show on slides."""
POINTING_ROLE = regex(r"[ \t]?(?<![\w:`]):(?:numref|eqref|ref|citet?p?|label|eqlabel|index|fig|sec):`[^`\n]+`")
"""What books made with d2lbook write where they point to a section, a formula or a paper: `:numref:`sec_rnn``."""
FORMATS = regex(
    r"(?<!`)<(?P<close>/?)(?P<name>mark|font|span|u|small|big|center|b|strong|i|em|ins|cite|abbr)(?:\s[^<>]*)?>(?!`)",
    re.IGNORECASE,
)
TWICE = frozenset({"mark", "u", "font"})
LIQUID = regex(r"[ \t]?\{%-?\s*[a-z_]\w*\b[^%{}\n]*%\}")
"""An instruction to the generator of a site: `{% cite hu2021 %}`."""
PAGE_PART = regex(r"[ \t]?<[A-Z][\w.]*(?:\s+[:@\w.-]+=(?:\"[^\"<>]*\"|'[^'<>]*'))+\s*/>")
"""A component of a page that holds nothing: `<Badge text="beta"/>`."""
TARGET = regex(r"\s*<[^<>]*>$")
CODE_ROLES = frozenset("code func meth class mod attr data py:func py:class py:meth py:mod file command kbd".split())
SILENT_ROLES = frozenset("cite cite:p cite:t cite:ps numref eq footcite fn index fa fas far fab octicon bi".split())
SOURCE_LINK = regex(
    r"[ \t]*\[(?:¶|#|§|🔗|&para;)?\]\(#[^()\s]*(?:[ \t]+\"[^\"\n]*\")?\)"
    r"|[ \t]*(?:\[\[(?:src|source|link|ref|来源|出处|原文|链接)\]\]\([^()\s]*\)"
    r"|\[(?:src|source|ref|来源|出处)\]\([^()\s]*\)(?=[ \t]*[.。]?[ \t]*$))",
    re.IGNORECASE,
)
HELD = regex("\ufdd8(\\d+)\ufdd9")


def plain_signs(text: str) -> str:
    """Return a line, which is no code, with the signs of dialects as this program's own reads them."""
    if "sp;" in text:
        text = SPACES.sub(" ", SPACES_FIRST.sub("", text)).rstrip()
    if not SIGNS.search(text):
        return text
    if "}`" in text or ":`" in text:
        text = POINTING_ROLE.sub("", ROLE.sub(_role, text))
    if "$`" in text:
        text = TICKED_MATH.sub(r"$\1$", text)
    held: list[str] = []
    text = _hold(text, code_spans(text), held) if "`" in text else text
    text = NUMBERED.sub(_letter, text) if "&#" in text else text
    text = with_bold(text) if "*" in text or "__" in text else text
    text = _math(text)
    if "$" in text:
        text = MATH.sub(lambda match: with_indices(match[0]), text) if "\\_" in text else text
        text = _hold(text, [match.span() for match in DISPLAYED.finditer(text)], held) if "$$" in text else text
        text = _hold(text, [match.span() for match in MATH.finditer(text)], held)
    if "*" in text and "$$" not in text:
        text = with_products(text)
    for signs, change in CHANGES:
        if signs in text:
            text = change(text)
    return HELD.sub(lambda match: held[int(match[1])], text) if held else text


def _letter(match: "re.Match[str]") -> str:
    """Return a letter or digit that was written by its number; a sign stays, for it must not become Markdown."""
    letter = chr(int(match["hex"], 16) if match["hex"] else int(match["decimal"]))
    return letter if letter.isalnum() else match[0]


def end_tags(text: str) -> tuple[str, ...]:
    """Return the tags that stand at the end of a line, which is no code."""
    if "#" not in text:
        return ()
    held = _hold(text, code_spans(text), []) if "`" in text else text
    start, end = _tags_at_end(held)
    return tuple(word.lstrip("#") for word in held[start:end].split())


def _tags_at_end(text: str) -> tuple[int, int]:
    """Return where the tags at the end of a line start and end; both are its length where there are none."""
    found = TAGS_BACKWARDS.match(text[::-1])
    return (len(text) - found.end(), len(text) - found.end("after")) if found else (len(text), len(text))


def _without_tags(text: str) -> str:
    if text.lstrip(" \t>").startswith("|"):
        return CELL_TAGS.sub("", text)
    start, end = _tags_at_end(text)
    return TAG_WITHIN.sub("", text[:start] + text[end:])


def _hold(text: str, spans: "list[tuple[int, int]]", held: list[str]) -> str:
    """Put stand-ins in place of what must not change."""
    parts, at = [], 0
    for start, end in spans:
        parts.append(f"{text[at:start]}\ufdd8{len(held)}\ufdd9")
        held.append(text[start:end])
        at = end
    return "".join(parts) + text[at:]


def _math(text: str) -> str:
    if "$" in text and AFTER_DIGIT.search(text):
        text = NUMBER_MATH.sub(_with_number, text)
    if "$$" in text:
        text = DOUBLE_MATH.sub(_inline, text)
    if "\\\\" in text:
        text = TWICE_ESCAPED.sub(lambda match: match[0].replace("\\\\", "\\"), text)
    if "\\(" in text:
        text = ROUND_MATH.sub(_converted, text)
    if "\\[" in text:
        text = SQUARE_MATH.sub(_converted, text)
    if "( " in text and "\\" in text:
        text = PASTED_MATH.sub(_converted, text)
    return _unspaced(text) if "$ " in text or " $" in text else text


def _with_number(match: re.Match[str]) -> str:
    """Take the numbers around math into it."""
    tex = match["tex"]
    if CHINESE.search(tex):
        return match[0]
    return f"${match['before']}{tex}{' ' + match['after'] if match['after'] else ''}$"


def _unspaced(text: str) -> str:
    """Write `$ x_t $` without its spaces, which not every program takes for math, where all dollars of a line pair."""
    signs = [match.start() for match in DOLLAR.finditer(text)]
    pairs = list(zip(signs[::2], signs[1::2], strict=False))
    if len(signs) % 2 or not all(_is_tex(text[start + 1 : end]) for start, end in pairs):
        return text
    parts, at = [], 0
    for start, end in pairs:
        before, after = text[start - 1 : start] if start else "", text[end + 1 : end + 2]
        tex = f"${text[start + 1 : end].strip()}$"
        parts += [text[at:start], " " if before.isdigit() else "", tex, " " if after.isdigit() else ""]
        at = end + 1
    return "".join(parts) + text[at:]


def _is_tex(text: str) -> bool:
    words = TEXT.sub("", text)
    if CHINESE.search(words):
        return bool(COMMAND.search(words)) and not CLAUSES.search(words)
    return bool(TEX.search(text.strip()))


def _inline(match: re.Match[str]) -> str:
    """Write `$$…$$` in a line of words as math in a line; alone in its line it stays displayed."""
    around = match.string[: match.start()] + match.string[match.end() :]
    if not around.strip(" \t>-*+|.,，。；;:：0123456789)"):
        return match[0]
    return _dollars(match, match[1].strip())


def _converted(match: re.Match[str]) -> str:
    r"""Write `\(…\)` and `\[…\]` with dollars where math is in them: words in escaped brackets are words."""
    tex = match[1].strip()
    if "$" in tex or CHINESE.search(TEXT.sub("", tex)) or not TEX.search(tex):
        return match[0]
    alone = not (match.string[: match.start()] + match.string[match.end() :]).strip(" \t>-*+.,，。；;0123456789)")
    return f"$${tex}$$" if alone and match[0].startswith("\\[") else _dollars(match, tex)


def _dollars(match: re.Match[str], tex: str) -> str:
    """Write math in a line; beside a digit, where a dollar means money, with a space between."""
    before, after = match.string[: match.start()][-1:], match.string[match.end() : match.end() + 1]
    return f"{' ' if before.isdigit() else ''}${tex}${' ' if after.isdigit() else ''}"


def _role(match: re.Match[str]) -> str:
    """Write a role of MyST as what it shows."""
    name, said = match["name"].lower(), match["said"]
    if name in SILENT_ROLES:
        return ""
    if name == "math":
        return f"${said.strip()}$"
    if name in CODE_ROLES:
        return f"{match['ticks']}{said}{match['ticks']}"
    return TARGET.sub("", said) or said


def _without_task(text: str) -> str:
    """Return a line without its box to tick, and without what a planner of tasks notes behind and before one."""
    match = TASK.match(text)
    if not match:
        return text
    return match[1] + TAGS_FIRST.sub("", DATED.sub("", text[match.end() :]))


def _without_id(text: str) -> str:
    return text if AFTER_NUMBER.search(text) else BLOCK_ID.sub("", text)


def _html(text: str) -> str:
    """Write tags of HTML as Markdown where it has the same; of those that only format, the words are left."""
    text = with_named(text)
    tags = sorted(tags_of(text).items())
    out, at = [], 0
    written = _written(text, [match for _, match in tags])
    for (start, match), sign in zip(tags, written, strict=True):
        out += [text[at:start], sign]
        at = match.end()
    return "".join([*out, text[at:]])


def without_tags_over_lines(lines: Sequence[Line]) -> Iterator[Line]:
    """Yield lines without tags that only format and that open in one line of a paragraph and close in another."""
    gone: dict[int, list[tuple[int, int]]] = {}
    opened: dict[str, tuple[int, tuple[int, int]]] = {}
    for at, line in enumerate(lines):
        if line.blank or line.code:
            opened.clear()
        elif "<" in line.text:
            for match in FORMATS.finditer(line.text):
                name = match["name"].lower()
                twice = name in TWICE and name in opened  # the sign that closes was forgotten
                if not (match["close"] or twice):
                    opened[name] = at, match.span()
                elif name in opened:
                    above, place = opened.pop(name)
                    if above != at or twice:
                        gone.setdefault(above, []).append(place)
                        gone.setdefault(at, []).append(match.span())
    for at, line in enumerate(lines):
        text = line.text
        for start, end in sorted(gone.get(at, ()), reverse=True):
            text = text[:start] + text[end:]
        yield line._replace(text=text) if at in gone else line


MARKS = {"b": "**", "strong": "**", "i": "*", "em": "*", "code": "`", "tt": "`", "samp": "`"}
KEPT = frozenset(
    """sup sub br img kbd del s strike a table tr td th thead tbody tfoot p div ul ol li h1 h2 h3 h4 h5 h6 center figure
    figcaption aside section article blockquote pre dl dt dd script style iframe""".split()
)
"""Tags that are read later: by the renderer, or as blocks."""


def _written(text: str, tags: "list[re.Match[str]]") -> list[str]:
    """Return what each tag is written as: a pair alike, and as it is where Markdown's signs would not close."""
    signs = ["" if tag_name(tag[0])[0] not in KEPT else tag[0] for tag in tags]
    opened: list[tuple[str, int]] = []
    for at, tag in enumerate(tags):
        name, closes = tag_name(tag[0])
        if name not in MARKS:
            continue
        if not closes:
            opened.append((name, at))
            continue
        start = next((start for other, start in reversed(opened) if other == name), None)
        if start is None:
            continue
        opened = [entry for entry in opened if entry[1] < start]
        words = text[tags[start].end() : tag.start()]
        fits = words == words.strip() != "" and not set("*`_<" if name != "code" else "`\ufdd8") & set(words)
        signs[start], signs[at] = (MARKS[name], MARKS[name]) if fits else (tags[start][0], tag[0])
    return signs


CHANGES: tuple[tuple[str, Callable[[str], str]], ...] = (
    *OUTLINED,
    *EXTENDED,
    ("![[", embedded),
    ("{%", lambda text: LIQUID.sub("", text)),
    ("](", lambda text: SOURCE_LINK.sub("", text)),
    ("[^", lambda text: FOOTNOTE.sub("", text)),
    ("^[", lambda text: NOTE_WITHIN.sub("", text)),
    ("</a></sup>", lambda text: NOTE_WITHIN.sub("", text)),
    ("[**", lambda text: BOLD_IN_BRACKETS.sub(r"\1", text)),
    ("[", _without_task),
    ("==", lambda text: HIGHLIGHT.sub(r"\1", WIDE_HIGHLIGHT.sub(r"\1", text))),
    ("^", _without_id),
    ("#", _without_tags),
    (":", lambda text: EMOJI.sub("", text)),
    ("/>", lambda text: PAGE_PART.sub("", text)),
    ("<", _html),
)
"""What is changed, by the sign that a line must have for it."""
