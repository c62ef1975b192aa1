"""Questions in English."""

import re

from ankillm.cards.wording.forms_en import FULL_FORMS, VERSUS, compared, counted, versus
from ankillm.cards.wording.labels_en import ASPECT
from ankillm.cards.wording.terms import core, is_advice, is_part_of, is_symbol, is_yes_or_no, named, open_label
from ankillm.cards.wording.things_en import is_remark, said_as_clause
from ankillm.cards.wording.titles_en import as_question, of_above
from ankillm.cards.wording.topics_en import plural
from ankillm.cards.wording.words_en import POINTS, THIRD
from ankillm.common.patterns import regex, without
from ankillm.extract.concepts import Attribute, Condition, Contrast, Definition, Problem, Setting
from ankillm.extract.headword import ORDER
from ankillm.extract.scope import without_repeated
from ankillm.extract.vocabulary import PLURAL, STEPS, bare
from ankillm.markdown.inline import escaped

ARTICLE = regex(r"^(?:the|an?)\s+(?=\S)", re.IGNORECASE)
DEFINES = regex(
    r"(?:is |are )?(?:an?|the|one of|any)\s|\S+(?:\s\S+){0,3}\s(?:that|which|for|used to|of)\s", re.IGNORECASE
)
"""What a definition starts with, said within the name of something larger."""
OPEN = regex(r"\b(?:in|by|to|for|from|with|of)$", re.IGNORECASE)
ASKING = regex(r"^(?:why|how|when|where|what|which)\b", re.IGNORECASE)
PLACED = regex(r"^(?:in|with|on|for)\s", re.IGNORECASE)
ACTS = regex(
    r"""(?:adapt|add|apply|avoid|call|check|clip|consider|cut|decrease|disable|drop|enable|freeze|increase|keep|load
      |lower|merge|move|pass|prefer|put|raise|reduce|remove|replace|save|scale|shuffle|skip|split|start|stop|switch
      |train|turn|wrap|write)\s""",
    re.VERBOSE | re.IGNORECASE,
)
"""A consequence that tells the reader to act."""
LEADS = regex(r"^(?:we|it|this|they|the\s+following)\b", re.IGNORECASE)
"""What leads over to a formula, and is no name of it."""
LONGEST_ASPECT = 3
STEPS_OF = regex(r"(?:the\s)?(?:steps|stages|phases)\s(?:of|to|for|in)\s", re.IGNORECASE)
"""A label that names the steps of something: `Steps of expert parallelism`."""
"""Words of a label that can be what is asked of its subject."""
PLAIN_VALUE = 2
"""Words of a value that is read as such under any label."""
CAPITAL = regex(r"^[A-Z](?=[a-z]+\b)")
BRACKETS = regex(r"\s*\([^()]*\)")
PREPOSITION = regex(r"\s(?:of|in|for|with|from|to|on|at|by|vs\.?|and)\s", re.IGNORECASE)
PLURAL_NOUN = regex(
    r"(?:^|\s)(?!(?:kubernetes|bayes|keras|pandas|lens|series|species|news|means)$)[a-z]{2,}(?<![suiy])s$"
)
FUNCTION = regex(r"(?:with|to|the|an?|for|in|on|by|from)\s")
"""What follows a verb, and no noun that looks like one: `helps with gradients`."""
STATES = regex(
    r"[a-z]s\s(?:help|need|use|make|get|give|learn|beat|improve|reduce|matter|hurt|work|fail|have|do|can|will|cannot|must)\b"
    r"|\w\s(?:is|are|was|were|has|helps?|falls?|grows?|needs|uses|makes|gives|learns|beats|improves|reduces|matters?|hurts|works|fails|depends|consists?|rises?"
    r"|wins?|saves|performs?|contains?|includes?|combines?|applies|increases|decreases|allows?|enables?|provides?|requires?|computes?|keeps|takes|stays|remains|becomes|comes|goes|lies|can|cannot|will|must|should)\b(?!-)(?:\s\w|$)"
)
"""A label that says something, and names nothing: `The loss falls as a power law`."""
STANDS = regex(r"^stands?\s+for\s+(?=\S)", re.IGNORECASE)
"""What an abbreviation is short for: asked as `What does … stand for?`."""
NEGATED = regex(r"\b(?:never|not|no\slonger|always|cannot|\w+n['’]t)\b", re.IGNORECASE)
"""What is in a clause, and in the name of no thing: `model never stops`."""
CURES = frozenset({"fix", "fixes", "solution", "solutions", "cause", "causes", "reason", "remedy", "workaround"})
"""Labels of a table of troubles, which are often clauses that no verb gives away: `loss spikes`."""
ASKED_OF = regex(
    r"(?:[\w-]+\s){0,2}(?:applications?|approach(?:es)?|challenges?|characteristics?|components?|conclusions?|consequences?"
    r"|contributions?|downsides?|features?|functions?|hyperparameters?|ideas?|insights?|mechanisms?|methods?|parameters?|principles?"
    r"|problems?|properties|property|purposes?|requirements?|roles?|strengths?|structures?|tasks?|techniques?|use\scases?"
    r"|weakness(?:es)?|advantages?|disadvantages?|benefits?|drawbacks?|limitations?|goals?|steps?|loss(?:es)?|objectives?"
    r"|formulas?|function)",
    re.IGNORECASE,
)
"""An aspect of which it can be asked what it is of a thing, besides those of a label with its text."""
HAPPENS = regex(r"^(?:occurs?|happens?|arises?)\s+(?=(?:when|if)\b)", re.IGNORECASE)
"""What says when something is, and not what: asked as `When does … occur?`."""
SUITS = regex(r"^works?\s+(?P<how>(?:(?:really|very|quite)\s)?(?:well|best))\s+(?=(?:in|for|with|on)\b)", re.IGNORECASE)
"""What says where something is good: asked as `Where does … work well?`."""
SOLVES = regex(
    r"^(?:solves?|address(?:es)?|fix(?:es)?|handles?|mitigates?|tackles?)\s(?:this|it|that|these)(?:\s(?:problems?|issues?))?\sby\s(?=\S)",
    re.IGNORECASE,
)
"""How a thing begins that is done against a trouble told before: what is done stands behind it."""


DEFINED = regex(r"^(?:is\s)?(?:defined|known|described)\sas\s(?=\S)", re.IGNORECASE)


def told(text: str) -> str:
    """Return what is said of a thing without the words by which it is asked."""
    own = DEFINED.sub("", text)
    return without(SOLVES, without(SUITS, without(STANDS, without(HAPPENS, own))))


def lowered(text: str) -> str:
    """Return a phrase as it stands within a sentence: its article, if it has one, in lower case."""
    return ARTICLE.sub(lambda match: match[0].lower(), text)


def called(term: str) -> str:
    """Return a term as Markdown, its article outside of the emphasis."""
    article = ARTICLE.match(term)
    return article[0].lower() + named(term[article.end() :]) if article else named(term)


def aspect(label: str) -> str:
    """Return a label as a common noun: without article, a capitalised word in lower case."""
    return CAPITAL.sub(lambda match: match[0].lower(), ARTICLE.sub("", label))


def definition(concept: Definition) -> str:
    """Ask `What is LoRA?`, with its owner where it has one; nothing of what is named elsewhere, `Merits of this`."""
    owner = without_repeated(concept.owner, concept.term, "en")
    owned = owner and not (is_part_of(owner, concept.term) or is_part_of(concept.term, owner))
    many = _is_plural(concept.term)
    place = f" in {escaped(lowered(owner))}" if owned and not STATES.search(owner) else ""
    points = POINTS.search(concept.term)
    if points or (occasion := _of_kind(concept, place, "do" if many else "does")):
        return "" if points else occasion
    if _is_aspect_of(concept.term) and not (DEFINES.match(concept.text) and " of " in concept.term):
        return open_label(concept.term, owner if owned else "")
    first, _, rest = concept.text.partition(" ")
    first = first.lower() if f"{first[:1].lower()}{first[1:]}" in THIRD else first
    verb, _, object_ = concept.term.partition(" ")
    if verb.lower() in THIRD and FUNCTION.match(object_):
        return open_label(concept.term, owner if owned else "")
    if concept.acts or (first in THIRD and (first == "consists" or not rest.startswith("of "))):
        return f"What {'do' if many else 'does'} {called(concept.term)} do{place}?"
    does = ORDER.match(concept.term) and concept.term != concept.term.lower() and " " in concept.term
    if (
        does
        or (is_remark(concept.text) and not is_symbol(concept.term))
        or STATES.search(BRACKETS.sub("", concept.term))
        or (owned and not (DEFINES.match(concept.text) or is_symbol(concept.term)))
    ):
        return open_label(concept.term, owner if owned else "")
    verb = "are" if many else "is"
    return f"What {verb} {called(concept.term)}{place}?"


def _of_kind(concept: Definition, place: str, does: str) -> str:
    """Return when a term occurs, what it stands for, which parts it has, or how two differ, as a question, or empty."""
    if suits := SUITS.match(concept.text):
        return f"Where {does} {called(concept.term)} work {suits['how']}{place}?"
    if HAPPENS.match(concept.text):
        return f"When {does} {called(concept.term)} occur{place}?"
    if STANDS.match(concept.text):
        return f"What {does} {called(concept.term)} stand for{place}?"
    which = counted(concept.term, called)
    if which or not VERSUS.match(concept.term):
        return f"{which}{place}?" if which else compared(concept.term, concept.owner, called)
    return versus(concept.term, concept.text) or open_label(concept.term)


def _is_aspect_of(term: str) -> bool:
    """Whether a term is an aspect that holds somewhere, or several: `Drawbacks for code`, `Benefits of this method`."""
    head, *place = PREPOSITION.split(ARTICLE.sub("", term), maxsplit=1)
    return bool(place and ASPECT.match(head)) and (" of " not in term or head.endswith("s"))


def _is_plural(term: str) -> bool:
    """Whether a term is many things: `Hidden Layers (FFNs)`, `labels`; no `Reduction in Parameters`, no `Bayes`."""
    name = BRACKETS.sub("", term).strip()
    if PREPOSITION.search(name) or (" " not in name and name != name.lower()):
        return False
    return bool(PLURAL_NOUN.search(name.lower())) and not is_symbol(term)


def attribute(concept: Attribute) -> str:
    """Ask `What are the advantages of ZeRO?`."""
    subject, label, many = lowered(concept.subject), aspect(concept.label), len(concept.values) > 1
    if own := _formula(concept, subject, label) or compared(label, subject, called) or _steps(concept, label):
        return own
    in_order = concept.ordered and many and not (label[-1:] == "s" or STEPS.search(label) or ASPECT.match(label))
    if ASKING.match(label) or PLACED.match(label) or (in_order and label):
        asks = of_above(label, subject).rstrip("?") or f"{called(subject)}: {escaped(as_question(label)).rstrip('?')}"
        return f"{asks}{', in order' if concept.ordered and many else ''}?"
    if not label:
        return f"What are {called(subject)}?" if plural(subject) else f"What does {called(subject)} consist of?"
    if len(label.split()) > LONGEST_ASPECT:
        asks = ": which?" if many else ": what is the formula?" if concept.values[0].startswith("$") else ": […]"
        return f"{f'{escaped(subject)} — ' if subject else ''}{called(concept.label)}{asks}"
    inside, value = core(ARTICLE.sub("", subject)) in label.lower(), concept.values[0]
    plain = value[:1] in "$`" or (len(value.split()) <= PLAIN_VALUE and not label.endswith("s"))
    if not (many or inside or plain or ASPECT.match(FULL_FORMS.get(label, label)) or ASKED_OF.fullmatch(label)):
        return open_label(concept.label, subject)
    if many and not concept.ordered and not label.endswith("s"):
        label += "s"
    verb = "are" if label.endswith("s") and (many or bare(label) in PLURAL or plural(label)) else "is"
    whole = f"the **{escaped(label)}**" if inside else f"the **{escaped(label)}** of {called(subject)}"
    return f"What {verb} {whole}{', in order?' if concept.ordered and many else '?'}"


def _steps(concept: Attribute, label: str) -> str:
    """Ask for the steps of something, if that is what the label names; empty otherwise."""
    if not (concept.ordered and len(concept.values) > 1 and STEPS_OF.match(label)):
        return ""
    return f"What are the **{escaped(ARTICLE.sub('', label))}**, in order?"


def _formula(concept: Attribute, subject: str, label: str) -> str:
    """Return the question of a formula, by its left side, its name, or what it is of; empty for any other attribute."""
    if concept.asked == "formula" and label.startswith("$"):
        return f"What does {label} equal{f' in {escaped(subject)}' if subject else ''}?"
    if concept.values[0].startswith("$") and LEADS.match(label) and subject:
        return f"What is the formula of {called(subject)}?"
    return f"What does {called(concept.label)} equal?" if concept.asked == "formula" else ""


def setting(concept: Setting) -> str:
    """Ask `What is the knob of nucleus?`; a value that says yes or no is asked by its label."""
    if ACTS.match(concept.subject) or concept.subject.split(" ", 1)[0].lower() in THIRD:
        return f"{called(concept.label)}: {escaped(lowered(concept.subject))}?"
    if is_yes_or_no(concept.value) or ASKING.match(concept.label) or OPEN.search(concept.label):
        return f"{called(concept.subject)}: {escaped(concept.label.rstrip('?').lower())}?"
    clause = STATES.search(concept.subject) or NEGATED.search(concept.subject) or said_as_clause(concept.subject)
    cure = concept.label.lower() in CURES and " " in concept.subject
    if clause or cure or not ASPECT.match(concept.label):
        return open_label(concept.label, concept.subject)
    link = "for" if concept.label.lower() in {"fix", "solution", "workaround"} else "of"
    return f"What is the {named(aspect(concept.label))} {link} {escaped(lowered(concept.subject))}?"


def contrast(concept: Contrast) -> str:
    """Ask `How does LoRA differ from full fine-tuning?`."""
    if ASPECT.match(FULL_FORMS.get(concept.left.lower(), concept.left)):  # `Pros vs. prefix tuning`
        return ""
    front = f"How does {called(concept.left)} differ from {called(concept.right)}?"
    return f"{front} ({concept.part}/{concept.parts})" if concept.parts > 1 else front


def condition(concept: Condition) -> str:
    """Ask `rank: if memory is short, what should you choose?`; for its condition, `When: save a checkpoint?`."""
    if concept.asks_condition:
        return f"When: {concept.consequence}?"
    what = "should you choose" if is_advice(concept.consequence) else "happens"
    if ACTS.match(concept.consequence.lstrip("- ")):
        what = "should you do"
    if not concept.subject:
        return f"If {escaped(concept.condition)}, what {what}?"
    return f"{called(concept.subject)}: if {escaped(concept.condition)}, what {what}?"


def problem(concept: Problem) -> str:
    """Ask for what solves a problem; an exercise stands as it is."""
    if concept.exercise or "\n" in concept.problem or concept.problem.endswith("?"):
        return concept.problem
    return f"Problem: {concept.problem.rstrip('.')}. What solves it?"
