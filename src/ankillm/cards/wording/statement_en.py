"""Statements asked in English."""
from ankillm.cards.wording.cut import Cut
def is_unfit(cut: Cut) -> bool:
    return True
def question(cut: Cut) -> tuple[str, str] | None:
    return None
def gap(cut: Cut) -> str | None:
    return None
