"""How much of an answer its question holds: words of Latin letters count whole, Chinese by pairs of characters."""

from collections.abc import Iterator

from ankillm.cards.plain import letters
from ankillm.common.patterns import CHINESE, regex

UNIT = regex(r"[^\W_㐀-鿿豈-﫿]+|[㐀-鿿豈-﫿]")
"""A word, or a Chinese character."""
NAME = regex(r"[^\W_㐀-鿿豈-﫿]*(?:\d|(?<=[^\W_])[A-Z])[^\W_㐀-鿿豈-﫿]*")
"""A number or a name, which is what an answer is about: `ReLU` in `ReLU activation function`."""
ALIKE = 0.7
"""The share of an answer in a question from which on it is given away."""
SHORTEST = 6
"""Letters from which on an answer may be given away in part, or inside of a word."""
STEM = 5
"""Letters that two forms of a word share."""


def gives_away(question: str, answer: str) -> bool:
    """Whether a question holds its answer: whole, or most of its words and all of its numbers and names."""
    asked, answered = _units(question), _units(answer)
    if not answered or _holds(asked, answered):
        return True
    if len(letters(answer)) < SHORTEST or any(word.lower() not in asked for word in NAME.findall(answer)):
        return False
    if letters(answer) in letters(question):
        return True
    held, pieces = set(_pieces(asked)), list(_pieces(answered))
    return sum(len(piece) for piece in pieces if piece in held) >= ALIKE * sum(map(len, pieces))


def _units(text: str) -> list[str]:
    return UNIT.findall(text.lower())


def _holds(units: list[str], wanted: list[str]) -> bool:
    size = len(wanted)
    return any(units[at : at + size] == wanted for at in range(len(units) - size + 1))


def _pieces(units: list[str]) -> Iterator[str]:
    """Yield what is compared: words of Latin letters by their stems, pairs of Chinese characters."""
    for at, unit in enumerate(units):
        if not CHINESE.match(unit):
            yield unit[:STEM]
        elif CHINESE.match("".join(units[at + 1 : at + 2])):
            yield unit + units[at + 1]
        elif not at or not CHINESE.match(units[at - 1]):
            yield unit
