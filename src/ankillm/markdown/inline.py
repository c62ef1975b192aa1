"""One line of Markdown: plain text, escaping, and lines of words, `code` and **bold** that need no parser.

Most lines of notes are such lines, and the parser takes 30 times as long for them. Whatever else a line holds leaves
it to the parser; a test holds both against each other over random lines.
"""

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from ankillm.common.patterns import regex
from ankillm.markdown.raw_html import tag_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token

SIGNS = r"\\`*_{}\[\]<>!~$&|#\n\t"
"""What can mean something inside of a line."""
SIGN = regex(f"[{SIGNS}]")
MARKED = regex(
    # Bold starts and ends with a letter or digit: then the signs around it can be nothing but its own. What must not
    # stand before a mark is looked for behind its first sign, which the search can then jump to.
    rf"(`(?<!``)[^`\s](?:[^`\n]*[^`\s])?`(?!`)|\*(?<!\*\*)\*[^\W_](?:[^{SIGNS}]*[^\W_])?\*\*(?!\*))"
)

MEANT = regex(r"[\\`$\t]|\*(?<!(?<!\S)\*)|\*(?!\s|\Z)|_(?<!\w_)|_(?!\w)|~~|&[#\w]|<[A-Za-z/!?]")
"""A sign that may mean something where it stands, in a line without links: in `a * b`, `max_len`, `x < 1` none does."""
WRAP = regex(r"(?<! ) *\n[ \t]*")
SPECIAL = regex(r"([*_`<>\\\[\]])")
MATH = regex(r"(\$[^$\n]+\$)")
WIDTH = regex(r"(?:^|\s*\|)\s*(\d{1,4})(?:x\d{1,4})?\s*$")
"""The width of an image, behind its words."""
RAISED = {"sup": "^", "sub": "_"}
ONE_WORD = regex(r"[+\-−]?\w+|\S")
LINK_SIGNS = ("[[", "](", "][", "://", "<http")
WIKILINK = regex(r"\[\[[^\[\]]+\]\]")
MARKUP = regex(r"[*_`\[\]!<>~$\\&\n#|]")


def marked_parts(line: str) -> list[str] | None:
    """Return words, a marked part with its signs, words, and so on; None if the parser has to look at the line."""
    found = MARKED.split(line)
    return None if SIGN.search("".join(found[::2])) else found


def part_content(part: str) -> str:
    """Return a marked part without its signs."""
    return part[1:-1] if part[0] == "`" else part[2:-2]


def plain_parts(found: list[str]) -> str:
    """Return the parts of a line as plain text."""
    return "".join([part_content(part) if at % 2 else part for at, part in enumerate(found)]).strip()


@lru_cache(maxsize=2048)  # plain text, spans and bare text of a line are asked for one after the other
def inline_tokens(markdown: str) -> "Sequence[Token]":
    """Return the tokens inside of a line, which nobody may change."""
    from ankillm.markdown.parser import parser  # noqa: PLC0415  (only where there is markup)

    return parser().parseInline(markdown)[0].children or ()


def _spoken(tokens: "Sequence[Token]", dollar: str = "") -> str:
    """Write tokens as plain text: `10^4` for a raised 4, deleted words between their tildes."""
    out: list[str] = []
    raised: list[int] = []
    for token in tokens:
        if token.type in {"text", "code_inline"}:
            out.append(token.content)
        elif token.type == "math_inline":
            out.append(f"{dollar}{token.content}{dollar}")
        elif token.type == "image":
            out.append(image_words(token.content)[0])
        elif token.type in {"softbreak", "hardbreak"}:
            out.append(" ")
        elif token.type in {"s_open", "s_close"}:
            out.append("~~")
        elif token.type == "html_inline":
            speak_tag(token.content, out, raised)
    return "".join(out)


def speak_tag(tag: str, out: list[str], raised: list[int]) -> None:
    """Add to what is said what a tag means: the sign of a raised number, tildes around deleted words, a space."""
    name, closes = tag_name(tag)
    if name == "br":
        out.append(" ")
    elif name in {"del", "s", "strike"}:
        out.append("~~")
    elif name in RAISED and not closes:
        raised.append(len(out))
        out.append(RAISED[name])
    elif name in RAISED and raised:
        start = raised.pop()
        words = "".join(out[start + 1 :])
        out[start:] = (
            [out[start] + words if ONE_WORD.fullmatch(words) else f"{out[start]}({words})"] if words.strip() else []
        )


def image_words(alt: str) -> tuple[str, str]:
    """Return an image's words and its width: `a gate|300` → `a gate` and `300`."""
    match = WIDTH.search(alt)
    return (alt[: match.start()], match[1]) if match else (alt, "")


def math_kept(markdown: str) -> str:
    """Return a line as plain text in which formulas keep their dollars, so that a question can still show them."""
    if "$" not in markdown:
        return plain_text(markdown)
    return _spoken(inline_tokens(markdown), "$").strip()


@lru_cache(maxsize=16384)
def plain_text(markdown: str) -> str:
    """Return a line of Markdown as plain text: no emphasis, links by their words, no HTML."""
    if not MARKUP.search(markdown):
        return markdown.strip()
    found = MARKED.split(markdown)
    if "](" not in markdown and not MEANT.search("\0".join(found[::2])):
        return WRAP.sub(" ", plain_parts(found))
    return _spoken(inline_tokens(markdown)).strip()


def escaped(plain: str) -> str:
    """Return plain text as Markdown that shows it as it is: `<pad>` and `__init__`, but math stays math."""
    if not SPECIAL.search(plain):
        return plain
    parts = MATH.split(plain)
    return "".join(part if at % 2 else SPECIAL.sub(r"\\\1", part) for at, part in enumerate(parts))


def is_only_links(markdown: str) -> bool:
    """Whether a line holds at least one link and, outside of links, no words."""
    if not any(map(markdown.__contains__, LINK_SIGNS)):
        return False
    depth, links, words = 0, 0, ""
    for token in inline_tokens(markdown):
        depth += token.nesting if token.type in {"link_open", "link_close"} else 0
        links += token.type == "link_open"
        words += token.content if depth == 0 and token.type in {"text", "code_inline"} else ""
    bare = WIKILINK.sub("", re.sub(r"https?://\S+", "", words))
    links += len(WIKILINK.findall(words))
    return (links > 0 or bare != words) and len(re.findall(r"\w+", bare)) <= (1 if links > 1 else 0)
