"""Reasons, results, aims and conditions in English: `A because [B]`."""

from ankillm.cards.wording.cut import Cut, last_word
from ankillm.cards.wording.topics_en import inverted, stripped, turned
from ankillm.cards.wording.words_en import ANY_CASE, FINITE, IF, POINTING, SMALLEST_LABEL
from ankillm.common.patterns import regex

BECAUSE = regex(r"[,;]?\s*\b(?:because|since|as|due to the fact that)\s*$", ANY_CASE)
BECAUSE_WORDS = frozenset({"because", "since", "as", "that"})
BECAUSE_FIRST = regex(r"(?:because|since)\s+(?!of\b)", ANY_CASE)
AS = regex(r"\bas\s*$")
SO_WORDS = frozenset({"so", "therefore", "thus", "hence", "why"})
SO_FIRST = regex(r"(?:so|therefore|thus|hence|that's why|that is why)\s+", ANY_CASE)
SO = regex(r"(?:^|[,;.]\s*|\sand\s)(?:so|therefore|thus|hence|that's why|that is why)\s*$", ANY_CASE)
AIM = regex(r",?\s(?:in order to|so that|so as to)\s*$", ANY_CASE)
WHEN = regex(r"(?<!even)(?<!as)\s(?:only\s)?(?:if|when|whenever)\s*$", ANY_CASE)
AIMED = regex(
    r"(?:in order )?to\s(?P<aim>[^,]{4,90}),\s(?:you|we)(?:'d)?\s(?P<aux>can|should|must|need to"
    r"|have to)\s(?:just\s|simply\s)?$",
    ANY_CASE,
)


def reason(cut: Cut) -> tuple[str, str] | None:
    """Ask `A because [B]` as: why A."""
    late = BECAUSE_FIRST.match(cut.hidden)
    if not (late and cut.before.strip()) and not (
        last_word(cut.before) in BECAUSE_WORDS and BECAUSE.search(cut.before)
    ):
        return None
    clause = BECAUSE.sub("", cut.before)
    colon = clause.rstrip().endswith(":")
    clause = clause.rstrip(" :")
    cut = Cut(cut.text, cut.start + (late.end() if late else 0), cut.end, cut.cue, cut.subject)
    if AS.search(cut.before) or IF.match(stripped(clause)):
        return None
    if ":" in clause:
        return None
    front = turned(clause) or inverted(clause, "Why", cut.subject)
    told = _without_consequence(cut.hidden) if colon else cut.hidden
    return (front, told) if front else None


def _without_consequence(told: str) -> str:
    """Return a reason without the clause that says what comes of it: `a few are larger, the scale is too coarse`."""
    head, comma, rest = told.partition(", ")
    return head if comma and FINITE.search(f"x {rest}") and FINITE.search(f"x {head}") else told


def result(cut: Cut) -> tuple[str, str] | None:
    """Ask `A, so [B]` as: why B."""
    late = SO_FIRST.match(cut.hidden)
    if not late and last_word(cut.before) not in SO_WORDS:
        return None
    cut = Cut(cut.text, cut.start + (late.end() if late else 0), cut.end, cut.cue, cut.subject)
    match = SO.search(cut.before)
    reason = stripped(cut.before[: match.start()]).strip(" ,;") if match else ""
    if len(reason.split()) < SMALLEST_LABEL - 1 or POINTING.match(reason) or IF.match(reason):
        return None
    front = inverted(cut.hidden, "Why", cut.subject)
    return (front, reason) if front else None


def aim(cut: Cut) -> tuple[str, str] | None:
    """Ask `A in order to [B]` as: why A."""
    match = AIM.search(cut.before)
    front = inverted(cut.before[: match.start()], "Why", cut.subject) if match else ""
    return (front, f"{match[0].strip(' ,')} {cut.hidden}") if match and front else None


def given(cut: Cut) -> tuple[str, str] | None:
    """Ask `A if [B]` as: when A."""
    match = WHEN.search(cut.before)
    if not match or FINITE.search("x " + cut.hidden) is None:
        return None
    front = inverted(cut.before[: match.start()], "When", cut.subject)
    return (front, f"{match[0].strip()} {cut.hidden}") if front else None


def aim_first(cut: Cut) -> tuple[str, str] | None:
    """Ask `To A, you can [B]` as: how can you A."""
    match = AIMED.match(stripped(cut.before))
    if not match:
        return None
    return f"How {'can' if match['aux'] == 'can' else 'should'} you {match['aim']}?", cut.hidden
