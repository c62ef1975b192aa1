"""What a model is asked, in the note's language; the words stand in `prompt.toml`."""

import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from ankillm.common.language import Language
from ankillm.extract.passage import Passage
from ankillm.writer.requests import Request

LONGEST_CONTEXT = 300
"""Characters that are shown of a passage that is not asked for."""
MOST_ASKED = 20
FENCE = "~~~~"
Turns = tuple[tuple[str, str], ...]
"""A conversation: who speaks, and what is said. It has no system's part, which some models' templates refuse."""


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("prompt.toml").read_text("utf-8"))


def version() -> int:
    """Return the version of the prompt."""
    number: int = _words()["version"]
    return number


def examples(language: Language) -> tuple[tuple[str, str], ...]:
    """Return sections as a model is shown them, each with the answer that it should have given."""
    return tuple((_text(language, f"given{part}"), _text(language, f"answered{part}")) for part in ("", "_2"))


def turns(request: Request, *, anew: bool = False) -> Turns:
    """Return what is said to a model about a section; `anew`: its last answer could not be read."""
    language = request.note.language
    more = f"\n{_text(language, 'again')}\n" if anew else ""
    return _turns(_text(language, "ask"), examples(language), section_text(request) + more)


def _turns(what: str, shown: Iterable[tuple[str, str]], text: str) -> Turns:
    """Return a conversation in which some parts have been answered already."""
    said = [turn for given, answered in shown for turn in (("user", given), ("assistant", answered))]
    return ("user", f"{what}\n\n{said[0][1]}"), *said[1:], ("user", text)


def _text(language: Language, name: str) -> str:
    return str(_words()[language][name]).strip()


def section_text(request: Request) -> str:
    """Return a section as a model is shown it: titles, what is asked already, its passages."""
    words = _words()[request.note.language]
    above = " → ".join(dict.fromkeys((request.note.title, *request.titles)))
    asked = "".join(f"- {front}\n" for front in request.asked[-MOST_ASKED:])
    lines = [_line(passage, label) for label, passage in request.passages]
    told = f"\n{words['asked']}:\n{asked}" if asked else ""
    return f"{words['titles']}: {above}\n{told}\n{words['passages']}:\n" + "\n".join(lines) + "\n"


def _line(passage: Passage, label: str) -> str:
    text = passage.text if passage.kind != "row" else _row(passage)
    if label:
        return f"[{label}] {text}"
    return f"    {text[:LONGEST_CONTEXT]}"


def _row(passage: Passage) -> str:
    if len(passage.head) != len(passage.cells):
        return passage.text
    return " | ".join(f"{head}: {cell}" for head, cell in zip(passage.head, passage.cells, strict=True))


def check_turns(question: str, passage: Passage, language: Language) -> Turns:
    """Return what a model is asked a second time, with passage and question alone."""
    words = _words()[language]
    asked = f"{words['passage']}:\n{passage.text}\n\n{words['question']}: {question}\n"
    what, given, answered = (_text(language, name) for name in ("check", "check_given", "check_answered"))
    return _turns(what, ((given, answered),), asked)


def whole_prompt(requests: tuple[Request, ...]) -> str:
    """Return all sections as one text to paste into a chat, each language with what is to be done."""
    parts = []
    for language in ("zh", "en"):
        own = [request for request in requests if request.note.language == language]
        if own:
            parted = (f"{FENCE}\n{given}\n{FENCE}\n\n{answered}" for given, answered in examples(language))
            shown = f"{_text(language, 'example')}:\n\n" + "\n\n".join(parted)
            sections = (f"{FENCE}\n{section_text(request)}{FENCE}" for request in own)
            parts.append("\n\n".join((_text(language, "ask"), shown, *sections)))
    return "\n\n".join(parts) + "\n"


def tokens(text: str) -> int:
    """Return about how many tokens a text has: a Chinese character is one, four other characters are one."""
    wide = sum(sign > "\u2e7f" for sign in text)
    return wide + (len(text) - wide) // 4 + 1
