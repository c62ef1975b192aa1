"""A label with its text, `优点：[速度快]`, asked in Chinese."""

import re
from collections.abc import Callable

from msgspec import Struct

from ankillm.cards.wording.cut import words
from ankillm.cards.wording.things_zh import thing
from ankillm.cards.wording.topics_zh import agent, joined_words, owner, specific, stripped
from ankillm.cards.wording.words_zh import (
    ASPECT,
    CLAUSAL,
    IF,
    INSIDE,
    JOINS,
    NUMBER,
    PAIR,
    POINTING,
    SAYS_NOTHING,
    VAGUE,
)
from ankillm.common.patterns import regex
from ankillm.extract.scope import NO_NAME
from ankillm.extract.vocabulary import is_metadata, only_counts

ASKS_MEANING = regex(r"^(?:定义|含义|概念|是什么|简介|介绍|本质|what)$")
SEVERAL = regex(r"[、；;]|(?:^|\s)(?:1|①)[.、)]")
MANY_OF = regex(
    r"(?:优点|優點|缺点|缺點|好处|坏处|特点|特性|步骤|应用|场景|优势|劣势|局限性?|不足|方法|组成|类型|风险|挑战|指标|任务)$"
)
EMPTY = regex(
    rf"^(?:{SAYS_NOTHING}|例如?|比如|举例|示例|例子|注意?|结论|总结|提示|参考|来源|链接|问|追问|Action|Thought|Observation|输出示例|记忆|坑|如下|答案"
    r"|[QA]\d?|\d+\s*[个种]?|TODO|PS|Tips?|Note|更新|其他|其它|背景|(?:贡献|局限|发现|结论|难点)\s*\d)$"
)
ANSWER = regex(r"^(?:答|A\d?|回答|解答)$")
ASKING = regex(r"什么|什麼|怎么|怎樣|怎样|如何|多少|几[个种步层]|哪|是否|能否|吗$|为何")
MEASURED = regex(r"(?:速度|性能|效率|能力|成本|开销|效果|质量|精度|吞吐|支持)$")
"""An aspect of which a thing has more or less."""
SET_AGAINST = regex(r"(?:vs\.?|versus)\s*(?P<other>[A-Za-z][^，,：:；;]{0,40})$", re.IGNORECASE)
"""A label that names only what its subject is set against: `vs OPRO`."""
VERSUS = regex(
    r"^(?P<a>[^，,。]{1,25}?)\s*(?:vs\.?|VS\.?|和|与|跟|對比|对比)\s*(?P<b>[^，,。]{1,25}?)\s*(?:的?(?:主要|核心|本质)?(?:区别|差别|不同"
    r"|对比|比较|异同))?$"
)
DIFFERENCE = regex(r"(?:区别|差别|不同|对比|比较|异同)$|vs", re.IGNORECASE)
GIVEN = regex(
    r"(?:[太过越更](?:大|小|高|低|长|短|多|少)|(?:时|時|情况下|的话)|[<>≥≤]\s*[\d.]+|[^=]=\s*[\w.]+|(?:→|->)\s*[\w.∞]+)$"
)
FLAG = regex(r"=\s*(?:True|False|None)$", re.IGNORECASE)
CAUSE = regex(r"^(?:因为|因為|由于|由於)\s*")
QUALITY = regex(r"(?:高|低|慢|快|差|好|难|稳定|困难|昂贵|敏感|严重|受限|有限|不足)$")
COUNTED = regex(
    r"^(?P<verb>[^，,。]{0,24}?)(?P<n>(?<!\d)[两二三四五六2-6])\s*(?P<unit>[个种类点步条项部层])(?P<rest>[^，,。\s]{0,12})$"
)
METHOD = regex(
    r"^(?:训练|计算|构建|微调|评估|合并|加载|选择|设置|处理|安装|准备|构造|部署)(?!时|的|完|后|集|中|困难|不)(?=\S{2})(?!.*(?:任务|数据|集|指标|率|速度|成本|阶段|方法|时|格式"
    r"|结果|方式|工具|过程|脚本|参数|量|层|器|流程|框架|建议|困难|难度?|高|低|快|慢)$)"
)
STANDS_OVER = regex(r"(?:[优劣]势|[优缺特难痛]点|特性|局限性?|不足|好处|挑战|对比|区别|问题)$")
"""Aspects over several things, each with a label of its own: `MoE 的优势` over `推理速度：…`."""
TROUBLE = regex(r"(?P<does>缓解|解决|避免|防止|减轻|克服)了?(?P<what>(?!的)\S{2,16}(?:问题|难题|瓶颈))$")
"""A label that says what is cured."""
PURPOSE = regex(r"^(?:为了|用于|用来|旨在|有效|来|以)$")
UNABLE = regex(r"(?:为了|用于|旨在|难以|有效|[没未]能?|要|的)$")
NO_REASON = regex(
    r"(?:痛点|改进|建议|问题|优化|设计|方案|原因|动机|背景|意义|结论|结果|区别|关系|挑战|策略|方法|技巧|[优缺特难]点)$"
)
"""Nouns of which nobody asks why they are."""
SUITS = regex(r"^(?:适合|适用(?:于|情况)?)$")
CURED = regex(r"^(?:解决|处理|修复|应对|缓解|对策)(?:办法|方法|方案|措施)?$")
ELSEWHERE = regex(r"参见|详见|见(?:第|附)|(?:这样|如下|下面|以下|坑)\|$")
LONGEST_LABEL = 26
SHORTEST_TEXT = 3
BOUND = regex(r"所以(?:要|需要?|得)|因此(?:要|需要?|得)")
REASON_LIKE = regex(r"因为|由于|否则|不然|导致|会|才能|容易")
HALF_ANSWERS = ("第一", "一方面", "其一")


class Label(Struct, frozen=True):
    """A label with the text it stands before, and the subject of both."""

    name: str
    bare: str
    text: str
    subject: str


def labelled(label: str, text: str, subject: str) -> tuple[str, str] | None:
    """Return the question of a label and its answer, or nothing where the label asks nothing."""
    label, text = stripped(label).strip(" ，,。-—"), text.strip()
    shortest = SHORTEST_TEXT - bool(NUMBER.match(text))
    if (
        not label
        or EMPTY.match(label)
        or is_metadata(label)
        or NO_NAME.match(label)
        or only_counts(label)
        or len(text) < shortest
        or POINTING.match(text)
        or VAGUE.match(text)
    ):
        return None
    if ELSEWHERE.search(text + label + "|") or text.endswith(("：", ":", "？")):
        return None
    if ANSWER.match(label):
        return (f"{subject}是什么？", text) if ASPECT.search(subject) and specific(subject) else None
    front = _asked(Label(label, INSIDE.sub("", label).strip() or label, text, subject))
    return (front, CAUSE.sub("", text)) if front else None


def _asked(label: Label) -> str:
    """Return the question of the first rule that knows the label; a rule that refuses it gives an empty one."""
    return next((front for rule in LABEL_RULES if (front := rule(label)) is not None), "")


def _interrogative(label: Label) -> str | None:
    if not ASKING.search(label.name):
        return None
    said = label.name.rstrip("？?")
    return f"{label.subject}是什么？" if said == "是什么" else joined_words(owner(said, label.subject), f"{said}？")


def _overlong(label: Label) -> str | None:
    longest = LONGEST_LABEL + 8 * label.name.isascii()
    nested = "：" in label.name or ": " in label.name
    return "" if nested or len(label.bare) > longest or label.text.startswith(HALF_ANSWERS) else None


def _suits(label: Label) -> str | None:
    if not SUITS.match(label.name):
        return None
    return joined_words(agent(label.subject), "适合什么情况？") if specific(label.subject) else ""


def _cured(label: Label) -> str | None:
    if not CURED.match(label.name):
        return None
    asks = "是什么？" if ASPECT.search(label.subject) else "怎么解决？"
    return joined_words(label.subject, asks) if specific(label.subject) else ""


def _method(label: Label) -> str | None:
    if not METHOD.match(label.name) or CLAUSAL.search(label.bare):
        return None
    return joined_words(owner(label.name, label.subject), "怎样", f"{label.name}？")


def _counted(label: Label) -> str | None:
    match = COUNTED.match(label.name)
    if not match or not match["verb"] + match["rest"]:
        return None
    which = f"{match['verb']}哪{match['n']}{match['unit']}{match['rest']}？"
    return joined_words(owner(label.name, label.subject), which)


def _versus(label: Label) -> str | None:
    match = VERSUS.match(label.name) if DIFFERENCE.search(label.name) else None
    return joined_words(match["a"], "和", match["b"], "有什么区别？") if match else None


def _given(label: Label) -> str | None:
    if not GIVEN.search(label.name) or FLAG.search(label.name):
        return None
    return joined_words(owner(label.name, label.subject), label.name.removesuffix("时"), "时会怎样？")


def _aspect(label: Label) -> str | None:
    """Ask for an aspect, of the subject or of what the label itself names."""
    if ASKS_MEANING.match(label.name):
        return joined_words(label.subject, "是什么？") if label.subject else ""
    match = ASPECT.search(label.name)
    if not match or CLAUSAL.search(label.bare):
        return None
    several = MANY_OF.search(label.name) and SEVERAL.search(label.text)
    how = MEASURED.search(label.name)
    tail = "有哪些？" if several else "是多少？" if NUMBER.match(label.text) else "如何？" if how else "是什么？"
    own = _own_aspect(label, match.start(), tail) if match.start() else ""
    return own or _owned_aspect(label, tail, own=match.start() > 0)


def _own_aspect(label: Label, at: int, tail: str) -> str:
    """Return the question of a label that names both the thing and its aspect."""
    if label.name in label.subject:
        return joined_words(label.subject, tail)
    if label.subject and not words(label.subject) & words(label.name):
        return ""
    head = label.name[:at].rstrip("的 ")
    whole = bool(label.subject) and label.subject.endswith(head)
    return joined_words(label.subject, label.name[len(head) :], tail) if whole else joined_words(label.name, tail)


def _owned_aspect(label: Label, tail: str, *, own: bool) -> str:
    """Return the question of an aspect of the subject."""
    subject, name = label.subject, label.name
    if not specific(subject):
        return ""
    if PAIR.search(subject) and not own:
        return joined_words(subject.removesuffix(name).removesuffix("的"), "的", name, "有什么区别？")
    whose = subject.removesuffix(name).removesuffix("的").strip() or subject
    if ASPECT.search(whose) and not own:
        return joined_words(f"{whose}：", f"{name}{tail}")
    if "的" in whose and STANDS_OVER.search(whose):
        return joined_words(f"{whose}：", f"{name}{tail}")
    link = "" if "的" in whose or JOINS.match(name) or name.startswith(("解决", "适用")) else "的"
    return joined_words(whose, link, f"{name}{tail}")


def _needed(label: Label) -> str | None:
    if not BOUND.search(label.text) or CLAUSAL.search(label.bare):
        return None
    return joined_words(owner(label.name, label.subject), "为什么需要", f"{label.name}？")


def _troubled(label: Label) -> str | None:
    """Ask how a trouble is cured."""
    if not (match := TROUBLE.search(label.name)) or CLAUSAL.search(label.bare.replace("了", "")):
        return None
    who = PURPOSE.sub("", label.name[: match.start()].strip())
    if UNABLE.search(who):
        return None
    front = joined_words(who, f"怎样{match['does']}{match['what']}？")
    return joined_words(owner(front, label.subject), front)


def _caused(label: Label) -> str | None:
    clausal = CLAUSAL.search(label.bare) and REASON_LIKE.search(label.text)
    if NO_REASON.search(label.bare) or not (clausal or CAUSE.match(label.text) or QUALITY.search(label.bare)):
        return None
    front = joined_words(owner(label.name, label.subject), "为什么", f"{label.name}？")
    return "" if POINTING.match(label.name) else front


def _clausal(label: Label) -> str | None:
    return "" if CLAUSAL.search(label.bare) or IF.match(label.name) else None


def _thing(label: Label) -> str | None:
    return thing(label.name, label.text, label.subject)


def _set_against(label: Label) -> str | None:
    """Ask `vs OPRO` under MARS as: how do MARS and OPRO differ."""
    match = SET_AGAINST.match(label.name)
    if not match:
        return None
    subject = agent(label.subject)
    return joined_words(subject, "与", match["other"].strip(), "有什么不同？") if specific(subject) else ""


LABEL_RULES: tuple[Callable[[Label], str | None], ...] = (
    _interrogative,
    _overlong,
    _suits,
    _cured,
    _method,
    _counted,
    _set_against,
    _versus,
    _given,
    _troubled,
    _aspect,
    _needed,
    _caused,
    _clausal,
    _thing,
)
