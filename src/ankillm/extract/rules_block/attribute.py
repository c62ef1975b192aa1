"""An attribute of the subject, under a label: one value, or a list of at most seven.

Before: `## N-Gram`, `- 特点：` over `- 容易理解，但是泛化性能较差`. After: the subject, the label, the values.
A list whose items have labels of their own gives its labels here, and each item to the rules after this one.
"""

import re
from collections.abc import Sequence

from ankillm.common.language import Language
from ankillm.common.patterns import regex
from ankillm.extract.concepts import Attribute, Concept
from ankillm.extract.labels import split_label
from ankillm.extract.pieces import PROSE_FENCES, Piece
from ankillm.extract.scope import Scope, is_generic, is_name, is_thing_or_aspect
from ankillm.extract.vocabulary import AIM, CONDITIONAL, LISTS, PLURAL, STEPS, bare, is_ignored, is_metadata
from ankillm.markdown.blocks import Block, CodeBlock, Image, List, Math, Paragraph
from ankillm.markdown.inline import escaped, plain_text
from ankillm.markdown.sentences import sentences
from ankillm.markdown.spans import split_outside

MOST_VALUES = 7
FOLLOWING = regex(
    r"^[^，,]*?(?:具有|拥有|有|存在|包括|包含|分为|分成|涉及|经过|经历)?(?:以下|如下)(?:[几一二两三四五六七\d]+)?[个种点类大条]?的?(?P<noun>[^，,。的]{2,10})$"
)
"""A label that announces: `它具有以下显著优势`."""
ORDINAL = regex(r"^(?:第.{1,3}|(?:步骤|阶段|step|stage|phase)\s*[\d一二三四五六七])", re.IGNORECASE)
CLAUSE_END = regex(r"[，；;]|,\s")
PAIRS = (("(", ")"), ("（", "）"), ("[", "]"))
OPENS = regex(r"(?:compared|given|if|when|while|since|as|for|in|unlike|instead)\b", re.IGNORECASE)
"""What a clause begins with that waits for the next one."""
SHORT, LONG_ITEM, LEAST_CLAUSE, LONGEST_ANSWER = 60, 24, 6, 200
LONGEST_LIST = {"zh": 220, "en": 330}
"""Characters of an answer that is a list, at most, with `MARK` for each item."""
MARK = len("- \n")
MOST_FORMULA_LINES = 3
BRACKETS = regex(r"\s*[（(]([^（()）]*)[)）]$")
PLACED = regex(r"^(?:in|with|on|for)\s|^在.*[里中上]$", re.IGNORECASE)
"""A label that says where something holds: `in peft`."""
COUNTED = regex(r"^[两二三四五六七2-7]\s*[个种类大点步]?\S{0,6}$")
CLAUSES = regex(r"[，,]\s*(?=\S)")
ONE_VERSION = regex(r"[A-Za-z\d]\s?(?:版本?|版本的?(?:配置|参数))$|[A-Za-z\d]\s(?:versions?|variants?)$", re.IGNORECASE)
"""A label that is one version of a thing, over its sizes: `175B 版本`."""
COUNTING = regex(r"^(\S{2,12}?)(?:[一总]?共|主要)?有([两二三四五六七2-7]\s*[个种类点])$")
NUMBER = regex(r"^\d{1,2}\s*[.．、)）]\s*(?=\D)")
SAYS = regex(r"(?:是|为)\s*[：:]")
"""A colon within a statement: what stands before it is no label."""
HOW = regex(r"how\b", re.IGNORECASE)
HAVING = regex(r"^(?:但是?|不过|然而|也|还|仍|却)*(?:[一总]?共|只|主要)?(?:有|存在)(?=[两二三四五六七])")
REMINDS = regex(
    r"(?:(?:别|不要|不能|千万别)(?:搞|弄|记)?(?:混淆?|错|反|忘记?)了?|(?:要|必须|一定要?)?(?:记住|牢记|分清|背下来|会背))$"
)
"""What reminds of a list at the end of its label: `HNSW 的三个参数别搞混`."""
WITH_COUNT = regex(
    r"^(?P<of>(?=[^的]*[A-Za-z])[^的，,：:]{1,24}?)\s?的(?P<count>[两二三四五六七2-7]\s?(?:个|种|类|大|步|层|点)[^的，,]{0,8})$"
)
"""A label that names a thing with how many it has of what is listed: `QLoRA 的三个要点`."""
SAID = regex(r"[，,]")
"""A label with a comma says something, and is no aspect whose value could stand below it."""


def attribute(piece: Piece, scope: Scope) -> list[Concept] | None:
    """Take a label that names an aspect, or one over a short list."""
    label = REMINDS.sub("", FOLLOWING.sub(r"\g<noun>", piece.label))
    if is_metadata(label):
        return []
    if label and not (is_thing_or_aspect(label) or announces_list(label)):
        return None
    if not label or not scope.subject or (is_ignored(label) and not (piece.text and AIM.match(label))):
        return None
    return _beside(piece, scope) if piece.text else _below(piece, scope, label)


def _below(piece: Piece, scope: Scope, label: str) -> list[Concept] | None:
    """Take a label over its values, or over a formula."""
    values, ordered = values_of(piece.body)
    if not values or len(values) > MOST_VALUES or not (is_generic(label) or _answers(label, piece.body)):
        return None
    if all(isinstance(block, Math) for block in piece.body):
        values = ("\n\n".join(values),)
    if ONE_VERSION.search(label) and all(split_label(value)[1] for value in values):
        return None
    sets = not STEPS.search(label) and all("=" in value for value in values)
    if len(values) > 1 and (label in values or sets):
        return None
    if len(values) == 1:
        said, text, _ = split_label(values[0])
        values = (text,) if text and said == label else values
    values = _shortened(values, scope.language)
    if (of := WITH_COUNT.match(label)) and is_name(of["of"]):
        return [Attribute(scope.place(piece), of["of"], of["count"], values, is_ordered(label, ordered=ordered))]
    asked = COUNTING.sub(r"\2\1", HAVING.sub("", FOLLOWING.sub(r"\g<noun>", CLAUSES.split(label)[-1])))
    return [Attribute(scope.place(piece), scope.subject, asked, values, is_ordered(label, ordered=ordered))]


def is_ordered(label: str, *, ordered: bool) -> bool:
    """Whether the order belongs to a list: it is one of steps, or numbered under a label that does not only count."""
    counts = bare(label) in PLURAL or announces_list(label)
    return bool(STEPS.search(label)) or (ordered and (bool(HOW.match(label)) or not counts))


def _shortened(values: tuple[str, ...], language: Language) -> tuple[str, ...]:
    """Return long values by their first sentences, or all by what they say first; whole where one cannot be cut."""
    if sum(map(len, values)) <= LONGEST_ANSWER:
        return values
    first = tuple(next(iter(sentences(value)), value) for value in values)
    if sum(map(len, first)) + MARK * len(first) <= LONGEST_LIST[language]:
        return first
    clauses = tuple(split_outside(CLAUSE_END, value)[0].strip() for value in values)
    cut = (clause for clause, value in zip(clauses, values, strict=True) if clause != value)
    return clauses if all(map(_is_clause, cut)) else values


def _is_clause(text: str) -> bool:
    """Whether a text may stand for what follows it: `No latency` for `No latency, since …`."""
    whole = text.count("`") % 2 == 0 and all(text.count(left) == text.count(right) for left, right in PAIRS)
    return len(text) >= LEAST_CLAUSE and whole and not OPENS.match(text)


def _beside(piece: Piece, scope: Scope) -> list[Concept] | None:
    placed = PLACED.match(piece.label) and len(piece.text) <= SHORT
    below, _ = values_of(piece.body)
    if not (is_generic(piece.label) or placed) or len(below) != sum(map(_length, piece.body)):
        return None
    if len(below) >= MOST_VALUES or len(piece.text) + sum(map(len, below)) > LONGEST_ANSWER:
        return None
    return [Attribute(scope.place(piece), scope.subject, piece.label, (piece.text, *below))]


def _length(block: Block) -> int:
    """Return the number of values that a block would give, if it were a list of them; never the one of any other."""
    return len(block.items) if isinstance(block, List) else -1


def _answers(label: str, blocks: Sequence[Block]) -> bool:
    """Whether a body answers what its label asks for: a list that is announced, a picture, a formula, a statement."""
    if not is_name(label):
        return False
    if any(isinstance(block, List) for block in blocks):
        return announces_list(label)
    return not (scope_like(label) or SAID.search(BRACKETS.sub("", label)))


def announces_list(label: str) -> bool:
    """Whether a label announces a list, before or within its brackets: `Prompt 的组成（四要素）`."""
    inner = BRACKETS.search(label)
    outside = label[: inner.start()] if inner else label
    counted = inner and COUNTED.match(inner[1])
    return bool(LISTS.search(label) or LISTS.search(outside) or STEPS.search(outside) or counted)


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
            if any(isinstance(inner, CodeBlock) for item in block.items for inner in item.rest):
                return (), False
        elif isinstance(block, Paragraph | Image | Math):
            values.append(block.text)
        elif (
            isinstance(block, CodeBlock)
            and block.language in PROSE_FENCES
            and block.code.count("\n") <= MOST_FORMULA_LINES
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
        return [escaped(label) for label in labels]
    return [_value(text) for text in texts]


def _value(text: str) -> str:
    """Return an item's label where it has one and is long, else all of it, without a number of its own."""
    text = NUMBER.sub("", text)
    label, said, _ = split_label(text)
    if label and is_name(label) and not SAYS.search(text) and (not said or len(plain_text(text)) > SHORT):
        return escaped(label)
    return text.rstrip("：: ")
