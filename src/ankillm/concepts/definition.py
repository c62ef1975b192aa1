"""A definition: under a label that says so, or in running prose.

Before: `## N-Gram` and `- 定义：` over a fence of prose; `LoRA is a way to …`; `P-Tuning 是一种微调方法`.
After: the term, and what it is.
"""

import re

from ankillm.concepts.model import Attribute, Concept, Definition
from ankillm.concepts.pieces import Piece, pieces
from ankillm.concepts.scope import Scope, is_generic, is_name
from ankillm.concepts.words import DEFINITION, POINTING, bare
from ankillm.markdown import plain_text

LONGEST_TERM = 40
ZH = re.compile(
    r"""^(?P<term>[^，。：:；;！？?]{1,40}?)\s*[，,]?\s*
      (?P<verb>是(?:由|在|基于|一种|一个|一类|一项|一套|一组|指|用来|用于|为了|对|将|把|通过|目前|最|20\d\d)|就是|指的是|是指|即为|也就是|又称|全称(?:是|为)?|表示|用来|用于|负责|决定)
      (?P<text>.+)$""",
    re.VERBOSE | re.DOTALL,
)
EN = re.compile(
    r"""^(?P<term>(?:(?:the|an?)\s+)?[^,.:;!?]{1,60}?)\s+
      (?P<verb>(?:is|are)\s+(?=an?\b|the\b|one\s+of\b|defined\b|used\b|basically\b|simply\b|just\b)|refers?\s+to|means?|stands?\s+for|denotes?|describes?)
      \s*(?P<text>.+)$""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
KEPT_VERBS = re.compile(r"^(又称|全称|stands?\s+for)", re.IGNORECASE)
OWN = re.compile(
    r"^(?:这|它|其|该参数|该方法|该函数)?\s*(?:是|就是|指的是|是指|表示|用来|用于|指|决定|负责)\s*(?P<text>.+)$",
    re.DOTALL,
)
OWN_EN = re.compile(
    r"^(?:(?:it|this)\s+)?(?:is|are|means|refers\s+to|denotes|stands\s+for)\s+(?P<text>.+)$", re.DOTALL | re.IGNORECASE
)


def defined(text: str) -> tuple[str, str] | None:
    """Split a sentence that defines its subject into the term and what it is; None if it does not."""
    plain = text.strip()
    match = ZH.match(plain) or EN.match(plain)
    if not match:
        return None
    term = re.sub(r"^(?:所谓|其中|而|但|the|an?)\s*(?=\S)", "", match["term"], flags=re.IGNORECASE).strip(" ，,")
    name = plain_text(term)
    if not name or len(name) > LONGEST_TERM or not is_name(name) or is_generic(name) or len(name.split()) > 6:  # noqa: PLR2004  (words of a term)
        return None
    verb = match["verb"].strip()
    kept = verb if KEPT_VERBS.match(verb) else re.sub(r"^(?:就是|也就是|是指|指的是|即为|是|is|are)\s*", "", verb)
    return name, f"{kept}{match['text']}".strip()


def own_definition(text: str) -> str | None:
    """Return what a sentence without a subject of its own says of the subject: `这是一个布尔值参数，决定…`."""
    match = OWN.match(text.strip()) or OWN_EN.match(text.strip())
    return match["text"].strip() if match else None


def definition(piece: Piece, scope: Scope) -> list[Concept] | None:
    """Take a body under a label such as `定义`, or a sentence that defines."""
    if piece.label and bare(piece.label) in DEFINITION and scope.subject:
        return _labelled(piece, scope)
    if piece.label or not piece.text:
        return None
    if found := defined(piece.text):
        return [Definition(scope.place(piece), *found)]
    if scope.subject and not scope.labels and (text := own_definition(piece.text)):
        return [Definition(scope.place(piece), scope.subject, text)]
    return None


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
