"""What a model is asked, in the note's language; the words stand in `prompt.toml`."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from ankillm.common.language import Language
from ankillm.extract.passage import Passage
from ankillm.writer.requests import Request

LONGEST_CONTEXT = 300
"""Characters that are shown of a passage that is not asked for."""
MOST_ASKED = 20
FENCE = "~~~~"


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads(files("ankillm.writer").joinpath("prompt.toml").read_text("utf-8"))


def version() -> int:
    """Return the version of the prompt."""
    number: int = _words()["version"]
    return number


def instruction(language: Language) -> str:
    """Return what a model is to do, in one language."""
    return str(_words()[language]["ask"]).strip()


def again(language: Language) -> str:
    """Return what a model is told whose answer could not be read."""
    return str(_words()[language]["again"])


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


def check_text(question: str, passage: Passage, language: Language) -> tuple[str, str]:
    """Return what a model is asked a second time, with passage and question alone: what to do, and on what."""
    words = _words()[language]
    return str(words["check"]).strip(), f"{words['passage']}:\n{passage.text}\n\n{words['question']}: {question}\n"


def whole_prompt(requests: tuple[Request, ...]) -> str:
    """Return all sections as one text to paste into a chat, each language with what is to be done."""
    parts = []
    for language in ("zh", "en"):
        own = [request for request in requests if request.note.language == language]
        if own:
            sections = (f"{FENCE}\n{section_text(request)}{FENCE}" for request in own)
            parts.append("\n\n".join((instruction(language), *sections)))
    return "\n\n".join(parts) + "\n"


def tokens(text: str) -> int:
    """Return about how many tokens a text has: a Chinese character is one, four other characters are one."""
    wide = sum(sign > "\u2e7f" for sign in text)
    return wide + (len(text) - wide) // 4 + 1
