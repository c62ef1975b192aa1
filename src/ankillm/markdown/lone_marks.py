"""Marks of bold that nothing closes: no program shows bold for them, and no reader of a card wants to see them."""

from ankillm.common.patterns import HAN, regex
from ankillm.markdown.spans import masked

LONE = regex(
    r"(?<![*\\\w/)])\*\*(?=[^\W\d_]|[“‘「『《（(\[【])(?!\*|\w+\s*[),=])|(?<=[^\W\d_]|[”’」』》）)\]】。？！?!，：:.])\*\*(?![*\w/(])"
    rf"|(?<={HAN})\*\*(?={HAN})|(?<=[ \t])\*\*(?=[，。、；：！？）,;:!?)](?!\S*\*))"
)
"""Beside a word, and not between two: `2**n`, `a ** b` and `src/**/x` mean something else. Between two Chinese ones, or
between a space and a sign, it is no power."""

SPACED = regex(
    r"(?<![*\\])\*\*(?!\*)[ \t]*(?P<words>[^*\n\s](?=[^*\n]*(?:[^\W\x00-\u04ff]|[A-Za-z]{4}|\x00))[^*\n]*?)"
    r"[ \t]*(?<!\*)\*\*(?!\*)"
)
"""Bold with spaces inside of its marks, which closes nothing: `** so **`; of one word at least, or it is a power."""


def without_lone_marks(text: str) -> str:
    """Return a text without the marks of bold that stand outside of every span."""
    blank = masked(text)
    if "**" not in blank:
        return text
    for match in reversed(list(SPACED.finditer(blank))):
        words = text[match.start("words") : match.end("words")]
        text = f"{text[: match.start()]}**{words}**{text[match.end() :]}"
    blank = masked(text)
    for match in reversed(list(LONE.finditer(blank))):
        text = text[: match.start()] + text[match.end() :]
    return text
