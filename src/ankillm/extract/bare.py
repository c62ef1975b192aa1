"""A line of Markdown without emphasis, links and tags: only code and formulas keep their marks.

Statements are cut in this form: nothing is ever cut inside a mark, and whatever is cut off is Markdown again.
"""

from functools import lru_cache
from typing import TYPE_CHECKING

from ankillm.common.patterns import CHINESE, regex
from ankillm.markdown.inline import MARKUP, escaped, inline_tokens, plain_text, speak_tag

if TYPE_CHECKING:
    from markdown_it.token import Token

WHOLE = regex(r"(`[^`\n]+`|\$[^$\n]+\$)")
OPEN = regex(r"[()（）\[\]{}「」“”《》`$]")
MEANT = regex(r"[`$&~\n\t]")
"""What may mean something in a bare text, where `as_markdown` escapes the other signs."""
SPACES = regex(r"[ \t\u3000]{2,}")


@lru_cache(maxsize=4096)
def bare(markdown: str) -> str:
    """Return a line with its code and formulas marked and nothing else; empty if it holds marks that mean nothing."""
    if not MARKUP.search(markdown):
        return SPACES.sub(" ", markdown.strip())
    out: list[str] = []
    raised: list[int] = []
    for token in inline_tokens(markdown):
        if token.type == "html_inline":
            speak_tag(token.content, out, raised)
            continue
        part = _part(token)
        if part is None or out[-1:] == ["~~"]:
            return ""
        if not (token.type in {"softbreak", "hardbreak"} and CHINESE.match("".join(out[-1:])[-1:] or " ")):
            out.append(part)
    return SPACES.sub(" ", "".join(out).strip())


def _part(token: "Token") -> str | None:
    """Return what a token says; None where it holds a sign that would be read as a mark."""
    if token.type == "code_inline":
        return None if "`" in token.content else f"`{token.content}`"
    if token.type == "math_inline":
        return None if "$" in token.content or "\n" in token.content else f"${token.content}$"
    if token.type == "s_open":  # what its author took back
        return None
    if token.type == "text":
        return None if "`" in token.content or "$" in token.content else token.content
    return " " if token.type in {"softbreak", "hardbreak"} else ""


def as_markdown(text: str) -> str:
    """Return a bare text as Markdown that shows it as it is."""
    if "`" not in text and "$" not in text:
        return escaped(text)
    parts = WHOLE.split(text)
    return "".join(part if at % 2 else escaped(part) for at, part in enumerate(parts))


def spoken(text: str) -> str:
    """Return a bare text as plain text."""
    return plain_text(as_markdown(text)) if MEANT.search(text) else text.strip()


def is_whole(text: str) -> bool:
    """Whether a piece cut out of a bare text has no mark or bracket that is open at an end."""
    if not OPEN.search(text):
        return True
    return all(
        text.count(opening) == text.count(closing)
        for opening, closing in ("()", "（）", "[]", "{}", "「」", "“”", "《》")
    ) and not (text.count("`") % 2 or text.count("$") % 2)
