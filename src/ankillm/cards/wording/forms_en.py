"""English labels whose form says how they are asked: what counts things, sets two side by side, or holds over another.

`DeepSeekMoE introduces two ideas` → `Which two ideas does DeepSeekMoE introduce?`.
"""

from collections.abc import Callable

from ankillm.cards.wording.cut import words
from ankillm.cards.wording.topics_en import lowered, plural
from ankillm.cards.wording.words_en import ANY_CASE, INNER, POINTING, THIRD
from ankillm.common.patterns import regex

COUNT = r"(?:two|three|four|five|six|seven|\d)\s(?:(?!of\b)[\w-]+\s)?(?!of\b)[a-z]+s"
PARTS = regex(
    rf"(?P<whole>[^,:;]+?)\s(?P<verb>consists?\sof|(?:is|are)\smade(?:\sup)?\sof|has|have|comes?\sin)\s(?P<parts>{COUNT})"
)
"""What counts the parts that the text beside it names: `Memory consists of four parts: …`."""
PAST = {
    word: base
    for base, word in (
        pair.split("/")
        for pair in """
        find/found show/showed introduce/introduced propose/proposed identify/identified name/named list/listed
        observe/observed report/reported describe/described test/tested compare/compared study/studied define/defined
        use/used make/made add/added distinguish/distinguished train/trained tried/try discover/discovered give/gave
        present/presented suggest/suggested combine/combined change/changed discuss/discussed
        """.split()
    )
}
"""Verbs of what somebody did, with what stands behind `did`."""
TOLD = {
    **THIRD,
    **{f"{base}s": base for base in "find propose name list observe report test suggest present discuss".split()},
    "identifies": "identify",
    "studies": "study",
    "distinguishes": "distinguish",
    "addresses": "address",
}
DONE = regex(
    rf"(?P<whole>[^,:;]+?)\s(?:(?:also|mainly|then)\s)?(?P<verb>{'|'.join(sorted({*PAST, *TOLD, *TOLD.values()}))})"
    rf"\s(?P<parts>{COUNT})"
)
"""What counts the things that somebody shows or found: `DeepSeekMoE introduces two ideas: …`."""
LEADS = regex(r"^(?:the|this|our)\s(?=(?:authors?|paper|article|report|work)$)", ANY_CASE)
"""Who tells of it, and is no name."""
VERSUS = regex(r"^(?P<a>[^,:]{1,40}?)\s+(?:vs\.?|versus)\s+(?P<b>[^,:(]{1,40}?)(?:\s*\(.*)?$", ANY_CASE)
FULL_FORMS = {
    "pros": "advantages",
    "cons": "disadvantages",
    "pro": "advantage",
    "con": "drawback",
    "init": "initialization",
    "fix": "fix",
    "the fix": "fix",
}
COMPARED = regex(
    r"(?:the\s)?(?:(?P<kind>main|key|biggest|big|practical)\s)?(?P<aspect>advantages?|benefits?|pros|cons|drawbacks?|disadvantages?|improvements?"
    r"|gains?|similarit(?:y|ies)|weakness(?:es)?|strengths?|costs?|limitations?|trade-?offs?|savings?)(?:\sof\s(?P<own>[^,:]{1,40}?))?"
    r"\s(?P<over>over|compared\s(?:with|to)|relative\sto|versus|vs\.?|against|in\scomparison\s(?:with|to)|with\srespect\sto|(?:(?<=similarity\s)|(?<=similarities\s))(?:to|with))"
    r"\s(?P<other>[^,:]{2,40})",
    ANY_CASE,
)
"""An aspect that holds over another thing: `Drawbacks compared with full fine-tuning`."""
DIFFERS = regex(r"(?:(?:main|key)\s)?differences?\s(?:from|to|with|vs\.?|versus)\s(?P<other>[^,:]{2,40})", ANY_CASE)
SIDES = regex(r"\s(?:vs\.?|versus)\s", ANY_CASE)


def counted(label: str, called: Callable[[str], str] = str) -> str:
    """Return the question of a label that counts what stands beside it, without its mark; empty for any other."""
    parts = PARTS.fullmatch(label)
    match = parts or DONE.fullmatch(label)
    if not match or POINTING.match(match["whole"]) or INNER.search(match["whole"]):
        return ""
    many, verb = plural(match["whole"]), match["verb"]
    if parts:
        asks = "do" if many else "does"
        verb = "have" if verb.startswith("ha") else "come in" if verb.startswith("come") else "consist of"
    elif verb in PAST:
        asks, verb = "did", PAST[verb]
    elif many == (verb in TOLD):  # `LoRA use two matrices` is no sentence
        return ""
    else:
        asks, verb = "do" if many else "does", TOLD.get(verb, verb)
    whole = f"the {match['whole'].split(' ', 1)[1]}" if LEADS.match(match["whole"]) else called(match["whole"])
    return f"Which {match['parts']} {asks} {whole} {verb}"


def versus(label: str, text: str) -> str:
    """Return the question of two things side by side: `GPTQ vs. AWQ`; empty where only one of them is spoken of."""
    match = VERSUS.match(label)
    if not match or len(SIDES.findall(label)) > 1:
        return ""
    sides = [lowered(match[side]) for side in "ab"]
    told = words(text)
    both = all(words(side) & told for side in sides)
    return f"How do {sides[0]} and {sides[1]} differ?" if both else ""


def compared(label: str, subject: str, called: Callable[[str], str] = str) -> str:
    """Return the question of what a thing has over another: `Advantages over PPO`; empty for any other label."""
    match = DIFFERS.fullmatch(label) or COMPARED.fullmatch(label)
    parts = match.groupdict() if match else {}
    own, other = parts.get("own") or subject, parts.get("other") or ""
    if not match or not own or other.lower() == own.lower() or POINTING.match(other):
        return ""
    if "aspect" not in parts:
        return f"How {'do' if plural(own) else 'does'} {called(own)} differ from {lowered(other)}?"
    name = FULL_FORMS.get(parts["aspect"].lower(), parts["aspect"].lower())
    kind = f"{parts['kind'].lower()} " if parts["kind"] else ""
    verb = "are" if name.endswith("s") and not name.endswith("weakness") else "is"
    return f"What {verb} the {kind}{name} of {called(own)} {parts['over'].lower()} {lowered(other)}?"
