"""Where code stands in a line, found without the parser."""

from ankillm.common.patterns import regex

TICKS = regex(r"`+")


def code_spans(text: str) -> list[tuple[int, int]]:
    """Return where code in a line begins and ends: runs of as many backticks, the next one of its length closing."""
    runs = [match.span() for match in TICKS.finditer(text)]
    following: dict[int, list[tuple[int, int]]] = {}
    for start, end in reversed(runs):
        following.setdefault(end - start, []).append((start, end))
    found: list[tuple[int, int]] = []
    at = 0
    for start, end in runs:
        if start < at or (start and text[start - 1] == "\\"):
            continue
        closing = following[end - start]
        while closing and closing[-1][0] < end:
            closing.pop()
        if closing:
            at = closing[-1][1]
            found.append((start, at))
    return found
