"""A value in running prose: recall it in its sentence.

Before: `通常长度设置在 64-256 之间`; `masked by setting their label to `-100``; `激活值大约多占 30%`; `top_k=3`.
After: the sentence with the value as its gap.
"""

import re
from collections.abc import Iterator

from msgspec.structs import replace

from ankillm.common.patterns import ARROW, BRACKETED, HAN, regex
from ankillm.extract.cloze import gapped
from ankillm.extract.concepts import Blank, Concept
from ankillm.extract.pieces import Piece
from ankillm.extract.scope import Scope
from ankillm.extract.vocabulary import EXAMPLE, WORKED
from ankillm.markdown.inline import plain_text
from ankillm.markdown.sentences import sentences

DIGITS = r"\d[\d.,]*(?:e-?\d+)?"
RANGE = rf"[~≈]?{DIGITS}(?:\s*%?\s*(?:[-–~～到至]|to)\s*{DIGITS})?"
VALUE = regex(r"[\d`从]|True|False|None")
SIGN = rf"%|×(?=[，。,.;；）)]|$|{HAN})|x(?=\s)|倍|[万亿]"
"""Units that are hidden with their numbers; those in letters stay as a cue."""
SET = regex(
    rf"""(?:设置?为|设成|设置在|取值?为|默认值?(?:是|为)?|初始(?:值|化)?(?:是|为)|尝试设置为
      |\bset(?:ting)?\s+(?:[\w'-]+\s+){{0,4}}to|\bdefaults?\s+(?:to|is|of)|\bequals?)\s*[:：]?
      \s*(?P<value>`[\w.+-]+`|\b(?:True|False|None)\b|(?<![A-Za-z\d.-]){RANGE}\s*(?:{SIGN})?)""",
    re.VERBOSE | re.IGNORECASE,
)
USUAL = regex(
    rf"""(?:一般|通常|典型值?|常用|typically|usually|typical|commonly)[^，,。.；;\d`]{{0,12}}?
      (?P<value>`[\d.+-]+`|\b(?:True|False|None)\b|(?<![A-Za-z\d.-]){RANGE}(?:\s*(?:{SIGN}))?)""",
    re.VERBOSE | re.IGNORECASE,
)
ASSIGNED = regex(rf"(?:(?<![\w.])[A-Za-z_][\w.]{{2,}})\s*=\s*(?P<value>True|False|None|{DIGITS})(?![\w(.]|\s*[×*/^])")
UNIT = rf"{SIGN}|[MB](?=\s*(?:个?参数|param))|[KMGT]i?B\b|字节|(?<=\s)bits?\b|bytes?\b|比特"
HEDGED = regex(
    rf"""(?:大?约|大概|差不多|接近|[至最]少|最多|不超过|不到|超过|低于|高于|只有|只要|只需要?|[只仅]用?|降[到低]|减少|提[升高]|达到
      |\babout|\baround|\broughly|\bapproximately|\bnearly|\bat\s(?:least|most)|\bup\sto|\bmore\sthan|\bless\sthan|\bonly|\bover|\bwithin)
      了?\s*(?P<value>{RANGE}\s*(?:{SIGN})?)(?=\s*(?:{UNIT})|(?![A-Za-z\d.%]))""",
    re.VERBOSE,
)
MEASURED = regex(rf"(?<![A-Za-z\d.-])(?P<value>{RANGE}\s*(?:{SIGN}|(?=(?:{UNIT}))))")
NAMED = regex(
    rf"^(?P<name>[^\d，。：=,:（(]{{2,16}}?(?<![的是了在和约有]))\s+(?P<value>{DIGITS}(?:\s*(?:->|→|×)\s*{DIGITS})*(?:\s*(?:{SIGN}|[KMGT]?B|[层个维字节]+))?)(?=$|\s*[（(])"
)
"""An item that is a name and its value: `层数 28`."""
CHANGED = regex(
    r"从\s*(?:\$[^$]+\$|[^，。；;]{1,16}?)\s*(?:降[到低至为]|减[到少]?[到为]|改[成为]|变[成为]|升[到至]|增加?到|提高到)\s*(?P<value>\$[^$]+\$|O\([^)]*\)|\d[\d.]*(?:/\d+|e-?\d+)?(?:\s*(?:%|倍|[A-Za-z]{1,3}(?![A-Za-z])))?)"
)
"""What something becomes that was something else."""
CODE = r"(?:[A-Za-z_][\w.]*_\w+|[A-Za-z_][\w.]+\([\w, ]*\)|[\w-]+/[\w./-]+\.\w{2,5})"
CALLED = regex(
    rf"(?:用|调用|通过|作为|加上|写上|开启|打开|换成|改成|只保存|在|到|with|via|calls?|use)\s*`(?P<value>{CODE})`"
)
"""A name in code that a sentence says to use."""
MATH_FIRST = regex(r"^\$[^$]+\$\s*[，,]\s*")
APART = regex(rf"{BRACKETED}|[“\"][^“”\"]*[”\"]")
"""What is in brackets or quoted is not what the sentence measures."""
SERIES = regex(r"(?:\d[\d.]*\s*%[^%]*){3}")
"""The scores of a run, one after another."""
LEADS = regex(rf"^{ARROW}\s*|[：:]$")
"""What leads from the line above, or to the one below."""
SAYS = regex(r"[要需占]|\b(?:needs?|takes?|costs?|is|are)\b")
"""What a line over a list has to hold to be a statement and no title."""
LONGEST, LEAST_AROUND = 90, 6
LEAST_LABELLED = 32
"""Characters of a text that is not told whole by a card on its label."""


def measured_value(piece: Piece, scope: Scope) -> list[Concept]:
    """Return a gap for each value that a sentence of a piece sets, calls usual or measures."""
    over = piece.label if piece.body and not piece.text else ""
    if not (scope.subject or piece.label) or not VALUE.search(over or piece.text):
        return []
    return list(_found(replace(piece, label="", text=f"{over}：") if over else piece, scope))


def _found(piece: Piece, scope: Scope) -> Iterator[Blank]:
    for whole in sentences(piece.text):
        sentence = _short(LEADS.sub("", whole))
        if (
            len(plain_text(sentence)) > LONGEST
            or "{{" in sentence
            or EXAMPLE.match(sentence)
            or WORKED.match(sentence)
            or SERIES.search(sentence)
        ):
            continue
        if sentence.endswith(("?", "？")) or (whole.endswith(("：", ":")) and not SAYS.search(sentence)):
            continue
        if piece.label and len(plain_text(piece.text)) < LEAST_LABELLED:
            continue
        told = SET.search(sentence) or USUAL.search(sentence) or NAMED.match(sentence)
        found = [told] if told else _measured(sentence) or list(CALLED.finditer(sentence))[:1]
        for match in found:
            start, end = match.span("value")
            if sentence[start] == "`":
                start, end = start + 1, end - 1
            end = start + len(sentence[start:end].rstrip(" ,."))
            if told or len(sentence) - (end - start) >= LEAST_AROUND:
                yield from gapped(sentence, (start, end), piece, scope, in_code=True)


def _short(sentence: str) -> str:
    """Return what a sentence says without the formula that it begins with, and a long one up to its colon."""
    sentence = MATH_FIRST.sub("", sentence)
    head, colon, _ = sentence.partition("：")
    return head if colon and len(plain_text(sentence)) > LONGEST and SAYS.search(head) else sentence


def _measured(sentence: str) -> list[re.Match[str]]:
    """Return the measured values of a sentence, from left to right, without overlaps."""
    if not any(map(str.isdigit, sentence)) and "从" not in sentence:
        return []
    plain = APART.sub(lambda match: " " * len(match[0]), sentence)
    matches = [match for pattern in (ASSIGNED, HEDGED, MEASURED) for match in pattern.finditer(plain)]
    matches += CHANGED.finditer(sentence)
    matches.sort(key=lambda match: (match.start("value"), -match.end("value")))
    kept: list[re.Match[str]] = []
    for match in matches:
        if not kept or match.start("value") >= kept[-1].end("value"):
            kept.append(match)
    return kept[:2]
