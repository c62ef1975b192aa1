"""Statements asked in English."""

import re

from ankillm.cards.wording.cut import SEPARATOR, Cut, formula, gap_front, named_in, short_for
from ankillm.cards.wording.labels_en import (
    FINITE,
    _aspect,
    _definite,
    labelled,
    lowered,
    owned,
    plural,
    specific,
    stripped,
    topic,
)
from ankillm.cards.wording.words_en import (
    ADVICE,
    AUX,
    BASES,
    FUNCTION_WORDS,
    I,
    IF,
    INNER,
    NUMBER,
    PLURAL,
    POINTING,
    PRONOUN,
    THIRD,
    UNFIT,
    VAGUE,
    VERBED,
)
from ankillm.common.patterns import regex

BECAUSE = regex(r"[,;]?\s*\b(?:because|since|as|due to the fact that)\s*$", I)
ARTICLE = regex(r"^(?:an?|the|any|one|what|how|where|which)\s", I)
NOUNISH = regex(r"^(?:an?|the|any|one of|what|how)\s|^[a-z-]+ (?:of|for|that|which|in)\s", I)
PARTICIPLE = regex(
    r"^(?:\w+ly\s)?(?:\w+ed|taken|given|set|split|put|kept|done|made|built|known|\w+ing|able|likely|often|usually|mostly|always|never|not|also|only|just|still|very|too|more|less|as|in|on|at|to|because|that|when|if)\b",
    I,
)
TARGET = regex(
    r"(?P<np>.{2,60}?)\s(?P<be>is|are)\s(?:mainly\s|often\s|typically\s|usually\s|mostly\s|commonly\s)?used\s(?:to|for)\s*$",
    I,
)
TRIES = regex(r"(?P<np>.{2,60}?)\s(?P<verb>tries|aims|tend|tends|try|aim|wants|needs)\sto\s*$", I)
BY = regex(r"\bby\s*$", I)
KIND = regex(
    r"^(?P<np>.{2,60}?)(?:\s(?:is|are)|:)\s(?P<kind>an?\s[^,;:]{2,50}?\s(?:that|which|where|whose|for|used to|used for|of|between|with))\s*$",
    I,
)
COPULA = regex(r"^(?P<np>.{2,70}?)\s(?P<be>is|are|was|were)\s+(?P<kind>(?:an?|the)\s)?$", I)
MEANS = regex(r"^(?P<np>.{1,60}?)\s(?:means|refers to|stands for|denotes)(?:\sthat)?\s*$", I)
EDGE = regex(
    r"\b(?:the|an?|of|to|in|on|at|is|are|and|or|by|for|with|from|as|that|which|than|its|their|be|not|very|most|each|between|into)$",
    I,
)
UNSURE = frozenset("that which but whereas have had so thus therefore however if when".split())
PREPOSITIONS = frozenset("of in with by from on at for as into than to between".split())
OBJECT = regex(r"(?<!^)\b(?:it|them|they)\b", I)
DEMONSTRATIVE = regex(r"(?<!^)\b(?:this|these|those|such)\s(?!is\b)", I)
POINT = regex(
    r"^(?:\w+\s)?(?:goal|aim|idea|purpose|problem|motivation|drawback|advantage|disadvantage|downside|benefit|hypothesis|solution|fix|trick|intuition|formula|range|objective)$",
    I,
)
LONGEST_SHORT = 14
WITHIN = regex(r"^(?P<label>[^:.,;]{1,40}?)(?:\s*::?\s|\s[–—-]+\s)\s*(?P<text>[^:]{8,150})$")
REACHING = regex(r"^\s*(?:(?:[\w-]+\s){0,3}(?:to|into|from|as|on|with)\s*)?$")
SMALLEST_WORDS = 5
LONGEST_OBJECT = 6
SMALLEST_LABEL = 4
POINTS = regex(r"\b(?:this|these|those|them|it|they|latter|former|itself)\b", I)
LONGEST_GAP = 14
LARGEST_SHARE = 0.6
LONGEST_NAME = 9


def is_unfit(cut: Cut) -> bool:
    """Whether no card can be made of a cut: chat, a pointer to elsewhere, function words alone, an edge in the air."""
    hidden = cut.hidden
    if UNFIT.search(cut.text) or FUNCTION_WORDS.match(hidden) or VAGUE.match(hidden):
        return True
    if EDGE.search(hidden) and not re.search(r"[`$)]$", hidden):
        return True
    return (
        hidden.lower().split(" ", 1)[0] in {"of", "than", "'t", "and", "or"} or len(hidden) < 2 and not hidden.isdigit()
    )


def question(cut: Cut) -> tuple[str, str] | None:
    """Return the question and the answer of a cut, where one of the rules below words it."""
    for rule in (
        _formula,
        _stands,
        _label,
        _flipped,
        _reason,
        _result,
        _aim,
        _given,
        _condition,
        _to,
        _aspected,
        _use,
        _kind,
        _means,
        _copula,
        _tries,
        _how,
        _verb,
    ):
        if found := rule(cut):
            front, back = found
            if POINTS.search(front):
                return None
            return owned(front, cut.subject) if specific(cut.subject) else front, _tidied(back)
    return None


def gap(cut: Cut) -> str | None:
    """Return the front of a gap card that stands alone, or nothing."""
    hidden, seen = cut.hidden, (cut.before + " " + cut.after).split()
    if (
        DEMONSTRATIVE.search(cut.before)
        or OBJECT.search(cut.before)
        or cut.before.count("(") > cut.before.count(")")
        or ":" in hidden
    ):
        return None
    if "?" in cut.text or (SEPARATOR.search(cut.before) and len(cut.before.split()) < SMALLEST_LABEL):
        return None
    if cut.cue in UNSURE or hidden.count('"') % 2 or re.match(r"(?:is|are|was|be|been)\b", hidden):
        return None
    if re.search(r",\s(?!and\s|or\s)[^,]*\s[^,]*\s[^,]*\s", hidden):
        return None
    if cut.cue in PREPOSITIONS - {"to", "as", "by"} and (
        len(hidden.split()) > LONGEST_OBJECT or cut.after.strip(" .!;")
    ):
        return None
    if cut.cue in PREPOSITIONS and FINITE.search("x " + re.split(r"\b(?:that|which|who|when|if|because)\b", hidden)[0]):
        return None
    if cut.cue in {"head", "but", "however"} or (
        cut.cue.startswith("before") and (FINITE.search(hidden) or IF.match(hidden))
    ):
        return None
    if cut.cue.startswith("after") or POINTING.match(hidden) or len(hidden.split()) > LONGEST_GAP:
        return None
    if len(seen) < SMALLEST_WORDS or len(hidden) > LARGEST_SHARE * len(cut.text):
        return None
    if re.search(rf"(?<!\w){re.escape(hidden.lower())}(?!\w)", (cut.before + "|" + cut.after).lower()):
        return None
    return _opened(cut)


def _opened(cut: Cut) -> str | None:
    """Return the statement with its gap, what it starts with made to stand alone."""
    before = stripped(cut.before)
    if match := PRONOUN.match(before):
        if not specific(cut.subject) or plural(cut.subject) != (match[0].lower() == "they"):
            return None
        before = _capital(cut.subject) + before[match.end() :]
    elif POINTING.match(before) or not before and POINTING.match(cut.after):
        return None
    front = gap_front(Cut(before + cut.hidden + cut.after, len(before), len(before) + len(cut.hidden), "", ""), "")
    if not specific(cut.subject) or named_in(cut.subject, front):
        return _capital(front) if before[:1].isalpha() and cut.before[:1].isupper() else front
    return f"{cut.subject}: {front}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:] if text[:1].islower() and text.split(" ", 1)[0].isalpha() else text


def _tidied(back: str) -> str:
    back = back.strip(" .;,:")
    return back.replace('"', "") if back.count('"') % 2 else back


def _formula(cut: Cut) -> tuple[str, str] | None:
    """`A = B / C`: what is the formula for A?"""
    found = formula(cut)
    name = topic(found[0], cut.subject) if found else ""
    if not found or not name or INNER.search(name) or len(name.split()) > LONGEST_OBJECT:
        return None
    return f"What is the formula for {name}?", found[1]


def _stands(cut: Cut) -> tuple[str, str] | None:
    """`[A B C] (ABC)`: what does ABC stand for?"""
    name = short_for(cut.before[-LONGEST_SHORT:] + " " + cut.after[:LONGEST_SHORT], cut.hidden)
    return (f"What does {name} stand for?", cut.hidden) if name else None


def _label(cut: Cut) -> tuple[str, str] | None:
    if cut.cue.startswith(("after", "in", "with", "on", "of")) and (match := WITHIN.match(cut.text)):
        if match.start("text") <= cut.start + len(cut.hidden):
            return labelled(match["label"], match["text"].rstrip(" ."), cut.subject)
    if not SEPARATOR.search(cut.before):
        return None
    rest = cut.after.rstrip()
    text = cut.hidden + rest if len(rest) <= 30 else cut.hidden
    return labelled(re.sub(r"[\s:：–—-]+$", "", cut.before), text, cut.subject)


def _flipped(cut: Cut) -> tuple[str, str] | None:
    """Ask for what stands behind a hidden label instead of for the label."""
    match = re.match(r"\s*(?:[:：]+|[—–]+|-\s)\s*(?=\S)", cut.after)
    return labelled(cut.hidden, cut.after[match.end() :], cut.subject) if match and not cut.before.strip() else None


def inverted(clause: str, word: str, subject: str) -> str:
    """Return a main clause as a question, `Why is A B?`; empty where that is not safe."""
    clause = stripped(clause).strip(" ,;.")
    if match := AUX.match(clause):
        name = topic(match["np"], subject)
        aux = match["aux"].replace("cannot", "can't")
        negated = " not" if aux.endswith(" not") else ""
        return _checked(name, f"{word} {aux.removesuffix(' not')} {name}{negated} {match['rest']}?")
    if match := VERBED.match(clause):
        name = topic(match["np"], subject)
        verb = THIRD[match["verb"]]
        return _checked(name, f"{word} does {name} {match['adv'] or ''}{verb} {match['rest']}".rstrip() + "?")
    if match := PLURAL.match(clause):
        name = topic(match["np"], subject)
        return _checked(name, f"{word} do {name} {match['verb']} {match['rest']}".rstrip() + "?")
    return ""


def _checked(name: str, front: str) -> str:
    """Return a question whose subject is a noun phrase, else nothing."""
    odd = (
        not name
        or INNER.search(name)
        or len(name.split()) > LONGEST_NAME
        or IF.match(name)
        or name.split()[0].lower() in BASES
    )
    return "" if odd or re.search(r"\b(?:to|not|also) \?", front) else front


def _reason(cut: Cut) -> tuple[str, str] | None:
    """`A because [B]`: why A?"""
    late = re.match(r"(?:because|since)\s+(?!of\b)", cut.hidden, I)
    if not BECAUSE.search(cut.before) and not (late and cut.before.strip()):
        return None
    clause = BECAUSE.sub("", cut.before)
    cut = Cut(cut.text, cut.start + (late.end() if late else 0), cut.end, cut.cue, cut.subject)
    if re.search(r"\bas\s*$", cut.before) or IF.match(stripped(clause)):
        return None
    front = inverted(clause, "Why", cut.subject)
    return (front, cut.hidden) if front else None


def _result(cut: Cut) -> tuple[str, str] | None:
    """`A, so [B]`: why B?"""
    late = re.match(r"(?:so|therefore|thus|hence|that's why|that is why)\s+", cut.hidden, I)
    cut = Cut(cut.text, cut.start + (late.end() if late else 0), cut.end, cut.cue, cut.subject)
    match = re.search(r"(?:^|[,;.]\s*|\sand\s)(?:so|therefore|thus|hence|that's why|that is why)\s*$", cut.before, I)
    reason = stripped(cut.before[: match.start()]).strip(" ,;") if match else ""
    if len(reason.split()) < 3 or POINTING.match(reason) or IF.match(reason):
        return None
    front = inverted(cut.hidden, "Why", cut.subject)
    return (front, reason) if front else None


def _aim(cut: Cut) -> tuple[str, str] | None:
    """`A in order to [B]`: why A?"""
    match = re.search(r",?\s(?:in order to|so that|so as to)\s*$", cut.before, I)
    front = inverted(cut.before[: match.start()], "Why", cut.subject) if match else ""
    return (front, f"{match[0].strip(' ,')} {cut.hidden}") if match and front else None


def _given(cut: Cut) -> tuple[str, str] | None:
    """`A if [B]`: when A?"""
    match = re.search(r"(?<!even)(?<!as)\s(?:only\s)?(?:if|when|whenever)\s*$", cut.before, I)
    if not match or FINITE.search("x " + cut.hidden) is None:
        return None
    front = inverted(cut.before[: match.start()], "When", cut.subject)
    return (front, f"{match[0].strip()} {cut.hidden}") if front else None


def _aspected(cut: Cut) -> tuple[str, str] | None:
    """`The goal is to [B]`: what is the goal of the subject?"""
    match = re.match(
        r"(?:the|its|their|one|another)?\s*(?P<aspect>(?:\w+\s)?\w+)\s(?:is|was)\s(?P<link>to|that|by)?\s*$",
        stripped(cut.before),
        I,
    )
    if not match or not POINT.match(match["aspect"]) or not specific(cut.subject):
        return None
    front = _aspect(match["aspect"].lower(), cut.hidden, cut.subject)
    link = f"{match['link']} " if match["link"] in {"to", "by"} else ""
    return (front, link + cut.hidden) if front else None


def _condition(cut: Cut) -> tuple[str, str] | None:
    """`If A, [B]`: what happens, or what to do?"""
    given = stripped(cut.before).rstrip()
    match = re.match(r"(?P<word>if|when|once)\s(?P<given>[^,]{4,110}),(?:\sthen)?$", given, I)
    if not match or re.match(r"(?:it|this|that|they|these|we|you're asked)\b", match["given"], I):
        return None
    hidden = re.sub(r"^then\s+", "", cut.hidden)
    asks = "What should you do" if ADVICE.match(hidden) else "What happens"
    return f"{asks} {match['word'].lower()} {match['given']}?", hidden


def _to(cut: Cut) -> tuple[str, str] | None:
    """`To A, you can [B]`: how can you A?"""
    match = re.match(
        r"(?:in order )?to\s(?P<aim>[^,]{4,90}),\s(?:you|we)(?:'d)?\s(?P<aux>can|should|must|need to|have to)\s(?:just\s|simply\s)?$",
        stripped(cut.before),
        I,
    )
    if not match or re.match(r"(?:do|see|understand|answer) (?:this|that|it)\b", match["aim"], I):
        return None
    return f"How {'can' if match['aux'] == 'can' else 'should'} you {match['aim']}?", cut.hidden


def _use(cut: Cut) -> tuple[str, str] | None:
    """`A is used to [B]`: what is A used for?"""
    match = TARGET.match(stripped(cut.before))
    name = topic(match["np"], cut.subject) if match else ""
    if not match or not name:
        return None
    front = _checked(name, f"What {match['be'].lower()} {name} used for?")
    return (front, f"to {cut.hidden}" if cut.before.rstrip().endswith("to") else cut.hidden) if front else None


def _kind(cut: Cut) -> tuple[str, str] | None:
    """`A is a method that [B]`: what is A?"""
    match = KIND.match(stripped(cut.before))
    name = topic(match["np"], cut.subject) if match else ""
    front = _checked(name, f"What {'are' if plural(name) else 'is'} {name}?") if match and name else ""
    return (front, f"{match['kind']} {cut.hidden}") if match and front else None


def _means(cut: Cut) -> tuple[str, str] | None:
    match = MEANS.match(stripped(cut.before))
    name = topic(match["np"], cut.subject) if match else ""
    front = _checked(name, f"What does {name} mean?") if name else ""
    return (front, cut.hidden) if front else None


def _copula(cut: Cut) -> tuple[str, str] | None:
    """`A is [a B]`: what is A?"""
    match = COPULA.match(stripped(cut.before))
    rest = cut.after.strip()
    if not match or PARTICIPLE.match(cut.hidden) or rest[:1].isalnum():
        return None
    whole = (match["kind"] or "") + cut.hidden
    name = topic(match["np"], cut.subject)
    if name and " " not in name and name in cut.subject.lower().split() and name != cut.subject.lower():
        return f"What {match['be']} {_definite(cut.subject)}?", whole
    if not NOUNISH.match(whole) or not name:
        return None
    front = _checked(name, f"What {match['be']} {name}?")
    return (front, whole) if front else None


def _tries(cut: Cut) -> tuple[str, str] | None:
    match = TRIES.match(stripped(cut.before))
    name = topic(match["np"], cut.subject) if match else ""
    if not match or not name:
        return None
    verb, base = match["verb"], THIRD.get(match["verb"], match["verb"])
    front = _checked(name, f"What {'does' if verb in THIRD else 'do'} {name} {base} to do?")
    return (front, cut.hidden) if front else None


def _how(cut: Cut) -> tuple[str, str] | None:
    """`A is done by [doing B]`: how is A done?"""
    if not BY.search(cut.before) or not re.match(r"(?:\w+ly\s)?\w+ing\b", cut.hidden):
        return None
    front = inverted(BY.sub("", cut.before), "How", cut.subject)
    return (front, f"by {cut.hidden}") if front else None


def _verb(cut: Cut) -> tuple[str, str] | None:
    """`A uses [B]`: what does A use?"""
    before = stripped(cut.before)
    match = VERBED.match(before) or PLURAL.match(before)
    if not match or not REACHING.match(match["rest"]) or cut.after.strip()[:1].isalnum():
        return None
    name = topic(match["np"], cut.subject)
    if re.match(r"(?:that|to|how|it|us)\b", cut.hidden) or not name:
        return None
    third = match["verb"] in THIRD
    adverb = (match["adv"] or "") if third else ""
    front = _checked(
        name,
        f"What {'does' if third else 'do'} {name} {adverb}{THIRD.get(match['verb'], match['verb'])} {match['rest'].strip()}".rstrip()
        + "?",
    )
    return (front, cut.hidden) if front else None
