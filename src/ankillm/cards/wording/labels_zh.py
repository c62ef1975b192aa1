"""A label with its text, `优点：[速度快]`, asked in Chinese."""

from ankillm.cards.wording.cut import NAME_LENGTH, named_in, words
from ankillm.cards.wording.words_zh import IF, NUMBER, POINTING, PREFIX, PRONOUN, VAGUE
from ankillm.common.patterns import BRACKETED, CHINESE, HAN, regex, without

ASPECT = regex(
    r"(?:优点|優點|缺点|缺點|好处|坏处|作用|目的|原因|理由|原理|公式|默认值?|方法|步骤|流程|特点|特性|区别|差别|应用(?:场景)?|(?:适用|使用|常用)?场景"
    r"|含义|定义|概念|意义|优势|劣势|局限性?|不足|代价|现象|表现|症状|(?:解决|缓解|临时|处理)?(?:办法|方案|方法|做法|措施)|核心(?:思想|思路|想法|假设|问题)?"
    r"|思想|思路|假设|前提|条件|输入|输出|数据(?:集|格式|量)?|损失(?:函数)?|目标|任务|结构|组成|形状|类型|取值(?:范围)?|范围|学习率|参数量?|显存|大小|长度|数量"
    r"|复杂度|激活函数|初始化|位置编码|归一化|词表(?:大小)?|格式|风险|挑战|难点|效果|性能|速度|成本|问题|指标|代表(?:模型|方法)?|全称|本质|关键|重点|功能|职责|用途|用法|命令|单位|经验值?)$"
)
DEFINES = regex(r"^(?:定义|含义|概念|是什么|简介|介绍|本质|what)$")
SEVERAL = regex(r"[、；;]|(?:^|\s)(?:1|①)[.、)]")
MANY_OF = regex(
    r"(?:优点|優點|缺点|缺點|好处|坏处|特点|特性|步骤|应用|场景|优势|劣势|局限性?|不足|方法|组成|类型|风险|挑战|指标|任务)$"
)
EMPTY = regex(
    r"^(?:例如?|比如|举例|示例|例子|注意?|结论|总结|小结|补充|提示|备注|参考|来源|链接|问|追问|Action|Thought|Observation|输出示例|一句话|记忆|坑|如下|答案|[QA]\d?|\d+\s*[个种]?|TODO|PS|Tips?|Note|更新|其他|其它|重点|说明|背景|直觉|直观理解)$"
)
ANSWER = regex(r"^(?:答|A\d?|回答|解答)$")
ASKING = regex(r"什么|什麼|怎么|怎樣|怎样|如何|多少|几[个种步层]|哪|是否|能否|吗$|为何")
VERSUS = regex(
    r"^(?P<a>[^，,。]{1,25}?)\s*(?:vs\.?|VS\.?|和|与|跟|對比|对比)\s*(?P<b>[^，,。]{1,25}?)\s*(?:的?(?:主要|核心|本质)?(?:区别|差别|不同|对比|比较|异同))?$"
)
DIFFERENCE = regex(r"(?:区别|差别|不同|对比|比较|异同)$|vs", 2)
GIVEN = regex(
    r"(?:[太过越更](?:大|小|高|低|长|短|多|少)|(?:时|時|情况下|的话)|[<>≥≤]\s*[\d.]+|[^=]=\s*[\w.]+|(?:→|->)\s*[\w.∞]+)$"
)
FLAG = regex(r"=\s*(?:True|False|None)$", 2)
CAUSE = regex(r"^(?:因为|因為|由于|由於)\s*")
CLAUSAL = regex(
    rf"[，,。；;！]|就|有了|产生|一下|是(?!否)|会|可以|需要|不(?!变|同)|必须|应该|能够|没有|无法|都|{HAN}要|只"
)
QUALITY = regex(r"(?:高|低|慢|快|差|好|难|稳定|困难|昂贵|敏感|严重|受限|有限|不足)$")
DOES = regex(
    r"^(?:旨在|区分|标志|收集|统计|把|将|將|让|帮助|用来|用于|用於|负责|判断|提供|缓解|避免|防止|减少|存储|加载|管理|标记|控制|保存|决定|实现|生成|计算|预测|衡量|解决|保证|引导|记录|根据|使得?(?!用)|提高|提升|降低|增加|告诉|限制|惩罚|学习)"
)
ACTS = regex(r"^(?:用(?!于|来)|使用|通过|按|先|从|基于|利用|采用|直接|随机)")
REACTS = regex(r"^(?:当(?!前)|如果|若|在.{1,20}(?:时|後|后)[，,])")
IDENTIFIER = regex(r"^`?[A-Za-z_][\w.]*(?:_\w+|\.\w+|=\w+|\(\))`?$|^`[^`]+`$")
PAIR = regex(r"\S\s*(?:[与和跟](?!谐)|vs\.?)\s*\S")
COUNTED = regex(
    r"^(?P<verb>[^，,。]{0,24}?)(?P<n>(?<!\d)[两二三四五六2-6])\s*(?P<unit>[个种类点步条项部层])(?P<rest>[^，,。\s]{0,12})$"
)
MEASURE = regex(
    r"^(?:约|大约|至少|最多|几|一般|通常|常用|[~≈～])?\s*(?:[\d.,～~–-]+(?:e-?\d+)?\s*(?:[～~–-]\s*[\d.]+(?:e-?\d+)?)?\s*(?:[万亿千百个条层倍位GMKTΦ%x×]|B\b|$|(?=[，,；（(]))|[几数][十百千万])|^O\("
)
AMOUNT = regex(r"[量率数度]$|时间|次数|比例|质量|版本|规模")
SYMBOL = regex(r"^[A-Za-zα-ω]$|^`?[a-z]+(?:_[a-z]+)+`?$")
INSIDE = regex(BRACKETED)
METHOD = regex(
    r"^(?:训练|计算|构建|微调|评估|合并|加载|选择|设置|处理|安装|准备|构造|部署)(?!时|的|完|后|集|中)(?=\S{2})(?!.*(?:任务|数据|集|指标|率|速度|成本|阶段|方法|时|格式|结果|方式|工具|过程|脚本|参数|量|层|器|流程|框架)$)"
)
SUITS = regex(r"^(?:适合|适用(?:于|情况)?)$")
NAMES = regex(
    r"^[A-Za-z][A-Za-z0-9+./-]*(?:\s[A-Za-z][A-Za-z0-9+./-]*){0,2}(?:\s*[、,，]\s*[A-Za-z][A-Za-z0-9+./-]*(?:\s[A-Za-z][A-Za-z0-9+./-]*){0,2})+(?:\s?等)?$"
)
CURED = regex(r"^(?:解决|处理|修复|应对|缓解|对策)(?:办法|方法|方案|措施)?$")
YES_NO = regex(r"^(?:是|否|有|无|没有|支持|不支持|可以|不可以|能|不能|需要|不需要|✓|✗|✅|❌|√|×)(?=$|[。，,；;！（(])")
NUMBERING = regex(r"^(?:[（(]?\d{1,2}[)）.、]|[①-⑳]|[一二三四五六七八九十][、.]|Step\s*\d+|步骤\s*\d+)\s*[：:]?\s*")
TAIL = "模块阶段方法技术算法模型层参数组件索引步骤机制策略任务"
ELSEWHERE = regex(r"参见|详见|见(?:第|附)|(?:这样|如下|下面|以下|坑)\|$")
TIGHT = "，：？。；、（）「」《》“”"
LONGEST_LABEL = 26
SHORTEST_TEXT = 3


def joined_words(*parts: str) -> str:
    """Join pieces of a sentence: with a space between scripts, tight beside Chinese signs."""
    out = ""
    for part in filter(None, (part.strip() for part in parts)):
        last, first = out[-1:], part[:1]
        tight = not out or last in TIGHT or first in TIGHT or (CHINESE.match(last) and CHINESE.match(first))
        out += part if tight else f" {part}"
    return out


def stripped(text: str) -> str:
    """Return a clause without what only joins it to the one before."""
    for _ in range(3):
        text = without(PREFIX, without(NUMBERING, text.lstrip()))
    return text


def specific(subject: str) -> bool:
    """Whether a subject can stand in a question as a name."""
    return (
        1 < len(subject) <= NAME_LENGTH + 16 * subject[0].isascii()
        and not CLAUSAL.search(subject)
        and not POINTING.match(subject)
    )


def agent(subject: str) -> str:
    """Return who acts where a subject names an aspect: `BERT 的结构` → `BERT`."""
    owner, _, aspect = subject.rpartition("的")
    return owner.strip() if owner.strip() and (ASPECT.search(aspect.strip()) or AMOUNT.search(aspect)) else subject


def topic(clause: str, subject: str, shown: str) -> str:
    """Return what a clause is about so that it stands alone: stripped, its pronoun resolved, its subject in front."""
    said = stripped(clause).rstrip(" ，,：:")
    match = PRONOUN.match(said + "|")
    if match and not subject:
        return ""
    if match:
        return joined_words(agent(subject), said[match.end() :]) if specific(subject) else ""
    if POINTING.match(said):
        return ""
    if not said:
        return agent(subject) if specific(subject) else ""
    if not subject or named_in(subject, shown) or named_in(subject, said):
        return said
    return f"{subject}：{said}" if len(subject) <= NAME_LENGTH else ""


def labelled(label: str, text: str, subject: str) -> tuple[str, str] | None:
    """Return the question of a label and its answer, or nothing where the label asks nothing."""
    label = stripped(label).strip(" ，,。-—")
    bare = INSIDE.sub("", label).strip()
    text = text.strip()
    if EMPTY.match(label) or not label or len(text) < SHORTEST_TEXT - bool(NUMBER.match(text)) or POINTING.match(text):
        return None
    if VAGUE.match(text) or ELSEWHERE.search(text + label + "|") or text.endswith(("：", ":", "？")):
        return None
    if ANSWER.match(label):
        return (f"{subject}是什么？", text) if ASPECT.search(subject) and specific(subject) else None
    front = _asked(label, bare or label, text, subject)
    return (front, CAUSE.sub("", text)) if front else None


def _asked(label: str, bare: str, text: str, subject: str) -> str:
    if ASKING.search(label):
        return _interrogative(label, subject)
    if "：" in label or ": " in label or len(bare) > LONGEST_LABEL + 8 * label.isascii():
        return ""
    if text.startswith(("第一", "一方面", "其一")):
        return ""
    if SUITS.match(label):
        return joined_words(agent(subject), "适合什么情况？") if specific(subject) else ""
    if CURED.match(label):
        asks = "是什么？" if ASPECT.search(subject) else "怎么解决？"
        return joined_words(subject, asks) if specific(subject) else ""
    if METHOD.match(label) and not CLAUSAL.search(bare):
        return joined_words(_owner(label, subject), "怎样", f"{label}？")
    if (match := COUNTED.match(label)) and match["rest"] + match["verb"]:
        return joined_words(_owner(label, subject), f"{match['verb']}哪{match['n']}{match['unit']}{match['rest']}？")
    if (match := VERSUS.match(label)) and DIFFERENCE.search(label):
        return joined_words(match["a"], "和", match["b"], "有什么区别？")
    if GIVEN.search(label) and not FLAG.search(label):
        return joined_words(_owner(label, subject), label.removesuffix("时"), "时会怎样？")
    if (match := ASPECT.search(label)) and not CLAUSAL.search(bare):
        return _aspect(label, text, subject, own=match.start() > 0)
    if BOUND.search(text) and not CLAUSAL.search(bare):
        return joined_words(_owner(label, subject), "为什么需要", f"{label}？")
    if CAUSE.match(text) or QUALITY.search(bare) or (CLAUSAL.search(bare) and REASON_LIKE.search(text)):
        return "" if POINTING.match(label) else joined_words(_owner(label, subject), "为什么", f"{label}？")
    return "" if CLAUSAL.search(bare) or IF.match(label) else _name(label, text, subject)


BOUND = regex(r"所以(?:要|需要?|得)|因此(?:要|需要?|得)")
REASON_LIKE = regex(r"因为|由于|否则|不然|导致|会|才能|容易")


def _owner(front: str, subject: str) -> str:
    """Return the subject as a topic in front, where the front does not name it."""
    return f"{subject}：" if subject and not named_in(subject, front) and len(subject) <= NAME_LENGTH else ""


def _interrogative(label: str, subject: str) -> str:
    label = label.rstrip("？?")
    return f"{subject}是什么？" if label == "是什么" else joined_words(_owner(label, subject), f"{label}？")


def _aspect(label: str, text: str, subject: str, *, own: bool) -> str:
    """Ask for an aspect of the subject."""
    if DEFINES.match(label):
        return joined_words(subject, "是什么？") if subject else ""
    tail = (
        "有哪些？"
        if MANY_OF.search(label) and SEVERAL.search(text)
        else "是多少？"
        if NUMBER.match(text)
        else "是什么？"
    )
    if own and label in subject:
        return joined_words(subject, tail)
    if own and (not subject or words(subject) & words(label)):
        noun = ASPECT.search(label)
        head = label[: noun.start()].rstrip("的 ") if noun else label
        return joined_words(subject, label[len(head) :], tail) if subject.endswith(head) else joined_words(label, tail)
    if not specific(subject):
        return ""
    if PAIR.search(subject) and not own:
        return joined_words(subject.removesuffix(label).removesuffix("的"), "的", label, "有什么区别？")
    whose = subject.removesuffix(label).removesuffix("的").strip() or subject
    if ASPECT.search(whose) and not own:
        return joined_words(f"{whose}：", f"{label}{tail}")
    return (
        joined_words(whose, "的", f"{label}{tail}")
        if "的" not in whose and not label.startswith(("解决", "适用"))
        else joined_words(whose, f"{label}{tail}")
    )


def _name(label: str, text: str, subject: str) -> str:
    """Ask what the thing named by a label is, does or amounts to."""
    if YES_NO.match(text) or BRACKETED and VAGUE.match(text):
        return ""
    name = _full_name(label, subject)
    aspect = ASPECT.search(subject) or AMOUNT.search(subject)
    whole = subject if aspect and label.lower() in subject.lower() and specific(subject) else ""
    if NUMBER.match(text) or MEASURE.match(text):
        return joined_words(whole or name, "是多少？") if whole or ASPECT.search(name) or SYMBOL.match(label) else ""
    if whole and whole.lower().startswith(label.lower()) and not PAIR.search(whole):
        return joined_words(whole, "是什么？")
    if DOES.match(text) or REACTS.match(text):
        return joined_words(name, "有什么作用？" if IDENTIFIER.match(label) else "做什么？")
    if "→" in text:
        return ""
    if whole:
        return joined_words(name, "是怎样的？")
    if ACTS.match(text) and not REACTS.match(text):
        return joined_words(name, "是怎么做的？")
    if NAMES.match(text):
        return joined_words(name, "有哪些？") if not label.isascii() else ""
    if IDENTIFIER.match(label):
        return joined_words(name, "做什么？" if label.endswith(")") else "是什么意思？")
    return joined_words(name, "是怎样的？" if CLAUSAL.search(text) else "是什么？")


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
