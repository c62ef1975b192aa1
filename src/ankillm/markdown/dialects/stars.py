"""Stars: bold that programs write so that nothing would close it, and the signs of products and powers."""

import re

from ankillm.common.patterns import CHINESE, HAN, regex

ESCAPED_SIGN = regex(r"\\\*\\\*([，。、；：！？,.;:]?)\\\*\\\*")
r"""Bold whose marks a program escaped, which could not close them: `\*\*训练 \*\*快`; around a sign it is nothing."""
TWICE_BOLD = regex(r"\\\*\\\*\*\*|\*\*\\\*\\\*")
BOLD_BESIDE_BOLD = regex(r"(?<!\*)\*\*(?=[^\s*])([^*\n]*[^\s*])\*{4}([^\s*][^*\n]*)(?<=[^\s*])\*\*(?!\*)")
"""Bold that ends where the next begins: their marks together close nothing."""
BOLD_SLANTED = regex(
    r"(?<![*_\\])(?:\*{3}(?=[^\s*])(?P<a>[^*\n]+)(?<=[^\s*])\*{3}|\*\*_(?=[^\s_])(?P<b>[^*_\n]+)(?<=[^\s_])_\*\*"
    r"|_\*\*(?=[^\s*])(?P<c>[^*_\n]+)(?<=[^\s*])\*\*_)(?![*_])"
)
"""Bold that is slanted, too: as a label or a question it is bold."""
LOW_LINES = regex(rf"(?<![A-Za-z0-9_\\])__(?=[^\s_])(?P<said>[^_\n]*{HAN}[^_\n]*)(?<=[^\s_])__(?![A-Za-z0-9_])")
"""Bold in low lines around Chinese words, which close nothing before the next word."""
PRODUCT = regex(r"(?<![\w*\\])(?P<first>=?[\w.)\]]{1,24})(?P<others>(?:\*(?!\*)[\w.()\[\]^/+-]{1,24}){2,})(?![\w*])")
FACTOR = regex(r"^=|(?:^|\*)(?:[A-Za-z]\w{0,2}|\d[\d.]*|\w*_\w*)(?=\*|$)")
SLANTED_NAME = regex(rf"[^*]*{HAN}\*[^*]+\*{HAN}[^*]*")
"""A name that is slanted between Chinese words, no factor of theirs: `使用*KV*缓存`."""
POWER = regex(r"(?<![*\\])(?<=[A-Za-z0-9_)\]])\*\*(?=-?\d|\()(?!\*)")
TIMES = regex(r"(?<![*\\])(?<=[A-Za-z0-9_)\]])\*(?=[A-Za-z0-9_(])")
SHORT = regex(r"(?<!\w)\w{1,2}\*\w|\w\*\w{1,2}(?!\w)|\d\*|\*\d|_\w*\*|\*\w*_|\)\*|\*\(")
WITHIN_WORD = regex(r"\w\*\w+\*\w")
STAR = regex(r"(?<!\\)\*")
"""Numbers and names that are multiplied, `2*3*4`, or raised, `x**2 + y**2`, whose signs would be read as emphasis."""


def with_bold(text: str) -> str:
    """Return a line with its bold written so that it closes."""
    if "\\*\\*" in text and CHINESE.search(text):
        text = TWICE_BOLD.sub("", ESCAPED_SIGN.sub(r"\1", text)).replace("\\*\\*", "**")
    if "***" in text or "*_" in text or "_*" in text:
        text = BOLD_SLANTED.sub(lambda match: f"**{match['a'] or match['b'] or match['c']}**", text)
    if "__" in text:
        text = LOW_LINES.sub(r"**\g<said>**", text)
    if "****" in text:
        text = BOLD_BESIDE_BOLD.sub(r"**\1\2**", text)
    return text


def with_products(text: str) -> str:
    """Escape the signs between factors, and those of powers and of several products in a line that has no others."""
    text = PRODUCT.sub(_product, text)
    times = len(TIMES.findall(text)) if SHORT.search(text) and not WITHIN_WORD.search(text) else 0
    if times > 1 and times == len(STAR.findall(text)):
        return TIMES.sub(r"\\*", text)
    powers = len(POWER.findall(text)) if "**" in text else 0
    return POWER.sub(r"\\*\\*", text) if powers > 1 and powers == text.count("**") else text


def _product(match: re.Match[str]) -> str:
    is_product = FACTOR.search(match[0]) and not SLANTED_NAME.fullmatch(match[0])
    return match[0].replace("*", "\\*") if is_product else match[0]
