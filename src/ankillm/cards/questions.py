"""How each concept is asked: concept → card, in Chinese or English."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache, singledispatch

from msgspec.structs import replace

from ankillm.cards.asides import without_put_off, without_question, without_reference
from ankillm.cards.authors_questions import ASKED, asked_alone, fuller, of_topic
from ankillm.cards.card import Card, Gap
from ankillm.cards.tags import own_tags
from ankillm.cards.wording import en, zh
from ankillm.cards.wording.statement import asked
from ankillm.cards.wording.terms import is_symbol
from ankillm.cards.wording.words_zh import SAYS_NOTHING
from ankillm.cards.wording.zh import SPELT_OUT
from ankillm.common.diagnostics import Span
from ankillm.common.language import Language
from ankillm.common.patterns import regex, without
from ankillm.extract.bare import as_markdown, spoken
from ankillm.extract.concepts import (
    Attribute,
    Blank,
    CodeGap,
    Concept,
    Condition,
    Contrast,
    Definition,
    Place,
    Problem,
    Question,
    Setting,
    Statement,
)
from ankillm.extract.defining import names_kind_alone
from ankillm.extract.passage import Passage
from ankillm.extract.scope import is_generic
from ankillm.extract.subject import thing_above
from ankillm.extract.title_names import is_common, is_part, stands_alone
from ankillm.extract.told_of import own_clauses, own_letter, own_part
from ankillm.extract.topic import asked_about
from ankillm.extract.vocabulary import IN_BRACKETS, without_lead
from ankillm.markdown.gaps import filled_gaps
from ankillm.markdown.inline import escaped, plain_text
from ankillm.markdown.note import Note, tags_at
from ankillm.markdown.sentences import brief, joined, sentences
from ankillm.markdown.writer import bulleted

ADVISED = regex(r"^(?:建议|可以|应该?|最好)*(?:设置?|取|选)[为成]?\s*(?P<value>`?[\w.-]+`?)[。.]?$")
"""Advice of which the value alone is to be recalled: `可以设置为 False`."""
COPULA = regex(r"^(?:(?:是指|指的是|是(?!否))\s*(?=\S)|(?:is|are)\s+(?=(?:an?|the|one)\b))")
LETTER = regex("[A-Za-zα-ω]")
PRONOUN = regex(r"(?:它们?|这个|此|前者|后者|it|this|that|them)[。.]?", re.IGNORECASE)
"""An answer that stands for a name: `Llama 用的就是它。`."""
SAID_OF = regex(
    r"(?:是(?!否)|旨在|用[于来]|通过(?!率)|负责(?!人)|由(?!于)|将(?!来)|把|会(?![话议员])|可以|能(?![力量源耗])够?|指(?![标令数针导纹代])"
    r"|表示(?!学习|层|空间|能力|方法)|决定(?!系数|性)|控制(?![器台流权]|算法))"
)
"""What follows a term in Chinese that it is said of."""
JOINING = regex(r"^\s*(?:[，,；;：:、]|(?:同样|另外|此外)地?[，,])\s*(?=\S)|(?<=\S)\s*[；，,、]\s*$")
"""Signs at an end of an answer that only join it to what stood beside it."""
ITEM_END = regex(r"(?<=[^\s；;，,])[；;，,]\s*$")
ESCAPE = regex(r"\\([*_`<>\\\[\]])")
REMARKED = regex(rf"(?P<marks>\*{{0,2}})(?:{SAYS_NOTHING})(?:(?P=marks)[：:]|[：:](?P=marks))\s*(?=\S)")
"""What a sentence is called that is told in other words: `**细化理解**：RLHF 解决的是 …`."""
LONGEST_NAME = 40
LONGEST_KIND_TOLD = 240
"""Characters of a kind with what sets a thing apart, at most."""
LONGEST_DEED = 80
"""Characters of what a thing does that are too few to tell how."""
MEANS = regex(r"(?:the|it|its|each|every|an?)\s", re.IGNORECASE)
"""What a sentence begins with that goes on telling of the same."""
SHORTEST_TOLD = 3
"""Characters of an answer that a title above it may say by the way."""
LONGEST_CONTEXT, LONGEST_TITLE = 96, 48
"""Characters of the titles and labels above a question, and of one of them."""
WORDING = {"zh": zh, "en": en}


def ask(concept: Concept, note: Note, deck: str) -> Card:
    """Return the card of a concept; it belongs to a deck unless its author says otherwise."""
    gaps: tuple[Gap, ...] = ()
    code = ""
    if isinstance(concept, Statement):
        question, front, back, name, gaps = _stated(concept, note.language)
    else:
        question, front, back, name = _asked(concept, note.language)
    if isinstance(concept, CodeGap):
        gaps, code = (Gap(concept.start, concept.end),), concept.language or "text"
    elif isinstance(concept, Blank):
        front, gaps = read_gaps(without(REMARKED, concept.text) if concept.name else concept.text)
    if isinstance(concept, Question) and front:
        front = of_topic(front, asked_about(note))
    place = concept.place
    termed = isinstance(concept, Statement) and concept.label and not is_generic(concept.label)
    named = "definition" if termed else question
    return Card(
        kind="cloze" if gaps or isinstance(concept, Blank) else "basic",
        question=question,
        front=front,
        back=back,
        name=name,
        note=note.path,
        section=place.path,
        context=nearest(tuple(_silent((*place.path, *place.labels), front, back, gaps))),
        source=Span(note.file, place.line, place.end),
        deck=place.directive.deck or deck,
        language=note.language,
        gaps=gaps,
        code=code,
        tags=(
            *note.tags,
            *place.directive.tags,
            *tags_at(note, place.line, place.end),
            *own_tags(place.path, named, name),
        ),
        id=place.directive.id,
        references=note.references,
    )


def passage_card(passage: Passage, note: Note, deck: str) -> Card:
    """Return what is listed of a passage that gives no card: its text, as if it were a question without an answer."""
    return Card(
        kind="basic",
        question="passage",
        front=passage.text,
        back="",
        name=passage.plain[:LONGEST_NAME],
        note=note.path,
        section=passage.titles,
        context=nearest((*passage.titles, *passage.labels)),
        source=Span(note.file, passage.first, passage.last),
        deck=deck,
        language=note.language,
        references=note.references,
    )


def _silent(above: tuple[str, ...], front: str, back: str, gaps: tuple[Gap, ...]) -> Iterator[str]:
    """Yield the titles and labels above a card that do not say what it asks for."""
    asked = plain_text(front[gaps[0].start : gaps[0].end] if gaps else back).strip().lower()
    name = IN_BRACKETS.sub("", asked)
    for title in above:
        told = asked in title.lower() or title.lower() in {name, *name.split("/")}
        if not told or len(asked) < SHORTEST_TOLD:
            yield title


@lru_cache(maxsize=64)
def nearest(above: tuple[str, ...]) -> tuple[str, ...]:
    """Return the first of the titles and labels above a card, and the nearest, as many as are taken in at a glance.

    The first is what the note is about, and often the only place that names it.
    """
    titles = [title if len(title) <= LONGEST_TITLE else f"{title[:LONGEST_TITLE]}…" for title in dict.fromkeys(above)]
    kept: list[str] = []
    room = LONGEST_CONTEXT - sum(map(len, titles[:1]))
    for title in reversed(titles[1:]):
        room -= len(title) + 3
        if kept and room < 0:
            break
        kept.insert(0, title)
    return (*titles[:1], *kept)


def read_gaps(text: str) -> tuple[str, tuple[Gap, ...]]:
    """Take Anki's cloze marks out of a text: the text with the gaps filled, and where they are."""
    filled, gaps = filled_gaps(text)
    return filled, tuple(Gap(*gap) for gap in gaps)


def _stated(concept: Statement, language: Language) -> tuple[str, str, str, str, tuple[Gap, ...]]:
    """Return how a statement is asked, and its gap; all of it as Markdown that shows the bare text as it is."""
    said = asked(concept.text, concept.start, concept.end, concept.cue, concept.subject, language)
    name = concept.label or spoken(concept.text[concept.start : concept.end])[:LONGEST_NAME]
    if said is None or not said.hidden:
        front, back = (as_markdown(said.front), as_markdown(said.back)) if said else ("", "")
        return "statement", front, back, name, ()
    start = said.front.index(mark := f"{{{{c1::{said.hidden}}}}}")
    before, hidden = as_markdown(said.front[:start]), as_markdown(said.hidden)
    front = before + hidden + as_markdown(said.front[start + len(mark) :])
    return "loose" if said.loose else "gap", front, "", name, (Gap(len(before), len(before + hidden)),)


Asked = tuple[str, str, str, str]
"""How it is asked, front, back, name."""


@singledispatch
def _asked(concept: Concept, language: Language) -> Asked:
    raise TypeError(concept, language)


@_asked.register
def _(concept: Definition, language: Language) -> Asked:
    nearby = filter(None, (concept.owner, thing_above(concept.place.path)))
    said = JOINING.sub("", COPULA.sub("", _unnamed(concept.text, concept.term)))
    back = en.told(said) if language == "en" else said
    owner = concept.owner or _of(concept.term, concept.place)
    if owner and is_common(owner) and stands_alone(concept.term) and not is_symbol(concept.term):
        owner = ""
    front = "" if owner is None else WORDING[language].definition(replace(concept, owner=owner))
    if front.endswith("表示什么？"):
        back = back.removeprefix("表示")
    if front.endswith("的全称是什么？"):
        back = without(SPELT_OUT, back)
    if PRONOUN.fullmatch(back.strip()):
        back = thing_above(concept.place.path)
    back = without_put_off(own_letter(back) if concept.term.startswith("$") else back)
    told = own_clauses(own_part(back, (plain_text(concept.term), *nearby)), (plain_text(concept.term),))
    return "definition", front, _with_means(told) if concept.acts else _apart(told), concept.term


def _apart(told: str) -> str:
    """Return what defines a thing, as short as it sets it apart: a kind alone with the sentence behind it."""
    short = brief(told)
    parts = sentences(told) if names_kind_alone(short) else ()
    both = joined(parts[:2])
    return both if len(parts) > 1 and len(both) <= LONGEST_KIND_TOLD else short


def _with_means(told: str) -> str:
    """Return what a thing does; where that is short, with the sentence behind it that tells how."""
    first, *rest = sentences(told)
    both = joined([first, *rest[:1]])
    short = len(first) <= LONGEST_DEED and len(both) <= LONGEST_KIND_TOLD
    return both if rest and short and MEANS.match(rest[0]) else brief(told)


def _of(name: str, place: Place) -> str | None:
    """Return whose an aspect or a symbol is that names nothing by itself; None where nothing above names it.

    Empty for what stands alone.
    """
    aspect = is_generic(name)
    if not (aspect or name.startswith("$") or LETTER.fullmatch(name) or is_part(name)):
        return ""
    nearest_first = [owner for title in reversed(place.path) if (owner := thing_above((title,)))]
    owner = next((owner for owner in nearest_first if not is_part(owner)), thing_above(place.path))
    return None if aspect and not owner else "" if owner == name else owner


def _unnamed(text: str, term: str) -> str:
    """Return what is said of a term without the term in front of it: `注意力层旨在…` → `旨在…`."""
    said = text.removeprefix(term).lstrip()
    return said if said != text and SAID_OF.match(said) else text


@_asked.register
def _(concept: Attribute, language: Language) -> Asked:
    lone = len(concept.values) == 1
    back = (
        brief(JOINING.sub("", concept.values[0]))
        if lone
        else bulleted(_listed(concept.values), ordered=concept.ordered)
    )
    question = "order" if concept.ordered else concept.asked
    concept = replace(concept, label=concept.label.rstrip("；;，,。：:、 "))
    subject: str | None = concept.subject
    if not subject and question in {"attribute", "order"}:
        subject = _of(concept.label, concept.place)
    front = "" if subject is None else WORDING[language].attribute(replace(concept, subject=subject))
    return question, front, back, concept.label


def _listed(values: Sequence[str]) -> Sequence[str]:
    """Return the items of a list without the signs that joined them in their sentence."""
    return [ITEM_END.sub("", value) for value in values]


@_asked.register
def _(concept: Setting, language: Language) -> Asked:
    return "value", WORDING[language].setting(concept), concept.value, f"{concept.subject}:{concept.label}"


@_asked.register
def _(concept: Question, language: Language) -> Asked:
    asked, said = fuller(without_lead(concept.question), concept.answer)
    mark = "" if asked.endswith(("?", "？")) or ASKED.search(asked) else "？" if language == "zh" else "?"
    ticks = "``" if "`" in concept.code else "`"
    colon = "：" if language == "zh" else ": "
    code = f"{ticks}{concept.code}{ticks}{colon}" if concept.code else ""
    front = asked if code else asked_alone(asked, concept.place, language)
    mark = "" if front.endswith("?") else mark
    told = code + escaped(front) + mark if front else ""
    answer = without_put_off(without_reference(without_question(said, concept.question)))
    return "question", told, own_part(answer), concept.name or concept.question


@_asked.register
def _(concept: Contrast, language: Language) -> Asked:
    return "contrast", WORDING[language].contrast(concept), concept.text, f"{concept.left}/{concept.right}"


@_asked.register
def _(concept: Condition, language: Language) -> Asked:
    halves = concept.consequence, concept.condition
    name, back = halves if concept.asks_condition else reversed(halves)
    back = ADVISED.sub(r"\g<value>", back)
    return "condition", WORDING[language].condition(concept), back, ESCAPE.sub(r"\1", name)


@_asked.register
def _(concept: CodeGap, language: Language) -> Asked:  # noqa: ARG001  (code is asked alike in every language)
    return concept.asked, concept.code, "", concept.name


@_asked.register
def _(concept: Blank, language: Language) -> Asked:  # noqa: ARG001  (the author's words are the question)
    return "value" if concept.name else "cloze", concept.text, "", concept.name


@_asked.register
def _(concept: Problem, language: Language) -> Asked:
    name = plain_text(concept.problem)[:LONGEST_NAME]
    return "problem", WORDING[language].problem(concept), concept.solution, name
