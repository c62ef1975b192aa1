"""Real cards as a reader sees them: a package imported into a fresh Anki, each side in the reviewer's own page."""

import shutil
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from deckwork import bring, collection

REVIEWER = files("ankillm.build.preview").joinpath("reviewer.css").read_text(encoding="utf-8")
"""What Anki's own style sheet gives to a card's elements."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A card of Anki's: its note's type, GUID and fields, and both sides as Anki renders them (HTML with its style)."""

    guid: str
    note_type: str
    number: int
    fields: dict[str, str]
    question: str
    answer: str


def shown(package: Path, folder: Path) -> list[Shown]:
    """Return the cards of a package as Anki shows them, in the order of their ids; media are copied into the folder."""
    with collection() as opened:
        bring(opened, package)
        cards = [opened.get_card(number) for number in sorted(opened.find_cards(""))]
        shutil.copytree(opened.media.dir(), folder, dirs_exist_ok=True)
        return [
            Shown(
                guid=card.note().guid,
                note_type=card.note_type()["name"],
                number=card.ord + 1,
                fields=dict(card.note().items()),
                question=card.question(),
                answer=card.answer(),
            )
            for card in cards
        ]


def page(side: str, *, number: int = 1, night: bool = False, phone: bool = False) -> str:
    """Put one side of a card into the page of Anki's reviewer: its classes, its root, its own style first."""
    root = " ".join(["night-mode"] * night + ["mobile", "android"] * phone)
    body = f"card card{number} isLin fancy" + " nightMode night_mode" * night
    theme = "dark" if night else "light"
    return (
        f'<!doctype html><html class="{root}" dir="ltr" data-bs-theme="{theme}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><style>{REVIEWER}</style></head>'
        f'<body class="{body}"><div id="qa" dir="auto">{side}</div></body></html>'
    )
