"""What stands behind an English verb or label: `A uses [B]`."""

from ankillm.cards.wording.cut import Cut, ends_label, formula, short_for
from ankillm.cards.wording.labels_en import aspect_of, labelled
from ankillm.cards.wording.topics_en import checked, plural, specific, stripped, topic
from ankillm.cards.wording.words_en import ANY_CASE, INNER, LONGEST_OBJECT, THIRD
from ankillm.common.patterns import regex
from ankillm.extract.bare import is_whole

TARGET = regex(
    r"(?P<np>.{2,60}?)\s(?P<be>is|are)\s(?:mainly\s|often\s|typically\s|usually\s|mostly\s"
    r"|commonly\s)?used\s(?:to|for)\s*$",
    ANY_CASE,
)
OTHER_USE = regex(r"(?:,|,?\s(?:and|while|whereas))\s(?:[\w-]+\s){1,3}?(?:is\s|are\s)?(?:for|to)\s(?=\S)", ANY_CASE)
"""What goes on with the use of another: `weights, asymmetric for activations`."""
TRIES = regex(r"(?P<np>.{2,60}?)\s(?P<verb>tries|aims|tend|tends|try|aim|wants|needs)\sto\s*$", ANY_CASE)
KIND = regex(
    r"^(?P<np>.{2,60}?)(?:\s(?:is|are)|:)\s(?P<kind>an?\s[^,;:]{2,50}?\s(?:that|which|where|whose|for|used to"
    r"|used for|of|between|with))\s*$",
    ANY_CASE,
)
MEANS = regex(r"^(?P<np>.{1,60}?)\s(?:means|refers to|stands for|denotes)(?:\sthat)?\s*$", ANY_CASE)
POINT = regex(
    r"^(?:\w+\s)?(?:goal|aim|idea|purpose|problem|motivation|drawback|advantage|disadvantage|downside|benefit"
    r"|hypothesis|solution|fix|trick|intuition|formula|range|objective)$",
    ANY_CASE,
)
LONGEST_SHORT = 14
WITHIN = regex(r"^(?P<label>[^:.,;]{1,40}?)(?:\s*::?\s|\s[–—-]+\s)\s*(?P<text>[^:]{8,150})$")
LONGEST_REST = 30
BEHIND_LABEL = regex(r"\s*(?:[:：]+|[—–]+|-\s)\s*(?=\S)")
ASPECT_IS = regex(
    r"(?:the|its|their|one|another)?\s*(?P<aspect>(?:\w+\s)?\w+)\s(?:is|was)\s(?P<link>to|that|by)?\s*$", ANY_CASE
)
COLON = regex(r"(?<![\s:：–—-])[\s:：–—-]+$")


def formula_asked(cut: Cut) -> tuple[str, str] | None:
    """Ask `A = B / C` as: what is the formula for A."""
    found = formula(cut)
    name = topic(found[0], cut.subject) if found else ""
    if not found or not name or INNER.search(name) or len(name.split()) > LONGEST_OBJECT:
        return None
    return f"What is the formula for {name}?", found[1]


def short_asked(cut: Cut) -> tuple[str, str] | None:
    """Ask `[A B C] (ABC)` as: what does ABC stand for."""
    name = short_for(cut.before[-LONGEST_SHORT:] + " " + cut.after[:LONGEST_SHORT], cut.hidden)
    return (f"What does {name} stand for?", cut.hidden) if name else None


def flipped(cut: Cut) -> tuple[str, str] | None:
    """Ask for what stands behind a hidden label instead of for the label."""
    match = None if cut.before.strip() else BEHIND_LABEL.match(cut.after)
    return labelled(cut.hidden, cut.after[match.end() :], cut.subject) if match else None


def aspect_is(cut: Cut) -> tuple[str, str] | None:
    """Ask `The goal is to [B]` as: what is the goal of the subject."""
    match = ASPECT_IS.match(stripped(cut.before))
    if not match or not POINT.match(match["aspect"]) or not specific(cut.subject):
        return None
    front = aspect_of(match["aspect"].lower(), cut.subject)
    link = f"{match['link']} " if match["link"] in {"to", "by"} else ""
    return (front, link + cut.hidden) if front else None


def used_for(cut: Cut) -> tuple[str, str] | None:
    """Ask `A is used to [B]` as: what is A used for."""
    match = TARGET.match(stripped(cut.before))
    name = topic(match["np"], cut.subject) if match else ""
    if not match or not name:
        return None
    front = checked(name, f"What {match['be'].lower()} {name} used for?")
    told = OTHER_USE.split(cut.hidden, maxsplit=1)[0]
    return (front, f"to {told}" if cut.before.rstrip().endswith("to") else told) if front else None


def kind(cut: Cut) -> tuple[str, str] | None:
    """Ask `A is a method that [B]` as: what is A."""
    match = KIND.match(stripped(cut.before))
    name = topic(match["np"], cut.subject) if match else ""
    front = checked(name, f"What {'are' if plural(name) else 'is'} {name}?") if match and name else ""
    return (front, f"{match['kind']} {cut.hidden}") if match and front else None


def means(cut: Cut) -> tuple[str, str] | None:
    """Ask `A means [B]` as: what does A mean."""
    match = MEANS.match(stripped(cut.before))
    name = topic(match["np"], cut.subject) if match else ""
    front = checked(name, f"What does {name} mean?") if name else ""
    return (front, cut.hidden) if front else None


def tries(cut: Cut) -> tuple[str, str] | None:
    """Ask `A tries to [B]` as: what does A try to do."""
    match = TRIES.match(stripped(cut.before))
    name = topic(match["np"], cut.subject) if match else ""
    if not match or not name:
        return None
    verb, base = match["verb"], THIRD.get(match["verb"], match["verb"])
    front = checked(name, f"What {'does' if verb in THIRD else 'do'} {name} {base} to do?")
    return (front, cut.hidden) if front else None


def label_asked(cut: Cut) -> tuple[str, str] | None:
    """Ask `label: [text]`, and what stands behind a label that is cut within its text."""
    match = WITHIN.match(cut.text) if cut.cue.startswith(("after", "in", "with", "on", "of")) else None
    if match and is_whole(match["label"]) and match.start("text") <= cut.end:
        return labelled(match["label"], match["text"].rstrip(" ."), cut.subject)
    if not ends_label(cut.before):
        return None
    rest = cut.after.rstrip()
    text = cut.hidden + rest if len(rest) <= LONGEST_REST else cut.hidden
    return labelled(COLON.sub("", cut.before), text, cut.subject)
