"""Names in a question: as code where they are identifiers, else in bold; and whether one is part of another."""

import re

from ankillm.common.patterns import ADORNED, has_word, regex, without
from ankillm.markdown.inline import escaped, plain_text

IDENTIFIER = regex(r"^[A-Za-z_][\w.]*(?:_\w|\.\w|\(\))[\w.()=]*$|^[A-Za-z]$")
LABEL_IN_CODE = regex(r"^`?[A-Za-z_][\w.]*(?:_\w+|\.\w+|=\w+|\(\))`?$|^`[^`]+`$|^--?\w[\w-]+$")
"""A label that is an identifier, a setting, an option or code."""
MATH = regex(r"^\$[^$]+\$$")
CODE = regex(r"^`[^`]+`$")
TEX = regex(
    r"^(?=.*\\[A-Za-z])"
    r"(?:\\(?:[A-Za-z]+|[|{},;! ])|[A-Za-z0-9_^{}()\[\]|+\-=<>,.'*/])+$|^[A-Za-z][_^](?:\w|\{[^{}]*\})$"
    r"|^\|{1,2}[A-Za-z]\w?\|{1,2}(?:[_^](?:\w|\{[^{}]*\}))?$"
)
"""A symbol that lost its dollars where it was read as plain text: `\\gamma`, `s_i`, `|w|_2`."""
TEX_WITHIN = regex(r"(?<![A-Za-z0-9\\:/])([A-Za-z0-9_^{}()|+=-]*\\[A-Za-z]{2,}[A-Za-z0-9_^{}()|+=\\-]*)")
"""The same, beside words: `步长 \\eta`."""
BRACKETS = regex(r"\s*[（(].*$")
YES_NO = regex(
    r"^(?:yes|no|true|false|是|否|有|无|支持|不支持|可以|不可以|不能|能|✓|✗|✅|❌|√|×)[。.]?$",
    re.IGNORECASE,
)
ADVICE = regex(r"建议|设置?为|可以|应该?|选|使?用|取|\b(?:set|use|choose|try|pick|should)\b", re.IGNORECASE)
ACRONYM = regex(r"^[A-Z]{2,}$")
SHORT = 4


def is_symbol(term: str) -> bool:
    """Whether a term is an identifier or a formula, of which it is always asked what it is."""
    return bool(IDENTIFIER.match(term) or MATH.match(term))


def named(term: str) -> str:
    """Return a term as Markdown: an identifier as code, a formula as it is, anything else in bold."""
    term = without(ADORNED, term.strip()).strip()
    if MATH.match(term) or CODE.match(term):
        return term
    if TEX.search(term) and "$" not in term:
        return f"${term}$"
    if IDENTIFIER.match(term):
        return f"`{term}`"
    if "\\" not in term or "$" in term:
        return f"**{escaped(term)}**"
    parts = TEX_WITHIN.split(term)
    words = [f"${part}$" if at % 2 else f"**{escaped(part.strip())}**" for at, part in enumerate(parts) if part.strip()]
    return " ".join(words)


def open_label(label: str, owner: str = "", *, colon: str = ": ") -> str:
    """Return a label with its text left open: `MoE 的训练 — 专家计算输出：[…]`.

    For labels of which nobody can say how they would be asked; readers kept more such cards than of `What is …?`.
    """
    return f"{f'{escaped(owner)} — ' if owner else ''}{named(label)}{colon}[…]"


def core(term: str) -> str:
    """Return a term without what it has in brackets, in lower case: `Prompt-Tuning(提示微调)` → `prompt-tuning`."""
    return BRACKETS.sub("", term).strip().lower()


def is_part_of(term: str, whole: str) -> bool:
    """Whether a term is named by a longer one; a short one (`r`) is in every other, and so in none but as a word.

    Two Chinese characters are a word.
    """
    if len(core(term)) >= (SHORT if term.isascii() else SHORT // 2):
        return core(term) in whole.lower()
    return bool(ACRONYM.match(term)) and has_word(whole, term)


def is_yes_or_no(value: str) -> bool:
    """Whether a value only says yes or no."""
    return bool(YES_NO.match(plain_text(value)))


def is_advice(text: str) -> bool:
    """Whether a text says what to set or choose, not what happens."""
    return bool(ADVICE.search(text)) and "\n" not in text
