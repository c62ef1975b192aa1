"""A statement of what something is divided into or made of, in one sentence or over a list.

Before: `LLM一般分为三种类型：` over three bullets; `ZeRO has three stages: …`; `评估指标包括精确率、召回率和F1`.
After: the question that the statement answers, its members as values.
"""

import re

from ankillm.concepts.attribute import MOST_VALUES, values_of
from ankillm.concepts.model import Attribute, Concept
from ankillm.concepts.pieces import Piece
from ankillm.concepts.scope import Scope, is_name
from ankillm.markdown import plain_text
from ankillm.patterns import regex

COUNT = r"(?:[二两三四五六七2-7])"
FEWEST = 2
ZH = regex(
    rf"""^(?:目前|现在|学术界|业界|一般|通常|我们|人们|将|把)*(?P<subject>[^，。：:；]{{1,30}}?)(?:一般|通常|主要|大致|可以|可|又)*
      (?:分为|分成|包括|包含|提出|由|有)(?:以下|了)?(?P<kind>{COUNT}?\s*[种类个大部]?[^，。：:；、]{{0,10}}?)(?:[，,].*)?[：:]?$""",
    re.VERBOSE,
)
EN = regex(
    r"""^(?:there\ are\ (?P<many>\w+\ [\w\ -]{3,40}?)(?:\ (?:of|for|in)\ (?P<of>[\w\ -]{2,40}))?
      |(?P<subject>[\w\ -]{2,40}?)\ (?:consists?\ of|includes?|comprises?|has|have|comes?\ in)
        (?:\ the\ following)?(?P<kind>\ [\w\ -]{3,40})?)\s*:?$""",
    re.VERBOSE | re.IGNORECASE,
)


def enumeration(piece: Piece, scope: Scope) -> list[Concept] | None:
    """Take a line that announces its members, over a list of two to seven."""
    announced = piece.label if piece.body and not piece.text else ""
    plain = plain_text(announced or (piece.text if piece.body else "")).rstrip("：: ")
    match = ZH.match(plain) or EN.match(plain)
    if not match:
        return None
    values, ordered = values_of(piece.body)
    if not FEWEST <= len(values) <= MOST_VALUES:
        return None
    groups = match.groupdict()
    subject = (groups.get("of") or groups.get("subject") or "").strip()
    label = (groups.get("many") or groups.get("kind") or "").strip()
    if not subject or not is_name(subject):
        subject = scope.subject
    return [Attribute(scope.place(piece), subject, label, values, ordered)] if subject else None
