"""A name with what is said of it: `**Pre-normalization**：为了…`, `- ZeRO-1: optimizer states are split`.

After: the name, defined, as a part of the subject that it stands under.
"""

import re
from collections.abc import Sequence

from ankillm.common.patterns import HAN, regex
from ankillm.extract.concepts import Attribute, Concept, Definition, Question
from ankillm.extract.headword import LONGEST, headword
from ankillm.extract.pieces import Piece, pieces
from ankillm.extract.rules_block.attribute import MOST_VALUES, announces_list, values_of
from ankillm.extract.rules_block.formula import works_out
from ankillm.extract.scope import Scope, is_apart, is_generic, is_name
from ankillm.extract.unfinished import hangs, with_formula
from ankillm.extract.vocabulary import CONDITIONAL, EXAMPLE, PLURAL, asks_which, bare, is_metadata, is_question
from ankillm.markdown.blocks import List, Paragraph
from ankillm.markdown.inline import plain_text
from ankillm.markdown.list_lines import ANSWERED
from ankillm.markdown.sentences import joined_words
from ankillm.markdown.writer import bulleted

SAYING = regex(
    rf"^{HAN}{{3,}}(?:不|没|要|可以|应该?|会|能|需要?|把|用){HAN}|^不|^没|有\s*[\d二两三四五六七]|由.+(?:组成|构成)$|是一[个种]|用的是|\w比\w.*[大小高低快慢多少好差倍]|.[只仅](?:训练|用|有|在|对|更新|保存|需)"
    r"|\b(?:needs?|uses?|is|are|does|do|can|cannot|must|requires?|gives?|has|have|makes?|should|will)\b",
    re.IGNORECASE,
)
"""An unmarked label that says something is no name: `验证集不打乱：…`, `Inference needs no MLP: …`."""


NAMES = regex(r"^[!-~]+$|是否|几[个种步层]|多少|哪")
"""A name in code, which is one however it reads (`use_cache`), or what asks by itself: `需要几个模型`."""
USED = regex(r"^[^，,。]{1,16}?用的(?:就)?是\s*(?P<name>[A-Za-z][\w-]+)$")
"""A label that says what something uses, which then is explained: `Qwen2 用的是 Pre-Norm：先归一化`."""
WHEN = regex(r"[时時值]$|^(?:先|再|接下[来來])")
"""A label of when something is worked out, or of what is chosen."""
SEVERAL_CODES = regex(r"^`[^`]+`[^；;：:]+[；;]\s*`[^`]+`[^；;：:]+$")
"""What stands beside a label tells what each of several pieces of code does."""
CURE = regex(r"^(?P<does>缓解|应对|规避|避免|预防|防范|防止)(?:办法|方法|方案|措施|手段|策略)?$")
"""A label beside which stands what is done against the subject."""
TROUBLE = regex(
    r"(?:遗忘|过拟合|欠拟合|爆炸|消失|崩溃|坍[塌缩]|幻觉|偏差|偏见|问题|错误|泄[漏露]|碎片|抖动|发散|退化|瓶颈|不稳定|重复|复读|下溢|溢出|噪声|攻击|作弊"
    r"|hacking|collapse|overfitting|hallucinations?|forgetting|bias|leakage|OOM|divergence|explosion|spikes?|drift|injection)$",
    re.IGNORECASE,
)
"""A subject against which something is done."""
MOST_LABEL_WORDS, FEWEST_STEPS = 4, 2
MOST_STATEMENTS, LONGEST_STATEMENTS, LEAST_STATEMENT, SHORT_NAME = 3, 120, 16, 24
STATES = regex(r"[好高低快慢强弱多少大小]$|[，,]")
"""A label that judges or states something names nothing: `效果好`."""
VALUED = regex(r"\s\d[\d.]*(?:\s*\S{1,4})?$|\s\d[\d.]*\s*[（(]")
"""A value, for which a card of its own asks."""


def _said_below(piece: Piece, scope: Scope) -> str:
    """Return the one statement under a name; for a member of an announced list also two or three short ones."""
    values, _ = values_of(piece.body)
    asks = bool(values) and is_question(plain_text(values[0]))  # what asks next answers nothing
    if not values or asks or not isinstance(piece.body[0], List | Paragraph) or all(" = " in value for value in values):
        return ""
    if len(values) == 1:
        return values[0]
    above = scope.path[-1] if scope.path else ""
    inner = list(pieces(piece.body))
    if not announces_list(above) or bare(above) in PLURAL:
        return _opening(piece.label, inner)
    short = len(values) <= MOST_STATEMENTS and sum(map(len, values)) <= LONGEST_STATEMENTS
    plain = all(item.text and not item.label and not item.body for item in inner)
    return bulleted(values) if short and plain and len(piece.body) == 1 else ""


def _steps_below(piece: Piece, scope: Scope) -> list[Concept]:
    """Return the numbered steps under a short name, all of them, as no one of them says what it is."""
    block = piece.body[0] if len(piece.body) == 1 else None
    if not isinstance(block, List) or not block.ordered or len(piece.label.split()) > MOST_LABEL_WORDS:
        return []
    values, ordered = values_of(piece.body)
    subject = scope.owner or scope.subject
    if scope.language != "en" or not ordered or not subject or not FEWEST_STEPS <= len(values) <= MOST_VALUES:
        return []
    return [Attribute(scope.place(piece), subject, piece.label, values, ordered=not piece.label.endswith("s"))]


def _opening(label: str, inner: Sequence[Piece]) -> str:
    """Return the statements under a short name as what defines it: all of a few, else the first."""
    texts = [item.text for item in inner]
    if len(label) > SHORT_NAME or len(inner) <= 1 or STATES.search(label):
        return ""
    alone = [bool(item.text and not (item.label or item.body or CONDITIONAL.match(item.text))) for item in inner]
    if all(map(VALUED.search, texts)):
        return ""
    if all(alone) and len(texts) <= MOST_STATEMENTS and sum(map(len, texts)) <= LONGEST_STATEMENTS:
        return bulleted(texts)
    defines = alone[0] and "=" not in texts[0] and not any(item.label for item in inner)
    return texts[0] if defines and len(texts[0]) >= LEAST_STATEMENT else ""


def _whole(piece: Piece) -> str:
    """Return what stands beside a label, with the formula that ends it; empty where that is missing."""
    return with_formula(piece.text, piece.body) if hangs(plain_text(piece.text), piece.body) else piece.text


def _marks_answer(label: str) -> bool:
    """Whether a label only says that an answer stands beside it; `A` alone may be a matrix."""
    return label != "A" and bool(ANSWERED.match(f"{label}:"))


def _cured(piece: Piece, scope: Scope) -> list[Concept]:
    """Ask what is done against a subject that is a trouble; nothing of any other."""
    cure = CURE.match(piece.label)
    if not cure or not TROUBLE.search(scope.subject):
        return []
    return [Question(scope.place(piece), joined_words("怎么", cure["does"], f"{scope.subject}？"), piece.text)]


def term(piece: Piece, scope: Scope) -> list[Concept] | None:
    """Take a label that is a name, with its explanation beside it."""
    label = piece.label
    if used := USED.match(label):
        label = used["name"]
    if not label or is_generic(label) or not is_name(label) or (not piece.marked and SAYING.search(label)):
        return None
    named = headword(label) or NAMES.search(label) or len(label) > LONGEST
    if not named or is_metadata(label) or _marks_answer(label) or is_apart(label):
        return None
    return _explained(piece, label, scope)


def _explained(piece: Piece, label: str, scope: Scope) -> list[Concept] | None:
    """Return what stands beside a name, or below it."""
    text = piece.text
    if not text and (steps := _steps_below(piece, scope)):
        return steps
    text = _whole(piece) if text else _said_below(piece, scope)
    if not text or (not piece.text and len(text) < len(label) and "_" not in label):
        return None
    if plain_text(text).endswith(("：", ":")) or SEVERAL_CODES.match(text) or EXAMPLE.match(text):
        return None
    return _cured(piece, scope) if CURE.match(label) else [_told(piece, scope, label, text)]


def _told(piece: Piece, scope: Scope, label: str, text: str) -> Concept:
    """Return a name with what is said of it; under a title that asks, what the title asks of the name."""
    if works_out(text.strip()) and headword(label) and not WHEN.search(label):
        return Attribute(scope.place(piece), scope.subject, label, (text,), asked="formula")
    asked = scope.path[-1] if scope.path else ""
    if not piece.marked and is_question(asked) and not asks_which(asked):
        brackets = f"（{label}）" if scope.language == "zh" else f" ({label})"
        return Question(scope.place(piece), f"{asked}{brackets}", text)
    return Definition(scope.place(piece), label, text, scope.owner)
