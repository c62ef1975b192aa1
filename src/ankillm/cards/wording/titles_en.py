"""Titles and labels that begin as questions, put as questions where that is safe: `Why the KL term is needed`."""

from ankillm.cards.wording.topics_en import checked, inverted, lowered, topic
from ankillm.cards.wording.words_en import ANY_CASE, BASES, BRACKETS, HOMOGRAPHS, PLURAL, VERBED
from ankillm.common.patterns import regex

AUXILIARY = r"(?:is|are|was|were|does|do|did|can|could|should|would|will|must|may|might|has|have|had)"
OPENS = regex(r"^(?P<word>why|how|when|where)\s(?P<clause>[^?:;]{4,80}?)\s?\??$", ANY_CASE)
ASKED = regex(rf"^(?:{AUXILIARY}|to|not|many|much|long|often|come|about|large|big|deep|far|fast|well)\b", ANY_CASE)
"""What follows such a word where the rest is a question already, or none: `How many`, `Why not`."""
BY_US = regex(r"^(?P<who>we|you|I)\s(?P<verb>[a-z]+)\s(?P<rest>\S.*)$")
MODAL = regex(r"^(?:can|could|should|would|will|must)$")
MORE = regex(
    r"^(?P<np>[^,:()]{2,40}?)\s(?:(?P<one>matters|has|hurts|wins|beats|breaks|explodes|vanishes|diverges|converges|overfits)"
    r"|(?P<many>matter|have|hurt|win|beat|break|explode|vanish|diverge|converge|overfit))(?P<rest>(?:\s.+)?)$"
)
"""Verbs that are looked for in titles alone."""
BASE = {"has": "have", "vanishes": "vanish"}
IT = regex(
    rf"^(?P<before>(?:why|how|when|where|what)\s(?:{AUXILIARY}\s)?)"
    r"(?:it|(?:this|that)(?=\s(?:works?|matters?|helps?|happens?|fails?|is|does|can)\b))(?=\s)",
    ANY_CASE,
)
"""A question of what stands above: `How it works`, `Why this works`."""

IS_SHORT = regex(r"(?<=\bit)['’]s\b|(?<=\bthis)['’]s\b|(?<=\bthat)['’]s\b", ANY_CASE)


def as_question(title: str) -> str:
    """Return a title as a question, with its words moved where that is safe; else as it is."""
    match = OPENS.match(title)
    if not match or ASKED.match(match["clause"]):
        return title
    word = match["word"].capitalize()
    return _asked(word, match["clause"]) or title


def _asked(word: str, clause: str) -> str:
    if ours := BY_US.match(clause):
        moved = ours["verb"] if MODAL.match(ours["verb"]) else ""
        verb = "" if moved else f"{ours['verb']} "
        fits = moved or ours["verb"] in BASES or ours["verb"] in {"want", "care", "have"}
        return f"{word} {moved or 'do'} {ours['who']} {verb}{ours['rest']}?" if fits else ""
    verbed = VERBED.match(clause)
    if verbed and verbed["verb"] in HOMOGRAPHS and verbed["rest"]:  # `How loss scales work`
        many = PLURAL.match(clause)
        name = topic(many["np"], "") if many else ""
        return checked(name, f"{word} do {name} {many['verb']} {many['rest']}".rstrip() + "?") if many else ""
    if found := inverted(clause, word, ""):
        return found
    more = MORE.match(clause)
    name = topic(more["np"], "") if more else ""
    if not more or not name:
        return ""
    verb = more["many"] or BASE.get(more["one"], more["one"].removesuffix("s"))
    return checked(name, f"{word} {'do' if more['many'] else 'does'} {name} {verb}{more['rest']}?")


def of_above(title: str, above: str) -> str:
    """Return a question of what stands above as one of that, `How does PPO work?`; empty for any other."""
    match = IT.match(title := IS_SHORT.sub(" is", title))
    if not match or not above:
        return ""
    rest = title[match.end() :]
    whose = lowered(BRACKETS.sub("", above))
    asked = as_question(f"{match['before']}{whose}{rest.lower() if rest.strip('? ').istitle() else rest}")
    whole = asked[:1].upper() + asked[1:].rstrip("? ") + "?"
    return whole if ASKED.match(whole.split(" ", 1)[1]) else ""
