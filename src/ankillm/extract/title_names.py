"""Which titles name a thing: those written as names are, and those that the note's text speaks of too.

`LoRA` and `ReLU 激活` are written as names; `损失函数` is a thing where a sentence has the word, and `数据准备` over
what was prepared is none.
"""

import re
import string
from functools import lru_cache

from ankillm.common.patterns import CHINESE, has_word, one_of, regex
from ankillm.extract.vocabulary import listed
from ankillm.markdown.note import Note

SPELLED = regex(r"[A-Z]{2}|[a-z][A-Z]|[A-Za-z]-?\d|\d[A-Za-z]|[_`]")
"""How names are spelled in Latin letters, and common words are not."""
LATIN = regex(r"[A-Za-z]{2}")
LETTERS = frozenset(string.ascii_letters + string.digits)
THING = regex(rf"(?:{one_of(listed('zh', 'things'))})$")
KIND = (
    r"(?:算法|模型|方法|网络|结构|机制|任务|量化|归一化|微调|采样|解码|位置编码|编码|嵌入|注意力|优化器?"
    r"|架构|技术|策略|损失|缓存|搜索|并行|蒸馏|剪枝)"
)
"""What kind of thing a Latin name is of, in Chinese behind it: `TRPO 算法`."""
COMMON_ZH = regex(rf"(?:{one_of(listed('zh', 'common'))}|[的与和及、/ ])+$")
COMMON_EN = frozenset(listed("en", "common"))
"""Words of which alone no thing has its name."""
PARTS_ZH = regex(rf"(?:{one_of(listed('zh', 'parts'))}|[的与和及、/ ])+$")
PARTS_EN = COMMON_EN | frozenset(listed("en", "parts"))
MARKS = "*_` "
CAPITAL = regex(r"[A-Z][a-z]{1,20}")
LATIN_FIRST = regex(
    r"(?=[\w.+-]{0,30}(?:[A-Z]{2}|[a-z][A-Z]|[A-Z]-?\d))[A-Za-z][A-Za-z\d.+-]{1,30}\s?(?=[^\s\dA-Za-z])"
)
"""A proper name that a Chinese title starts with."""
BROAD = regex(
    r"(?:(?:classic(?:al)?|basic|modern)\s)?(?:大模型|大语言模型|深度学习|机器学习|人工智能|llms?|nlp|ml|ai|api|machine\s+learning|deep\s+learning)(?:\s(?:concepts?|basics))?$",
    re.IGNORECASE,
)
"""What every note is about."""
MOST_WORDS = 3
"""Words of a proper name, at most."""
MOST_READ = 100_000
"""Characters of a note that are looked through, or the labels of a note without end would take their square."""
OFTEN = 2
"""How often a text has a name that no spelling tells from a word at the start of a title."""
OTHERS_TIMES = 4
"""How many times as often as the whole of a title its first part stands in a text where it is the name."""
LEAST_EXPLAINED = 4
"""Chinese characters that explain a name in Latin letters, at least."""
AND = regex(r"[和与跟及或、/&]")
"""What joins one name to another."""

OF_OR_AND = regex(r"\s(?:of|and|&)\s")
"""What stands in a title that names an aspect, or two things."""


def body_of(note: Note) -> str:
    """Return what a note says below its titles."""
    titles = frozenset(section.line for section in note.sections if section.title)
    lines = note.text[:MOST_READ].split("\n")
    return "\n".join(line for number, line in enumerate(lines, 1) if number not in titles)


@lru_cache(maxsize=8)
def _lower(body: str) -> str:
    return body.lower()


def names_thing(name: str, body: str) -> bool:
    """Whether what a title says names a thing."""
    return not is_common(name) and (_looks_like_name(name) or is_spoken_of(name, body))


@lru_cache(maxsize=256)
def is_common(name: str) -> bool:
    """Whether a title is made of words under which anything may stand: `整体框架`, `Data Composition`."""
    if CHINESE.search(name):
        return bool(COMMON_ZH.match(name))
    return all(word in COMMON_EN for word in name.lower().split())


@lru_cache(maxsize=256)
def is_part(name: str) -> bool:
    """Whether a title names what many things have, and so is told with one of them: `损失函数`, `Output Layer`."""
    if CHINESE.search(name):
        return bool(PARTS_ZH.match(name))
    return all(word in PARTS_EN for word in name.lower().split())


def _looks_like_name(name: str) -> bool:
    """Whether a title has capitals, Latin letters in Chinese, two words, or ends with a word for a kind of thing."""
    if SPELLED.search(name):
        return True
    return (
        bool(LATIN.search(name) or THING.search(name)) if CHINESE.search(name) else " " in name or name.count("-") > 1
    )


@lru_cache(maxsize=256)
def is_spoken_of(name: str, body: str) -> bool:
    """Whether a note's text has the words of a title, not before a colon alone, from a word's start."""
    wanted, at, body = name.lower(), -1, _lower(body)
    while (at := body.find(wanted, at + 1)) >= 0:
        within = wanted[:1] in LETTERS and body[at - 1 : at] in LETTERS
        behind = body[at + len(wanted) : at + len(wanted) + 6].lstrip(MARKS)
        if behind and behind[0] not in ":：\n" and not within:
            return True
    return False


@lru_cache(maxsize=256)
def short_name(name: str, body: str) -> str:
    """Return what a name with its explanation in Chinese behind it is called: of `MoE 混合专家模型` mostly `MoE`.

    `KV 缓存` and `GPU 内存` have no explanation but a second half, and `SFT 与 RLHF` are two.
    """
    first = LATIN_FIRST.match(name)
    rest = name[first.end() :].lstrip() if first else ""
    if not first or AND.match(rest) or SPELLED.search(rest) or len(CHINESE.findall(rest)) < LEAST_EXPLAINED:
        return name
    short, body = first[0].strip(), _lower(body)
    return short if body.count(short.lower()) >= OFTEN + OTHERS_TIMES * body.count(name.lower()) else name


def stands_alone(name: str) -> bool:
    """Whether a name needs no other beside it: it is spelled as a proper name."""
    return bool(SPELLED.search(name)) and not is_common(name)


@lru_cache(maxsize=256)
def is_proper_name(name: str, body: str) -> bool:
    """Whether a title is the proper name of a thing, or starts with what its note calls it: `FCOS`, `LoRA 高效微调`.

    `Loss of FCOS` is none. A word with a capital is one where its note never has it without.
    """
    if CHINESE.search(name):
        short = short_name(name, body)
        return short != name and not BROAD.match(short)
    if (
        BROAD.match(name)
        or not name.isascii()
        or name[:1].isdigit()
        or len(name.split()) > MOST_WORDS
        or OF_OR_AND.search(name)
    ):
        return False
    lone = CAPITAL.fullmatch(name) and body.count(name) >= OFTEN
    return stands_alone(name) or bool(lone and not has_word(body, name.lower(), LETTERS.__contains__))
