"""Advice with a value: when something holds, a setting is to have a value.

Before: `- 如果需要极致的参数效率，可以设置为 False` under `prefix_projection：`. After: condition and consequence.
Advice without a value (`适当增加`) is not worth a card, unless its condition is its label: `β 太小：容易钻空子`.
"""

import re

from ankillm.common.patterns import ARROW, regex
from ankillm.extract.concepts import Concept, Condition
from ankillm.extract.pieces import Piece
from ankillm.extract.rules_block.attribute import values_of
from ankillm.extract.scope import Scope
from ankillm.extract.vocabulary import CONDITIONAL
from ankillm.markdown.inline import escaped, math_kept
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
IF_AROUND = regex(r"^(?:当|如果|若|假如|if\s+|when\s+)|(?:时|的话)$", re.IGNORECASE)


def condition(piece: Piece, scope: Scope) -> list[Concept] | None:
    """Take a sentence of the form if-then whose consequence holds a value or a name, or a label that is an if."""
    if piece.body and not piece.text and piece.label and CONDITIONAL.match(piece.label) and scope.subject:
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
    """Take a condition that stands as a label over what then happens."""
    values, _ = values_of(piece.body)
    if not values or len(values) > MOST:
        return None
    consequence = bulleted(values)
    held = IF_AROUND.sub("", piece.label).strip()
    return [Condition(scope.place(piece), scope.subject, held, consequence)]
