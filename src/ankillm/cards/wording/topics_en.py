"""What an English clause is about, put so that it stands alone, and turned into a question."""

import re
from functools import lru_cache

from ankillm.cards.wording.cut import named_in
from ankillm.cards.wording.words_en import (
    ANY_CASE,
    BASES,
    BRACKETS,
    IF,
    INNER,
    LINKED,
    LONGEST_NAME,
    PLURAL,
    POINTING,
    PRONOUN,
    THIRD,
    VERBED,
)
from ankillm.common.patterns import regex, without

PREFIX = regex(
    r"""^(?:\w+ly(?=,)|however|in\ other\ words?|in\ a\ nutshell|note(?:\ that)?|keep\ in\ mind\ that|also|first(?:ly)?
      |second(?:ly)?|third(?:ly)?|finally|next(?=,)|then|so(?!\ far)|but|and|or|because\ of\ this
      |that\ means\ that|in\ (?:practice|theory)|interesting(?:ly)?|q:|a:|definition:
      |therefore|thus|hence|in\ addition|additionally|moreover|furthermore|besides|for\ (?:example|instance)
      |e\.g\.|specifically|in\ particular
      |basically|simply|essentially|generally|usually(?=,)|typically(?=,)|in\ general|of\ course|actually|in\ fact
      |indeed|similarly|instead(?=,)|as\ a\ result|meanwhile|importantly
      |that\ (?:is|means\ that)|this\ means\ that|i\.e\.|remember(?:\ that)?|recall\ that
      |as\ mentioned\ (?:earlier|above|before)|on\ the\ other\ hand|in\ short|in\ summary|overall
      |because\ of\ this|again
      |last\ but\ not\ least|all\ in\ all|it\ is\ worth\ (?:noting|mentioning)\ that
      |to\ (?:reiterate|recap|summarize)(?=,))
      (?![\w'-])\s*[,:]?\s*""",
    re.VERBOSE | ANY_CASE,
)
"""What only joins a sentence to the one before."""
MANY_WORDS = 9
POINT_IS = regex(
    r"(?P<point>[Tt]he\s(?:[a-z]+\s){0,2}(?:problem|point|issue|reason|advantage|drawback|difficulty|bottleneck|trick|challenge"
    r"|strength|weakness|risk|cost|obstacle|benefit|limitation|culprit)s?(?:\s(?:of|for|in|with)\s[\w\s-]{2,40}?)?)"
    r"\s(?:is|are|was)\s(?P<thing>(?!that\b|to\b|how\b|not\b|not\b)[\w-]+(?:\s[\w-]+){0,3})"
)
"""What says of a thing that it is the problem, the point or the like."""
CAPITAL = regex(r"^[A-Z](?=[a-z-]+(?:\s|$))")
AUX = regex(
    r"^(?P<np>[^,;:()]{2,60}?)\s+(?P<aux>is|are|was|were|can|cannot|can't|should(?:n't)?|must(?:n't| not)?|will"
    r"|won't|could|don't|doesn't|do not|does not|isn't|aren't)\s+(?P<rest>.{3,})$"
)
ARTICLED = regex(r"^(?:the|an?)\s", ANY_CASE)
THE = regex(
    r"(?:\b(?:rank|size|rate|hypothesis|trick|goal|range|length|stage|step|identity|score|scale|threshold"
    r"|schedule|count|number|axis|dimension|budget|option|argument|flag|parameter|window|gap|bottleneck|objective"
    r"|loss)$)"
)
INDEFINITE = regex(
    r"(?:\b(?:mask|layer|model|adapter|optimizer|tokenizer|matrix|vector|token|encoder|decoder|head|scheduler"
    r"|grammar|kernel|cache|function|network|server|pointer|batch|epoch|embedding|hypervisor|checkpoint|prompt"
    r"|policy|curve|document|tree|node|block|sketch|filter|queue|index|neuron|judge|collator|adapter|bubble)$)"
)
PREPOSITION = regex(r"\s(?:of|in|for|with|from|to|on|at|by)\s")
SINGULAR_S = regex(r"(?:ss|us|is|os|ics|as|\b(?:kubernetes|lens|series|species|news))$", ANY_CASE)
COMMON = frozenset(
    """
        the a an this these each every most many some all in for with without when if during after before
        using training only both any no our its full data model models gradient learning weight weights
        dynamic static mixed tensor pipeline batch layer loss hard soft cross self attention scaled prompt
        prefix block double activation activations pre-training fine-tuning pretraining finetuning large small
        low high supervised unsupervised reinforcement causal masked multi-head positional position linear
        cosine warmup main typical target total trainable dropout temperature sampling greedy beam stemming
        catastrophic label feed-forward adapter adapters paged quantization knowledge instruction preference
        reward policy word token tokens byte-level theoretical multi-node increasing word-level early two
        three one macro micro weighted encoder decoder query key value keys values
        """.split()
)
CAPITAL_INSIDE = regex(r"\s[A-Z][a-z]")


@lru_cache(maxsize=256)
def stripped(text: str) -> str:
    """Return a clause without what only joins it to the one before."""
    for _ in range(2):
        text = without(PREFIX, text.lstrip())
    return text


def lowered(text: str) -> str:
    """Return a phrase as it stands within a sentence: a common first word in lower case."""
    first = text.split(" ", 1)[0]
    titled = CAPITAL_INSIDE.search(BRACKETS.sub("", text))
    common = first in {"A", "An", "The"} or (CAPITAL.match(text) and first.lower() in COMMON and not titled)
    return text[0].lower() + text[1:] if common else text


def specific(subject: str) -> bool:
    """Whether a subject can stand in a question as a name."""
    return 1 < len(subject) <= LONGEST_NAME and not POINTING.match(subject)


def plural(phrase: str) -> bool:
    """Whether a noun phrase is spoken of in the plural."""
    head = PREPOSITION.split(BRACKETS.sub("", phrase), maxsplit=1)[0].strip()
    last = head.rsplit(" ", 1)[-1]
    return (" and " in head) or (last.endswith("s") and last[:-1].islower() and not SINGULAR_S.search(last))


def topic(phrase: str, subject: str) -> str:
    """Return a noun phrase that stands alone: stripped, and its pronoun resolved; empty where it cannot."""
    said = stripped(phrase).strip(" ,:")
    if said.lower() == subject.lower():
        return articled(subject) if specific(subject) else said
    if not said or PRONOUN.fullmatch(said):
        return lowered(subject) if specific(subject) else ""
    if POINTING.match(said):
        return ""
    return lowered(said)


def owned(front: str, subject: str) -> str:
    """Return a front with its subject as a topic, where the front does not name it."""
    return f"{subject}: {front}" if subject and not named_in(subject, front) else front


def definite(phrase: str) -> str:
    """Return a phrase within a sentence, with the article that it wants."""
    said = lowered(phrase)
    return said if ARTICLED.match(said) else f"the {said}" if " of " in said else articled(said)


def turned(clause: str) -> str:
    """Return a clause that says which thing the main problem is as a question: `Why are outliers the main problem?`."""
    match = POINT_IS.fullmatch(stripped(clause).strip(" ,;.:"))
    if not match or INNER.search(match["thing"]) or POINTING.match(match["thing"]) or IF.match(match["thing"]):
        return ""
    return f"Why {'are' if plural(match['thing']) else 'is'} {lowered(match['thing'])} {lowered(match['point'])}?"


def inverted(clause: str, word: str, subject: str) -> str:
    """Return a main clause as a question, `Why is A B?`; empty where that is not safe."""
    clause = stripped(clause).strip(" ,;.")
    if match := AUX.match(clause):
        name = topic(match["np"], subject)
        aux = match["aux"].replace("cannot", "can't")
        negated = " not" if aux.endswith(" not") else ""
        return checked(name, f"{word} {aux.removesuffix(' not')} {name}{negated} {match['rest']}?")
    if match := VERBED.match(clause):
        name = topic(match["np"], subject)
        verb = THIRD[match["verb"]]
        return checked(name, f"{word} does {name} {match['adv'] or ''}{verb} {match['rest']}".rstrip() + "?")
    if match := PLURAL.match(clause):
        name = topic(match["np"], subject)
        return checked(name, f"{word} do {name} {match['verb']} {match['rest']}".rstrip() + "?")
    return ""


def checked(name: str, front: str) -> str:
    """Return a question whose subject is a noun phrase, else nothing."""
    odd = (
        not name
        or INNER.search(name)
        or len(name.split()) > MANY_WORDS
        or IF.match(name)
        or name.split(maxsplit=1)[0].lower() in BASES
    )
    return "" if odd else front


def articled(name: str) -> str:
    """Return a name with the article that its last word wants; a name in capitals has none."""
    head = BRACKETS.sub("", name)
    if ARTICLED.match(name) or not head[-1:].islower() or LINKED.search(head):
        return name
    if THE.search(head):
        return f"the {name}"
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}" if INDEFINITE.search(head) else name
