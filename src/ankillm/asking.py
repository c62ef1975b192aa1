"""How each concept is asked: concept → card, in Chinese or English."""

import re
from functools import singledispatch

from ankillm.cards import Card, Gap
from ankillm.concepts.model import (
    Attribute,
    Blank,
    CodeGap,
    Concept,
    Condition,
    Contrast,
    Definition,
    Problem,
    Question,
    Setting,
)
from ankillm.concepts.pieces import bulleted
from ankillm.concepts.words import PLURAL, bare
from ankillm.markdown import plain_text
from ankillm.messages import Span
from ankillm.notes import Language, Note
from ankillm.sentences import brief

IDENTIFIER = re.compile(r"^[A-Za-z_][\w.]*(?:_\w|\.\w|\(\))[\w.()]*$|^[a-z]$")
ACTS = re.compile(
    r"^(采用|使用|通过|为了|基于|利用|支持|引入|由|将|把|用|在|对|uses?|using|by|with|based)\b|^(采用|使用|通过|为了|基于|利用)"
)
MARKUP = re.compile(r"([*_`<>\\\[\]])")
ESCAPED = r"\\\1"
ARTICLE = re.compile(r"^(?:the|an?)\s+(?=\S)", re.IGNORECASE)
LONG_TERM = 4
YES_NO = re.compile(
    r"^(?:yes|no|true|false|是|否|有|无|支持|不支持|可以|不可以|不能|能|✓|✗|✅|❌|√|×)[。.]?$", re.IGNORECASE
)
ADVICE = re.compile(r"建议|设置?为|可以|应该?|选|使?用|取|\b(?:set|use|choose|try|pick|should)\b", re.IGNORECASE)
CAPITAL = re.compile(r"^[A-Z](?=[a-z]+\b)")
NUMBER = re.compile(r"^[~≈约]?\s*[\d.]")
CLOZE = re.compile(
    r"\{\{c(?P<number>[1-9]\d{0,2})::(?P<text>(?:(?!\{\{|\}\}|::).)+)(?:::(?P<hint>(?:(?!\}\}).)*))?\}\}", re.DOTALL
)
COUNTED = re.compile(r"^[一二两三四五六七\d]+\s*[种类个大部]")


def ask(concept: Concept, note: Note) -> Card:
    """Return the card of a concept; its deck and tags are the pipeline's."""
    kind, question, front, back, name = _asked(concept, note.language)
    gaps: tuple[Gap, ...] = ()
    code = ""
    if isinstance(concept, CodeGap):
        gaps, code = (Gap(concept.start, concept.end),), concept.language or "text"
    elif isinstance(concept, Blank):
        front, gaps = read_gaps(concept.text)
    place = concept.place
    return Card(
        kind="cloze" if kind == "cloze" else "basic",
        question=question,
        front=front,
        back=back,
        name=name,
        note=note.path,
        section=place.path,
        context=place.path,
        source=Span(note.file, place.line, place.end),
        deck="",
        language=note.language,
        gaps=gaps,
        code=code,
        tags=place.steer.tags,
        id=place.steer.id,
        references=note.references,
    )


def read_gaps(text: str) -> tuple[str, tuple[Gap, ...]]:
    """Take Anki's cloze marks out of a text: the text with the gaps filled, and where they are."""
    out, gaps, at = "", [], 0
    for match in CLOZE.finditer(text):
        out += text[at : match.start()]
        gaps.append(Gap(len(out), len(out) + len(match["text"]), int(match["number"]), match["hint"] or ""))
        out += match["text"]
        at = match.end()
    return out + text[at:], tuple(gaps)


def named(term: str) -> str:
    """Return a term as Markdown: an identifier as code, anything else in bold."""
    if article := ARTICLE.match(term):
        return article[0].lower() + named(term[article.end() :])
    if IDENTIFIER.match(term):
        return f"`{term}`"
    return f"**{MARKUP.sub(ESCAPED, term)}**"


Asked = tuple[str, str, str, str, str]
"""Kind, how it is asked, front, back, name."""


@singledispatch
def _asked(concept: Concept, language: Language) -> Asked:
    raise TypeError(concept, language)


@_asked.register
def _(concept: Definition, language: Language) -> Asked:
    term, owner = named(concept.term), concept.owner
    owned = owner and owner not in concept.term and (concept.term not in owner or len(concept.term) < LONG_TERM)
    acts = bool(ACTS.match(concept.text))
    if language == "zh":
        what = "是怎样的" if acts and owned else "是什么"
        front = f"{owner} 中，{term} {what}？" if owned else f"{term} 是什么？"
    else:
        owner = ARTICLE.sub(lambda match: match[0].lower(), owner)
        front = f"What is {term} in {owner}?" if owned else f"What is {term}?"
    return "basic", "definition", front, brief(concept.text), concept.term


@_asked.register
def _(concept: Attribute, language: Language) -> Asked:
    return (
        "basic",
        "order" if concept.ordered else concept.asked,
        _attribute_zh(concept) if language == "zh" else _attribute_en(concept),
        brief(concept.values[0]) if len(concept.values) == 1 else bulleted(concept.values, ordered=concept.ordered),
        concept.label,
    )


def _attribute_zh(concept: Attribute) -> str:
    subject, label, many = concept.subject, concept.label, len(concept.values) > 1
    alone = subject.lower() in label.lower() or "的" in label
    if concept.asked == "formula":
        return f"{named(label)} 怎么计算？"
    whole = f"**{label}**" if alone else f"**{subject}** 的**{label}**"
    if COUNTED.match(label):
        return f"**{subject}** 分为哪{label}？"
    if not label:
        return f"**{subject}** 由哪几部分组成？"
    if concept.ordered and many:
        return f"{whole}依次是什么？"
    return f"{whole}有哪些？" if many else f"{whole}是什么？"


def _attribute_en(concept: Attribute) -> str:
    subject, label, many = concept.subject, concept.label, len(concept.values) > 1
    subject = ARTICLE.sub(lambda match: match[0].lower(), subject)
    if concept.asked == "formula":
        return f"What is the formula for {named(label)}?"
    if not label:
        return f"What does **{subject}** consist of?"
    label = CAPITAL.sub(lambda match: match[0].lower(), label)
    plural = many or bare(label) in PLURAL
    verb = "are" if plural else "is"
    label = ARTICLE.sub("", label)
    whole = f"the **{label}**" if subject.lower() in label.lower() else f"the **{label}** of **{subject}**"
    tail = ", in order?" if concept.ordered and many else "?"
    return f"What {verb} {whole}{tail}"


@_asked.register
def _(concept: Setting, language: Language) -> Asked:
    label = named(concept.label)
    if YES_NO.match(plain_text(concept.value)):
        label = label.replace("?", "").replace("？", "")
        front = f"{concept.subject}：{label}？" if language == "zh" else f"{concept.subject}: {label}?"
    elif language == "zh":
        what = "多少" if NUMBER.match(plain_text(concept.value)) else "什么"
        front = f"{concept.subject} 的 {label} 是{what}？"
    else:
        label = named(CAPITAL.sub(lambda match: match[0].lower(), concept.label))
        front = f"What is the {label} of {concept.subject}?"
    return "basic", "value", front, concept.value, f"{concept.subject}:{concept.label}"


@_asked.register
def _(concept: Question, language: Language) -> Asked:
    mark = "？" if language == "zh" else "?"
    front = concept.question if concept.question.endswith(("?", "？")) else concept.question + mark
    return "basic", "question", front, concept.answer, concept.question


@_asked.register
def _(concept: Contrast, language: Language) -> Asked:
    left, right = named(concept.left), named(concept.right)
    front = f"与 {right} 相比，{left} 有什么不同？" if language == "zh" else f"How does {left} differ from {right}?"
    if concept.parts > 1:
        front += f" ({concept.part}/{concept.parts})"
    return "basic", "contrast", front, concept.text, f"{concept.left}/{concept.right}"


@_asked.register
def _(concept: Condition, language: Language) -> Asked:
    about = f"{named(concept.subject)}：" if language == "zh" else f"{named(concept.subject)}: "
    if concept.asks_condition:
        front = f"什么情况下{concept.consequence}？" if language == "zh" else f"When: {concept.consequence}?"
        return "basic", "condition", front, concept.condition, concept.consequence
    advice = bool(ADVICE.search(concept.consequence)) and "\n" not in concept.consequence
    if language == "zh":
        front = f"{about}如果{concept.condition}，{'应该怎么设置' if advice else '会怎样'}？"
    else:
        front = f"{about}if {concept.condition}, {'what should you choose' if advice else 'what happens'}?"
    return "basic", "condition", front, concept.consequence, concept.condition


@_asked.register
def _(concept: CodeGap, language: Language) -> Asked:  # noqa: ARG001  (code is asked alike in every language)
    return "cloze", concept.asked, concept.code, "", concept.name


@_asked.register
def _(concept: Blank, language: Language) -> Asked:  # noqa: ARG001  (the author's words are the question)
    return "cloze", "value" if concept.name else "cloze", concept.text, "", concept.name


@_asked.register
def _(concept: Problem, language: Language) -> Asked:
    front = concept.problem if concept.exercise else _problem(concept.problem, language)
    return "basic", "problem", front, concept.solution, plain_text(concept.problem)[:40]


def _problem(problem: str, language: Language) -> str:
    if "\n" in problem or problem.endswith(("?", "？")):
        return problem
    return (
        f"{problem.rstrip('。')}：怎么解决？"
        if language == "zh"
        else f"Problem: {problem.rstrip('.')}. What solves it?"
    )
