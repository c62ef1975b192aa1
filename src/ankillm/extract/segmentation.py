"""Where the words of a text end: Chinese ones by a dictionary, others by letters, digits and hyphens."""

from functools import lru_cache

from ankillm.common.patterns import CHINESE, regex

LATIN = regex(r"[^\W\u2e80-\uffff]+(?:[-'’_.][^\W\u2e80-\uffff]+)*")


@lru_cache(maxsize=512)
def word_inner(text: str) -> bytes:
    """Return for each place of a text, its end too, whether it lies within a word."""
    inner = bytearray(len(text) + 1)
    words = [match.span() for match in LATIN.finditer(text)]
    if CHINESE.search(text):
        import rjieba  # noqa: PLC0415  (its dictionary takes half a second to load, and English notes need none)

        words += [(start, end) for _, start, end in rjieba.tokenize(text)]
    for start, end in words:
        inner[start + 1 : end] = b"\1" * (end - start - 1)
    return bytes(inner)
