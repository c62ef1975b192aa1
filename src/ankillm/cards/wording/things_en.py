"""What an English label names: asked for what it is or does."""

from ankillm.cards.wording.cut import named_in, words
from ankillm.cards.wording.terms import LABEL_IN_CODE
from ankillm.cards.wording.topics_en import definite, plural
from ankillm.cards.wording.words_en import (
    ANY_CASE,
    BASES,
    BRACKETS,
    FINITE,
    LINKED,
    LONGEST_NAME,
    NUMBER,
    SHORTEST_TEXT,
    THIRD,
)
from ankillm.common.patterns import regex

DOING = regex(r"^[a-z]{3,}(?<!s)s\s(?:the|an?|its|all|every|each|only|how|into|to|\w+ly)\s")
COMMAND = regex(r"\s--?[a-z–]|\w\([\w=,\s]*\)|^[\w-]+ –")
NO_ANSWER = frozenset(
    "is are has have can cannot could may might must shall should will would"
    " no not yes only same because if when".split()
)
COUNTED = regex(r"\d+")
RELATIVE = regex(r"\b(?:that|which|who|whose|where|when|while|until|if)\b|[,;:(]|\s[–—-]\s")
NOUNS = regex(r"(?:output|input|score|cost|mean|average|sample|process|map|mask)\s|(?:set|sum|measure) of\b", ANY_CASE)
UPPER = regex("[A-Z]")
WORD_END = regex(r"[\s,;:]")
REMARK = regex(
    r"(?:about|around|roughly|up\sto|at\s(?:least|most)|only|just|over|under|mostly|usually|often|no|not)\s"
    r"|[~≈<>≤≥=+-]?\s?\d|[^,.;]*(?:→|⇒|-->|\s->)"
    r"|(?!an?\s)(?:\$[^$]+\$|`[^`]+`|[^\W\d_])\s(?:=|[a-z]+s\s)"
    r"|(?:from|by|if|when|because|since|so|but|on|at)\s"
    r"|(?!an?\s|the\s)[a-z]+\s(?:(?:is|are)\s)?(?:(?!need|speed|seed|feed|embed|used)[a-z]{2,}ed|set|split|kept|held|cut|put)\s"
    r"(?:by|to|at|as|in|into|over|per|on|with)\s",
    ANY_CASE,
)
"""What is remarked on a thing, and is not what it is: a number, steps, a letter of its own, `loss divided by …`."""
DETERMINED = regex(r"(?:the|an?|your|its)\s", ANY_CASE)
"""What stands behind a verb that orders: `Specify the model`."""
KIND = regex(r"[a-z-]+ing\s|\S+(?:\s\S+)?\s(?:of|that|which)\s|an?\s", ANY_CASE)
"""What a text begins with that says what a thing is, whatever follows."""
USED = regex(r"used\s(?!to\b|for\b|by\b|when\b|as\b)", ANY_CASE)
PREPOSITION = regex(r"(?:for|on|in|at|to|with|by)\s", ANY_CASE)


def said_as_clause(text: str) -> bool:
    """Whether a text is a clause with a subject and a verb of its own, not a noun phrase."""
    head = RELATIVE.split(text, maxsplit=1)[0].strip()
    return bool(FINITE.search(head)) and not head.lower().startswith(("a ", "an "))


def is_remark(text: str) -> bool:
    """Whether a text beside a name remarks on it instead of saying of which kind of thing it is."""
    if KIND.match(text):
        return False
    imperative = text.split(" ", 1)[0].lower() in BASES and not NOUNS.match(text)
    return bool(REMARK.match(text) or USED.match(text)) or imperative or said_as_clause(text)


def _full_name(label: str, subject: str) -> str:
    """Return a label as a name that stands alone, or as its subject has it; empty where it does not fit its subject."""
    low, whole = label.lower(), subject.lower()
    if not subject or low == whole:
        return subject or label
    # `Head 1` is one of many under `Multi-Head Attention`, and not the thing itself.
    if words(label) <= words(subject) and set(COUNTED.findall(label)) <= set(COUNTED.findall(subject)):
        inside = len(label) == 1 and whole.startswith(f"{low} in ")
        return subject if inside or (not LINKED.search(subject) and len(subject) < len(label) + 24) else ""
    if whole in low or named_in(subject, label):
        return label
    known = LABEL_IN_CODE.match(label) or (label[:1].isupper() and UPPER.search(label, 1))
    return f"{label} ({subject})" if known and len(subject) + len(label) <= LONGEST_NAME else ""


def thing(label: str, text: str, subject: str) -> str:
    """Return the question of what the thing named by a label is or does; empty where none fits."""
    name, first = _full_name(label, subject), WORD_END.split(text, maxsplit=1)[0].lower()
    if not name or NUMBER.match(text) or text[0].isdigit() or text[0] in "~≈<>":
        return ""
    many = plural(name)
    if first in NO_ANSWER or first.endswith("ing") or (many and len(text.split()) < SHORTEST_TEXT):
        return ""
    if DOING.match(text) or first in THIRD or (first in BASES and not NOUNS.match(text)):
        verb, _, rest = label.partition(" ")
        if verb.lower() in BASES and DETERMINED.match(rest):
            return f"How do you {verb.lower()} {rest}?"
        return f"What {'do' if many else 'does'} {definite(name)} do?"
    return _as_clause(label, name) if is_remark(text) else _as_noun(label, name, text, many=many)


def _as_clause(label: str, name: str) -> str:
    """Return the question of a name whose text is a clause of its own."""
    if LINKED.search(BRACKETS.sub("", name)):
        return ""
    if " " not in label and (label.islower() or LABEL_IN_CODE.match(label)):
        return f"What does {name} mean?"
    return f"{name}: […]"


def _as_noun(label: str, name: str, text: str, *, many: bool) -> str:
    """Return the question of a name whose text is a noun phrase."""
    if LABEL_IN_CODE.match(label):
        return f"What does {name} mean?"
    if COMMAND.search(text) or PREPOSITION.match(text):
        return ""
    return f"What {'are' if many else 'is'} {definite(name)}?"
