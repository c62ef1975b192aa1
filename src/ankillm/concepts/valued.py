"""A value in running prose: recall it in its sentence.

Before: `通常长度设置在 64-256 之间`; `masked by setting their label to `-100``; `ε is typically 0.2`.
After: the sentence with the value as its gap.
"""

import re
from collections.abc import Iterator

from ankillm.concepts.model import Blank, Concept
from ankillm.concepts.pieces import Piece
from ankillm.concepts.scope import Scope
from ankillm.markdown import plain_text
from ankillm.patterns import regex
from ankillm.sentences import sentences

DIGITS = r"\d[\d.,]*(?:e-?\d+)?"
NUMBER = rf"(?<![A-Za-z\d.-])[~≈]?{DIGITS}(?:\s*(?:[-–~～到至]|to)\s*{DIGITS})?\s*(?:%|×|倍|个|位|层|MB|GB|[KMB]\b)?"
VALUE = rf"(?:`[^`]+`|\b(?:True|False|None)\b|{NUMBER})"
SET = regex(
    rf"""(?:设置?为|设成|设置在|取值?为|默认值?(?:是|为)?|初始值?(?:是|为)|初始化为|尝试设置为
      |\bset(?:ting)?\s+(?:[\w'-]+\s+){{0,4}}to|\bdefaults?\s+(?:to|is|of)|\bequals?)\s*[:：]?\s*(?P<value>{VALUE})""",
    re.VERBOSE | re.IGNORECASE,
)
USUAL = regex(
    rf"""(?:一般|通常|典型值?|常用|typically|usually|typical|commonly)[^，,。.；;\d`]{{0,12}}?(?P<value>{VALUE})""",
    re.VERBOSE | re.IGNORECASE,
)
LONGEST = 90


def valued(piece: Piece, scope: Scope) -> list[Concept] | None:
    """Take sentences that set something to a value, or say its usual one."""
    if piece.body or not piece.text or not scope.subject:
        return None
    return list(_found(piece, scope)) or None


def _found(piece: Piece, scope: Scope) -> Iterator[Blank]:
    for sentence in sentences(piece.text):
        match = SET.search(sentence) or USUAL.search(sentence)
        if not match or len(plain_text(sentence)) > LONGEST or "{{" in sentence:
            continue
        start, end = match.span("value")
        if sentence[start] == "`" and "`" not in sentence[start + 1 : end - 1]:
            start, end = start + 1, end - 1
        written = sentence[start:end].rstrip(" ,.")
        gapped = f"{sentence[:start]}{{{{c1::{written}}}}}{sentence[start + len(written) :]}"
        about = piece.label or scope.subject
        told = about.lower() in plain_text(sentence).lower()
        colon = "：" if scope.language == "zh" else ": "
        yield Blank(scope.place(piece), gapped if told else f"**{about}**{colon}{gapped}", name=written)
