"""A statement of what something is divided into or made of, in one sentence or over a list.

Before: `LLM一般分为三种类型：` over three bullets; `ZeRO has three stages: …`; `评估指标包括精确率、召回率和F1`.
After: the question that the statement answers, its members as values.
"""

import re

from ankillm.common.patterns import regex
from ankillm.extract.concepts import Attribute, Concept, Question
from ankillm.extract.pieces import Piece
from ankillm.extract.rules_block.attribute import MOST_VALUES, announces_list, is_ordered, values_of
from ankillm.extract.scope import Scope, is_generic, is_name
from ankillm.extract.vocabulary import STEPS
from ankillm.markdown.inline import math_kept, plain_text
from ankillm.markdown.sentences import joined_words, sentences
from ankillm.markdown.spans import split_outside
from ankillm.markdown.writer import bulleted

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
ADVERB = regex(r"(?:一般|通常|主要|大致|大体上?|大概|基本上?|可以|又)+$")
PREDICATE = regex(r"[才都就会要能]|\b(?:is|are|can|will)\b")
"""What is in a statement, and in no member of a list."""
BETWEEN = regex(r"、|和|与|以及|及|,\s(?:and\s)?|\sand\s")
ZH = regex(
    rf"""^(?:目前|现在|学术界|业界|一般|通常|我们|人们|将|把)*(?P<subject>[^，。：:；]{{1,30}}?)(?:一般|通常|主要|大致|可以|可|又)*
      (?P<verb>分为|分成|包括|包含|提出|由|具有|拥有|(?<![所没只还仍])有)了?(?:以下|如下|下面|下列|这么?(?=[几两二三四五六七2-7些]))?的?(?P<kind>{COUNT}?\s*[种类个大部]?[^，。：:；、]{{0,10}}?)(?:[，,].*)?[：:]?$""",
    re.VERBOSE,
)
EN = regex(
    r"""^(?:there\ are\ (?:(?:\w{3,}ly|just)\ )?
      (?P<many>\w+\ [\w\ -]{3,40}?)(?:\ (?:of|for|in)\ (?P<of>[\w\ -]{2,40}))?
      |(?P<subject>[\w\ -]{2,40}?)\ (?:consists?\ of|includes?|comprises?|has|have|comes?\ in)
        (?:\ the\ following)?(?P<kind>\ [\w\ -]{3,40})?)\s*:?$""",
    re.VERBOSE | re.IGNORECASE,
)
PLACED = regex(r"^(?:在|对于?|从|就|按照?|根据|目前|实践|实际|一般|通常|总体)[^，,]{0,20}[，,]\s*")
"""Where a Chinese announcement holds, before what it is about: `在实际项目中，常用的…`."""
BY_ORDER = regex(r"\s*[（(](?:按照?|依|根据|从|由|in\sorder|by|from)[^（()）]*[)）]$", re.IGNORECASE)
"""What says of a list in which order it stands."""
VAGUE_COUNT = regex(
    r"^这?(?:几|若干|多|一?些)\s*(?:大?[种类个点条项部步])?(?P<rest>方面|分|部分|大类|大块)?的?(?P<noun>[^，。]*)$"
)
"""How many there are, without a number: `几种`, `几个方面`."""
MADE = frozenset({"组成", "构成"})
DIVIDES = frozenset({"分为", "分成", "包括", "包含"})
AFFECTED = regex(
    r"^(?P<before>[^，。：:；]{1,24}?(?:被|由|受|靠|取决于|来自|源于|依赖)于?)(?:以下|下面|下列|如下)"
    r"(?P<count>[几两二三四五六七2-7]\s*(?:大?[种类个点条项]\S{0,4}?|部分))(?P<after>[^，。：:；的]{0,8})$"
)
"""What is done by those that are listed: `显存主要被下面几部分占用`."""
TO_BE_DONE = regex(
    r"^there\sare\s(?:\w+ly\s)?(?:(?P<count>two|three|four|five|six|seven|[2-7])|several|many|a\sfew|some|various|multiple)"
    r"\s(?P<what>[\w-]+(?:\s(?!that\b|which\b)[\w-]+)?)\s(?:that\s|which\s)?(?P<who>you|we|one)\s(?P<aux>can|could|may|should|must|need\sto|have\sto)"
    r"\s(?P<done>[\w\s-]{2,50})$",
    re.IGNORECASE,
)
"""Things to be done, counted: `There are three things you can tune in vLLM`."""
TO_DO = regex(r"\b(?:to|you|we)\b", re.IGNORECASE)
"""Things to be done, which have no name: `a few things to keep in mind`."""
CLAUSE_SIGN = regex(r"[，,。：:]")


def enumeration(piece: Piece, scope: Scope) -> list[Concept] | None:
    """Take a line that announces its members, over a list of two to seven."""
    announced = piece.label if piece.body and not piece.text else ""
    plain = PLACED.sub("", math_kept(announced or (piece.text if piece.body else "")).rstrip("：: "))
    match, asked = ZH.match(plain) or EN.match(plain), _asked(plain, scope)
    if not (match or asked) or (match and TO_DO.search(match.groupdict().get("many") or "") and not asked):
        return None
    values, ordered = values_of(piece.body)
    if not FEWEST <= len(values) <= MOST_VALUES:
        return None
    if asked:
        return [Question(scope.place(piece), asked, bulleted(values))]
    groups = match.groupdict() if match else {}
    subject = ADVERB.sub("", (groups.get("of") or groups.get("subject") or "").strip())
    label = (groups.get("many") or groups.get("kind") or "").strip()
    if vague := VAGUE_COUNT.match(label) if scope.language == "zh" else None:
        subject = BY_ORDER.sub("", subject)
        owner, label = _uncounted(groups.get("verb") or "", vague, subject if is_name(subject) else "", scope.subject)
        in_order = bool(STEPS.search(label) or STEPS.search(owner))
        return [Attribute(scope.place(piece), owner, label, values, in_order)] if owner or label else None
    if not subject or not is_name(subject):
        subject = scope.subject
    in_order = is_ordered(label, ordered=ordered and not announces_list(subject)) or bool(STEPS.search(subject))
    return [Attribute(scope.place(piece), subject, label, values, in_order)] if subject else None


def _asked(plain: str, scope: Scope) -> str:
    """Return the question that an announcement answers, where it says what is done with its members."""
    if affected := AFFECTED.match(plain):
        return joined_words(f"{affected['before']}哪{affected['count']}{affected['after']}？")
    done = TO_BE_DONE.match(plain)
    if not done:
        return ""
    aux, what = done["aux"].lower(), " ".join(filter(None, (done["count"], done["what"]))).lower()
    verb, rest = (f"do {done['who']}", f"{aux} ") if " " in aux else (f"{aux} {done['who']}", "")
    which = "in which" if what.endswith(("way", "ways")) else "which"
    asks = f"{which} {what} {verb} {rest}{done['done']}?"
    known = not scope.subject or scope.subject.lower() in asks.lower()
    return f"{asks[0].upper()}{asks[1:]}" if known else f"{scope.subject}: {asks}"


def _uncounted(verb: str, vague: re.Match[str], named: str, subject: str) -> tuple[str, str]:
    """Return whose what is, where a list is announced without a number: of `方法有以下几种` the subject's 方法."""
    noun = vague["noun"].strip()
    if verb == "由" or noun in MADE:
        return named or subject, ""
    if noun or verb in DIVIDES:
        return named or subject, noun or f"{verb}{vague[0].strip()}"
    return subject if named else "", named


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
