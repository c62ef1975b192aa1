"""What no new card is made of, by what it is; one that was shipped stays."""

import re

from msgspec import Struct

from ankillm.common.patterns import one_of, regex
from ankillm.extract.concepts import Attribute, CodeGap, Concept, Definition, Question, Statement
from ankillm.extract.floors import is_named_in_training
from ankillm.extract.passage import Passage
from ankillm.extract.rules_code.formula import tells_its_quantity
from ankillm.extract.vocabulary import listed, only_counts, speaks_of_itself
from ankillm.markdown.inline import plain_text

CITES = regex(r"[*\\]{0,3}\[[^\[\]]{0,40}(?:19|20)\d\d[^\[\]]{0,40}\]\s?[A-Za-z][^：:\n]{0,60}(?::\s|：|$)")
"""A paper by its year and its name: `[2019 AAAI] DeRPN: Taking a further step toward …`."""
BLANK = regex(r"(?<![\w\\$])(?:\\?_){3,}(?!\w)")
"""What is left for somebody to fill in."""
SHORTEST_BLANK = 3
LOOP = ("zero_grad(", ".backward(", ".step(")
"""Calls in a fixed order that tell nothing of what they train."""
LEADS = regex(
    r"(?:[如以]下\S{0,6}|例如|比如|即|推出|可[得知]|得到|有[两三四几]\S{0,6}|等于|写[成作为]|表示为|定义为|公式[为是]?|[是为]|包[括含]|分[为成]|有|决定|\d)\s*[：:]\s*$"
    r"|(?:\b(?:as\sfollows|following(?:\s\w+){0,3}|like|such\sas|e\.g\.|i\.e\.|is|are|by|that|where|equation|formula|example|equal\sto)|\d)\s*:\s*$",
    re.IGNORECASE,
)
"""How a sentence ends that only leads to what stands below it."""
PROMPTED = regex(r"(?:example\s)?(?:prompts?|completions?)\s?\d*\s?[:：]?", re.IGNORECASE)
"""A title over what a model is given, or gives back."""
FILE = regex(r"^`?(?=[^.]*[_/])[\w./-]+\.(?:py|ipynb|sh|cu)`?$")
"""A file of a project, over what stands in it."""
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
MERIT = regex(r"优势|advantages?", re.IGNORECASE)
"""What is good of a method, and in reinforcement learning a quantity: its formula tells of no merit."""
YOURS = regex(
    r"(?:你|您)(?:自己)?(?:的|保存|存放|想要?|要|指定|所?使用|下载)|(?:the\s(?:path|name|directory)\s(?:to|of)\s)?your\s",
    re.IGNORECASE,
)
"""What a placeholder in a command stands for: `你保存日志文件的路径`."""
OPTION = regex(r"^[`-]|[_`]|^[A-Z_]+$")
"""What a command takes."""
CLAUSE_CUT = regex(r"(?:即[使便]|就算|哪怕|可[见知得]|得[出知]|看[到出]|意味着)$")
"""How a clause ends that goes on with a copula, and is no term: `成功地展示了即使 [是 …]`."""
JOINS = regex(
    r"除(?:了|此)(?:之外|以外|常见的?|上述|以上|这些)?\S{0,2}|此外|另外|(?:besides|apart\sfrom)(?:\s(?:this|these|that|those))?"
    r"|in\saddition",
    re.IGNORECASE,
)
"""A label that only joins what it stands over to what was told before: `除了常见的：`."""
COLONS = frozenset({"：", ":"})


class Untried(Struct, frozen=True):
    """What is known of a passage, of whose concepts some give no new card."""

    prompted: bool
    """Whether it is what a model was given, or gave back: even its questions are."""
    whole: bool
    """Whether nothing but questions is asked of it: it tells of a project, is a paper's title, or leaves a blank."""
    leads: bool
    """Whether no statement of it is asked: it only leads on."""
    of_steps: bool
    """Whether a line above it announces steps."""

    def holds(self, concept: Concept) -> bool:
        """Whether no new card is made of what a rule found in the passage."""
        if isinstance(concept, Question):
            return self.prompted
        if self.whole:
            return True
        if isinstance(concept, CodeGap):
            computed = concept.asked == "formula" and not tells_its_quantity(concept)
            return _is_bare_loop(concept) or computed or (concept.asked == "code" and not is_named_in_training(concept))
        if isinstance(concept, Statement):
            counted = bool(concept.label) and only_counts(concept.label)
            joins = counted or bool(JOINS.fullmatch(concept.label.strip("*：: ")))
            return self.leads or joins or (self.of_steps and bool(DEED.match(concept.label)))
        label = _label_of(concept)
        if not label or (isinstance(concept, Definition) and _is_no_term(label, concept)):
            return bool(label)
        step = self.of_steps and _is_step(label, concept)
        return step or only_counts(label) or (isinstance(concept, Attribute) and _is_letter(concept))


def untried(passage: Passage) -> Untried:
    """Return what is known of a passage."""
    of_itself = any(map(speaks_of_itself, (*passage.titles, *passage.labels))) or any(
        map(FILE.search, passage.titles[1:])
    )
    text = passage.text
    return Untried(
        prompted=any(map(PROMPTED.fullmatch, (*passage.titles, *passage.labels)[-1:])),
        whole=of_itself
        or ("]" in text and bool(CITES.match(text)))
        or (text.count("_") >= SHORTEST_BLANK and bool(BLANK.search(text))),
        leads=text.rstrip()[-1:] in COLONS and bool(LEADS.search(text)),
        of_steps=any(map(STEPS.search, passage.labels)),
    )


def _is_no_term(label: str, concept: Definition) -> bool:
    """Whether a term is a clause that was cut, or stands for what only its reader can know."""
    return bool(CLAUSE_CUT.search(label) or (OPTION.search(label) and YOURS.match(concept.text)))


def _is_bare_loop(concept: CodeGap) -> bool:
    """Whether a gap is in nothing but the three calls that every training loop has: clear, backward, step."""
    calls = concept.code.split("\n")
    return (
        concept.asked == "order"
        and len(calls) == len(LOOP)
        and all(sum(part in call for call in calls) == 1 for part in LOOP)
    )


def _is_letter(concept: Attribute) -> bool:
    """Whether a letter alone is told of what a model has, or a formula as what is good of it."""
    value = concept.values[0].rstrip("。.")
    if MERIT.fullmatch(concept.label):
        return len(concept.values) == 1 and value[:1] == value[-1:] == "$"
    return bool(SYMBOL.fullmatch(value) and HELD_BY.fullmatch(concept.label))


def _label_of(concept: Concept) -> str:
    """Return the label beside which a concept's text stands; empty where it has none."""
    if isinstance(concept, Definition):
        return plain_text(concept.term)
    if isinstance(concept, Attribute):
        return plain_text(concept.label) if len(concept.values) == 1 else ""
    return ""


def _is_step(label: str, concept: Concept) -> bool:
    """Whether a label is one of the steps that the line above it announces, and no thing that has a meaning."""
    above = (*concept.place.path, *concept.place.labels)
    return (
        bool(above) and any(STEPS.search(title) for title in above[-2:] if title != label) and bool(DEED.match(label))
    )
