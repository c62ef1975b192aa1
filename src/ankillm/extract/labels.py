"""Labels: what stands before a colon, in bold, in code or before a dash, and names what is said behind it."""

import re
from functools import lru_cache

from ankillm.common.patterns import HAN, regex, without
from ankillm.markdown.inline import is_only_links, math_kept
from ankillm.markdown.spans import masked
from ankillm.markdown.titles import unnumbered, unrated

LONGEST_LABEL = 48
BOLD_LABEL = regex(
    r"""^(?P<mark>\*\*|__)(?P<label>(?:`[^`\n]*`|(?!(?P=mark))(?!`[^`\n]*`).)+?)(?P<in>\s{0,4}[：:]|(?<=[a-z])\.|。)?(?P=mark)(?P<also>\s*[（(][^()（）]{1,40}[)）](?=\s*[：:]))?
      (?P<out>\s*[：:]|\s+[-–—]+(?=\s)|\s*[-–—]{2,}|\s*(?:\.{3}|…))?\s*(?P<text>.*)$""",
    re.DOTALL | re.VERBOSE,
)
LONGEST_ENDED = 12
"""Characters of a name in bold with a full stop behind it; a longer one is a sentence."""
SAYS = regex(r"[是有会能要不了被把将使让]|可以|需要")
BULLET = regex(r"^[-•·]\s+(?=\S)")
SLANTED = regex(r"^(?P<mark>[*_])(?!(?P=mark))(?P<label>[^*_\n]{1,48}?[：:])(?P=mark)(?!(?P=mark))\s*(?=\S)")
"""A label in italics, its colon inside: `*优点：* 快`."""
CODE_LABEL = regex(
    r"""^(?P<label>`[^`]+`(?:\s*(?:[/、,，]|and|or|和|或)\s*`[^`]+`)*(?:\s*[（(][^()（）]{1,24}[)）])?)
      \s*(?:::?|：|\s[-–—]+\s|[-–—]{2,}|\s=\s|(?:→|->)(?!.*(?:→|->)))\s*(?P<text>.*)$""",
    re.DOTALL | re.VERBOSE,
)
BOLD_START = regex(
    r"^(?P<mark>\*\*|__)(?P<label>(?:(?!(?P=mark)).)+?)(?P=mark)(?P<more>\s*[^：:*。，,；;\n]{1,20}?)\s*[：:]\s*(?P<text>.*)$",
    re.DOTALL,
)
PLAIN_LABEL = regex(
    rf"""^(?P<label>(?:`[^`\n]*`|[^`：:。！？!?；;\n]){{1,64}}?)\s*(?:：|::?(?=\s|$|[（“"'`*\x00]|{HAN}))\s*(?P<text>.*)$""",
    re.DOTALL | re.VERBOSE,
)
DASH_LABEL = regex(r"^(?P<label>[^：:。，,！？!?；;.\n]{1,40}?)(?:\s+[-–—]{1,2}\s+|\s*——\s*)(?P<text>.*)$", re.DOTALL)
ABOUT_LABEL = regex(
    r"^(?:关于|对于|在|从)\s*(\*\*|__)(?P<label>(?!第.{1,3}[步阶个])[^*_]+)\1\s*(?:方面|上|中|来说|来看|而言)?\s*[，,]\s*(?P<text>.*)$",
    re.DOTALL,
)
MARKED, UNMARKED = (CODE_LABEL, ABOUT_LABEL), (PLAIN_LABEL, DASH_LABEL)
COPULA = regex(r"\s*(?:通常|一般|大概|主要)?(?:是|为)$|\s(?:is|are)$")
CAUSE_OR_CURE = regex(
    r"^(?:原因|现象|解决(?:办法|方法|方案)?|办法|对策|后果|cause|reason|fix|solution)$", re.IGNORECASE
)
"""What stands before the cause of a trouble, or what helps."""
COUNTS = regex(r"^\d{1,2}\s+\S")
"""A number with no sign behind it, which counts something where the text is no title."""
DEFINES = regex(r"(?:def|definition|定义)\.?\s*[（(](?P<term>[^()（）]{2,40})[)）]$", re.IGNORECASE)
"""A label that says that a term in brackets is defined: `Def. (alignment tax): …`."""
JOINS = regex(r"(?:plus|and\salso)\s+(?=[a-z]+\s[a-z])")
"""What joins a label to the one before: `plus attention temperature: …`."""
ARGUMENTS = regex(r"\([^()]*\)")
CLAUSE = regex(r"[，,。]|\s(is|are|was|were|has|have|can|will|means|that|which)\s")


def _fits(label: str) -> bool:
    plain = math_kept(label)
    whole = all(
        label.count(opening) == label.count(closing)
        for opening, closing in ("[]", "()", "{}", "（）", "「」", "《》", "“”")
    )
    short = bool(plain) and len(plain) <= LONGEST_LABEL
    said = CLAUSE.search(ARGUMENTS.sub("", plain))
    return short and whole and "://" not in label and not said and not is_only_links(label)


def _split_bold(match: re.Match[str], whole: str) -> tuple[str, str, bool]:
    label, rest = math_kept(match["label"]).rstrip("：: "), match["text"].lstrip("：: ").strip()
    ended = match["in"] == "。" and (len(label) > LONGEST_ENDED or CLAUSE.search(label) or SAYS.search(label))
    named = bool((match["in"] and not ended) or match["out"] or not rest)
    also = match["also"] or ""
    return (
        (unnumbered(f"{label}{' ' if also.startswith(' ') else ''}{math_kept(also)}"), rest, True)
        if label and len(label) <= LONGEST_LABEL and named
        else ("", whole, False)
    )


@lru_cache(maxsize=1024)
def split_label(text: str) -> tuple[str, str, bool]:
    """Split `label：text` into plain label, Markdown text, and whether the label is marked; no label: all is text."""
    label, said, marked = _split(text)
    if defines := DEFINES.match(label):
        return defines["term"], said, True
    return without(JOINS, label), said, marked


def _split(text: str) -> tuple[str, str, bool]:
    text = unrated(BULLET.sub("", text.strip()))
    if "{{c" in text:
        return "", text, False
    text = SLANTED.sub(r"\g<label> ", text)
    stripped = text if text.startswith(("**", "__", "`")) or COUNTS.match(text) else unnumbered(text)
    if match := BOLD_LABEL.match(stripped):
        label, said, marked = _split_bold(match, stripped)
        if label or not (match := BOLD_START.match(stripped)):
            return label, said, marked
        label = math_kept(match["label"] + match["more"])
        return (label, match["text"].strip(), True) if _fits(label) else ("", stripped, False)
    blank = masked(stripped)  # no separator within code, math, a link or bold parts a label from what it says
    for marked, patterns, seen in ((True, MARKED, stripped), (False, UNMARKED, blank)):
        for pattern in patterns:
            if not (match := pattern.match(seen)):
                continue
            label, said = stripped[slice(*match.span("label"))], stripped[match.start("text") :]
            if _fits(label):
                return COPULA.sub("", unnumbered(math_kept(label))), said.strip(), marked
    return "", stripped, False
