"""Patterns of misreadings: regular expressions in which `…` is a short gap within a clause that nothing denies.

They are searched in every note, so each is read in time that grows with a line's length alone: no repetition in them is
without end.
"""

import re
from functools import lru_cache

from ankillm.common.patterns import one_of, regex

NEGATION = (
    r"不(?![仅只但断同过])|没|未(?!来)|非(?!常)|无(?!论)|(?<![特区分级类])别(?!的)|勿|否(?!则)"
    r"|(?<![a-z])(?:no|not|never|nor|neither|without|cannot|rather|instead)(?![a-z])|n['’]t"
)
"""Words that turn round what stands behind them."""
EDGE = r"(?:(?<![A-Za-z0-9_])(?=[A-Za-z0-9_])|(?<=[A-Za-z0-9_])(?![A-Za-z0-9_]))"
"""Where a Latin word starts or ends, beside a Chinese character too."""
GAP = rf"(?:(?!{NEGATION})[^，,。；;：:？?！!\n]){{0,32}}"
ESCAPED = regex(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
"""An escaped character, or a class of characters: what stands in it repeats nothing."""
ENDLESS = regex(r"[*+]|\{\d*,\}")


@lru_cache(maxsize=512)
def compiled(pattern: str) -> re.Pattern[str]:
    """Compile the pattern of a misreading; case is ignored.

    :raises ValueError: if it is no regular expression, or repeats something without end.
    """
    if ENDLESS.search(ESCAPED.sub("", pattern)):
        raise ValueError("it repeats something without end (* or +): write … for a gap, or {0,20}")
    try:
        return re.compile(pattern.replace("…", GAP).replace(r"\b", EDGE), re.IGNORECASE)
    except re.error as error:
        raise ValueError(str(error)) from None


@lru_cache(maxsize=512)
def naming(names: tuple[str, ...]) -> re.Pattern[str]:
    """Compile a pattern that finds any of some names, as whole words of the Latin script; case is ignored."""
    return re.compile(rf"(?<![A-Za-z])(?:{one_of(names)})(?![A-Za-z])", re.IGNORECASE)
