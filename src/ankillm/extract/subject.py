"""What a passage is about, in words that make sense months later among cards of other notes.

The nearest label or title above it that is specific: not one that stands under everything (优点, Summary), not a
clause, not a question, not a lead-in.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from ankillm.common.patterns import regex
from ankillm.extract.passage import Passage
from ankillm.extract.scope import (
    COUNTED_OF,
    aspect_of,
    is_apart,
    is_counted_trouble,
    is_generic,
    is_name,
    named_by,
    thing_of,
)
from ankillm.extract.title_names import (
    BROAD,
    SPELLED,
    is_common,
    is_proper_name,
    is_spoken_of,
    names_thing,
    short_name,
    stands_alone,
)
from ankillm.extract.topic import topic_of
from ankillm.extract.vocabulary import is_question
from ankillm.markdown.note import Note

LONGEST = 40


@cache
def common_labels() -> frozenset[str]:
    """Return the labels that stand under many different titles in public notes, and so name no thing."""
    text = Path(__file__).with_name("vocabulary").joinpath("labels.txt").read_text(encoding="utf-8")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("#"))


COUNTING = regex(
    r"(?:video|lecture|module|scenario|chapter|part|step|case|example|section|question|problem|stage|day|week|lesson|unit)s?\s*[\divx]*$"
    r"|[一二两三四五六七八九十几\d]+\s*[个种类点大步]|第.{1,4}[章节部步天课]"
    r"|(?:general|recap|overview|details?|technical details)$"
    r"|[\w-]*(?:lesson|lecture|chapter|week|day|note)s?[-_ ]?\d+$",
    re.IGNORECASE,
)
"""Titles that count, and name nothing."""
IN_BRACKETS = regex(r"[\[【(（][^\[\]【】()（）]*[\]】)）]$")
"""A title that is only a remark: `[EMNLP '20]`."""
FILE_NAME = regex(r"[a-z0-9]+(?:[-_.][a-z0-9]+)+$")
"""What a file is called, and no thing in a sentence: `opennmt-training-faq`."""


def is_specific(label: str) -> bool:
    """Whether a label or title names a thing."""
    if (
        len(label) > LONGEST
        or IN_BRACKETS.match(label)
        or BROAD.match(label)
        or COUNTING.match(label)
        or label.lower() in common_labels()
    ):
        return False
    return is_name(label) and not is_generic(label)


def thing_above(titles: Sequence[str]) -> str:
    """Return the thing that the nearest title names; empty where none does."""
    named = (thing_of(title) for title in reversed(titles))
    return next((name for name in named if name and is_specific(name) and not is_common(name)), "")


def subject_of(passage: Passage, note: Note, body: str) -> str:
    """Return the subject of a passage of a note, whose own title is one at last. Empty where nothing is named.

    A title that its note does not speak of is one only where no other is, and an aspect of it where the passage has a
    label that says an aspect itself. With a thing that has no proper name stands the proper name above it, unless the
    passage has such a name itself; alone where the passage names the thing. Where no title names anything, it is the
    name in the note's file name.
    """
    found = list(_names(passage, note.title, body))
    if not found and not SPELLED.search(passage.plain):
        return topic_of(note, body)
    named = next((name for name in found if names_thing(name, body)), found[0] if found else "")
    if named and named != found[0] and is_generic(passage.label):
        return aspect_of(named, found[0], note.language)
    if not named or stands_alone(named):
        return named
    above = {thing_of(label) for label in (*passage.labels, *passage.titles)}
    higher = (name for name in found[found.index(named) + 1 :] if name in above)
    proper = next((short_name(name, body) for name in higher if is_proper_name(name, body)), "")
    if not proper or SPELLED.search(passage.plain):
        return named
    return proper if named.lower() in passage.plain.lower() else aspect_of(proper, named, note.language)


def asked_of(title: str) -> str:
    """Return the name that a title that asks begins with: `TP 怎么切` → `TP`; empty for any other."""
    named = named_by(title) if is_question(title) else ""
    return named if stands_alone(named) else ""


def _names(passage: Passage, title: str, body: str) -> Iterator[str]:
    """Yield what the labels and titles above a passage name, the nearest first; the note's own if its text has it."""
    for label in (*reversed(passage.labels), *reversed(passage.titles)):
        counted = COUNTED_OF.match(label)
        named = counted["of"] if counted else asked_of(label) or thing_of(label)
        if is_counted_trouble(label) or (label in passage.labels and is_apart(label)):
            return
        if named and is_specific(named) and not (FILE_NAME.match(named) and "-" in named):
            yield named
    named = thing_of(title)
    is_further = title not in passage.titles and not FILE_NAME.match(named)
    if named and is_further and is_specific(named) and is_spoken_of(named, body):
        yield named
