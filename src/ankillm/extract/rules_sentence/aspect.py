"""What a sentence says of an aspect of something: ask for it.

Before: `ZeRO 的核心思想是把状态切分到各张卡上`; `The goal of QLoRA is to fit 65B on one GPU`.
After: the aspect asked for, what it is the answer.
"""

import re

from msgspec.structs import replace

from ankillm.common.patterns import BRACKETED, regex
from ankillm.extract.concepts import Attribute, Concept, Question
from ankillm.extract.pieces import Piece
from ankillm.extract.scope import Scope, is_name
from ankillm.extract.told_of import speaks_of, told_of
from ankillm.markdown.inline import math_kept
from ankillm.markdown.sentences import sentences

ASPECT = (
    "(?:核心|主要|基本|关键|根本|最大)?的?"
    "(?:核心|思想|思路|出发点|目的|目标|本质|关键|原理|作用|优势|优点|缺点|代价|好处|坏处|瓶颈|前提|结论|做法|假设|输入|输出|问题|局限|贡献|区别|动机)"
)
ZH = regex(
    rf"""^(?:而|但|所以|因此|其实)?(?P<of>[^，。：:；;！？?的]{{1,30}}?(?:{BRACKETED})?)\s*的(?P<aspect>{ASPECT})
      (?:就|也|主要)?(?:是|在于|：)(?!否)\s*(?P<text>[^。？?]{{4,110}})[。]?$""",
    re.VERBOSE,
)
EN = regex(
    r"""^(?P<asked>(?:the|its)\s+(?:main|key|core|biggest|big)?\s*
      (?:idea|goal|aim|purpose|advantage|benefit|drawback|disadvantage|downside|limitation|trick|insight|catch|cost
      |bottleneck|assumption|motivation)
      (?:\s+(?:of|behind|in|with)\s+(?P<of>[\w .+()-]{2,40}?))?)
      \s+(?:is|was)\s+(?:that\s+)?(?P<text>[^?]{8,160}?)[.]?$""",
    re.VERBOSE | re.IGNORECASE,
)
OWN = regex(
    r"^是?(?:它|其|该(?:方法|参数|模型|算法)|这一?[种个]?(?:方法|做法|技术|方式|方案|机制|策略)?)$"
    r"|^(?:通常|一般|常见|常用|目前|现在|标准|主流|具体|实际)$"
)
"""What points at the subject, or says how usual something is of it."""
USED = regex(r"^(?:利用|使用|采用|用)(?:了|一[个种])?(?=\S{2})")
"""What is done with a thing, before its name: `利用一个多级页表的缺点`."""
OTHER = regex(
    r"^(?:两者|二者|三者|前者|后者|上[面述]|下面|第.种|我|你|大家|作者|论文|本文|this\b|that\b|these\b|(?:the\s+)?(?:section|paper|post|note)\b)",
    re.IGNORECASE,
)
"""What points at something else, or at no thing to learn."""
SIGNS = {"zh": ("是", "在于"), "en": (" is ", " was ")}


def aspect(piece: Piece, scope: Scope) -> list[Concept]:
    """Return what each sentence of a piece says of an aspect of what it names."""
    whole = f"{piece.label}：{piece.text}" if piece.label and piece.text else piece.text
    if piece.body or not any(sign in (piece.label or whole) for sign in SIGNS[scope.language]):
        return []
    found: list[Concept] = []
    about = scope
    for sentence in sentences(whole):
        about = _turned(sentence, about, scope)
        match = (ZH if scope.language == "zh" else EN).match(sentence)
        if match and (concept := _told(match, piece, about)):
            found.append(concept)
    return found


def _turned(sentence: str, about: Scope, scope: Scope) -> Scope:
    """Return the scope of what a sentence is about, which a pronoun in it or behind it stands for."""
    known = (scope.subject,) if scope.subject else ()
    if (told := told_of(sentence, known)) is not None:
        return replace(scope, subject=told)
    return scope if known and speaks_of(sentence, known) else about


def _told(match: re.Match[str], piece: Piece, scope: Scope) -> Concept | None:
    of = USED.sub("", math_kept(match["of"] or "").strip())
    text = match["text"].strip()
    if of and (OTHER.match(of) or (not is_name(of) and not OWN.match(of))):
        return None
    of = scope.subject if not of or OWN.match(of) else of
    if not of:
        return None
    if scope.language == "zh":
        return Attribute(scope.place(piece), of, match["aspect"], (text,))
    asked = math_kept(match["asked"])
    asked = asked[0].lower() + asked[1:]
    told = f"What is {asked}?" if match["of"] else f"{of}: what is {asked}?"
    return Question(scope.place(piece), told, text, name=f"{of}/{asked}")
