"""A question that an author wrote, put so that it stands alone: `How it works?` below PPO → `How does PPO work?`."""

import re

from ankillm.cards.wording.cut import named_in
from ankillm.cards.wording.titles_en import as_question, of_above
from ankillm.common.language import Language
from ankillm.common.patterns import BRACKETED, CHINESE, regex
from ankillm.extract.concepts import Place
from ankillm.extract.scope import is_generic
from ankillm.extract.subject import thing_above
from ankillm.extract.title_names import SPELLED
from ankillm.extract.vocabulary import HANGS, is_question
from ankillm.markdown.inline import plain_text
from ankillm.markdown.sentences import sentences

ASKED = regex(rf"[?？]\s?(?:{BRACKETED}|[-–—]+\s.*)$")
"""What stands behind the mark of a question: a remark."""
NAMELESS_ZH = regex(
    r"(?:那么?|所以)?(?:(?:为什么|為什麼|为何)(?:不?会|不?能|可以|能够)[\u4e00-\u9fff]{2}"
    r"|(?:为什么|為什麼|为何|怎么|怎麼|怎样|如何|能否|是否)"
    r"(?:会|會|要|能|可以|是|不|都|还|就|说|做|效果|结果|性能|相差|差|很|多|好|这么|那么|这样|有效|可行|重要|必要|需要|这个|解决|实现|处理)*)"
    r"(?:呢|吗|嗎)?\s?[？?]?"
)
"""A question of a verb and common words alone: `为什么会塌缩？`, `为什么效果相差很多？`."""
RHETORIC = regex(r"难道|難道|很多人|有人|大家|真的|\b(?:anyway|really)\b", re.IGNORECASE)
"""What is asked for effect, or told of others who ask."""
SHORT_WHY = regex(r"(?:why|how)\s(?P<name>\S+?)\s?[?？]?", re.IGNORECASE)
"""A question of a name alone: `Why VAE?`."""
WORD = regex(r"[a-z]+")
SAY_NOTHING = frozenset(
    """
    a an and are be been but can change changed check correct did different do does done exactly fail fails
    first for good happen happened happens has have help helps how i important in is it its long make matter
    matters mean means much necessary need needed next not now of on one or possible really same should so
    solve that the then there these this to too true understand us use used useful was way we were what when
    where which who why will with work works worth would wrong you
    """.split()
)
"""Words of which alone no question is about anything."""
POINTS = regex(r"(?:那么?|所以|于是|然后)?(?:它|他们|这|這|那(?!么)|该|此|其)")
LONGEST_NAME = 40
NAME = regex(r"[A-Za-z][A-Za-z\d.+-]*")
PROPER = regex(r"[A-Z]{2}|[a-z][A-Z]|[A-Z][a-z]*-?\d")
EVERYWHERE = frozenset(
    "gpu gpus cpu cpus cli api ui web demo oom vlm llm llms cuda ram vram ok faq readme id url".split()
)
"""Names that tell nothing of what a question is about."""
LEAST_MORE = 4
"""Characters that a question says more than the one before it."""


def asked_alone(question: str, place: Place, language: Language) -> str:
    """Return a question with what it is about; empty where that stands nowhere and nothing could be answered."""
    if HANGS.match(question):
        return _with_thing(question, place, language)
    if names_nothing(question):
        return _with_thing(question, place, language) or question
    if not question.isascii():
        return question
    head, _, tail = question.rpartition(": ")
    return of_above(tail, head) or as_question(question)


def names_nothing(question: str) -> bool:
    """Whether a question names nothing: `What happens?`, `为什么会塌缩？`."""
    if SPELLED.search(question):
        return False
    if CHINESE.search(question):
        return bool(NAMELESS_ZH.fullmatch(question))
    words = WORD.findall(question.lower())
    return bool(words) and all(word in SAY_NOTHING for word in words)


def fuller(question: str, answer: str) -> tuple[str, str]:
    """Return a question and its answer; where the answer begins with a fuller question, that one with what follows it.

    Of `Why VAE?` and `VAE 和 AE 相比有什么优势？因为 …` the second question is the better front.
    """
    line, _, below = answer.partition("\n")
    said = sentences(line)
    first = plain_text(said[0]) if said else ""
    rest = f"{line[len(said[0]) :].strip()}\n{below}".strip("\n ") if said else ""
    if not rest or first[-1:] not in {"?", "？"} or len(first) <= len(question) + LEAST_MORE:
        return question, answer
    named = SHORT_WHY.fullmatch(question)
    is_short = names_nothing(question) or (named is not None and named_in(named["name"], first))
    return (first, rest) if is_short and not (POINTS.match(first) or RHETORIC.search(first)) else (question, answer)


def of_topic(front: str, topic: str) -> str:
    """Return a question with what all questions of its note are about, where it does not say so."""
    names = [name for name in NAME.findall(front) if PROPER.search(name) and name.lower() not in EVERYWHERE]
    if not topic or topic.lower() in front.lower() or names:
        return front
    return f"{topic}{'：' if CHINESE.search(front) else ': '}{front}"


def _with_thing(question: str, place: Place, language: Language) -> str:
    """Return a question of what stands elsewhere, asked of the nearest title's thing.

    Without one a title that asks stays as it is, for its titles stand above it; any other question is not asked.
    """
    own = next((title for title in reversed(place.path) if not (is_generic(title) or is_question(title))), "")
    above = thing_above((own,))
    if not 0 < len(above) <= LONGEST_NAME or set("`$") & set(above):
        return "" if place.rule else question
    if named_in(above, question):
        return question
    if language == "en" and (asked := of_above(question, above)):
        return asked
    if CHINESE.search(question):
        return f"{above}：{question}"
    titled = question.rstrip("? ").istitle()
    return f"{above}: {question.lower() if titled else question[:1].lower() + question[1:]}"
