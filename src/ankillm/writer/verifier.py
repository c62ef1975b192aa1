"""The verifier: an offer of a model becomes a card only if its note bears it out.

What is verified is the quotation, and of the question that it is plain, whole and says nothing that the note does not;
not that it is a good question, nor that the quotation answers it. The same checks are made when a card is written and
each time it is built.
"""

import unicodedata

from ankillm.cards.card import Card
from ankillm.cards.integrity import REASONS as BROKEN
from ankillm.cards.integrity import broken
from ankillm.cards.plain import letters, texts
from ankillm.cards.quality import LONGEST_ANSWER, RULES, judge_card
from ankillm.cards.questions import LONGEST_NAME, ask
from ankillm.common.patterns import regex
from ankillm.extract.bare import as_markdown
from ankillm.extract.cloze import CLOSED, OPENED
from ankillm.extract.concepts import Blank, Concept, Question
from ankillm.extract.judge import POINTING
from ankillm.extract.passage import Passage
from ankillm.extract.proposal import place_of
from ankillm.markdown.inline import escaped, plain_text
from ankillm.markdown.note import Note
from ankillm.writer.front import PRONOUN, cleaned, front_fault, subject_fault
from ankillm.writer.ground import Ground, holds_name
from ankillm.writer.hint import gives_away
from ankillm.writer.offer import Offer
from ankillm.writer.polarity import denies, is_hearsay
from ankillm.writer.quotation import Quotation, halves_word, quotation, sentence_before
from ankillm.writer.written import LONGEST

LONGEST_GAP = {"zh": 30, "en": 60}
GAPPED = frozenset({"sentence", "item", "comment"})
"""Kinds of passages that can be shown with a gap."""
OPENING = regex(r"[^，,。.]{1,12}[，,]\s*")
"""What a sentence may begin with before it points back: `In short, it …`."""
SHORTEST_REST = 6
"""Letters that a gap leaves at least."""

REASONS = {
    "no-passage": "it names no passage that was asked for",
    "form": "it is neither a question nor a gap, or its passage can't be shown with a gap",
    "not-quoted": "the quotation does not stand in its passage",
    "cut": "the quotation cuts a word, a number with what belongs to it, code or a formula",
    "hearsay": "the passage only tells what others say",
    "struck-out": "words of the passage are struck out",
    "negation": "the passage denies what the card says, or the other way round",
    "pointing": "the answer starts with a pronoun, whose noun stands elsewhere",
    "long": "the question or the answer is too long",
    "markup": "the question holds markup or characters that steer a text",
    "language": "the question is in another language than the note",
    "no-question": "it asks nothing",
    "two-questions": "it asks more than one thing",
    "closed": "it asks for yes or no, which no quotation answers",
    "points": "it points to something that does not stand in it",
    "subject": "it does not name its subject, or a subject that its passage and the titles above do not name",
    "foreign-name": "it has a name or a number that the note does not have there",
    "given-away": "the answer stands in the question",
    "nothing-left": "the gap hides all that there is to go by",
    "asked": "another card asks for this",
    "other-answer": "asked a second time, the model points to other words",
    "silent": "the model proposes nothing for the passage",
    "too-many": "more cards than passages were asked for",
}
"""Why an offer is refused, by code; those of the rules of quality come on top."""


def verified(offer: Offer, passage: Passage, note: Note) -> Concept | str:
    """Return the concept of which a card is made, or the code of the first thing that is wrong with an offer."""
    if code := _unfit(offer, passage):
        return code
    found = quotation(passage, offer.quote)
    if isinstance(found, str) or halves_word(found, note.text):
        return found if isinstance(found, str) else "cut"
    ground = ground_of(passage, note)
    made = _asked(offer, found, passage, ground) if offer.form == "question" else _gapped(offer, found, passage, ground)
    if isinstance(made, str):
        return made
    card = judge_card(ask(made, note, ""))
    if card.dropped:
        return card.dropped.code
    lines = note.text.split("\n")[max(passage.first - 1, 0) : passage.last]
    return broken(card.front, card.back, "\n".join(lines)) or made


def _unfit(offer: Offer, passage: Passage) -> str:
    """Return the code of why an offer is not even looked at; empty if it is."""
    if offer.form not in {"question", "gap"} or (offer.form == "gap" and passage.kind not in GAPPED):
        return "form"
    if max(map(len, (offer.question, offer.quote, offer.subject))) > LONGEST:
        return "long"
    return "hearsay" if is_hearsay(passage.plain) else ""


def ground_of(passage: Passage, note: Note) -> Ground:
    """Return what the question of a passage is held against."""
    opened = OPENING.match(passage.plain)
    before = sentence_before(passage) if POINTING.match(passage.plain, opened.end() if opened else 0) else ""
    above = "\n".join((note.title, *passage.titles, *passage.labels, *passage.head, passage.label, before))
    return Ground(passage.plain, above, _section_text(passage, note), note.text, note.language)


def _section_text(passage: Passage, note: Note) -> str:
    """Return the text of the section that a passage stands in."""
    start = passage.section.line
    after = [section.line for section in note.sections if section.line > start]
    return "\n".join(note.text.split("\n")[max(start - 1, 0) : (after[0] - 1 if after else None)])


def _asked(offer: Offer, found: Quotation, passage: Passage, ground: Ground) -> Concept | str:
    """Return a question with the quotation as its answer."""
    question, subject = cleaned(offer.question), cleaned(offer.subject)
    answer = plain_text(found.answer) if "\n" not in found.answer else found.answer
    if code := front_fault(question, subject, ground):
        return code
    if len(answer) > LONGEST_ANSWER:
        return "long"
    if POINTING.match(answer) and not _names_first(subject, found):
        return "pointing"
    if gives_away(question, answer):
        return "given-away"
    if denies(found.clause) and not denies(question):
        return "negation"
    return Question(place_of(passage), question, found.answer, name=answer[:LONGEST_NAME])


def _names_first(subject: str, found: Quotation) -> bool:
    """Whether an answer starts with a pronoun for a thing that its sentence names before, and the question too."""
    return bool(PRONOUN.match(found.answer)) and holds_name(subject, plain_text(found.statement[: found.start]))


def _gapped(offer: Offer, found: Quotation, passage: Passage, ground: Ground) -> Concept | str:
    """Return the statement with the quotation hidden, its subject in front of it where it does not name it."""
    subject = cleaned(offer.subject)
    if code := subject_fault(subject, ground):
        return code
    before, hidden, behind = (
        as_markdown(part)
        for part in (
            found.statement[: found.start],
            found.statement[found.start : found.end],
            found.statement[found.end :],
        )
    )
    shown = letters(before + behind)
    if len(hidden) > LONGEST_GAP[ground.language]:
        return "long"
    if len(shown) < max(SHORTEST_REST, len(letters(hidden)) // 2):
        return "nothing-left"
    if any(sign in found.statement for sign in ("{{", "}}")) or "::" in hidden:
        return "cut"
    told = holds_name(subject, plain_text(before + " " + behind))
    colon = "：" if ground.language == "zh" else ": "
    lead = "" if told else f"**{escaped(subject)}**{colon}"
    if any(letters(hidden) in letters(part) for part in (lead, before, behind)):
        return "given-away"
    text = f"{lead}{before}{OPENED}{hidden}{CLOSED}{behind}"
    return Blank(place_of(passage), text, name=plain_text(hidden)[:LONGEST_NAME])


def reason(code: str) -> str:
    """Return in words why an offer is refused."""
    rules = {rule: told for rule, told, _ in RULES}
    return REASONS.get(code) or rules.get(code) or BROKEN.get(code, code)


def repeats(card: Card, others: set[tuple[str, str]]) -> bool:
    """Whether a card asks what another one of its note asks; `others` as `asked_letters` gives them."""
    front, back = asked_letters(card)
    return any(front == asked or (back == answered and _alike(front, asked)) for asked, answered in others)


def asked_letters(card: Card) -> tuple[str, str]:
    """Return the letters and digits of what a card asks and answers; a cloze's text is as it is with its gap."""
    front, back = texts(card)
    return letters(front), letters(back)


def _alike(one: str, other: str) -> bool:
    pairs, others = ({text[at : at + 2] for at in range(len(text) - 1)} for text in (one, other))
    return 2 * len(pairs & others) >= min(len(pairs), len(others))


def one_line(text: str, most: int) -> str:
    """Return what a model said as a file can hold it: on one line, without what steers a text, at most so long."""
    line = " ".join(text.split())
    return "".join(sign if unicodedata.category(sign)[0] != "C" else "\ufffd" for sign in line)[:most]
