"""Cloze text: gaps of a card → `{{c1::…}}` in the HTML of its field.

Before: the text `lr=1e-4` and a gap over `1e-4`. After: `lr={{c1::1e-4}}`, in code with its colours inside the gap.
The text is rendered with stand-ins at the gaps' ends; these become Anki's braces once everything that Anki would take
for a brace or a hint of its own has been written as an entity.
"""

import html
import re

from ankillm.anki.allowed_html import ANKI_TAG
from ankillm.anki.gaps import MAX_NUMBER, gaps_in, revealed
from ankillm.anki.highlight import code_block
from ankillm.anki.html import CLOSE, OPEN, Pictures, escape, field_html, take_marks
from ankillm.cards.card import Card
from ankillm.cards.names import clean
from ankillm.cards.plain import letters
from ankillm.common.patterns import regex

NODE = regex(rf"<(?P<close>/?)(?P<tag>[a-z0-9]+)[^>]*>|(?P<mark>[{OPEN}{CLOSE}])")
TAG = regex(r"<[^>]*>")
WITHIN = regex(r"</?(?:strong|em|b|i|u|s|del|mark|code|span|a|kbd|sub|sup)\b[^>]*>")
"""Tags that stand within a line, and part no words."""
VOID = frozenset({"br", "hr", "img"})


class BadGap(ValueError):  # noqa: N818  (the card is at fault, not the program)
    """A gap that Anki could not show; the text says why."""


def cloze_html(card: Card, pictures: Pictures) -> str:
    """Return the text of a cloze card with its gaps as Anki writes them.

    :raises BadGap: if gaps overlap, are empty, have a number that Anki does not know, or lie where none can be.
    """
    marked = _marked(card)
    if card.code:
        code, marks = take_marks(marked)
        out = code_block(code, card.code, marks)
    else:
        out = field_html(marked, card.references, pictures)
    if [mark for mark in out if mark in {OPEN, CLOSE}] != [OPEN, CLOSE] * len(card.gaps):
        raise BadGap("a gap lies where none can be, such as in a link's address")
    return _braced(_nested(_entities(out)), card)


def _marked(card: Card) -> str:
    """Return the front with stand-ins at the ends of the gaps, which are sorted, apart and not blank."""
    out, at = "", 0
    for gap in card.gaps:
        hidden = clean(card.front[gap.start : gap.end])
        if not (at <= gap.start < gap.end <= len(card.front) and hidden.strip()):
            raise BadGap("gaps overlap or hide nothing")
        if not 1 <= gap.number <= MAX_NUMBER:
            raise BadGap(f"gap c{gap.number}: Anki knows c1 to c{MAX_NUMBER}")
        out += f"{clean(card.front[at : gap.start])}{OPEN}{hidden}{CLOSE}"
        at = gap.end
    if not card.gaps:
        raise BadGap("a cloze without a gap")
    return out + clean(card.front[at:])


def _entities(text: str) -> str:
    """Write as entities what Anki would read as a brace or as the start of a hint."""
    text = text.replace("{", "&#123;").replace("}", "&#125;").replace("::", "&#58;&#58;")
    return text.replace(f"{OPEN}:", f"{OPEN}&#58;").replace(f":{CLOSE}", f"&#58;{CLOSE}")


def _nested(text: str) -> str:
    """Widen gaps that cross the edge of an element, so that Anki's span around a gap nests with the elements."""
    places: list[tuple[int, str]] = []
    stack: list[int] = []
    outside: list[int] | None = None
    owed: int | None = None
    for node in NODE.finditer(text):
        if mark := node["mark"]:
            if mark == OPEN:
                outside = list(stack)
                places.append((node.start(), OPEN))
            else:
                shared = _shared(outside or [], stack)
                if outside and len(outside) > shared:
                    places[-1] = (outside[shared], OPEN)
                owed = shared if len(stack) > shared else None
                places += [(node.start(), CLOSE)] if owed is None else []
        elif node["tag"] not in VOID:
            stack = stack[:-1] if node["close"] else [*stack, node.start()]
            if owed is not None and len(stack) <= owed:
                places.append((node.end(), CLOSE))
                owed = None
    return _replaced(text, places)


def _shared(before: list[int], now: list[int]) -> int:
    """Return how many elements, from the outermost, are open at both places."""
    count = 0
    while count < min(len(before), len(now)) and before[count] == now[count]:
        count += 1
    return count


def _replaced(text: str, places: list[tuple[int, str]]) -> str:
    """Return the text with the stand-ins at these places only."""
    out, at = "", 0
    for place, mark in places:
        out += re.sub(f"[{OPEN}{CLOSE}]", "", text[at:place]) + mark
        at = place
    whole = out + re.sub(f"[{OPEN}{CLOSE}]", "", text[at:])
    if re.sub(f"[^{OPEN}{CLOSE}]", "", whole) != (OPEN + CLOSE) * (len(places) // 2):
        raise BadGap("gaps cross each other and an element")
    return whole


def _braced(text: str, card: Card) -> str:
    """Put Anki's braces in place of the stand-ins."""
    numbers = iter(card.gaps)

    def opened(_match: re.Match[str]) -> str:
        return f"{{{{c{next(numbers).number}::"

    hints = iter(card.gaps)

    def closed(_match: re.Match[str]) -> str:
        hint = _entities(escape(clean(next(hints).hint).strip()))
        if ANKI_TAG.match(f"[{hint}]"):  # Anki puts brackets around it
            hint = f"&#{ord(hint[0])};{hint[1:]}"
        return f"::{hint}}}}}" if hint else "}}"

    return re.sub(CLOSE, closed, re.sub(OPEN, opened, text))


def filled(text: str) -> str:
    """Return the text of a cloze field with its gaps filled, as plain text."""
    return plain(revealed(text))


def hidden(text: str) -> str:
    """Return what a cloze field hides, as plain text."""
    return plain(" ".join(words for _, _, _, words, _ in gaps_in(text)))


def plain(field: str) -> str:
    """Return the words of a field."""
    return html.unescape(TAG.sub(" ", field)) if "<" in field or "&" in field else field


def question_of(kind: str, front: str) -> str:
    """Return what a field asks, on one line of plain text; `[…]` stands for a gap."""
    text = revealed(front, "[…]") if kind == "cloze" else front
    return " ".join(plain(WITHIN.sub("", text)).split())


def words_asked(kind: str, front: str, back: str) -> tuple[str, str]:
    """Return what two fields ask and answer, by letters and digits alone, to be held against another card."""
    asked, answer = (filled(front), hidden(front)) if kind == "cloze" else (plain(front), plain(back))
    return letters(asked), letters(answer)
