"""Where Chinese sentences have spaces: beside words in Latin letters."""

from ankillm.patterns import CHINESE


def joined(*parts: str) -> str:
    """Join pieces of a sentence: tight between Chinese characters and signs, with a space beside anything else.

    The space is also what lets emphasis that ends in a bracket be seen as such by CommonMark.
    """
    out = ""
    for part in filter(None, parts):
        last, first = out.rstrip("*`")[-1:], part.lstrip("*`")[:1]
        tight = not out or last in "，：" or first in "，：？" or (CHINESE.match(last) and CHINESE.match(first))
        out += part if tight else f" {part}"
    return out
