"""What no new card is made of, by what it is; one that was shipped stays."""

import re

from ankillm.common.patterns import one_of, regex
from ankillm.extract.concepts import Attribute, CodeGap, Concept, Definition, Question, Statement
from ankillm.extract.passage import Passage
from ankillm.extract.rules_code.formula import tells_its_quantity
from ankillm.extract.vocabulary import listed, speaks_of_itself
from ankillm.markdown.inline import plain_text

CITES = regex(r"\\?\[[^\[\]]{0,40}(?:19|20)\d\d[^\[\]]{0,40}\]\s?[\w-]+:\s")
"""A paper by its year and its name: `[2019 AAAI] DeRPN: Taking a further step toward …`."""
BLANK = regex(r"(?<![\w\\$])(?:\\?_){3,}(?!\w)")
"""What is left for somebody to fill in."""
LEADS = regex(
    r"(?:[如以]下\S{0,6}|例如|比如|即|推出|可[得知]|得到|有[两三四几]\S{0,6}|等于|写[成作为]|表示为|定义为|公式[为是]?|[是为]|包[括含]|分[为成]|有|决定|\d)\s*[：:]\s*$"
    r"|(?:\b(?:as\sfollows|following(?:\s\w+){0,3}|like|such\sas|e\.g\.|i\.e\.|is|are|by|that|where|equation|formula|example|equal\sto)|\d)\s*:\s*$",
    re.IGNORECASE,
)
"""How a sentence ends that only leads to what stands below it."""
STEPS = regex(r"步骤|\bsteps\b|\bprocedure\b", re.IGNORECASE)
"""What stands over steps."""
DEED = regex(
    rf"(?:{one_of((*listed('zh', 'orders'), *listed('zh', 'done')))})\S"
    rf"|(?:{one_of((*listed('en', 'orders'), *listed('en', 'done')))})\s",
    re.IGNORECASE,
)
"""How a step begins that tells what to do: `训练模型`, `Compute the loss`."""
SYMBOL = regex(r"\$[^$=<>]{1,30}\$[。.]?")
HELD_BY = regex(r"参数|特征|输入|输出|变量|(?:parameter|feature|input|output|variable)s?", re.IGNORECASE)
"""What a model has, for which a letter alone tells nothing: `参数 $\\theta$`."""
COUNTED = regex(
    rf"(?:{one_of(listed('zh', 'counted'))})\s?[\d一二三四五六七八九十]{{1,2}}"
    rf"|(?:{one_of(listed('en', 'counted'))})\s?\d{{1,2}}",
    re.IGNORECASE,
)
"""A label that only counts: `输出 1`."""


def is_untried(concept: Concept, passage: Passage) -> bool:
    """Whether no new card is made of what a rule found in a passage."""
    if isinstance(concept, Question):
        return False
    if any(map(speaks_of_itself, passage.titles)) or CITES.match(passage.text):
        return True
    if isinstance(concept, CodeGap):
        return _is_unnamed_formula(concept)
    if isinstance(concept, Statement) and (BLANK.search(passage.text) or LEADS.search(passage.text)):
        return True
    if isinstance(concept, Attribute) and SYMBOL.fullmatch(concept.values[0]) and HELD_BY.fullmatch(concept.label):
        return True
    label = _label_of(concept)
    counts = COUNTED.fullmatch(label or (passage.label if isinstance(concept, Statement) else ""))
    return bool(counts) or (bool(label) and _is_step(label, concept))


def _is_unnamed_formula(concept: CodeGap) -> bool:
    """Whether a concept is a formula in code whose line does not say what it computes."""
    return concept.asked == "formula" and not tells_its_quantity(concept)


def _label_of(concept: Concept) -> str:
    """Return the label beside which a concept's text stands; empty where it has none."""
    if isinstance(concept, Definition):
        return plain_text(concept.term)
    if isinstance(concept, Attribute):
        return plain_text(concept.label) if len(concept.values) == 1 else ""
    return concept.label if isinstance(concept, Statement) else ""


def _is_step(label: str, concept: Concept) -> bool:
    """Whether a label is one of the steps that the line above it announces, and no thing that has a meaning."""
    above = (*concept.place.path, *concept.place.labels)
    return (
        bool(above) and any(STEPS.search(title) for title in above[-2:] if title != label) and bool(DEED.match(label))
    )
