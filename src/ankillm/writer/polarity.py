"""Whether words deny something: what a card must neither lose nor add on the way from its note."""

import re

from ankillm.common.patterns import regex

DENIAL = regex(
    r"""\b(?:not|never|no|none|neither|nor|cannot|without|hardly|except|unlike|wrongly|mistakenly|myth|misconception)\b
      |n['’]t\b
      | 不|没|沒|無|无(?![论数])|非(?!常)|未|别(?![的称名人])|勿|莫|禁止|避免|误以为|误认为|误区|除了|除非|并非""",
    re.IGNORECASE | re.VERBOSE,
)
HARMLESS = regex(
    r"""\bnot\b[^.,;]*?\bbut\b|\bnot\s+only|\bno\s+matter|\bwhat\s+not|(?:并?不是|并?非)[^。，；]*?而是
      |不仅|不但|不只|不光|不同|无论|不管|不断|区别|类别|级别|分别|识别""",
    re.IGNORECASE | re.VERBOSE,
)
"""What looks like a denial and is none."""
HEARSAY = regex(
    r"""有人(?:说|认为|以为|觉得)|常说|据说|听说|据传|传闻|谣言|小道消息|爆料|透露|未经证实|未(?:被|官方)?确认过|误解|误以为|错误(?:的)?(?:说法|理解|做法)
      |\b(?:you\s+may\s+hear|(?:some|many|most)?\s*people\s+(?:say|think|claim|believe)|it\s+is\s+(?:often\s+)?(?:said|claimed|believed)
        |some\s+(?:say|think|claim|believe)|reportedly|rumou?r(?:s|ed)?|unconfirmed|supposedly|allegedly|myth|misconception)\b""",
    re.IGNORECASE | re.VERBOSE,
)
"""What others say, and the note perhaps does not."""


def is_hearsay(text: str) -> bool:
    """Whether a text only tells what others say."""
    return bool(HEARSAY.search(text))


def denies(text: str) -> bool:
    """Whether a text denies something."""
    return bool(DENIAL.search(HARMLESS.sub("", text)))
