"""A label with its text, `goal: [fit one card]`, asked in English."""

import re

from ankillm.cards.wording.cut import named_in, short_for, words
from ankillm.cards.wording.words_en import (
    ADVICE,
    BASES,
    IF,
    INNER,
    NUMBER,
    POINTING,
    PREFIX,
    PRONOUN,
    SURE,
    THIRD,
    VAGUE,
)
from ankillm.common.patterns import regex, without

I = re.IGNORECASE
ASPECT = regex(
    r"^(?:(?:main|key|core|basic|typical|default|usual|common|biggest|big|central|underlying)\s+)?(?P<noun>goal|aim|purpose|idea|hypothesis|problem|motivation|drawback|disadvantage|advantage|benefit|limitation|cost|formula|cause|reason|result|effect|input|output|default|default value|value|range|solution|fix|intuition|complexity|time complexity|objective|loss|trade-?off|risk|architecture|metric|assumption|insight|trick|implementation trick|difference|meaning|definition|shape|size|storage|block size|learning rate|batch size|rule of thumb|init|initialization|initialisation|optimizer|activation|normalization|normalisation|vocabulary|training data|data|dataset|context length)s?$",
    I,
)
PLURALS = {
    "pros": "advantages",
    "cons": "disadvantages",
    "pro": "advantage",
    "con": "drawback",
    "init": "initialization",
    "fix": "fix",
    "the fix": "fix",
}
SEVERAL = frozenset(
    "advantages disadvantages goals benefits drawbacks limitations problems inputs outputs effects causes reasons results costs metrics".split()
)
DEFINES = regex(r"^(?:definition|meaning|what|what it is|what is it)$", I)
EMPTY = regex(
    r"^(?:e\.?g\.?|examples?|for example|note|notes|nb|n\.b\.|summary|conclusion|takeaways?|tips?|answer|question|[qa]\d?|result|results|todo|ps|see(?: also)?|source|references?|link|paper|caveat|stage \d+|step \d+|phase \d+|rule|important|remember|setup|code|usage|or|otherwise|here|idea \d|\d+|my .*|their .*|main finding|findings?|other|others|hint|reminder|aside|why|how|when|where)$",
    I,
)
ASKING = regex(r"^(?:why|how|when|where|what|which|who|does|do|is|are|can|should)\b", I)
WHY = regex(r"^why (?:it matters|it works|is it needed|needed|useful|bother)$", I)
VERSUS = regex(r"^(?P<a>[^,:]{1,40}?)\s+(?:vs\.?|versus)\s+(?P<b>[^,:(]{1,40}?)(?:\s*\(.*)?$", I)
ORDER = regex(
    r"^(?:use|using|set|add|train|keep|choose|avoid|get|make|compute|load|save|run|start|learn|know|try|check|pick|split|select|apply|freeze|merge|prefer|initialize|remember|don't|do not|never|always|take|put|let|given|assume|suppose|compare)\s",
    I,
)
CLAUSE = regex(
    r"[,;!?]|\b(?:is|are|was|were|has|have|can|will|should|must|that|which|gives?|removes?|uses?|means|does|do|beats?|makes?|we|you|they|rescales?|trains?|include|depends?|works?|needs?|puts?|doesn't|don't|isn't|aren't)\b",
    I,
)
ARTICLED = regex(r"^(?:the|an?)\s", I)
IDENTIFIER = regex(r"^`?[a-zA-Z_]\w*(?:[_.]\w+)+`?$|^`[^`]+`$|^--?\w[\w-]+$")
ABOUT_NAME = regex(r"[A-Z]")
BRACKETS = regex(r"\s*\([^()]*\)\s*$")
CAPITAL = regex(r"^[A-Z](?=[a-z-]+(?:\s|$))")
LONGEST_LABEL = 48
SHORTEST_TEXT = 4
LONGEST_NAME = 48
GERUND = regex(r"^[A-Za-z-]+ing\b")
FINITE = regex(
    rf"\S\s(?:is|are|was|were|can|must|will|should|has|have|may|might|could|would|had|{'|'.join(SURE)})(?=\s|$)|\S\s[a-z]{{2,}}s\s(?:the|an?|its|their|all|each|every|down|up|to|only)\s",
    I,
)
DOING = regex(r"^[a-z]{3,}(?<!s)s\s(?:the|an?|its|all|every|each|only|how|into|to|\w+ly)\s")
COMMAND = regex(r"\s--?[a-z–]|\w\([\w=,\s]*\)|^[\w-]+ –")
THE = regex(
    r"(?:\b(?:rank|size|rate|hypothesis|trick|goal|range|length|stage|step|identity|score|scale|threshold|schedule|count|number|axis|dimension|budget|option|argument|flag|parameter|window|gap|bottleneck|objective|loss)$)"
)
INDEFINITE = regex(
    r"(?:\b(?:mask|layer|model|adapter|optimizer|tokenizer|matrix|vector|token|encoder|decoder|head|scheduler|grammar|kernel|cache|function|network|server|pointer|batch|epoch|embedding|hypervisor|checkpoint|prompt|policy|curve|document|tree|node|block|sketch|filter|queue|index|neuron|judge|collator|adapter|bubble)$)"
)
LINKED = regex(r"\b(?:in|of|with|for|vs\.?|versus|and|on|to|by|as)\b", I)
PREPOSED = regex(r"^(?:in|on|for|with|at|by|to|from|of|as|after|before|during|without|not|only|also)\b", I)
SINGULAR_S = regex(r"(?:ss|us|is|os|ics|as)$", I)


def stripped(text: str) -> str:
    """Return a clause without what only joins it to the one before."""
    for _ in range(2):
        text = without(PREFIX, text.lstrip())
    return text


def lowered(text: str) -> str:
    """Return a phrase as it stands within a sentence: a common first word in lower case."""
    first = text.split(" ", 1)[0]
    titled = re.search(r"\s[A-Z][a-z]", BRACKETS.sub("", text))
    common = first in {"A", "An", "The"} or (CAPITAL.match(text) and first.lower() in COMMON and not titled)
    return text[0].lower() + text[1:] if common else text


COMMON = frozenset(
    """the a an this these each every most many some all in for with without when if during after before using training only both any no our
    its full data model models gradient learning weight weights dynamic static mixed tensor pipeline batch layer loss hard soft cross self
    attention scaled prompt prefix block double activation activations pre-training fine-tuning pretraining finetuning large small low high
    supervised unsupervised reinforcement causal masked multi-head positional position linear cosine warmup main typical target total
    trainable dropout temperature sampling greedy beam stemming catastrophic label feed-forward adapter adapters paged quantization
    knowledge instruction preference reward policy word token tokens byte-level theoretical multi-node increasing word-level early
    two three one macro micro weighted encoder decoder query key value keys values""".split()
)


def specific(subject: str) -> bool:
    """Whether a subject can stand in a question as a name."""
    return 1 < len(subject) <= LONGEST_NAME and not POINTING.match(subject)


def articled(name: str) -> str:
    """Return a name with the article that its last word wants; a name in capitals has none."""
    head = BRACKETS.sub("", name)
    if (
        ARTICLED.match(name)
        or not head[-1:].islower()
        or LINKED.search(head)
        and not head.startswith(("rank of", "size of"))
    ):
        return name
    if THE.search(head):
        return f"the {name}"
    if INDEFINITE.search(head):
        return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"
    return name


def plural(phrase: str) -> bool:
    """Whether a noun phrase is spoken of in the plural."""
    head = re.split(r"\s(?:of|in|for|with|from|to|on|at|by)\s", BRACKETS.sub("", phrase), maxsplit=1)[0].strip()
    last = head.rsplit(" ", 1)[-1]
    return (" and " in head) or (last.endswith("s") and last[:-1].islower() and not SINGULAR_S.search(last))


def topic(phrase: str, subject: str) -> str:
    """Return a noun phrase that stands alone: stripped, and its pronoun replaced by the subject; empty where it cannot."""
    said = stripped(phrase).strip(" ,:")
    if said.lower() == subject.lower():
        return articled(subject) if specific(subject) else said
    if not said or PRONOUN.fullmatch(said):
        return lowered(subject) if specific(subject) else ""
    if POINTING.match(said) or re.match(r"(?:this|these)\b", said, I):
        return ""
    return lowered(said)


def owned(front: str, subject: str) -> str:
    """Return a front with its subject as a topic, where the front does not name it."""
    return f"{subject}: {front}" if subject and not named_in(subject, front) else front


def labelled(label: str, text: str, subject: str) -> tuple[str, str] | None:
    """Return the question of a label and its answer, or nothing where the label asks nothing."""
    label = stripped(label).strip(" :-–—.*")
    text = text.strip()
    if not label or EMPTY.match(label) or VAGUE.match(text) or POINTING.match(text) or text.endswith((":", "?")):
        return None
    if len(text) < SHORTEST_TEXT - 3 * bool(NUMBER.match(text)) or len(label) > LONGEST_LABEL or ":" in label:
        return None
    front = _asked(label, text, subject)
    return (front, text) if front else None


def _asked(label: str, text: str, subject: str) -> str:
    if match := VERSUS.match(label):
        both = all(words(match[side]) & words(text) for side in "ab")
        return "" if not both else f"How do {lowered(match['a'])} and {lowered(match['b'])} compare?"
    if DEFINES.match(label):
        return _name(subject, text, subject) if specific(subject) else ""
    if WHY.match(label) or ASKING.match(label):
        return ""
    aspect = PLURALS.get(label.lower(), label)
    if ASPECT.match(aspect) or label.lower() in PLURALS:
        return _aspect(aspect.lower() if aspect.istitle() or aspect.split(" ")[0].istitle() else aspect, text, subject)
    if name := short_for(label, text):
        return f"What does {name} stand for?"
    if PREPOSED.match(label) or CLAUSE.search(label) or ORDER.match(label) or IF.match(label) or len(label.split()) > 6:
        return ""
    return _name(label, text, subject)


def _aspect(aspect: str, text: str, subject: str) -> str:
    if not specific(subject):
        return ""
    if DEFINES.match(aspect):
        return f"What is {lowered(subject)}?"
    low = subject.lower()
    noun = ASPECT.match(aspect)
    if aspect.rstrip("s") in low or (noun and noun["noun"].lower().rstrip("s") in low):
        return f"What {'are' if plural(subject) else 'is'} {_definite(subject)}?"
    link = "for" if aspect in {"fix", "the fix", "solution", "rule of thumb", "workaround"} else "of"
    aspect = aspect.removeprefix("the ")
    return f"What {'are' if aspect in SEVERAL else 'is'} the {aspect} {link} {articled(lowered(subject))}?"


def _definite(phrase: str) -> str:
    said = lowered(phrase)
    return said if ARTICLED.match(said) else f"the {said}" if " of " in said else articled(said)


def _name(label: str, text: str, subject: str) -> str:
    """Ask what the thing named by a label is or does."""
    name, first = _full_name(label, subject), re.split(r"[\s,;:]", text, maxsplit=1)[0].lower()
    if not name or NUMBER.match(text) or text[0].isdigit() or text[0] in "~≈<>":
        return ""
    many = plural(name)
    if many and len(text.split()) <= SHORTEST_TEXT - 1:
        return ""
    if (
        first in THIRD
        or DOING.match(text)
        or first in BASES
        and not text.lower().startswith(
            (
                "output ",
                "input ",
                "score ",
                "cost ",
                "set of",
                "sum of",
                "mean ",
                "average ",
                "sample ",
                "process ",
                "measure of",
                "map ",
                "mask ",
            )
        )
    ):
        return f"What {'do' if many else 'does'} {_definite(name)} do?"
    if first in {
        "is",
        "are",
        "can",
        "has",
        "have",
        "must",
        "should",
        "no",
        "not",
        "yes",
        "only",
        "same",
        "because",
    } or first.endswith("ing"):
        return ""
    if said_as_clause(text) and LINKED.search(BRACKETS.sub("", name)):
        return ""
    if said_as_clause(text) and not IDENTIFIER.match(label):
        return (
            f"How {'do' if many else 'does'} {_definite(name)} work?"
            if " " in label or not label.islower()
            else f"What does {name} mean?"
        )
    if IDENTIFIER.match(label):
        return f"What does {name} mean?" if first not in {"if", "when"} else ""
    if COMMAND.search(text) or first in {"if", "when", "for", "on", "in", "at", "to", "with", "by"}:
        return ""
    return f"What {'are' if many else 'is'} {_definite(name)}?"


def said_as_clause(text: str) -> bool:
    """Whether a text is a clause with a subject and a verb of its own, not a noun phrase."""
    head = re.split(r"\b(?:that|which|who|where|when|if)\b|[,;:(]", text, maxsplit=1)[0].strip()
    return bool(FINITE.search(head)) and not head.lower().startswith(("a ", "an "))


def _full_name(label: str, subject: str) -> str:
    """Return a label as a name that stands alone, or as its subject has it; empty where it does not fit its subject."""
    low, whole = label.lower(), subject.lower()
    if not subject or low == whole:
        return subject or label
    if words(label) <= words(subject):
        inside = len(label) == 1 and whole.startswith(f"{low} in ")
        inside = inside or bool(re.match(rf"{re.escape(low)} (?:of|in|for)\b", whole))
        return subject if inside or (not LINKED.search(subject) and len(subject) < len(label) + 24) else ""
    if whole in low or named_in(subject, label):
        return label
    known = IDENTIFIER.match(label) or (label[:1].isupper() and re.search(r"[A-Z]", label[1:]))
    return f"{label} ({subject})" if known and len(subject) + len(label) <= LONGEST_NAME else ""
