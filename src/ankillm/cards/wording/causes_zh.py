"""Reasons, conditions, means and effects in Chinese: `A，因为 [B]`."""

from ankillm.cards.wording.cut import Cut, named_in
from ankillm.cards.wording.topics_zh import joined_words, last_clause, owner, specific, stripped, topic
from ankillm.cards.wording.words_zh import CLAUSE_END, IF, LONGEST_CLAUSE, POINTING, SMALLEST_CONTEXT
from ankillm.common.patterns import regex, without
from ankillm.extract.vocabulary import ASKING_FIRST

ADVICE = regex(
    r"^(?:我们|一般|通常|也|就|都|先|还)*(?:请|建议|推荐|应|需|必须|要(?!么)|可以|最好|使用|用|设|选|改|不要|避免|调|考虑|尽量|直接|加(?!速)|把|开|关|降低|减小|增大|务必)"
)
REASON_GIVEN = regex(r"^(?:主要)?(?:原因(?:是|在于)|因为|因為|由于|由於|是因为)\s*")
OTHERWISE = regex(r"^(?:否则|不然|要不然|否則)\s*(?:的话)?[，,]?\s*")
REASON = regex(r"因为|因為|由于|由於|所以|因此")
RESULT = regex(r"(?:^|(?<=[，,。\s]))(?:所以|因此|因而|故而|于是)\s*[，,]?\s*")
RESULT_AT_END = regex(rf"{RESULT.pattern}$")
BECAUSE_FIRST = regex(r"(?:因为|因為|由于|由於)\s*")
EFFECT = regex(
    r"^(?P<lead>(?:从而|以便|以此|这样就?|这样)?)(?:以(?:减少|提高|降低|避免|防止|便|保证|提升|增强)|使得?(?!用)|让|避免|防止|减少|提高|提升|降低|增强|加快|缓解|便于"
    r"|有助于|(?:可以|能够?)(?:有效|显著|大大)?(?:减少|提高|提升|降低|避免|防止|加快|缓解|保证|增强))"
)
BECAUSE = regex(r"(?:主要|正)?(?:是|就是)?(?:因为|因為|由于|由於)\s*$")
BECAUSE_ANSWER = regex(r"^(?:主要|正)?(?:是|就是)?(?:因为|因為|由于|由於)\s*(?P<reason>[^，,。；;]+.*)$")
AIM_ANSWER = regex(r"^(?:主要)?(?:是|就是)?(?:为了|為了)\s*(?P<reason>.+)$")
FOLLOWS = regex(r"[，,]\s*(?:所以|因此|因而|于是|故)?\s*([^，,。；;]{4,})")
SURELY_FOLLOWS = regex(r"[，,]\s*(?:所以|因此|因而|于是|故)\s*([^，,。；;]{4,})")
THEN = regex(r"(?:[，,]\s*(?:则|就|会|那么)|那么)$")
THEN_FIRST = regex(r"^(?:那么|则|就(?!是))\s*")
WISHED = regex(r"想|要想|为了|為了")


def _why(clause: str, reason: str, cut: Cut) -> tuple[str, str] | None:
    said = stripped(clause).strip(" ，,（(").removeprefix("之所以").strip()
    if (
        "=" in said
        or "：" in said
        or IF.match(said)
        or REASON.search(said)
        or ASKING_FIRST.match(said)
        or not SMALLEST_CONTEXT // 2 < len(said) <= LONGEST_CLAUSE
    ):
        return None
    if POINTING.match(said) or not topic(said, cut.subject, said):
        return None
    owner = "" if named_in(cut.subject, said) or not cut.subject else f"{cut.subject}："
    return joined_words(owner, "为什么", f"{topic(said, '', said) or said}？"), reason


def result(cut: Cut) -> tuple[str, str] | None:
    """Ask `A，所以 [B]` as: why B."""
    match = RESULT.match(cut.hidden)
    result = cut.hidden[match.end() :] if match else cut.hidden
    if not match and not RESULT.search(cut.before[-4:]):
        return None
    reason = stripped(RESULT_AT_END.sub("", cut.before.strip()).strip(" ，,"))
    reason = without(BECAUSE_FIRST, reason)
    if len(reason) < SMALLEST_CONTEXT or POINTING.match(reason):
        return None
    return _why(result, reason, cut)


def effect(cut: Cut) -> tuple[str, str] | None:
    """Ask `A，从而 [B]` as: what is A good for."""
    match = EFFECT.match(cut.hidden)
    said = stripped(cut.before).rstrip(" ，,")
    about = topic(said, cut.subject, said) if match and cut.before.rstrip().endswith(("，", ",")) else None
    if not match or not about or len(about) > LONGEST_CLAUSE or IF.match(about):
        return None
    return joined_words(about, "，有什么作用？"), cut.hidden[match.end("lead") :]


def reason(cut: Cut) -> tuple[str, str] | None:
    """Ask `A，因为 [B]` and `[B]，所以 A` as: why A."""
    given, otherwise = REASON_GIVEN.match(cut.hidden), OTHERWISE.match(cut.hidden)
    if (given or otherwise) and cut.before.strip():
        said = cut.hidden[given.end() :] if given else cut.hidden
        return _why(last_clause(cut.before.rstrip(" ，,")), said, cut)
    if BECAUSE.search(cut.before):
        clause = BECAUSE.sub("", cut.before)
        return _why(clause, cut.hidden, cut) if stripped(clause).strip(" ，,") else _follows(cut)
    if match := BECAUSE_ANSWER.match(cut.hidden):
        return _follows(Cut(cut.text, cut.start + match.start("reason"), cut.end, "因为", cut.subject))
    if AIM_ANSWER.match(cut.hidden) and cut.before.strip():
        return _why(cut.before, cut.hidden, cut)
    return None if cut.before.strip() or POINTING.match(cut.hidden) else _follows(cut)


def _follows(cut: Cut) -> tuple[str, str] | None:
    """Ask `[A]，所以 B` as: why B; the 所以 may be left out where A is marked as a reason."""
    marked = cut.cue == "因为" or AIM_ANSWER.match(cut.hidden) or BECAUSE.search(cut.before)
    follows = (FOLLOWS if marked else SURELY_FOLLOWS).match(cut.after)
    return _why(follows[1], cut.hidden, cut) if follows else None


def condition(cut: Cut) -> tuple[str, str] | None:
    """Ask `如果 A，[B]` as: what happens, or what to do, if A."""
    given = THEN.sub("，", stripped(cut.before).rstrip())
    whole = IF.match(given) and len(given) <= LONGEST_CLAUSE and not POINTING.match(given)
    if not given.endswith(("，", ",")) or POINTING.match(cut.hidden):
        return None
    if not whole:
        given = last_clause(given.rstrip("，, ")) + "，"
        if not IF.match(given) or POINTING.match(given) or not specific(cut.subject):
            return None
    given, hidden = given.rstrip("，, "), THEN_FIRST.sub("", cut.hidden)
    wished = WISHED.match(given) and not ADVICE.match(hidden)
    if wished or len(CLAUSE_END.findall(given)) > 1:
        return None
    asks = "应该怎么做？" if ADVICE.match(hidden) else "会怎样？"
    return owner(given, cut.subject) + f"{given}，{asks}", hidden
