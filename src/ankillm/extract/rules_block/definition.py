"""A definition: under a label that says so, or in running prose.

Before: `## N-Gram` and `- 定义：` over a fence of prose; `LoRA is a way to …`; `P-Tuning 是一种微调方法`.
After: the term, and what it is.
"""

import re
from collections.abc import Iterator

from msgspec.structs import replace

from ankillm.common.patterns import SEMICOLON, regex, without
from ankillm.extract.concepts import Attribute, Concept, Definition
from ankillm.extract.defining import KEPT_VERBS, QUOTED, defined, own_definition
from ankillm.extract.pieces import Piece, pieces
from ankillm.extract.scope import ANNOUNCES, Scope
from ankillm.extract.unfinished import hangs, with_formula
from ankillm.extract.vocabulary import DEFINITION, POINTING, bare
from ankillm.markdown.inline import plain_text
from ankillm.markdown.sentences import joined, sentences
from ankillm.markdown.spans import split_outside

SYMBOL = r"[`$]?[A-Za-zα-ω]\w{0,3}[`$]?\s*是"
SYMBOLS = regex(rf"^(?:其中)?[，,]?\s*{SYMBOL}[^，,。]+(?:[，,；;]\s*{SYMBOL}[^，,。]+)+[。.]?$")
"""What the letters of a formula are: `w 是预热步数，T 是总步数`."""
SYMBOL_ALONE = regex(r"\$[^$]{1,24}\$|`[^`]{1,8}`|[A-Za-zα-ω]\w{0,2}")
LETTER = regex(r"\$[^$]{1,24}\$|`[^`]{1,8}`|[A-Za-zα-ω](?:_\w|\d)?")
"""A letter, which no abbreviation of three is: `NLP`."""
NEXT_SYMBOL = regex(
    r"\s*[,，;；、]\s*(?:and\s+|where\s+)?(?=(?:\$[^$]{1,24}\$|`[^`]{1,8}`|[A-Za-zα-ω]\w{0,2})\s*(?:is|are|denotes|是|为|表示)(?![a-z]))"
)
"""Where a sentence on the letters of a formula goes on to the next."""
SNAKE = regex(r"[a-z][a-z\d]*(?:_[a-z\d]+)+")
"""An identifier, which is of a class or a call."""
SAID = regex(r"^说[，,：:]\s*")
SURELY = regex(r"^.{2,16}?(?:就是|是指|指的是|是一种)")
CORE = regex(r"\s*[（(].*$|(?:微调|模型|方法|算法)$")
CLAUSES = regex(r"[，,；;]\s*")
COMMAS = ("，", ",")
IS = regex(r"\S{0,4}\s*(?:则|就|也)?是.+$")
THE = regex(r"(?:the\s+)?", re.IGNORECASE)
ACTS = regex(
    r"(?:\s*\([^)]*\))?\s+(?P<text>(?!is\b|was\b|has\b|does\b"
    r"|\w+s\s(?:is|are|was|were|have|has|can|will|may|might|must|should|do|does|that|which|of|like|such)\b)\w+s\s.+)$",
    re.IGNORECASE | re.DOTALL,
)
"""What a name does: no noun behind it, of which something is said (`Exploration strategies are …`)."""
VERB = regex(r"[a-z]{2,}(?<![su])s\s\S")
LONGEST_VERB = 32
NUMBER = regex(r"(?:the\s+)?(?:factor\s+(?:of\s+)?)?[$`]?\d[\d.,]*[$`]?", re.IGNORECASE)
"""A number of a formula, which says nothing without it: `the 2 stands for K and V`."""
LETTERS = regex(r"where\s", re.IGNORECASE)
"""What begins a sentence on the letters of a formula above it."""


def definition(piece: Piece, scope: Scope) -> list[Concept] | None:
    """Take a body under a label such as `定义`, or a text with a sentence that defines."""
    if piece.label and bare(piece.label) in DEFINITION and scope.subject:
        return _labelled(piece, scope)
    if piece.label and piece.text and (quoted := QUOTED.search(f"{piece.label}：{piece.text}")):
        return [Definition(scope.place(piece), quoted["term"], quoted["text"])]
    if piece.label and piece.text and ANNOUNCES.search(piece.label):
        return _in_clauses(piece, scope)
    if piece.label or not piece.text or plain_text(piece.text).endswith(("：", ":", "？", "?")):
        return None
    if SYMBOLS.match(piece.text) or hangs(plain_text(piece.text), piece.body):
        return _in_clauses(piece, scope) if SYMBOLS.match(piece.text) else _over_formula(piece, scope)
    found = [
        _owned(Definition(scope.place(piece), *_alone(*pair), acts=_acts(piece.text, *pair)), scope)
        for pair in _in_sentences(piece.text, scope)
    ]
    if not found and scope.subject and not scope.labels and (text := own_definition(piece.text)):
        found = [Definition(scope.place(piece), scope.subject, text)]
    return list(found) or None


def _over_formula(piece: Piece, scope: Scope) -> list[Concept] | None:
    """Return what the last sentence of a text defines that only the formula below it ends."""
    pair = defined(sentences(piece.text)[-1])
    said = with_formula(pair[1], piece.body) if pair else ""
    return [Definition(scope.place(piece), pair[0], said)] if pair and said else None


def _owned(concept: Definition, scope: Scope) -> Definition:
    """Return a definition of an identifier with the thing whose it is: `base_layer` of `Linear4bit`."""
    return replace(concept, owner=scope.owner) if SNAKE.fullmatch(concept.term.strip("`")) else concept


def _in_clauses(piece: Piece, scope: Scope) -> list[Concept] | None:
    """Return what each clause behind a label that only counts defines: `记忆分两种：短期记忆就是…，长期记忆是…`."""
    pairs = [pair for clause in split_outside(CLAUSES, piece.text) if (pair := defined(clause))]
    return [Definition(scope.place(piece), *pair) for pair in pairs] or None


def _in_sentences(text: str, scope: Scope) -> Iterator[tuple[str, str]]:
    """Yield what each sentence defines; the first keeps what follows it as far as an answer may be long."""
    parts = sentences(text)
    core = CORE.sub("", scope.subject)
    for at, part in enumerate(parts):
        pair = defined(part) or (_of_subject(part, core, scope.subject) if core else None) or _in_clause(part)
        if pair and not NUMBER.fullmatch(pair[0]):
            alone = at or LETTERS.match(part) or KEPT_VERBS.match(pair[1]) or any(map(defined, parts[1:]))
            more = () if alone else parts[1:]
            yield pair[0], joined([pair[1], *more])


def _acts(text: str, term: str, said: str) -> bool:
    """Whether what is said of a term is what it does, and stands right behind it."""
    at = text.find(said[:LONGEST_VERB]) if VERB.match(said) else -1
    before = text[: max(at, 0)].rstrip(" `*_")
    return bool(before) and (before.endswith(")") or term.lower().endswith(before.lower()[-len(term) :]))


def _alone(term: str, text: str) -> tuple[str, str]:
    """Return a definition of a letter without the next one of the formula, and without the sentences behind it."""
    text = without(SAID, text)
    if not SYMBOL_ALONE.fullmatch(term):
        return term, text
    text = NEXT_SYMBOL.split(text, maxsplit=1)[0]
    return term, sentences(text)[0] if text.strip() and LETTER.fullmatch(term) else text


def _in_clause(sentence: str) -> tuple[str, str] | None:
    """Return what a later clause of a sentence defines: `…；双重量化就是对量化常数再做一次量化`."""
    for clause in split_outside(SEMICOLON, sentence)[1:]:
        if SURELY.search(clause) and (pair := defined(clause)):
            return pair
    return None


def _of_subject(sentence: str, core: str, subject: str) -> tuple[str, str] | None:
    """Return what a sentence says of the subject: `…，LoRA 则是…` anywhere, `LoRA trains …` at its start."""
    at = sentence.find(core)
    while at >= 0:
        if sentence[:at].rstrip()[-1:] in COMMAS and IS.match(sentence, at + len(core)):
            if pair := defined(sentence[at:]):
                return pair
            break
        at = sentence.find(core, at + 1)
    start = THE.match(sentence).end()  # type: ignore[union-attr]  # it matches nothing too
    said = sentence[start : start + len(core)].lower() == core.lower() and ACTS.match(sentence, start + len(core))
    return (subject, said["text"]) if said else None


def _labelled(piece: Piece, scope: Scope) -> list[Concept] | None:
    """Return one definition for the first statement, and an attribute for each further one with a label of its own."""
    if piece.text:
        return [Definition(scope.place(piece), scope.subject, _said(piece.text, scope.subject))]
    found: list[Concept] = []
    for inner in pieces(piece.body):
        if not inner.text or not isinstance(inner.body, tuple):
            continue
        if not found:
            label_is_part = inner.label and bare(inner.label) not in DEFINITION
            text = f"{inner.label}：{inner.text}" if label_is_part else inner.text
            found.append(Definition(scope.place(inner), scope.subject, _said(text, scope.subject)))
        elif inner.label:
            found.append(Attribute(scope.place(inner), scope.subject, inner.label, (inner.text,)))
    return found or None


def _said(text: str, subject: str) -> str:
    """Drop the subject from the start of its own definition: `Qwen是由…` becomes `由…`."""
    found = defined(text)
    related = found and (found[0] in subject or subject in found[0] or POINTING.match(found[0]))
    return found[1] if found and related else text
