"""An attribute of the subject, under a label: one value, or a list of at most seven.

Before: `## N-Gram`, `- 特点：` over `- 容易理解，但是泛化性能较差`. After: the subject, the label, the values.
A list whose items have labels of their own gives its labels here, and each item to the rules after this one.
"""

import re
from collections.abc import Sequence

from ankillm.blocks import Block, Fence, List, Math, Paragraph, Picture
from ankillm.concepts.model import Attribute, Concept
from ankillm.concepts.pieces import PROSE_FENCES, Piece, split_label
from ankillm.concepts.scope import Scope, is_generic, is_name
from ankillm.concepts.words import CONDITIONAL, LISTS, STEPS, is_ignored
from ankillm.markdown import plain_text
from ankillm.patterns import regex

MOST_VALUES = 7
ORDINAL = regex(r"^(?:第.{1,3}|(?:步骤|阶段|step|stage|phase)\s*[\d一二三四五六七])", re.IGNORECASE)
SHORT, LONG_ITEM = 60, 24
MOST_FORMULA_LINES = 3


def attribute(piece: Piece, scope: Scope) -> list[Concept] | None:
    """Take a label that names an aspect, or one over a short list."""
    label = piece.label
    if not label or not scope.subject or is_ignored(label):
        return None
    if piece.text:
        return _beside(piece, scope)
    values, ordered = values_of(piece.body)
    if not values or len(values) > MOST_VALUES:
        return None
    if not is_generic(label) and not _answers(label, piece.body):
        return None
    if len(values) > 1 and label in values:
        return None
    if len(values) == 1:
        said, text, _ = split_label(values[0])
        values = (text,) if text and said == label else values
    ordered = ordered or bool(STEPS.search(label))
    return [Attribute(scope.place(piece), scope.subject, label, values, ordered)]


def _beside(piece: Piece, scope: Scope) -> list[Concept] | None:
    if not is_generic(piece.label) or piece.body:
        return None
    return [Attribute(scope.place(piece), scope.subject, piece.label, (piece.text,))]


def _answers(label: str, blocks: Sequence[Block]) -> bool:
    """Whether a body answers what its label asks for: a list that is announced, a picture, a formula, a statement."""
    if any(isinstance(block, List) for block in blocks):
        return is_name(label) and bool(LISTS.search(label))
    return is_name(label) and not scope_like(label)


def scope_like(label: str) -> bool:
    """Whether a label is a condition (`当设置为 True 时`) rather than a name."""
    return bool(CONDITIONAL.match(label))


def values_of(blocks: Sequence[Block]) -> tuple[tuple[str, ...], bool]:
    """Return the values that a body gives, as Markdown, and whether they are numbered; none for other bodies."""
    values: list[str] = []
    ordered = False
    for block in blocks:
        if isinstance(block, List):
            ordered = ordered or (block.ordered and len(block.items) > 1)
            if any(item.rest and item.text.rstrip().endswith(("：", ":")) for item in block.items):
                return (), False
            values += _values(block)
            if any(isinstance(inner, Fence) for item in block.items for inner in item.rest):
                return (), False
        elif isinstance(block, Paragraph | Picture | Math):
            values.append(block.text)
        elif (
            isinstance(block, Fence) and block.language in PROSE_FENCES and block.code.count("\n") <= MOST_FORMULA_LINES
        ):
            values.append(f"```\n{block.code.rstrip()}\n```")
        else:
            return (), False
    return tuple(values), ordered


def _values(block: List) -> list[str]:
    """Return the items of a list; where all have labels and some explain at length, the labels alone."""
    texts = [item.text for item in block.items if item.text]
    labels = [split_label(text)[0] for text in texts]
    named = all(label and is_name(label) and not ORDINAL.match(label) for label in labels)
    if len(texts) > 1 and named and max(map(len, texts)) > LONG_ITEM:
        return labels
    return [_value(text) for text in texts]


def _value(text: str) -> str:
    """Return an item's label where it has one and is long, else all of it."""
    label, said, _ = split_label(text)
    if label and is_name(label) and (not said or len(plain_text(text)) > SHORT):
        return label
    return text.rstrip("：: ")
