"""A formula in words: a quantity, an equals sign, and what it is made of.

Before: `KV cache 大小 = 2 × 层数 × KV头数`; `Effective batch size = micro batch × accumulation`.
After: the quantity, its formula the value.
"""

import re

from msgspec.structs import replace

from ankillm.common.patterns import BRACKETED, regex, without
from ankillm.extract.concepts import FORMULA, Attribute, Concept, Definition
from ankillm.extract.pieces import Piece
from ankillm.extract.scope import Scope, is_name
from ankillm.markdown.blocks import Math
from ankillm.markdown.inline import plain_text
from ankillm.markdown.spans import BLANK, masked

MOST_WORDS, LONGEST_LEFT = 6, 12
SYMBOLS = regex(r"\\(?:text|mathrm|mathbf|mathit|operatorname|rm)\b|[{}\s]")
NAMED = regex(r"^[A-Za-z][A-Za-z-]{1,}(?:@\w+)?(?:\([\w,.]*\))?$")
"""A left side that is a word, with its arguments: `PPL`, `Attention(Q,K,V)`."""
EQUATION = regex(
    r"^(?P<name>[^=＝，。,;；:：≈<>!]{2,48}?)\s*(?:=|＝|≈)\s*(?P<value>(?=.*(?:[×*/+÷·^]|\s-\s|(?<![A-Za-z\d]-)(?<![A-Za-z_])\d))[^=＝].{2,160}?)(?:[，,。]\s*(?:so|i\.e\.|所以|例如|比如|即|也就是|这里).*|[.。]\s.*)?[。.]?$",
    re.DOTALL,
)


ROW = regex(r"\\\\(?:\[[^\]]{0,12}\])?")
ALONE = regex(r"^(?P<math>\$[^$]*=[^$]*\$)[。.]?$")
"""A line that is nothing but one formula."""
FIRST = regex(r"^(?P<math>\$[^$]*=[^$]*\$)\s*[，,]")
"""A formula with which a line begins."""
NAMED_MATH = regex(r"^(?P<name>[^$`=，。,;；:：、()（）|]{2,30}?)\s?(?P<math>\$[^$]{0,12}=[^$]+\$)[。.;；]?$")
"""A name and its formula, and nothing else."""
QUANTITY = regex(
    r"(?:矩阵|概率|系数|损失|函数|[率数量值比度差]|分布|权重|向量|梯度|得分|大小|因子|目标|熵)$"
    r"|\b(?:factor|loss|rate|matrix|probability|score|ratio|size|weights?|function|gradient|error|objective|distribution|variance|mean"
    r"|entropy|number|length)$",
    re.IGNORECASE,
)
"""How the name of what is reckoned ends: what leads to a formula is none, `化简 $p = …$`."""
RECKONED = regex(r"\\frac|\\sum|\\prod|\\max|\\min|\\log|\\exp|\\int|[/*+]|\\(?:times|cdot)(?!s)|\^|\s-\s")
"""What is worked out in TeX."""
CODED = regex(rf"^`(?P<code>[^`]+)`\s*(?:{BRACKETED})?[。.]?$")
GOES_ON = regex(r"-?[\d.]+\s*(?:是|表示|代表|时|[，,]\s*\D)")
"""A value of which a sentence then says something."""
SAYS = regex(
    r"\b(?:uses?|sets?|has|have|is|are|but|that|which|because|so|then|if|when|while|we|you|picks?|chooses?|selects?|computes?"
    r"|takes?|gives?|divides?|multipl(?:y|ies)|minimi[sz]es?|maximi[sz]es?|merges?|ranks?\sby|sorts?\sby|scaled\sby|weighted\sby)\b"
    r"|^(?:like|as|with|by|for|in|unlike)\s",
    re.IGNORECASE,
)
"""A verb before the equals sign, or what makes a clause of it."""
BY_MEASURE = regex(
    r"[^=.:;$`]{4,80}\s(?:picks?|chooses?|selects?|merges?|ranks?|sorts?|takes?)\s[^=.:;$`]{0,40}?\bby\s(?:the\s|its\s|a\s)?"
    r"(?P<name>[a-z][\w-]*(?:\s[\w-]+)?)\s=\s(?P<value>[^=.;]{4,80}?)(?:\s(?:instead\sof|rather\sthan|and\snot|not)\s.*|,\s.*)?[.]?$"
)
"""A clause that names the measure by which something is picked, with its formula: `picks the pair by score = …`."""
ENVIRONMENT = regex(r"\s*\\begin\{(?:array|aligned?|equation|split|gather(?:ed)?|multline)\*?\}(?:\{[a-z|]*\})?\s*")
"""What opens the frame that a formula stands in."""
OPERATOR = regex(r"[×*/+÷]\s*\S+\s*[×*/+÷]")
OPERATOR_LEFT = regex(r"\d\s*[*×·]|[*×]\s*\d|^\s*[\d.]+\s*$")
"""A left side that is worked out itself: `2*N*d*d = 2Nd^2`."""
LONGEST_SYMBOL = 60
LETTERS = regex(
    r"(?:其中|式中|这里的?|這裡的?|where\b|here\b)[，,：:]?\s*(?:the\s)?"
    r"(?:[$`]|[A-Za-z](?:_\w+|\d)?\s?(?:is|are|denotes?|means|表示|是|为|代表|指|[：:]))",
    re.IGNORECASE,
)
"""How a line begins that tells what the letters of the formula above mean."""
LONGEST_LETTERS = 200
STOPPED = regex(r"(?:\\[,;:! ]|\s)*(?<!\\)(?<!\\right)(?<!\\left)[,.，。]$")
"""The stop of the sentence that a formula ends."""
TAG = regex(r"\\tag\*?\{[^{}]*\}")
"""The number of a formula."""
ARROWED = regex(r"→|=>|->|⇒")
"""What follows from what: no quantity."""
CHOSEN = regex(r"(?:True|False|None)\b")
LEADS_IN = regex(r"(?:比如|例如|如|所以|因此|e\.g\.|so\b|=>)")
BRACKETS = regex(BRACKETED)
STOP = regex(r"[。；](?=\s*\S)|，(?![^，。；]*(?:[×*/+÷=^]|\d\s*倍|[乘除]|[加减][上去]|再))(?=\s*\S)")
"""Where a formula ends: at a full stop, or before a remark that reckons no further: `A = B + C，本来就要这么多`."""
RECKONS = regex(r"[×*/+÷·^]|\s-\s|(?<![A-Za-z\d]-)(?<![A-Za-z_])\d")
"""What is reckoned."""
LATIN = regex("[A-Za-z]{2,}")
SIGNS = regex(r"[×*/+÷·^]")


def _left(tex: str) -> str:
    """Return what stands before the first sign of equality that is in no brackets; empty without one."""
    depth = 0
    tex = without(ENVIRONMENT, tex)
    for at, sign in enumerate(tex):
        depth += (sign in "{([") - (sign in "})]")
        if sign == "=" and not depth:
            return tex[:at].rstrip(": ").lstrip()  # `:=` defines
    return ""


def _right(shown: Math) -> str:
    """Return a displayed formula without its left side, for which the card asks; as it is where it has several rows."""
    left, tex = _left(shown.tex), STOPPED.sub("", TAG.sub("", shown.tex).strip())
    start = tex.find("=", len(left)) + 1
    if not left or r"\begin{" in tex or "\\\\" in tex or not tex.startswith(left) or not tex[start:].strip():
        return shown.text
    return f"$$\n{tex[start:].strip()}\n$$"


def with_letters(found: Concept, after: Piece) -> Concept:
    """Return a formula with what the line behind it says of its letters: `其中 $r$ 是秩`; anything else as it is."""
    if not isinstance(found, Attribute) or found.asked != "formula" or len(found.values) != 1 or after.label:
        return found
    says = LETTERS.match(after.text) and len(after.text) <= LONGEST_LETTERS and not after.body
    return replace(found, values=(f"{found.values[0]}\n\n{after.text}",)) if says else found


def _left_of_row(row: str) -> str:
    return SYMBOLS.sub("", _left(row.replace("&", "")))


def formula(piece: Piece, scope: Scope) -> list[Concept] | None:
    """Take a sentence that is an equation with a name on its left."""
    if not piece.text:
        return _displayed(piece, scope)
    text = piece.text.strip()
    if not piece.label and not piece.body and (found := _of_one(text, piece, scope)) is not None:
        return found or None
    if by := BY_MEASURE.match(text):
        return [Attribute(scope.place(piece), scope.subject, by["name"], (by["value"],), asked="formula")]
    coded = CODED.match(text)
    inner = coded["code"] if coded else text
    match = EQUATION.match(inner)
    if (
        not match
        or (coded is None and masked(text)[match.end("name")] == BLANK)  # within code, a formula or bold
        or CHOSEN.match(match["value"])
        or GOES_ON.match(match["value"])
        or OPERATOR.search(match["name"])
        or ARROWED.search(match["name"])
        or SAYS.search(match["name"])
        or LEADS_IN.match(match["name"])
        or not is_name(plain_text(match["name"]))
    ):
        return None
    if _is_prose(match["value"]):
        return [Definition(scope.place(piece), plain_text(match["name"]), match["value"], scope.owner)]
    value = f"`{match['value']}`" if inner is not text else _without_remark(match["value"].split("\n")[0])
    label = plain_text(piece.label) if piece.label and is_name(piece.label) else ""
    name = plain_text(match["name"])
    reckons = inner is not text or RECKONS.search(value)
    return [Attribute(scope.place(piece), label or scope.subject, name, (value,), asked="formula")] if reckons else None


def _alone(math: str, piece: Piece, scope: Scope) -> list[Concept] | None:
    """Take a line that is one formula: it is its left side's, or the subject's."""
    left = _left(math[1:-1])
    if 0 < len(left) <= LONGEST_LEFT:
        asked = Attribute(scope.place(piece), scope.subject, f"${left}$", (math,), asked="formula")
        return None if OPERATOR_LEFT.search(left) else [asked]
    return [Attribute(scope.place(piece), scope.subject, FORMULA, (math,))] if scope.subject else []


def works_out(text: str) -> bool:
    """Whether a text is one formula in a line that says how something is reckoned: `$s = a / r$`."""
    alone = ALONE.match(text)
    tex = alone["math"][1:-1] if alone else ""
    left = _left(tex)
    return bool(left and RECKONED.search(tex[tex.find("=", len(left)) + 1 :]) and not OPERATOR_LEFT.search(left))


def _of_one(text: str, piece: Piece, scope: Scope) -> list[Concept] | None:
    """Take a line that is one formula, or a name with one; empty where it is no answer, None for any other line."""
    if alone := ALONE.match(text) or FIRST.match(text):
        return _alone(alone["math"], piece, scope) or []
    named = NAMED_MATH.match(text)
    return (_of_name(named, piece, scope) or []) if named and QUANTITY.search(named["name"].strip()) else None


def _of_name(named: re.Match[str], piece: Piece, scope: Scope) -> list[Concept] | None:
    """Take a line that is a name and its formula, `转移概率矩阵 $A = …$`: the symbol is a part of what is asked."""
    tex = named["math"][1:-1]
    left = _left(tex)
    right = tex[tex.find("=", len(left)) + 1 :].strip()
    if not 0 < len(left) <= LONGEST_LEFT or not RECKONED.search(right) or SAYS.search(named["name"]):
        return None
    return [
        Attribute(
            scope.place(piece), scope.subject, f"{named['name'].strip()} ${left}$", (f"${right}$",), asked="formula"
        )
    ]


def _without_remark(value: str) -> str:
    """Return a formula without what is said of it behind a full stop or a comma that stand in no brackets."""
    plain = BRACKETS.sub(lambda match: BLANK * len(match[0]), masked(value))
    stop = STOP.search(plain)
    return value[: stop.start()].rstrip() if stop else value


def _displayed(piece: Piece, scope: Scope) -> list[Concept] | None:
    """Take a displayed formula that stands by itself: it is its left side's, or the subject's."""
    if piece.label or len(piece.body) != 1 or not isinstance(piece.body[0], Math):
        return None
    shown = piece.body[0]
    if r"\begin{" not in shown.tex and len({*filter(None, map(_left_of_row, ROW.split(shown.tex)))}) > 1:
        return []  # several equations: no one of them is the answer
    symbol = _left(shown.tex)
    left = SYMBOLS.sub("", symbol).strip()
    if OPERATOR_LEFT.search(left) and not NAMED.match(left):
        return None
    if (
        symbol
        and not NAMED.match(left)
        and len(symbol) <= LONGEST_SYMBOL
        and scope.subject
        and "&" not in symbol
        and "\n" not in symbol
    ):
        return [Attribute(scope.place(piece), scope.subject, f"${symbol}$", (_right(shown),), asked="formula")]
    if NAMED.match(left):
        return [Attribute(scope.place(piece), scope.subject, left, (_right(shown),), asked="formula")]
    return [Attribute(scope.place(piece), scope.subject, FORMULA, (shown.text,))] if scope.subject else []


def _is_prose(value: str) -> bool:
    """Whether what stands behind the equals sign is said in words: `Hard negatives = texts that look relevant`."""
    return len(LATIN.findall(value)) > MOST_WORDS and len(SIGNS.findall(value)) <= 1
