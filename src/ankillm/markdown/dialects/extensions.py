"""Signs that Pandoc, MkDocs, Kramdown and Critic add to Markdown: citations, classes, sizes, keys, raised words."""

import re
from collections.abc import Callable

from ankillm.common.patterns import regex

CITED = regex(r"[ \t]?\[(?:see )?-?@[\w:.-]+(?:[;,] ?(?:see )?-?@[\w:.-]+|, pp?\. ?[\d–-]+)*\]")
CLASSED = regex(r"(?<!!)\[([^\[\]]+)\]\{[.#][^{}\n]*\}")
"""Citations, and words with a class, as Pandoc writes them."""
LISTED = (
    r"(?=\{:?[ \t]*[.#])"
    r"""\{:?[ \t]*+(?:(?:[.#][A-Za-z][\w:-]*+|[\w-]++=(?:"[^"{}\n]*"|[^\s{}"]++))[ \t]*+)+\}"""
)
ATTRIBUTED = regex(
    rf"(?<=[*)\]）”\ufdd9]){LISTED}|(?<=\w){LISTED}(?=[ \t]*$|[：:])"
    rf"|[ \t](?:(?<=[*)\]）\ufdd9] )|(?=\{{[^{{}}\n]*\}}[ \t]*$)){LISTED}"
)
"""What Pandoc and Kramdown write behind a word or at the end of a line: `**MHA** {#mha .key}`."""
LONGEST_COMMAND = 24
COMMAND = regex(r"\\[A-Za-z]{1,20}$")
"""The name of a command of TeX, whose argument is no list of attributes: `\\text{#heads}`."""
IMAGE_STYLED = regex(r"(!\[[^\[\]\n]*)(\]\([^()\n]*\))\{(?P<style>[^{}\n]*)\}")
IMAGE_WIDTH = regex(r"\bwidth[ \t]*[=: ][ \t]*[\"']?(\d{1,4})(?:px)?(?![\d.%])")
"""What Logseq, Kramdown and Pandoc write behind an image: `{:height 470, :width 718}`, `{width=300px}`."""
CRITIC = regex(r"\{(==|\+\+)(?=\S)([^{}\n]+?)\1\}")
CRITIC_GONE = regex(r"\{--(?=\S)([^{}\n]+?)--\}")
CRITIC_CHANGED = regex(r"\{~~[^{}\n~]{0,400}~>([^{}\n~]{0,400})~~\}")
CRITIC_SAID = regex(r"[ \t]?\{>>[^{}\n]*<<\}")
"""Marks of those who read a text before it is printed."""
KEYS = regex(
    r"(?<![\w+])\+\+((?:ctrl|control|cmd|command|alt|option|shift|meta|win|enter|tab|esc|escape|space|f\d{1,2})(?:\+[\w-]+)*)\+\+(?!\w)",
    re.IGNORECASE,
)
UNDERLINED = regex(
    r"(?<![A-Za-z0-9_+])\+\+(?=[^\s+\d])(?![A-Za-z_]\b|(\w++)[^+\n]*\b\1\+\+)((?:(?!\+\+)[^\n])+?)(?<=[^\s+])(?<!\bC)\+\+"
    r"(?![A-Za-z0-9_+])"
)
"""Words that HackMD and Joplin underline: `++pooling++`; no `++i` or `i++` of code, and no C++."""
RAISED = regex(r"(?<=[\w)])\^([\w+−-]{1,4})\^(?![\w^])")
LOWERED = regex(r"(?<=[A-Za-z])~(\d{1,2})~(?![\d~])")
"""What Pandoc and MkDocs raise and lower: `x^2^`, `H~2~O`."""


def _sized(match: re.Match[str]) -> str:
    """Write the width of an image behind its words."""
    width = IMAGE_WIDTH.search(match["style"])
    return f"{match[1]}{'|' + width[1] if width and '|' not in match[1] else ''}{match[2]}"


def _without_attributes(match: re.Match[str]) -> str:
    before = match.string[max(0, match.start() - LONGEST_COMMAND) : match.start()]
    return match[0] if COMMAND.search(before) else ""


EXTENDED: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("){", lambda text: IMAGE_STYLED.sub(_sized, text)),
    ("[@", lambda text: CITED.sub("", text)),
    ("]{", lambda text: CLASSED.sub(r"\1", text)),
    ("{", lambda text: ATTRIBUTED.sub(_without_attributes, text)),
    ("{==", lambda text: CRITIC.sub(r"\2", text)),
    ("{++", lambda text: CRITIC.sub(r"\2", text)),
    ("{--", lambda text: CRITIC_GONE.sub(r"~~\1~~", text)),
    ("{~~", lambda text: CRITIC_CHANGED.sub(r"\1", text)),
    ("{>>", lambda text: CRITIC_SAID.sub("", text)),
    ("++", lambda text: KEYS.sub(lambda match: match[1], text)),
    ("++", lambda text: UNDERLINED.sub(r"\2", text)),
    ("^", lambda text: RAISED.sub(r"<sup>\1</sup>", text)),
    ("~", lambda text: LOWERED.sub(r"<sub>\1</sub>", text)),
)
"""What is changed within a line, by the sign that it must have for it."""
