"""What stands behind a Chinese verb, label or number: `A 采用 [B]`."""

from ankillm.cards.wording.cut import SEPARATOR, Cut, formula, is_open, named_in, short_for
from ankillm.cards.wording.labels_zh import labelled
from ankillm.cards.wording.topics_zh import joined_words, last_clause, rest_of_clause, specific, stripped, topic
from ankillm.cards.wording.words_zh import (
    ASPECT,
    BROKEN,
    CLAUSE_END,
    COPULA,
    IF,
    LONGEST_CLAUSE,
    LONGEST_GAP,
    MEASURE,
    NO_NOUN,
    NUMBER,
    PAIR,
    POINTING,
    SMALLEST_CONTEXT,
)
from ankillm.common.patterns import regex

VERB = regex(
    r"(?:(?:通常|一般|主要|默认|会|可以|能够?|要|只|需要?|都|也|常)\s*)*(?P<verb>使用|采用|利用|包括|包含|分为|分成|解决|防止|避免|基于|依赖|来自|负责|取决于|导致|预测"
    r"|返回|支持|保存|设置为|设为|初始化为|引入|关注|衡量|计算|加上|达到|占|除以|乘以)\s*$"
)
LABEL = regex(r"(?:^|[，,；;])\s*([^，,；;：:]+)[：:]\s*$")
FOR = regex(r"(?:主要|通常|一般|常)?(?:是)?(?:用于|用來|用来|用以|旨在)\s*$")
FOR_ANSWER = regex(r"^(?:主要|通常|一般|常)?(?:是)?(?:用于|用於|用來|用来|用以|旨在)\s*(?P<use>.+)$")
COMPARED = regex(r"^(?P<other>[^，,]{1,20}?)\s*(?P<how>(?:更|还要|要|明显|略|稍)\S.*)$")
DEFAULTS = regex(r"(?:默认|通常|一般|最大|最小|至少|最多)$")
WITHIN = regex(r"^(?P<label>[^：。，,；;]{1,40}?)\s*(?:：|:\s)\s*(?P<text>[^：]{4,})$")
LONGEST_TEXT = 70
ACTION = regex(
    r"^(?:训练|使用|采用|保存|计算|存储|支持|输出|返回|保留|更新|包含|生成|预测|关注|修改|优化|加载|处理|遮蔽掉?|提供|记录|避免|防止|减少|降低|提高)(?:了)?\s*"
)
SHORTEST_THING = 2
LATIN = regex(r"[A-Za-z][A-Za-z-]*(?:\s[A-Za-z][A-Za-z-]*)+")
ADVERB = regex(r"(?:则|其实|一般|通常|主要|本身|往往)$")
MIGHT = regex(r"^(?:可能|会|能|可以|要|不|很|非常|没有|已经|在)")
MAKES = regex(r"^(?:把|将|让|使)")
SHORT_QUALITY = 14
SHORT_NAME = 5
LONGEST_TAIL = 14
INSIDE_CUES = ("after", "num", "code", "在", "用", "不", "只")
BEHIND_LABEL = regex(r"\s*(?:[：:]|[—–]+|-\s)\s*(?=\S)")
IS_OR_COMMA = regex(r"[是，,]")
MODAL = regex(r"(?:只|会|可以|能够?|需要?|必须|要)\s*$")
INNER = regex(
    r"(?P<about>[^，,；;是为用]{2,18}?)\s*(?:就是|即是|是|共|约|用于|用来|采用|使用|包括|分为|取决于)\s*(?=\S{2})"
)


def short_asked(cut: Cut) -> tuple[str, str] | None:
    """Ask `ABC（[A B C]）` as: what is ABC in full."""
    latin = LATIN.search(cut.hidden)
    name = short_for(cut.before[-LONGEST_GAP:] + " " + cut.after[:SMALLEST_CONTEXT], latin[0]) if latin else ""
    return (joined_words(name, "的英文全称是什么？"), latin[0].strip()) if latin and name else None


def flipped(cut: Cut) -> tuple[str, str] | None:
    """Ask for what stands behind a hidden label instead of for the label."""
    match = BEHIND_LABEL.match(cut.after)
    if cut.before.strip() or not match:
        return None
    return labelled(cut.hidden, cut.after[match.end() :], cut.subject)


def _until_sentence(cut: Cut) -> str:
    """Return what is hidden with the rest of its sentence, where that is short."""
    rest = cut.after.rstrip()
    return cut.hidden + rest if (rest and rest[0] not in "，,、（(") or len(rest) <= LONGEST_TAIL else cut.hidden


def used_for(cut: Cut) -> tuple[str, str] | None:
    """Ask `A 用于 [B]` as: what is A for."""
    match = FOR_ANSWER.match(cut.hidden)
    if match:
        before, use = cut.before, match["use"]
    elif FOR.search(cut.before):
        before, use = FOR.sub("", cut.before), cut.hidden
    else:
        return None
    said = IS_OR_COMMA.split(stripped(before), maxsplit=1)[0].strip()
    about = topic(said, cut.subject, said)
    return (joined_words(about, "用来做什么？"), use) if about and not IF.match(about) else None


def number(cut: Cut) -> tuple[str, str] | None:
    """Ask `A 训练 [3] 轮` as: how many."""
    if not NUMBER.match(cut.hidden) or cut.after.startswith(("/", "-", "～", "~", "×", "*")) or "=" in cut.text:
        return None
    clause, rest = last_clause(cut.before), rest_of_clause(cut)
    about = topic(clause, cut.subject, clause)
    if not about or IF.match(about) or len(rest) > LONGEST_TAIL or about[-1:] in "第（(～~即":
        return None
    is_ = "是" if (DEFAULTS.search(about) and not rest) or about == cut.subject else ""
    return joined_words(about, f"{is_}多少", f"{rest}？"), cut.hidden


def compared(cut: Cut) -> tuple[str, str] | None:
    """Ask `A 比 [B 更 C]` as: how does A compare with B."""
    match = COMPARED.match(cut.hidden) if cut.before.rstrip().endswith("比") else None
    about = topic(last_clause(cut.before.rstrip()[:-1]), cut.subject, "") if match else None
    if not match or not about:
        return None
    return joined_words(about, "和", match["other"], "相比怎样？"), match["how"]


def acts(cut: Cut) -> tuple[str, str] | None:
    """Ask `A 只 [训练 B]` as: what alone does A train."""
    match = MODAL.search(cut.before)
    verb = ACTION.match(cut.hidden) if match else None
    if not match or not verb or IF.match(stripped(cut.before)) or rest_of_clause(cut):
        return None
    clause = last_clause(cut.before[: match.start()])
    about = topic(clause, cut.subject, clause)
    thing = cut.hidden[verb.end() :].strip()
    if not about or len(thing) < SHORTEST_THING or NO_NOUN.match(thing):
        return None
    return joined_words(about, f"{match[0].strip()}{verb[0].strip()}什么？"), thing


def inner(cut: Cut) -> tuple[str, str] | None:
    """Ask `A，[B 是 C]` as: what is B."""
    match = INNER.match(cut.hidden)
    if not match or not cut.cue.startswith("after") or POINTING.match(match["about"]) or IF.match(stripped(cut.before)):
        return None
    inner = Cut(cut.hidden, match.end(), len(cut.hidden), "", cut.subject)
    if BROKEN.match(inner.before.rstrip()[-1:] + "|" + inner.hidden[:2]):
        return None
    return used_for(inner) or is_(inner) or uses(inner) or number(inner)


def formula_asked(cut: Cut) -> tuple[str, str] | None:
    """Ask `A = B / C` as: what is the formula of A."""
    found = formula(cut)
    about = topic(found[0], cut.subject, found[0]) if found else ""
    if not found or not about or CLAUSE_END.search(about):
        return None
    return joined_words(about, "的公式是什么？"), found[1]


def label_asked(cut: Cut) -> tuple[str, str] | None:
    """Ask `label：[text]`, and what stands behind a label that is cut within its text."""
    match = WITHIN.match(cut.text) if cut.cue.startswith(INSIDE_CUES) else None
    if match and len(match["text"]) <= LONGEST_TEXT and match.start("text") <= cut.end:
        return labelled(match["label"], match["text"], cut.subject)
    if not SEPARATOR.search(cut.before):
        return None
    return labelled(SEPARATOR.sub("", cut.before), _until_sentence(cut), cut.subject)


def is_(cut: Cut) -> tuple[str, str] | None:
    """Ask `A 是 [B]` as: what is A."""
    match = COPULA.search(cut.before)
    if not match:
        return None
    clause = last_clause(cut.before[: match.start()])
    if is_open(cut.before) or (match["verb"] == "为" and TAKEN_AS.match(stripped(clause))):
        return None
    if not clause and (label := LABEL.search(cut.before[: match.start()])):
        return labelled(label[1], cut.hidden, cut.subject)
    about, rest = ADVERB.sub("", topic(clause, cut.subject, clause)), rest_of_clause(cut)
    if not about or IF.match(about) or IF.match(cut.before) or len(about) > LONGEST_CLAUSE or NO_NOUN.search(about):
        return None
    if rest and not rest.startswith(("（", "(")):
        return None
    if ASPECT.search(cut.subject) and not PAIR.search(cut.subject) and named_in(clause or about, cut.subject):
        asks = "是多少？" if MEASURE.match(cut.hidden) else "是什么？"
        return (joined_words(cut.subject, asks), cut.hidden) if specific(cut.subject) else None
    return _is_asked(about, match["verb"], match["kind"] or "", cut)


def _is_asked(about: str, verb: str, kind: str, cut: Cut) -> tuple[str, str] | None:
    """Return the question of a copula by what it is followed by."""
    if MIGHT.match(cut.hidden):
        return (joined_words(about, "会怎样？"), cut.hidden) if about.endswith("了") else None
    owner, _, short = about.rpartition("：")
    if owner == cut.subject and len(short) <= SHORT_NAME:
        about = owner if owner.endswith(short) else joined_words(owner, "的", short)
    if MAKES.match(cut.hidden) and not ASPECT.search(about):
        return joined_words(about, "有什么作用？"), cut.hidden
    if MEASURE.match(cut.hidden) or NUMBER.match(cut.hidden):
        return joined_words(about, "是多少？"), cut.hidden
    if cut.hidden.endswith("的") and not kind and len(cut.hidden) < SHORT_QUALITY:
        return joined_words(about, "是怎样的？"), cut.hidden
    if verb == "为":
        verb = "成" if TURNED.search(about) else "是"
    return joined_words(about, f"{verb}什么？"), kind + cut.hidden


TAKEN_AS = regex(r"(?:以|把|将|设|令)")
"""`以 A 为 B`: of A as B, where nothing is defined."""
TURNED = regex(r"(?:转|变|化|换|整|改|重塑|映射|编码|分解|初始化|设置|设|定义|看作|看|视|写|表示|压缩|拆|切|归结|简化|扩展|分)$")
"""What something is made into: `转换为`."""


def uses(cut: Cut) -> tuple[str, str] | None:
    """Ask `A 采用 [B]` as: what does A use."""
    match = VERB.search(cut.before)
    if not match or NO_NOUN.match(cut.hidden) or POINTING.match(cut.hidden) or IF.match(stripped(cut.before)):
        return None
    clause = last_clause(cut.before[: match.start()])
    about, rest = topic(clause, cut.subject, clause), rest_of_clause(cut)
    if not about or match["verb"] in about or len(about) > LONGEST_CLAUSE or len(rest) > LONGEST_TAIL:
        return None
    if match["verb"] in {"使用", "采用", "利用"} and SECOND_VERB.search(cut.hidden):
        return None
    done = "了" if cut.hidden.startswith("了") else ""
    verb, which = match[0].strip(), _which(match["verb"], cut.hidden, rest)
    verb = f"{verb[:-1]}成" if verb.endswith("为") and which.startswith("什么") else verb
    return joined_words(about, f"{verb}{done}{which}", f"{rest}？"), cut.hidden


SECOND_VERB = regex(r"编写|转换|建立|进行|来(?!自|源)|优化|实现|改写|解码|计算出")
"""What is done with the object: it is no part of it."""


def _which(verb: str, hidden: str, rest: str) -> str:
    """Return the question word for the object of a verb."""
    if MEASURE.match(hidden) or NUMBER.match(hidden):
        return "多少"
    if verb in {"包括", "包含", "分为", "分成"} and not rest:
        return "哪些"
    if verb == "解决" and "问题" in hidden:
        return "什么问题"
    return "哪里" if verb == "来自" else "什么"
