"""A statement of what something is divided into or made of, in one sentence or over a list.

Before: `LLM一般分为三种类型：` over three bullets; `ZeRO has three stages: …`; `评估指标包括精确率、召回率和F1`.
After: the question that the statement answers, its members as values.
"""

import re

from ankillm.common.patterns import regex
from ankillm.extract.concepts import Attribute, Concept
from ankillm.extract.pieces import Piece
from ankillm.extract.rules_block.attribute import MOST_VALUES, values_of
from ankillm.extract.scope import Scope, is_generic, is_name
from ankillm.markdown.inline import math_kept, plain_text
from ankillm.markdown.sentences import sentences
from ankillm.markdown.spans import split_outside

COUNT = r"(?:[二两三四五六七2-7])"
FEWEST, LONGEST_NAME = 2, 30
MEMBER = r"[^，。；：、（）？?]{2,24}?"
LISTED_ZH = regex(
    rf"""(?P<verb>包括|包含|分为|分成|有|由)(?:了|以下)?\s*(?P<members>{MEMBER}(?:、{MEMBER})+?(?:(?:和|与|以及|及){MEMBER})?)
      (?P<kind>[三四五六七3-7]\s*[个种类大部]\s*[^，。；：、\s（）]{{1,8}})?(?:组成|构成|等)?(?=[，。；（(]|$)""",
    re.VERBOSE,
)
LISTED_EN = regex(
    r"\b(?P<verb>consists?\sof|includes?|comprises?|is\smade\sup\sof)\s(?P<members>[\w\s-]{2,30}(?:,\s[\w\s-]{2,30})+,?\sand\s[\w\s-]{2,30})(?=[.;,]|$)",
    re.IGNORECASE,
)
COUNTED = regex(
    r"^(?P<subject>[^，。：:；]{2,30}?)(?:[一总]?共|主要|一般|通常)?(?:有(?P<kind>[三四五六七3-7]\s*[种个类点项])|由[三四五六七3-7几]?个?部分(?:组成|构成))$"
)
LONGEST_MEMBER = 30
ADVERB = regex(r"(?:一般|通常|主要|大致|可以|又)+$")
PREDICATE = regex(r"[才都就会要能]|\b(?:is|are|can|will)\b")
"""What is in a statement, and in no member of a list."""
BETWEEN = regex(r"、|和|与|以及|及|,\s(?:and\s)?|\sand\s")
ZH = regex(
    rf"""^(?:目前|现在|学术界|业界|一般|通常|我们|人们|将|把)*(?P<subject>[^，。：:；]{{1,30}}?)(?:一般|通常|主要|大致|可以|可|又)*
      (?:分为|分成|包括|包含|提出|由|具有|拥有|有)(?:以下|了)?(?P<kind>{COUNT}?\s*[种类个大部]?[^，。：:；、]{{0,10}}?)(?:[，,].*)?[：:]?$""",
    re.VERBOSE,
)
EN = regex(
    r"""^(?:there\ are\ (?P<many>\w+\ [\w\ -]{3,40}?)(?:\ (?:of|for|in)\ (?P<of>[\w\ -]{2,40}))?
      |(?P<subject>[\w\ -]{2,40}?)\ (?:consists?\ of|includes?|comprises?|has|have|comes?\ in)
        (?:\ the\ following)?(?P<kind>\ [\w\ -]{3,40})?)\s*:?$""",
    re.VERBOSE | re.IGNORECASE,
)
CLAUSE_SIGN = regex(r"[，,。：:]")


def enumeration(piece: Piece, scope: Scope) -> list[Concept] | None:
    """Take a line that announces its members, over a list of two to seven."""
    announced = piece.label if piece.body and not piece.text else ""
    plain = math_kept(announced or (piece.text if piece.body else "")).rstrip("：: ")
    match = ZH.match(plain) or EN.match(plain)
    if not match:
        return None
    values, ordered = values_of(piece.body)
    if not FEWEST <= len(values) <= MOST_VALUES:
        return None
    groups = match.groupdict()
    subject = ADVERB.sub("", (groups.get("of") or groups.get("subject") or "").strip())
    label = (groups.get("many") or groups.get("kind") or "").strip()
    if not subject or not is_name(subject):
        subject = scope.subject
    return [Attribute(scope.place(piece), subject, label, values, ordered)] if subject else None


def counted(piece: Piece, scope: Scope) -> list[Concept] | None:
    """Take a label that counts what stands beside it: `缓解遗忘的方法有三种：…、…、…`, `显存由四部分组成：…`."""
    match = COUNTED.match(piece.label) if piece.text and not piece.body else None
    values = (
        [value.strip() for value in split_outside(BETWEEN, sentences(piece.text)[0].rstrip("。. "))] if match else []
    )
    if not match or not FEWEST < len(values) <= MOST_VALUES or any(len(plain_text(v)) > LONGEST_MEMBER for v in values):
        return None
    label = f"有{match['kind']}" if match["kind"] else ""
    subject = match["subject"].strip()
    return [Attribute(scope.place(piece), subject, label, tuple(values))] if is_name(subject) else None


def members(piece: Piece, scope: Scope) -> list[Concept]:
    """Return what a sentence within a piece lists: `一般包括实体识别、关系抽取、事件抽取三个子任务`."""
    if "、" not in piece.text and ", " not in piece.text:
        return []
    found: list[Concept] = []
    for sentence in sentences(piece.text):
        match = LISTED_ZH.search(sentence) or LISTED_EN.search(sentence)
        if not match:
            continue
        parts = split_outside(BETWEEN, match["members"].strip(" ，,。."))
        values = [value.strip() for value in parts if value.strip()]
        counted = math_kept(match.groupdict().get("kind") or "")
        about = _about(math_kept(sentence[: match.start()]).strip(), piece, scope)
        if not about or not FEWEST < len(values) <= MOST_VALUES or any(map(PREDICATE.search, values)):
            continue
        label = f"{match['verb']}{counted or '些'}" if scope.language == "zh" else ""
        found.append(Attribute(scope.place(piece), about, label, tuple(values)))
    return found


def _about(before: str, piece: Piece, scope: Scope) -> str:
    """Return what a sentence lists the members of: the name that it begins with, else the label or the subject."""
    name = ADVERB.sub("", before).strip()
    if name and is_name(name) and len(name) <= LONGEST_NAME and not CLAUSE_SIGN.search(name):
        return name
    return piece.label if piece.label and is_name(piece.label) and not is_generic(piece.label) else scope.subject
