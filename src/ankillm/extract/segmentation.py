"""Where the words of a text end: Chinese ones by a dictionary, others by letters, digits and hyphens."""

from functools import lru_cache

from ankillm.common.patterns import CHINESE, regex

LATIN = regex(r"[^\W\u2e80-\uffff]+(?:[-'’_.][^\W\u2e80-\uffff]+)*")


@lru_cache(maxsize=512)
def word_inner(text: str) -> frozenset[int]:
    """Return the places of a text that lie within a word."""
    inner = {at for match in LATIN.finditer(text) for at in range(match.start() + 1, match.end())}
    if CHINESE.search(text):
        import rjieba  # noqa: PLC0415  (its dictionary takes half a second to load, and English notes need none)

        inner.update(at for _, start, end in rjieba.tokenize(text) for at in range(start + 1, end))
    return frozenset(inner)
