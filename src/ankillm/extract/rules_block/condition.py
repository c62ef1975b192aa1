"""Advice with a value: when something holds, a setting is to have a value.

Before: `- 如果需要极致的参数效率，可以设置为 False` under `prefix_projection：`. After: condition and consequence.
Advice without a value (`适当增加`) is not worth a card, unless its condition is its label: `β 太小：容易钻空子`.
"""

import re
from collections.abc import Sequence

from ankillm.common.patterns import ARROW, regex
from ankillm.extract.concepts import Concept, Condition, Question
from ankillm.extract.pieces import Piece
from ankillm.extract.rules_block.attribute import values_of
from ankillm.extract.scope import Scope
from ankillm.extract.vocabulary import CONDITIONAL
from ankillm.markdown.blocks import List
from ankillm.markdown.inline import escaped, math_kept
from ankillm.markdown.sentences import joined_words
from ankillm.markdown.writer import bulleted

ZH = regex(
    r"^(?:如果|若|假如|当|在)(?P<condition>[^，,。]{2,40}?)(?:时|的话|的情况下)?[，,]\s*(?:则|就|那么)?(?P<consequence>[^。]+)$"
)
WHEN = regex(
    r"^(?P<condition>[^，,。：]{3,40}?)(?:的话[，,]?|的时候[，,]?|的情况下[，,]?|时[，,])\s*(?:则|就|那么)?(?P<consequence>[^。]{3,})$"
)
EN = regex(
    r"^(?:if|when|for)\s+(?P<condition>[^,.]{3,80}),(?!\d)\s*(?:then\s+)?(?P<consequence>[^.]+)\.?$", re.IGNORECASE
)
HELD = regex(
    r"^(?:if|when)\s+(?P<condition>.{3,80})$|^with\s+(?P<used>\S.{1,30})$|^(?P<case>\S.{0,20}?(?:[太过越调变][大小高低长短多少]|增大|减小|增加|减少)|[A-Za-zα-ω]\w{0,12}\s*(?:→|->|>|<|≥|≤)\s*[\d.]+)$|^`?(?P<set>[A-Za-z_][\w.]*\s*(?:=|为)\s*[\w.]+)`?\s*(?:时|的时候|的话)$|^(?:如果|若|假如|当)(?P<zh>.{2,40}?)(?:时|的话|的时候)?$",
    re.IGNORECASE,
)
"""A label that is a condition."""
MOST = 4
LEADS_TO = regex(
    rf"""^(?P<condition>[^→=<>。]{{0,40}}?(?:调大|调小|增大|减小|变大|变小|越.{{1,4}}|[过太][大小高低长短]|增加|减少
      |up|down|larger|smaller|higher|lower|increases?|decreases?|too\s\w+))\s*{ARROW}\s*(?P<consequence>[^→。；;\s][^→。；;]{{1,80}})""",
    re.IGNORECASE | re.VERBOSE,
)
VALUE = regex(
    r"`[^`]+`|\b(True|False|None|true|false|null)\b|(?:设置?为|设成|以\s*\S+\s*为准|[a-z]+_[a-z_]+|取|选择?|用|使用|set\s+to|use|choose|try)\s*\S*[A-Za-z0-9]|\d"
)
WHERE = regex(r"^(?:在(?![线于校职])|每[一个次])(?!.*(?:情况|条件|前提)之?下$)[^，,。；;：:]{1,24}$")
"""A label that says when or where something is done: `在每一步去噪时`, `在推理阶段`, `每一步`."""
OF_EACH = regex(r"^(?:for\b|when\s+\w+ing\b)", re.IGNORECASE)
"""An English label that says for which things, or during what, and is no condition."""
DONE = regex(
    r"^(?:[先再都只就会要需可以首然后接着最后每次]{0,4})(?:把|将|对|用|以|按|从|由|让|给|预测|保留|计算|更新|选|采样|处理|生成|输[入出](?![端层侧向的])|使用|采用|冻结|训练|加载"
    r"|丢[弃掉]|删|移除|加|减|乘|除|拼接|合并|切|拆|分[配发割块]|复制|拷贝|广播|同步|收集|聚合|归约|传|发送|接收|读|写|存|缓存|查|检索|召回|排序|过滤|打分|评|比较"
    r"|追加|添加|抽|喂|打乱|重复|循环|找|求|取|算|做|跑|执行|调用|调整|降|升|增|缩|放|限制|遮|掩|填充|截断|映射|投影|编码|解码|归一化|量化|压缩|重[新算复写]|跳过|停止|固定|打开|关|启用|不[再做用需会])"
)
"""How an item begins that says what is done."""
IF_AROUND = regex(r"^(?:当|如果|若|假如|在|if\s+|when\s+)|(?:时|的话|的?(?:情况|条件|前提)之?下)$", re.IGNORECASE)


def condition(piece: Piece, scope: Scope) -> list[Concept] | None:
    """Take a sentence of the form if-then whose consequence holds a value or a name, or a label that is an if."""
    if piece.body and not piece.text and (CONDITIONAL.match(piece.label) or WHERE.match(piece.label)) and scope.subject:
        return _over_list(piece, scope)
    if piece.body or not piece.text:
        return None
    whole = f"{piece.label}：{piece.text}" if piece.label else piece.text
    plain = math_kept(whole.replace("\n", "。") if scope.language == "zh" else whole)
    match = LEADS_TO.match(plain)
    if not match and scope.subject:
        if piece.label and (held := HELD.match(piece.label)):
            return _held(held, piece, scope)
        found = ZH.match(plain) or EN.match(plain) or WHEN.match(plain)
        match = found if found and VALUE.search(found["consequence"]) else None
    if not match:
        return None
    condition, consequence = match["condition"].strip(), escaped(match["consequence"].strip())
    return [Condition(scope.place(piece), scope.subject, condition, consequence)]


def _held(held: re.Match[str], piece: Piece, scope: Scope) -> list[Concept] | None:
    """Take a label that is a condition: `β 太小`, `if inf is found`; `With DDP` where something is to be set."""
    if held["used"] and (scope.language != "en" or not VALUE.search(piece.text)):
        return None
    holds = (
        f"you use {held['used']}" if held["used"] else held["condition"] or held["case"] or held["set"] or held["zh"]
    )
    return [Condition(scope.place(piece), scope.subject, holds.strip(), piece.text)]


def _over_list(piece: Piece, scope: Scope) -> list[Concept] | None:
    """Take a condition that stands as a label over what then happens, or a place over what is done there."""
    values, _ = values_of(piece.body)
    if OF_EACH.match(piece.label):
        return []
    if WHERE.match(piece.label):
        does = values and len(values) <= MOST and isinstance(piece.body[0], List)
        return _done(piece, scope, values) if does and all(map(DONE.match, values)) else []
    if not values or len(values) > MOST:
        return None
    consequence = bulleted(values)
    held = IF_AROUND.sub("", piece.label).strip()
    return [Condition(scope.place(piece), scope.subject, held, consequence)]


def _done(piece: Piece, scope: Scope, values: Sequence[str]) -> list[Concept]:
    """Ask what a thing does where or when a label says."""
    when = f"{piece.label}，" if piece.label.endswith(("时", "时候")) else ""
    asked = joined_words(*((when, scope.subject) if when else (scope.subject, piece.label)), "做什么？")
    return [Question(scope.place(piece), asked, bulleted(values))]
