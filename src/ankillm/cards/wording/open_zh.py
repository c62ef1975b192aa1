"""A Chinese label over a text that does not define it, `检索增强：将文档加入提示…`: asked where its text says how.

Readers kept more cards of a label left open, `RAG — 多层级隔离：[…]`, than of one asked by a word that does not fit
(`指什么`); so a label is asked only for what its text surely tells.
"""

import re

from msgspec import Struct

from ankillm.cards.wording.terms import LABEL_IN_CODE, core
from ankillm.cards.wording.words_zh import MEASURE, NUMBER
from ankillm.common.patterns import CHINESE, HAN, regex
from ankillm.markdown.sentences import joined_words

ACTS = regex(
    r"^(?:首?先|再|然后|每次|直接|一般|通常|主要|会)*"
    r"(?:将(?!来)|將|把|对(?=[^，,。]{1,40}(?:进行|進行|做|建模|编码|计算|采样|排序|打分|标注))|通过(?!率)|透過|使用|采用|採用|利用|基于|根据|借助|引入|加入|添加"
    r"|增加(?!的)|减少|降低|提[高升取供]|去掉|删除|移除|冻结|训练(?!集|数据|阶段|过程|时|的|和|与)|初始化为|初始化成|输出(?!层|的)|接收|执行|综合|更新|存储|保存|加载|读取|选[择取出]|评估(?!指标|的)"
    r"|构建|构造|合并|拼接|融合|拆分|切分|划分|压缩|过滤|筛选|映射|投影|替[换代]|改[进为用写]|改成|设计|模拟|实现|保留|记录|收集|统计|标记|校验|验证(?!集)|限制|约束|调[整节]|分配"
    r"|打乱|抽取|用(?!户|途|于|来)|在[^，,。：:]{1,16}(?:上|中|里|内|前|后|时)[，,]?(?:先|再|加|将|把|对|用|做|通过|使用))(?![，,。])"
)
"""How a text begins that says what is done."""
PROCESS = regex(
    r"(?:检索|召回|增强|训练|微调|编码|解码|融合|拼接|筛选|更新|搜索|分块|准备|校验|处理|门控|路由|共享|采样|切换|压缩|剪枝|初始化|归一化|预测|评估|评测|监控|优化|推理|计算|构建|选择"
    r"|调度|合并|拆分|分割|划分|对齐|蒸馏|部署|清洗|过滤|标注|裁剪|匹配|生成|缩放|加载|存储|去重|验证|恢复|预取|切分|投影|重排|改写|扩展|聚合|调优|改造|抽取"
    r"|传播|通信|同步|打分|评分|检测|识别|追踪|跟踪|转换|映射|替换|调整|量化)$"
    r"|(?:^|[\s-])(?!string|setting|ranking|meaning|embedding|encoding|heading|thing)[a-z]{3,}ing$"
    r"|(?:^|\s)(?:inference|retrieval|augmentation|evaluation|initiali[sz]ation)$"
)
"""What a label is called that names something done; in lower case."""
CLAIMS = regex(
    rf"^(?:无需|無需|只能|仅[限需能]|更[加为]?(?:适合|容易|好|快|稳定|灵活|准确)(?!的)\S)"
    rf"|^[^，,的]{{0,8}}(?:成本|速度|开销|效果|质量|能力|风险|性能|精度|效率|延迟|占用|难度)(?:更|较|很|太|过)?(?:高|低|慢|快|差|好|大|小|强|弱|有限|不足)$"
    rf"|^(?u:{HAN}){{1,8}}(?:不受|不需要|不能|无法)\S"
)
"""A label that claims something, for which its text stands."""
ASPECT = regex(
    r"(?:(?:核心|设计|研究|主要|基本|关键|具体|实际|最终|研究的|领域)?(?:动机|目的|目标|角度|idea|妙处|痛点|矛盾|贡献|创新|机制|定位|职责|现状|流程|作用|思想|思路|做法|结论|来源|依据|含义|本质))"
    r"|切入角度|时间复杂度|空间复杂度|复杂度"
)
"""A label that is nothing but an aspect of what stands above it."""
STEPS = regex(r"(?:→|->).+(?:→|->)")
NUMBERED = regex(r"\d\s*$|^\d")
ASKS = regex(r"哪里|哪些|哪[个种]|什么|什麼|如何|怎么|怎樣|怎样|为何|多少")
VERB_FIRST = regex(
    r"^(?:求解|求出|记录|构建|构造|搭建|准备|收集|获取|确定|划分|冻结|计算(?!量|图|复杂度|成本|资源|开销|效率))(?!.*的)[^，,]{2,}$"
)
"""A label that says what is to be done."""
NO_THING = regex(
    r"[/_]\w+\.\w+|\(静态\)|\(交互\)|\(动画\)|^[\[「“\"]|进一步|在.*(?:上|中|里)|做"
    r"|(?:procedure|process|step|characteristics|stage|phase|type|mode|case)s?$|^[a-z]+ing\s",
    re.IGNORECASE,
)
"""A file, a part of a page, a mark, or a clause."""


class Opened(Struct, frozen=True):
    """What stands before and behind a label that is asked."""

    before: str
    after: str
    is_aspect: bool = False
    """Whether the label is an aspect of what stands above it."""


def opened(label: str, text: str) -> Opened | None:
    """Return how a label is asked by its text; nothing where its text does not surely answer a question."""
    name = core(label)
    if not name or NUMBERED.search(name) or LABEL_IN_CODE.match(label) or NO_THING.search(label):
        return None
    if ASKS.search(name):
        return Opened("", "？")
    if ASPECT.fullmatch(name):
        return Opened("", "是多少？" if name.endswith("复杂度") else "是什么？", is_aspect=True)
    if NUMBER.match(text) or MEASURE.match(text):
        return None
    if CLAIMS.search(name) and not PROCESS.search(name):
        return Opened("为什么说", "？")
    return _done(label, name, text)


def _done(label: str, name: str, text: str) -> Opened | None:
    """Return how a label is asked whose text tells what is done."""
    acts = ACTS.match(text)
    if (PROCESS.search(name) or VERB_FIRST.match(name)) and (acts or STEPS.search(text)):
        return Opened("", "怎么做？")
    is_name = not CHINESE.search(name) and not (label.islower() and label.isalpha())
    return Opened("", "做什么？") if acts and is_name else None


def question(owner: str, label: str, found: Opened) -> str:
    """Return the question of a label that stands below its owner, if it has one."""
    if not owner:
        return joined_words(found.before, label, found.after)
    if found.is_aspect:
        return joined_words(owner, "：" if "的" in owner else "的", label, found.after)
    inside = not found.before and "：" not in owner
    return joined_words(owner, "中，" if inside else "：", found.before, label, found.after)
