"""Questions in Chinese."""

import re

from ankillm.cards.wording.terms import (
    core,
    is_advice,
    is_part_of,
    is_symbol,
    is_yes_or_no,
    named,
    open_label,
)
from ankillm.cards.wording.words_zh import DEFINES, JOINS
from ankillm.common.patterns import HAN, regex
from ankillm.extract.concepts import FORMULA, Attribute, Condition, Contrast, Definition, Problem, Setting
from ankillm.extract.scope import is_generic, without_repeated
from ankillm.extract.vocabulary import IN_BRACKETS, STEPS, WHETHER
from ankillm.markdown.inline import escaped, plain_text
from ankillm.markdown.sentences import joined_words

ASKING = regex(r"哪|什么|如何|怎么|是否|能否")
COUNTS = regex(r"几[个种步层类]|多少|哪[个些种一]")
"""A term that asks something by itself: `需要几个模型`."""
COUNTED_TERM = regex(
    r"(?P<said>.{2,24}?(?:分为|分成|引入|包含|包括|(?<!没)有|提出))了?\s?(?P<count>[两二三四五六七八九2-9]\s?[种类个大部]\S{0,8})$"
)
"""A term that says how many there are: `自动问答可分为三类`."""
NOT_NEEDED = regex(
    r"无需|^(?:不[能会需用要]|没有|无法|难以)|(?:瓶颈|缺[点陷]|妙处|优缺点|后果|原因|结果|难点|问题|不足|局限性?|低|慢|(?<!残)差|难)\s*\d*$"
)
"""What nobody needs, though a reason stands behind it."""
STATED = regex(rf"{HAN}(?:往往|总是|通常|一般|都|会|要|不|占|只|比|更|最|越|没有|难以|容易|可以|能够?){HAN}")
"""A label that states what a reason is given for: `中文往往占两个 token：因为…`."""
SHORTEST_STATED = 6
NUMBER = regex(r"^[~≈约]?\s*[\d.,]*\d[\d.,]*\s*(?:%|[A-Za-z]{0,5}|[万亿个层维])*$")
COUNTED_VALUE = regex(
    r"^(?:最[多少大小高低]|至[多少])?[~≈约]?\s*\d[\d.,]*\s*(?:%|[万亿千百级层维个条倍种]|[KMGTB]i?B?\b|ms\b)|^[十百千万亿]+级"
)
"""What begins with an amount: `10 万级，支撑高吞吐`."""
MEASURED = regex(
    r"[量率数度性]$|成本|速度|开销|效果|质量|风险|能力|占用|性能|规模|时间|大小|延迟|精度|友好|显存|内存|带宽|容量|需求|倾向|吞吐$"
)
"""What is had more or less of."""
HOW = regex(r"(?:速度|性能|效率|效果|质量|精度|吞吐|支持|时效性|可靠性|可用性|稳定性|扩展性)$")
"""What is told in words, if not in numbers: `RocketMQ 的功能支持`."""
GRADED = regex(
    r"^(?!最[多少大小高低]\s*\d)[较很更最极]?(?:非常)?(?:[高低快慢好差强弱大小多少长短]|中等?|一般|优秀|良好|简单|复杂|灵活)(?:$|[，,；;（(\s])"
)
"""What says how something is: `高，基于主从架构`."""
ACTS = regex(
    r"^(?:可以|建议|应该?|先|优先|尽量|考虑|尝试|适当)*(?:打开|关[闭掉]|开启|启用|禁用|降低|减[小少]|增[大加]|提[高升]|调[大小高低整]|加[大入上]?|换[成用]?"
    r"|改[用成为]?|使?用|采用|选[择用]?|检查|重[新启]|去掉|删除|移除|冻结|限制|缩[小短]|放[大宽]|扩大|拆分|合并|截断|裁剪|量化|清[洗理]|过滤|避免|设[置为]?"
    r"|停止|回[滚退]|升级|安装|设定|添加|引入|做)(?![了过])"
)
"""A consequence that tells the reader to act: `打开梯度检查点`."""
DOES = {
    "需要": "需要什么？",
    "做什么": "做什么？",
    "不需要": "不需要什么？",
    "依赖": "依赖什么？",
    "缺少": "缺少什么？",
    "不适合": "不适合什么？",
    "适合于": "适合什么？",
    "适合": "适合什么？",
    "适用": "适用于什么？",
    "适用于": "适用于什么？",
    "擅长": "擅长什么？",
    "推荐": "推荐什么？",
    "衡量": "衡量什么？",
    "解决问题": "解决什么问题？",
    "解决的问题": "解决什么问题？",
}
"""Heads of tables that are verbs, as they are asked."""
ANNOUNCED = regex(r"^(分成|分为|包括|包含|有)")
CURED = regex(r"^解决(?:办法|方法|方案)?$")
COUNTED = regex(r"^[二两三四五六七2-7]+\s*[种类个大部](?!\S{0,3}[里中])")
PLACED = regex(r"^在.*[里中上]$|^(?:in|with|on|for)\s", re.IGNORECASE)
OF_NAMED = regex(r"[A-Za-z][^的]*的")
ENDS_AS_NOUN = regex(
    r"^(?!.*[有是会也])(?!.*存在).*(?:问题|挑战|方法|特[点性征]|[优缺难]点|[优劣]势|局限性?|类型|步骤)$"
)
"""A long label that names what is listed below it, and does not state that there is such a thing."""
HAD = regex(r"(?:主要|核心)?(?:[优缺特]点|[优劣]势|局限性?|不足|好处|坏处|弊端|作用|用途|功能|问题|特[性征])")
"""What a thing has: of an aspect it is asked so, for `X 的 Y 的缺点` says 的 twice."""
SHORT_NAME = 6
LEADS = regex(
    r"^(?:将其|(?:将|则|即|得到?|有|令|设)(?=[\s，,：:$]|$)|可得|可以|所以|因此|由此|其中)|(?:修正|记|定义|写|表示|化简)[为成]$"
    r"|(?:下[面列]|以下)的?(?:式子|公式|等式|表达式)|如下(?:式|所示)?$"
)
"""What leads over to a formula, and is no name of it."""
SPELT_OUT = regex(r"(?:英文)?(?:全称|全名)(?:为|是|：|:)?\s*(?=.{3,80}$)(?!.*(?:是由|是一|用于|主要|提出))")
"""What begins with what a name is short for: `全称 Variational Autoencoder`."""
WHEN = regex(r"\S[时時]$")
"""A label that says when something holds, and asks nothing."""
SET = regex(r"\S\s?[=＝]\s?\S")
"""A setting, which has a meaning: `CF = 1.0`."""
POINTS = regex(
    r"(?:但|而|因此|所以)?(?:这|那|该|此|它)(?:会|将|就|也|样|种|个|些|[些种个]?\S{0,4}(?:会|有|存在|带来|产生))"
)
"""A label that goes on with the sentence before it: `这会产生两个问题`."""
LONGEST_ASPECT = 10
"""Characters of a label that can be what is asked of its subject: `LoRA 的核心思想`."""
SUM = regex(r"[^×*/÷^\d=()（）]*[+＋][^×*/÷^\d=()（）]*")
SEVERAL = regex(r"(?:[2-9]|[两二三四五六七八九十])\s?[个种类]")
"""How a name begins that counts things: `4 个 input`."""
DIVIDED = regex(r"[种类]|阶段")


def definition(concept: Definition) -> str:
    """Ask `位置编码是什么？`, with its owner where it has one."""
    owner = without_repeated(concept.owner, concept.term, "zh")
    if counted := COUNTED_TERM.match(concept.term):
        owner = "" if is_part_of(owner, counted["said"]) else owner
        return joined_words(
            escaped(owner), "：" if owner else "", escaped(counted["said"]), f"哪{escaped(counted['count'])}？"
        )
    if COUNTS.search(concept.term):
        return joined_words(escaped(owner), "：" if owner else "", f"{escaped(concept.term)}？")
    owned = owner and not (is_part_of(owner, concept.term) or is_part_of(concept.term, owner))
    front = (escaped(owner), "中，") if owned else ()
    if concept.text.startswith(("因为", "由于")):
        needed = not (NOT_NEEDED.search(concept.term) or is_generic(concept.term))
        whose = owner if owned else ""
        if len(concept.term) >= SHORTEST_STATED and STATED.search(concept.term):
            return joined_words(*front, "为什么", escaped(concept.term), "？")
        return (
            joined_words(*front, "为什么需要", named(concept.term), "？")
            if needed
            else open_label(concept.term, whose, colon="：")
        )
    if owned and not (DEFINES.match(concept.text) or is_symbol(concept.term)):
        return open_label(concept.term, owner, colon="：")
    means = SET.search(concept.term) and concept.text.startswith("表示")
    asks = "的全称是什么？" if SPELT_OUT.match(concept.text) else "表示什么？" if means else "是什么？"
    return joined_words(*front, named(concept.term), asks)


def attribute(concept: Attribute) -> str:
    """Ask `N-Gram 的特点是什么？`, `有哪些？` for several, `依次是什么？` for an order, `怎么计算？` for a formula."""
    subject, many = concept.subject, len(concept.values) > 1
    label = "公式" if concept.label == FORMULA else concept.label
    if (formula := _formula(concept, label)) or POINTS.match(label):
        return formula
    if CURED.match(label):
        return joined_words(named(subject), "：怎么解决？")
    if asked := _of_label(escaped(label), many=many if OF_NAMED.match(subject) else None):
        whose = subject.removesuffix(concept.label).rstrip("的 ") if subject.endswith(concept.label) else subject
        return joined_words(named(whose) if whose else "", *asked)
    if WHEN.search(label):
        return open_label(label, subject, colon="：")
    if len(core(label)) > LONGEST_ASPECT:
        whose = "" if core(subject) in label.lower() else escaped(subject)
        return joined_words(whose, "：" if whose else "", named(label), _of_long(concept))
    alone = core(subject) in label.lower() or "的" in label
    tail = "依次是什么？" if concept.ordered and many else "有哪些？" if many else "是什么？"
    of = "" if JOINS.match(label) else "的"
    return joined_words(named(label), tail) if alone else joined_words(named(subject), of, named(label), tail)


def _formula(concept: Attribute, label: str) -> str:
    """Return the question of a formula, by its left side, its name, or what it is of; empty for any other attribute."""
    subject = concept.subject
    if concept.asked == "formula" and label.startswith("$"):
        return joined_words(*((escaped(subject), "中，") if subject else ()), label, "等于什么？")
    if concept.values[0].startswith("$") and LEADS.search(label) and subject:
        return joined_words(named(subject), "的公式是什么？")
    if concept.asked != "formula":
        return ""
    of = "" if core(label) == core(subject) else subject.removesuffix(label).rstrip("的 ")
    whose = f"（{escaped(IN_BRACKETS.sub('', of))}）" if of and len(label) <= SHORT_NAME else ""
    if label.endswith("公式"):
        return joined_words(named(label), f"是什么？{whose}")
    label = label.removesuffix("计算") or label
    return joined_words(named(label), f"{_reckoned(label, concept.values[0])}？{whose}")


def _reckoned(label: str, value: str) -> str:
    """Return what is asked of a quantity by how it is told: several things that are counted are named one by one."""
    if not SUM.fullmatch(value):
        return "怎么计算"
    return "分别是什么" if SEVERAL.match(label) else "等于什么"


def _of_long(concept: Attribute) -> str:
    """Return what is asked behind a long label: a noun needs no comma before it."""
    if len(concept.values) > 1 and concept.ordered and STEPS.search(concept.label):
        return "依次是什么？"
    if len(concept.values) > 1:
        return "有哪些？" if ENDS_AS_NOUN.search(concept.label) else "，有哪些？"
    if not concept.values[0].startswith("$"):
        return "：[…]"
    return "是什么？" if core(concept.label).endswith(("公式", "表达式", "式子")) else "，公式是什么？"


def _of_label(label: str, *, many: bool | None) -> tuple[str, ...]:
    """Return what a label asks of its subject where it is no noun: a place, a count, a verb; empty where it is one.

    Of an aspect (`many` says whether there are several values) it asks what it has: no second 的.
    """
    if many is not None and HAD.fullmatch(label):
        return (f"有{'哪些' if many else '什么'}{label}？",)
    if not label:
        return ("由哪几部分组成？",)
    if PLACED.match(label):
        return (f"{label}是什么？",)
    if "哪" in label or ANNOUNCED.match(label):
        return ((label if "哪" in label else ANNOUNCED.sub(r"\1哪", label)) + "？",)
    counted = "由哪" if label.endswith(("组成", "构成")) else "分为哪" if DIVIDED.search(label) else "有哪"
    return (counted, f"{label}？") if COUNTED.match(label) else ()


def setting(concept: Setting) -> str:
    """Ask `Qwen-7B 的层数是多少？`; a value that says yes or no is asked by its label."""
    if asked := DOES.get(concept.label):
        return joined_words(named(concept.subject), asked)
    if WHETHER.search(concept.label):
        return joined_words(named(concept.subject), f"{escaped(concept.label.rstrip('?？'))}？")
    if is_yes_or_no(concept.value) or ASKING.search(concept.label):
        return joined_words(named(concept.subject), "：", escaped(concept.label.rstrip("?？")), "？")
    value = plain_text(concept.value)
    measured = MEASURED.search(core(concept.label))
    many = NUMBER.match(value) or (measured and COUNTED_VALUE.match(value))
    graded = measured and GRADED.match(value)
    what = "是多少？" if many else "如何？" if graded or HOW.search(core(concept.label)) else "是什么？"
    return joined_words(escaped(concept.subject), "的", named(concept.label), what)


def contrast(concept: Contrast) -> str:
    """Ask `与 MHA 相比，GQA 有什么不同？`."""
    front = joined_words("与", named(concept.right), "相比，", named(concept.left), "有什么不同？")
    return f"{front}（{concept.part}/{concept.parts}）" if concept.parts > 1 else front


def condition(concept: Condition) -> str:
    """Ask `r：如果显存不够，应该怎么设置？`; asked the other way round, `什么情况下保存？`."""
    if concept.asks_condition:
        return joined_words("什么情况下", f"{concept.consequence}？")
    acts = ACTS.match(plain_text(concept.consequence).lstrip("- "))
    what = "应该怎么设置？" if is_advice(concept.consequence) else "怎么办？" if acts else "会怎样？"
    about = (named(concept.subject), "：") if concept.subject else ()
    return joined_words(*about, "如果", f"{escaped(concept.condition)}，", what)


def problem(concept: Problem) -> str:
    """Ask for what solves a problem; an exercise stands as it is."""
    if concept.exercise or "\n" in concept.problem or concept.problem.endswith(("?", "？")):
        return concept.problem
    return f"{concept.problem.rstrip('。')}：怎么解决？"
