"""The demos as data: read from their source, literals only, never by importing them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FactSpec:
    """A fact as its demo declares it."""

    name: str
    zh: str
    en: str
    unit: str
    terms: tuple[str, ...]
    varies: bool
    tolerance: float
    question_zh: str
    question_en: str


@dataclass(frozen=True, slots=True)
class Misreading:
    """A common misreading that a fact answers: a pattern over prose or code, and what to say, in both languages."""

    pattern: str
    fact: str
    expectation: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Demo:
    """A module in `reference_trainer/` that measures real behaviour."""

    name: str
    path: str
    """As shown to the reader: `reference_trainer/lora.py`."""
    explains: str
    """The module's docstring."""
    terms: tuple[str, ...]
    """Further terms, beside those of the facts: such a card gets the command and no value."""
    facts: tuple[FactSpec, ...]
    misreadings: tuple[Misreading, ...]
    source: str
    """The hash of its code, without docstrings and comments."""
