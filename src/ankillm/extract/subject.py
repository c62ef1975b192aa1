"""What a passage is about, in words that make sense months later among cards of other notes.

The nearest label or title above it that is specific: not one that stands under everything (优点, Summary), not a
clause, not a question, not a lead-in.
"""

import re
from functools import cache
from pathlib import Path

from ankillm.common.patterns import regex
from ankillm.extract.passage import Passage
from ankillm.extract.scope import is_generic, is_name, thing_of
from ankillm.extract.told import is_spoken_of, is_told

LONGEST = 40


@cache
def common_labels() -> frozenset[str]:
    """Return the labels that stand under many different titles in public notes, and so name no thing."""
    text = Path(__file__).with_name("vocabulary").joinpath("labels.txt").read_text(encoding="utf-8")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("#"))


COUNTING = regex(
    r"(?:scenario|chapter|part|step|case|example|section|question|problem|stage|day|week|lesson|unit)s?\s*[\divx]*$"
    r"|[一二两三四五六七八九十几\d]+\s*[个种类点大步]|第.{1,4}[章节部步天课]"
    r"|(?:general|recap|overview|details?|technical details)$",
    re.IGNORECASE,
)
"""Titles that count, and name nothing."""
BROAD = regex(
    r"(?:大模型|大语言模型|深度学习|机器学习|人工智能|llms?|nlp|machine\s+learning|deep\s+learning)$", re.IGNORECASE
)
"""What every note is about."""
FILE_NAME = regex(r"[a-z0-9]+(?:[-_.][a-z0-9]+)+$")
"""What a file is called, and no thing in a sentence: `opennmt-training-faq`."""


def is_specific(label: str) -> bool:
    """Whether a label or title names a thing."""
    if len(label) > LONGEST or BROAD.match(label) or COUNTING.match(label) or label.lower() in common_labels():
        return False
    return is_name(label) and not is_generic(label)


def subject_of(passage: Passage, title: str, told: str) -> str:
    """Return the subject of a passage; `title` is its note's, which is one at last. Empty where nothing is named.

    A title that its note does not speak of (`told`) is one only where no other is.
    """
    found: list[str] = []
    for label in (*reversed(passage.labels), *reversed(passage.titles), title):
        named = thing_of(label)
        if named and is_specific(named) and not (FILE_NAME.match(named) and (label is title or "-" in named)):
            if is_spoken_of(named, told) if label is title else is_told(named, told):
                return named
            found.append(named)
    return found[0] if found else ""
