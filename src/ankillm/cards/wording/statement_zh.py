"""Statements asked in Chinese, where the question word stands in the place of what is asked for."""

import re

from ankillm.cards.wording.cut import SEPARATOR, Cut, formula, gap_front, named_in, short_for
from ankillm.cards.wording.labels_zh import ASPECT, MEASURE, PAIR, joined_words, labelled, specific, stripped, topic
from ankillm.cards.wording.words_zh import (
    ADVICE,
    BROKEN,
    COPULA,
    EFFECT,
    FUNCTION_WORDS,
    IF,
    NO_NOUN,
    NUMBER,
    POINTING,
    PREFIX,
    REASON,
    OTHERWISE,
    REASON_GIVEN,
    RESULT,
    TRADITIONAL,
    UNFIT,
    VAGUE,
    VERB,
)
from ankillm.common.patterns import BRACKETED, CHINESE, regex

CLAUSE_END = regex(r"[，,；;。！？]")
LAST_CLAUSE = regex(r"(?:^|[，,；;：:])\s*([^，,；;：:]+)$")
INSIDE = regex(rf"{BRACKETED}|`[^`]*`|\$[^$]*\$")
LABEL = regex(r"(?:^|[，,；;])\s*([^，,；;：:]+)[：:]\s*$")
LEADING = regex(r"^(?:的(?=\S)|了(?!解)|就(?!是|地))\s*")
FOR = regex(r"(?:主要|通常|一般|常)?(?:是)?(?:用于|用來|用来|用以|旨在)\s*$")
FOR_ANSWER = regex(r"^(?:主要|通常|一般|常)?(?:是)?(?:用于|用於|用來|用来|用以|旨在)\s*(?P<use>.+)$")
BECAUSE = regex(r"(?:主要|正)?(?:是|就是)?(?:因为|因為|由于|由於)\s*$")
BECAUSE_ANSWER = regex(r"^(?:主要|正)?(?:是|就是)?(?:因为|因為|由于|由於)\s*(?P<reason>[^，,。；;]+.*)$")
AIM_ANSWER = regex(r"^(?:主要)?(?:是|就是)?(?:为了|為了)\s*(?P<reason>.+)$")
COMPARED = regex(r"^(?P<other>[^，,]{1,20}?)\s*(?P<how>(?:更|还要|要|明显|略|稍)\S.*)$")
DEFAULTS = regex(r"(?:默认|通常|一般|最大|最小|至少|最多)$")
RAW = regex(r"\\[a-zA-Z]{2}|[_^]\{")
WITHIN = regex(r"^(?P<label>[^：。，,；;]{1,40}?)\s*(?:：|:\s)\s*(?P<text>[^：]{4,})$")
LONGEST_TEXT = 70
ACTION = regex(
    r"^(?:训练|使用|采用|保存|计算|存储|支持|输出|返回|保留|更新|包含|生成|预测|关注|修改|优化|加载|处理|遮蔽掉?|提供|记录|避免|防止|减少|降低|提高)(?:了)?\s*"
)
SHORTEST_THING = 2
LATIN = regex(r"[A-Za-z][A-Za-z-]*(?:\s[A-Za-z][A-Za-z-]*)+")
ADVERB = regex(r"(?:则|其实|一般|通常|主要|本身|往往)$")
TREND = regex(r"^(?P<how>[大小高低多少长短快慢深宽强弱长])(?:[，,]\s*|则|就)(?P<then>.+)$")
MIGHT = regex(r"^(?:可能|会|能|可以|要|不|很|非常|没有|已经|在)")
MAKES = regex(r"^(?:把|将|让|使)")
SHORT_QUALITY = 14
SHORT_NAME = 5
LONGEST_VISIBLE = 90
SMALLEST_CONTEXT = 8
LONGEST_GAP = 26
NO_GAP = frozenset("head 但 但是 而 对 把 将 就 即 则 进行 给 让 不 越 与 用".split())
LONGEST_TAIL = 14
LONGEST_CLAUSE = 45
LARGEST_SHARE = 0.6


def is_unfit(cut: Cut) -> bool:
    """Whether no card can be made of a cut: chat, a pointer to elsewhere, half a word, function words alone."""
    hidden, before = cut.hidden, cut.before
    if UNFIT.search(cut.text) or "？" in hidden or "?" in hidden or RAW.search(INSIDE.sub("", cut.text)):
        return True
    if hidden.startswith("的") or FUNCTION_WORDS.match(hidden) or BROKEN.match(before[-2:] + "|" + hidden[:2]):
        return True
    return not (NUMBER.match(hidden) or "`" in hidden or "$" in hidden or len(hidden) > 1)


def question(cut: Cut) -> tuple[str, str] | None:
    """Return the question and the answer of a cut, where one of the rules below words it."""
    for rule in (
        _formula,
        _stands,
        _label,
        _flipped,
        _reason,
        _reason_given,
        _condition,
        _when,
        _use,
        _copula,
        _number,
        _compared,
        _trend,
        _means,
        _verb,
        _acts,
        _effect,
        _inner,
    ):
        if found := rule(cut):
            front, back = found
            if VAGUE.match(back):
                return None
            return _scripted(front, cut.text), _tidied(back)
    return None


def gap(cut: Cut) -> str | None:
    """Return the front of a gap card that stands alone, or nothing."""
    hidden = cut.hidden
    visible = len("".join((cut.before + cut.after).split()))
    if (
        cut.cue.startswith("after")
        or cut.cue in NO_GAP
        or CLAUSE_END.search(INSIDE.sub("", hidden))
        or POINTING.match(hidden)
        or VAGUE.match(hidden)
    ):
        return None
    if len(hidden) > LONGEST_GAP or len(hidden) > LARGEST_SHARE * (visible + len(hidden)) or visible < SMALLEST_CONTEXT:
        return None
    if visible > LONGEST_VISIBLE or cut.before.count("(") + cut.before.count("（") > cut.before.count(
        ")"
    ) + cut.before.count("）"):
        return None
    if hidden.lower() in (cut.before + cut.after).lower() or SEPARATOR.search(cut.before):
        return None
    if not _whole_end(cut) or NO_NOUN.search(cut.before):
        return None
    kept = topic(cut.before, cut.subject, cut.text) if cut.before.strip() else cut.before
    if cut.before.strip() and (not kept or cut.before.rstrip()[-1] in "，,：:"):
        return None
    owner = joined_owner(cut, kept)
    kept = owner + kept + " " * (cut.before[-1:] == " " and bool(cut.before.strip()))
    opened = gap_front(Cut(kept + hidden + cut.after, len(kept), len(kept) + len(hidden), "", ""), "")
    return opened


def joined_owner(cut: Cut, kept: str) -> str:
    """Return the subject as a topic in front of a gap that stands first, where the rest does not name it."""
    named = kept or not cut.subject or named_in(cut.subject, cut.after)
    return "" if named else f"{cut.subject}："


def _whole_end(cut: Cut) -> bool:
    """Whether what is hidden ends where a phrase does."""
    marked = cut.hidden[-1:] in "`$）)" or cut.cue in {"num", "code", "bold"}
    return marked or not CHINESE.match(cut.after.lstrip()[:1] or "，")


def _scripted(front: str, text: str) -> str:
    """Return a question in the script of its note."""
    return (
        front.translate(TRADITIONAL)
        if regex("[這為個們與讓會於對時後將說過種應該來狀種數據學習]").search(text)
        else front
    )


def _tidied(back: str) -> str:
    back = LEADING.sub("", back.strip(" 。；;，,：:、")).strip()
    for left, right in ("“”", '""', "「」"):
        if back.count(left) != back.count(right):
            back = back.replace(left, "").replace(right, "")
    return back.removesuffix("等等").rstrip(" ，,、")


def _formula(cut: Cut) -> tuple[str, str] | None:
    """`A = B / C`: how is A computed?"""
    found = formula(cut)
    about = topic(found[0], cut.subject, found[0]) if found else ""
    return (
        (joined_words(about, "的公式是什么？"), found[1]) if found and about and not CLAUSE_END.search(about) else None
    )


def _stands(cut: Cut) -> tuple[str, str] | None:
    """`ABC（[A B C]）`: what is ABC in full?"""
    latin = LATIN.search(cut.hidden)
    name = short_for(cut.before[-LONGEST_GAP:] + " " + cut.after[:SMALLEST_CONTEXT], latin[0]) if latin else ""
    return (joined_words(name, "的英文全称是什么？"), latin[0].strip()) if latin and name else None


def _label(cut: Cut) -> tuple[str, str] | None:
    if cut.cue.startswith(("after", "num", "code", "在", "用", "不", "只")) and (match := WITHIN.match(cut.text)):
        text = match["text"]
        if len(text) <= LONGEST_TEXT and match.start("text") <= cut.start + len(cut.hidden):
            return labelled(match["label"], text, cut.subject)
    if not SEPARATOR.search(cut.before):
        return None
    return labelled(SEPARATOR.sub("", cut.before), _until_sentence(cut), cut.subject)


def _flipped(cut: Cut) -> tuple[str, str] | None:
    """Ask for what stands behind a hidden label instead of for the label."""
    match = re.match(r"\s*(?:[：:]|[—–]+|-\s)\s*(?=\S)", cut.after)
    if cut.before.strip() or not match:
        return None
    return labelled(cut.hidden, cut.after[match.end() :], cut.subject)


def _until_sentence(cut: Cut) -> str:
    """Return what is hidden with the rest of its sentence, where that is short."""
    rest = cut.after.rstrip()
    return cut.hidden + rest if rest and rest[0] not in "，,、（(" or len(rest) <= LONGEST_TAIL else cut.hidden


def _rest(cut: Cut) -> str:
    """Return what follows in the same clause."""
    return CLAUSE_END.split(cut.after, maxsplit=1)[0].strip()


def _clause(before: str) -> str:
    """Return the last clause before the cut."""
    said = before.rstrip()
    match = LAST_CLAUSE.search(INSIDE.sub(lambda match: "_" * len(match[0]), said))
    return said[match.start(1) :].strip() if match else ""


def _why(clause: str, reason: str, cut: Cut) -> tuple[str, str] | None:
    said = stripped(clause).strip(" ，,（(").removeprefix("之所以").strip()
    if "=" in said or IF.match(said) or REASON.search(said) or not SMALLEST_CONTEXT // 2 < len(said) <= LONGEST_CLAUSE:
        return None
    if POINTING.match(said) or not topic(said, cut.subject, said):
        return None
    owner = "" if named_in(cut.subject, said) or not cut.subject else f"{cut.subject}："
    return joined_words(owner, "为什么", f"{topic(said, '', said) or said}？"), reason


def _reason(cut: Cut) -> tuple[str, str] | None:
    """`A，因为 [B]` and `因为 [B]，所以 A`: why A?"""
    if (given := REASON_GIVEN.match(cut.hidden) or OTHERWISE.match(cut.hidden)) and cut.before.strip():
        said = cut.hidden[given.end() :] if REASON_GIVEN.match(cut.hidden) else cut.hidden
        return _why(_clause(cut.before.rstrip(" ，,")), said, cut)
    if BECAUSE.search(cut.before):
        clause = BECAUSE.sub("", cut.before)
    elif match := (BECAUSE_ANSWER.match(cut.hidden) or AIM_ANSWER.match(cut.hidden)):
        clause = cut.before
        keep = match.start("reason") if "为了" not in match[0][:4] else 0
        cut = Cut(cut.text, cut.start + keep, cut.end, cut.cue, cut.subject)
    elif not cut.before.strip() and not POINTING.match(cut.hidden):
        return _follows(cut)
    else:
        return None
    if stripped(clause).strip(" ，,"):
        return _why(clause, cut.hidden, cut)
    return _follows(cut)


def _follows(cut: Cut) -> tuple[str, str] | None:
    """`[A]，所以 B`: why B?"""
    sure = "" if REASON_GIVEN.match(cut.hidden) or AIM_ANSWER.match(cut.hidden) or BECAUSE.search(cut.before) else "+"
    follows = re.match(rf"[，,]\s*(?:(?:所以|因此|因而|于是|故)\s*){sure or '?'}([^，,。；;]{{4,}})", cut.after)
    return _why(follows[1], cut.hidden, cut) if follows else None


def _reason_given(cut: Cut) -> tuple[str, str] | None:
    """`A，所以 [B]`: why B?"""
    match = RESULT.match(cut.hidden)
    result = cut.hidden[match.end() :] if match else cut.hidden
    if not match and not RESULT.search(cut.before[-4:]):
        return None
    reason = stripped(re.sub(RESULT.pattern + "$", "", cut.before.strip()).strip(" ，,"))
    reason = re.sub(r"^(?:因为|因為|由于|由於)\s*", "", reason)
    if len(reason) < SMALLEST_CONTEXT or POINTING.match(reason):
        return None
    return _why(result, reason, cut)


def _condition(cut: Cut) -> tuple[str, str] | None:
    """`如果 A，[B]`: what happens, or what to do?"""
    given = stripped(cut.before).rstrip()
    given = re.sub(r"(?:[，,]\s*(?:则|就|会|那么)|那么)$", "，", given)
    if not given.endswith(("，", ",")) or not IF.match(given) or len(given) > LONGEST_CLAUSE or POINTING.match(given):
        given = _clause(given.rstrip("，, ")) + "，" if given.endswith(("，", ",")) else ""
        if not IF.match(given) or POINTING.match(given) or not specific(cut.subject):
            return None
    given = given.rstrip("，, ")
    if POINTING.match(cut.hidden) or re.search(r"[，,].*[，,]", given):
        return None
    if re.match(r"想|要想|为了|為了", given) and not ADVICE.match(cut.hidden):
        return None
    hidden = re.sub(r"^(?:那么|则|就(?!是))\s*", "", cut.hidden)
    asks = "应该怎么做？" if ADVICE.match(hidden) else "会怎样？"
    return _owned(f"{given}，{asks}", cut), hidden


def _owned(front: str, cut: Cut) -> str:
    return front if not cut.subject or named_in(cut.subject, front) else f"{cut.subject}：{front}"


def _when(cut: Cut) -> tuple[str, str] | None:
    """`[如果 A]，B`: when does B hold?"""
    if cut.before.strip() or not re.match(r"(?:如果|若|当|只有|只要)", cut.hidden):
        return None
    match = re.match(r"[，,]\s*(?:那么|则|就|才)?\s*([^，,。；;]{5,})", cut.after)
    if not match or POINTING.match(match[1]):
        return None
    return joined_words(_owned(f"什么情况下{match[1].strip()}？", cut)), cut.hidden


def _use(cut: Cut) -> tuple[str, str] | None:
    """`A 用于 [B]`: what is A for?"""
    match = FOR_ANSWER.match(cut.hidden)
    if match:
        before, use = cut.before, match["use"]
    elif FOR.search(cut.before):
        before, use = FOR.sub("", cut.before), cut.hidden
    else:
        return None
    said = re.split(r"是|[，,]", stripped(before))[0].strip()
    about = topic(said, cut.subject, said)
    return (joined_words(about, "用来做什么？"), use) if about and not IF.match(about) else None


def _copula(cut: Cut) -> tuple[str, str] | None:
    """`A 是 [B]`: what is A?"""
    match = COPULA.search(cut.before)
    if not match:
        return None
    clause = _clause(cut.before[: match.start()]) if match.start() else ""
    if not clause and (label := LABEL.search(cut.before[: match.start()])):
        return labelled(label[1], cut.hidden, cut.subject)
    about = ADVERB.sub("", topic(clause, cut.subject, clause))
    if not about or IF.match(about) or IF.match(cut.before) or len(about) > LONGEST_CLAUSE or NO_NOUN.search(about):
        return None
    rest = _rest(cut)
    if rest and not rest.startswith(("（", "(")):
        return None
    if (
        ASPECT.search(cut.subject)
        and not PAIR.search(cut.subject)
        and specific(cut.subject)
        and named_in(clause or about, cut.subject)
    ):
        return joined_words(cut.subject, "是多少？" if MEASURE.match(cut.hidden) else "是什么？"), cut.hidden
    if MIGHT.match(cut.hidden):
        return (joined_words(about, "会怎样？"), cut.hidden) if about.endswith("了") else None
    owner, _, short = about.rpartition("：")
    if owner == cut.subject and len(short) <= SHORT_NAME:
        about = joined_words(owner, "的", short)
    if MAKES.match(cut.hidden) and not ASPECT.search(about):
        return joined_words(about, "有什么作用？"), cut.hidden
    word = (
        "是多少"
        if MEASURE.match(cut.hidden) or NUMBER.match(cut.hidden)
        else "是怎样的"
        if cut.hidden.endswith("的") and not match["kind"] and len(cut.hidden) < SHORT_QUALITY
        else f"{match['verb']}什么"
    )
    kind = match["kind"] or ""
    return joined_words(about, f"{word}？"), kind + cut.hidden


def _number(cut: Cut) -> tuple[str, str] | None:
    if not NUMBER.match(cut.hidden) or cut.after.startswith(("/", "-", "～", "~", "×", "*")) or "=" in cut.text:
        return None
    clause, rest = _clause(cut.before), _rest(cut)
    about = topic(clause, cut.subject, clause)
    if not about or IF.match(about) or len(rest) > LONGEST_TAIL or about[-1:] in "第（(～~即":
        return None
    is_ = "是" if (DEFAULTS.search(about) and not rest) or about == cut.subject else ""
    return joined_words(about, f"{is_}多少", f"{rest}？"), cut.hidden


def _compared(cut: Cut) -> tuple[str, str] | None:
    """`A 比 [B 更 C]`: how does A compare with B?"""
    match = COMPARED.match(cut.hidden) if cut.before.rstrip().endswith("比") else None
    about = topic(_clause(cut.before.rstrip()[:-1]), cut.subject, "") if match else None
    if not match or not about:
        return None
    return joined_words(about, "和", match["other"], "相比怎样？"), match["how"]


def _trend(cut: Cut) -> tuple[str, str] | None:
    """`A 越 [大，B 越 C]`: what follows when A grows?"""
    match = TREND.match(cut.hidden) if cut.before.rstrip().endswith("越") else None
    about = topic(_clause(cut.before), cut.subject, "") if match else None
    return (
        (joined_words(f"{about}{match['how']}", "，会怎样？"), re.split("[；;]", match["then"])[0])
        if match and about
        else None
    )


def _means(cut: Cut) -> tuple[str, str] | None:
    """`A 通过 [B] 来 C`: how does A C?"""
    match = re.search(r"(?:是|主要)?(?:通过|透過|利用|使用|采用|用)\s*$", cut.before)
    then = re.match(r"\s*[，,]?\s*(?:来|從而|从而|以)?\s*([^，,。；;（(]{4,28})", cut.after)
    if not match or not then or POINTING.match(then[1]) or PREFIX.match(then[1]) or IF.match(stripped(cut.before)):
        return None
    if not re.match(r"\s*[，,]?\s*(?:来|从而|以(?!及)|实现|解决|将|把|减少|提高|避免|完成|得到|降低)", cut.after):
        return None
    clause = _clause(cut.before[: match.start()])
    about = topic(clause, cut.subject, clause)
    return (joined_words(about, "怎样", f"{then[1].strip()}？"), match[0].strip() + cut.hidden) if about else None


def _acts(cut: Cut) -> tuple[str, str] | None:
    """`A 只 [训练 B]`: what alone does A train?"""
    match = re.search(r"(?:只|会|可以|能够?|需要?|必须|要)\s*$", cut.before)
    verb = ACTION.match(cut.hidden) if match else None
    if not match or not verb or IF.match(stripped(cut.before)) or _rest(cut):
        return None
    clause = _clause(cut.before[: match.start()])
    about = topic(clause, cut.subject, clause)
    thing = cut.hidden[verb.end() :].strip()
    if not about or len(thing) < SHORTEST_THING or NO_NOUN.match(thing):
        return None
    return joined_words(about, f"{match[0].strip()}{verb[0].strip()}什么？"), thing


def _inner(cut: Cut) -> tuple[str, str] | None:
    """`A，[B 是 C]`: what is B?"""
    match = re.match(
        r"(?P<about>[^，,；;是为用]{2,18}?)\s*(?:就是|即是|是|共|约|用于|用来|采用|使用|包括|分为|取决于)\s*(?=\S{2})",
        cut.hidden,
    )
    if not match or not cut.cue.startswith("after") or POINTING.match(match["about"]) or IF.match(stripped(cut.before)):
        return None
    inner = Cut(cut.hidden, match.end(), len(cut.hidden), "", cut.subject)
    if BROKEN.match(inner.before.rstrip()[-2:] + "|" + inner.hidden[:2]):
        return None
    return _use(inner) or _copula(inner) or _verb(inner) or _number(inner)


def _verb(cut: Cut) -> tuple[str, str] | None:
    """`A 采用 [B]`: which does A use?"""
    match = VERB.search(cut.before)
    if not match or NO_NOUN.match(cut.hidden) or IF.match(stripped(cut.before)):
        return None
    clause = _clause(cut.before[: match.start()])
    about = topic(clause, cut.subject, clause)
    rest = _rest(cut)
    if not about or len(about) > LONGEST_CLAUSE or len(rest) > LONGEST_TAIL or POINTING.match(cut.hidden):
        return None
    verb, thing = match["verb"], "什么"
    if verb in about:
        return None
    if verb in {"包括", "包含", "分为", "分成", "有"}:
        verb, thing = {"有": "有"}.get(verb, verb), "哪些" if not rest else "什么"
    if verb == "解决" and "问题" in cut.hidden:
        thing = "什么问题"
    if MEASURE.match(cut.hidden) or NUMBER.match(cut.hidden):
        thing = "多少"
    if verb == "来自":
        thing = "哪里"
    done = "了" if cut.hidden.startswith("了") else ""
    return joined_words(f"{about}", f"{match[0].strip()}{done}{thing}", f"{rest}？"), cut.hidden


def _effect(cut: Cut) -> tuple[str, str] | None:
    """`A，从而 [B]`: what is A good for?"""
    match = EFFECT.match(cut.hidden)
    said = stripped(cut.before).rstrip(" ，,")
    about = topic(said, cut.subject, said) if match and cut.before.rstrip().endswith(("，", ",")) else None
    if not match or not about or len(about) > LONGEST_CLAUSE or IF.match(about) or COPULA.search(about):
        return None
    return joined_words(about, "，有什么作用？"), cut.hidden[match.end("lead") :]
