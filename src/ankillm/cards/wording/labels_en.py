"""A label with its text, `goal: [fit one card]`, asked in English."""

from ankillm.cards.wording.cut import short_for
from ankillm.cards.wording.forms_en import FULL_FORMS, VERSUS, compared, counted, versus
from ankillm.cards.wording.things_en import thing
from ankillm.cards.wording.topics_en import articled, definite, lowered, plural, specific, stripped
from ankillm.cards.wording.words_en import ANY_CASE, IF, LONGEST_OBJECT, NUMBER, POINTING, SHORTEST_TEXT, VAGUE
from ankillm.common.patterns import regex
from ankillm.extract.scope import NO_NAME
from ankillm.extract.vocabulary import is_metadata, only_counts

ASPECT = regex(
    r"^(?:(?:main|key|core|basic|typical|default|usual|common|biggest|big|central|underlying)\s+)?(?P<noun>goal"
    r"|aim|purpose|use|idea|hypothesis|problem|motivation|drawback|disadvantage|advantage|benefit|limitation|cost"
    r"|formula|cause|reason|result|effect|input|output|default|default value|value|range|solution|fix|intuition"
    r"|complexity|time complexity|objective|loss|trade-?off|risk|architecture|metric|assumption|insight|trick"
    r"|implementation trick|difference|meaning|definition|shape|size|storage|block size|learning rate|batch size"
    r"|rule of thumb|init|initialization|initialisation|optimizer|activation|normalization|normalisation"
    r"|vocabulary|training data|data|dataset|context length)s?$",
    ANY_CASE,
)
OF_NAMED = regex(r"^(?:the\s)?(?P<aspect>[a-z]+(?:\s[a-z]+)?)\sof\s(?P<name>\S.{1,40})$", ANY_CASE)
"""A label that names a thing with its aspect: `Main idea of Pre-LN`."""
SEVERAL = frozenset(
    """
    advantages disadvantages goals benefits drawbacks limitations problems inputs outputs effects causes
    reasons results costs metrics
    """.split()
)
ASKS_MEANING = regex(r"^(?:definition|meaning|what|what it is|what is it)$", ANY_CASE)
EMPTY = regex(
    r"^(?:e\.?g\.?|examples?|for example|note|notes|nb|n\.b\.|summary|conclusion|takeaways?|tips?|answer|question"
    r"|[qa]\d?|result|results|todo|ps|see(?: also)?|source|references?|link|paper|caveat|stage \d+|step \d+"
    r"|phase \d+|rule|important|remember|setup|code|usage|or|otherwise|here|idea \d|\d+|my .*|their .*"
    r"|main finding|findings?|other|others|hint|reminder|aside|why|how|when|where)$",
    ANY_CASE,
)
ASKING = regex(r"^(?:why|how|when|where|what|which|who|does|do|is|are|can|should)\b", ANY_CASE)
STANDS = regex(r"^(?P<name>\S+(?:\s\S+)?)\s(?:stands\sfor|is\sshort\sfor)$", ANY_CASE)
ORDERS = regex(
    r"^(?:use|using|set|add|train|keep|choose|avoid|get|make|compute|load|save|run|start|learn|know|try|check"
    r"|pick|split|select|apply|freeze|merge|prefer|initialize|remember|don't|do not|never|always|take|put|let"
    r"|given|assume|suppose|compare)\s",
    ANY_CASE,
)
CLAUSE = regex(
    r"[,;!?]|\b(?:is|are|was|were|has|have|can|will|should|must|that|which|gives?|removes?|uses?|means|does|do"
    r"|beats?|makes?|we|you|they|rescales?|trains?|include|depends?|works?|needs?|puts?|doesn't|don't|isn't"
    r"|aren't)\b",
    ANY_CASE,
)
LONGEST_LABEL = 48
PREPOSED = regex(r"^(?:in|on|for|with|at|by|to|from|of|as|after|before|during|without|not|only|also)\b", ANY_CASE)


def labelled(label: str, text: str, subject: str) -> tuple[str, str] | None:
    """Return the question of a label and its answer, or nothing where the label asks nothing."""
    label = stripped(label).strip(" :-–—.*")
    text = text.strip()
    if (
        not label
        or EMPTY.match(label)
        or is_metadata(label)
        or NO_NAME.match(label)
        or only_counts(label)
        or VAGUE.match(text)
        or POINTING.match(text)
        or text.endswith((":", "?"))
    ):
        return None
    if len(text) < SHORTEST_TEXT - 3 * bool(NUMBER.match(text)) or len(label) > LONGEST_LABEL or ":" in label:
        return None
    front = _asked(label, text, subject)
    return (front, text) if front else None


def _asked(label: str, text: str, subject: str) -> str:
    """Return the question of a label by its kind."""
    if (which := counted(label)) or VERSUS.match(label):
        return f"{which}?" if which else versus(label, text)
    if ASKS_MEANING.match(label):
        return thing(subject, text, subject) if specific(subject) else ""
    aspect = FULL_FORMS.get(label.lower(), label)
    if not ASKING.match(label) and ASPECT.match(aspect):
        return aspect_of(aspect.lower() if aspect[1:].islower() else aspect, subject)
    if (named := OF_NAMED.match(label)) and ASPECT.match(named["aspect"]) and not CLAUSE.search(named["name"]):
        return aspect_of(named["aspect"].lower(), named["name"])
    stands = STANDS.match(label)
    if name := stands["name"] if stands else short_for(label, text):
        return f"What does {name} stand for?"
    over = compared(label, subject if specific(subject) else "")
    clausal = any(pattern.search(label) for pattern in (ASKING, PREPOSED, CLAUSE, ORDERS, IF))
    return over or ("" if clausal or len(label.split()) > LONGEST_OBJECT else thing(label, text, subject))


def aspect_of(aspect: str, subject: str) -> str:
    """Return the question of an aspect of the subject."""
    if not specific(subject) or ASKS_MEANING.match(aspect):
        return f"What {'are' if plural(subject) else 'is'} {lowered(subject)}?" if specific(subject) else ""
    low, noun = subject.lower(), ASPECT.match(aspect)
    if aspect.rstrip("s") in low or (noun and noun["noun"].lower().rstrip("s") in low):
        return f"What {'are' if plural(subject) else 'is'} {definite(subject)}?"
    link = "for" if aspect in {"fix", "the fix", "solution", "rule of thumb", "workaround"} else "of"
    verb, named = "are" if aspect in SEVERAL else "is", aspect.removeprefix("the ")
    return f"What {verb} the {named} {link} {articled(lowered(subject))}?"
