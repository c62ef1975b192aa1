"""What a Chinese label names: asked for what it is, does or amounts to."""

from ankillm.cards.wording.cut import NAME_LENGTH, named_in
from ankillm.cards.wording.terms import LABEL_IN_CODE
from ankillm.cards.wording.topics_zh import joined_words, specific
from ankillm.cards.wording.words_zh import AMOUNT, ASPECT, DEFINES, MEASURE, NUMBER, PAIR
from ankillm.common.patterns import regex

DOES = regex(
    r"^(?:旨在|区分|标志|收集|统计|把|将|將|让|帮助|用来|用于|用於|负责|判断|提供|缓解|避免|防止|减少|存储|加载|管理|标记|控制|保存|决定|实现|生成|计算|预测|衡量|解决|保证|引导|记录"
    r"|根据|使得?(?!用)|提高|提升|降低|增加|告诉|限制|惩罚|学习)"
)
REACTS = regex(r"^(?:当(?!前)|如果|若|在.{1,20}(?:时|後|后)[，,])")
DOER = regex(
    r"[A-Za-z)）]$|(?:器|层|模块|函数|网络|模型|头|算法|机制|组件|策略|单元|块|门|技术|方法|步骤|阶段|正则化|归一化"
    r"|接口|服务|系统|程序|线程|进程|类)$"
)
"""How what does something is called, and a property or a wish is not."""
SYMBOL = regex(r"^[A-Za-zα-ω]$|^`?[a-z]+(?:_[a-z]+)+`?$")
NAMES = regex(
    r"^[A-Za-z][A-Za-z0-9+./-]*(?:\s[A-Za-z][A-Za-z0-9+./-]*){0,2}(?:\s*[、,，]\s*[A-Za-z][A-Za-z0-9+./-]*(?:\s[A-Za-z][A-Za-z0-9+./-]*){0,2})+(?:\s?等)?$"
)
TAIL = "模块阶段方法技术算法模型层参数组件索引步骤机制策略任务"


def _full_name(label: str, subject: str) -> str:
    """Return a label as a name that stands alone: as the subject has it, or within its subject."""
    low, whole = label.lower(), subject.lower()
    if not subject or whole in low:
        return label
    if low in whole and len(subject) <= NAME_LENGTH and whole.rstrip(TAIL + " ").endswith(low.rstrip(TAIL + " ")):
        return subject
    if named_in(subject, label):
        return label
    return joined_words(f"{subject}：", label) if len(subject) <= NAME_LENGTH else label


def thing(label: str, text: str, subject: str) -> str:
    """Return the question of what the thing named by a label is, does or amounts to; empty where none fits."""
    name, whole = _full_name(label, subject), _whole_aspect(label, subject)
    if NUMBER.match(text) or MEASURE.match(text):
        amount = whole or ASPECT.search(name) or SYMBOL.match(label)
        return joined_words(whole or name, "是多少？") if amount else ""
    if whole and whole.lower().startswith(label.lower()) and not PAIR.search(whole):
        return joined_words(whole, "是什么？")
    asks = _asks(label, text, aspect=bool(whole))
    return joined_words(name, asks) if asks else ""


def _whole_aspect(label: str, subject: str) -> str:
    """Return the subject where it is an aspect of what the label names: `ZeRO-3 的通信量`."""
    aspect = ASPECT.search(subject) or AMOUNT.search(subject)
    return subject if aspect and label.lower() in subject.lower() and specific(subject) else ""


def _asks(label: str, text: str, *, aspect: bool) -> str:
    """Return what is asked of a thing by how its text starts."""
    if DOES.match(text) or REACTS.match(text):
        return "有什么作用？" if LABEL_IN_CODE.match(label) else "做什么？" if DOER.search(label) else "：[…]"
    if "→" in text or NAMES.match(text):
        return "" if "→" in text or label.isascii() else "有哪些？"
    if not aspect and LABEL_IN_CODE.match(label):
        return "做什么？" if label.endswith(")") else "是什么意思？"
    if aspect:
        return "是怎样的？"
    return "是什么？" if DEFINES.match(text) else "：[…]"
