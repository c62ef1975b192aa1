"""Hold the cards made from real notes against what an expert wants of them: recall, junk, wrong demos."""

import argparse
import json
import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from checkout import ROOT
from click.testing import CliRunner
from rich.console import Console
from rich.table import Table

from ankillm.cli import cli

GOLD = ROOT / "tests" / "extract" / "gold"
NOTES = ROOT.parent / "shared" / "notes"

Card = Mapping[str, Any]
"""A card as `ankillm cards --json` prints it."""


@dataclass(frozen=True, slots=True)
class Row:
    """A card that an expert wants or, as an extra, accepts; `a|b` among its words means either."""

    term: str
    asks: tuple[str, ...]
    answer: tuple[str, ...]
    lines: tuple[int, int]
    demo: str = ""
    extra: bool = False


@dataclass(frozen=True, slots=True)
class Nothing:
    """Lines, first and last, that give no card."""

    lines: tuple[int, int]
    why: str


@dataclass(frozen=True, slots=True)
class Gold:
    """What an expert wants of one note."""

    note: str
    rows: tuple[Row, ...]
    nothing: tuple[Nothing, ...] = ()

    @property
    def wanted(self) -> tuple[Row, ...]:
        """The rows that must come."""
        return tuple(row for row in self.rows if not row.extra)


@dataclass(frozen=True, slots=True)
class Score:
    """How the cards of one note fare; shares lie between 0 and 1."""

    note: str
    wanted: int
    cards: int
    missed: tuple[Row, ...] = ()
    junk: tuple[Card, ...] = field(default=())
    wrong_demos: tuple[Card, ...] = field(default=())

    @property
    def recall(self) -> float:
        """The share of the wanted rows that have a card of their own."""
        return 1 - len(self.missed) / self.wanted if self.wanted else 1.0

    @property
    def junk_share(self) -> float:
        """The share of the cards that match no row or repeat another card."""
        return len(self.junk) / self.cards if self.cards else 0.0


def load(path: Path) -> Gold:
    """Read the list at `path`."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    rows = tuple(_row(entry) for entry in data["row"])
    return Gold(data["note"], rows, tuple(Nothing(_pair(n["lines"]), n["why"]) for n in data.get("nothing", ())))


def _row(entry: Mapping[str, Any]) -> Row:
    words = tuple(entry["asks"]), tuple(entry["answer"])
    return Row(entry["term"], *words, _pair(entry["lines"]), entry["demo"], entry["extra"])


def _pair(lines: Sequence[int]) -> tuple[int, int]:
    first, last = lines
    return first, last


def _plain(text: str) -> str:
    """Fold width and case and drop Markdown's code and emphasis marks; white space stays."""
    return re.sub(r"[`*]", "", unicodedata.normalize("NFKC", text)).casefold()


def _has(text: str, word: str) -> bool:
    """Whether `word` occurs; a number or a word of up to two letters must stand alone."""
    word = _plain(word)
    if re.fullmatch(r"[a-z]{1,2}|[0-9.]+", word):
        return bool(re.search(rf"(?<![a-z0-9_.]){re.escape(word)}(?!\.?[a-z0-9_])", text))
    return re.sub(r"\s", "", word) in re.sub(r"\s", "", text)


def contains(text: str, words: Sequence[str]) -> bool:
    """Whether `text` holds every word, or one of its alternatives."""
    plain = _plain(text)
    return all(any(_has(plain, word) for word in alternatives.split("|")) for alternatives in words)


def gives_away(card: Card) -> bool:
    """Whether the whole answer already stands in the front."""
    return bool(card["back"].strip()) and _has(_plain(card["front"]), card["back"].strip())


def matches(row: Row, card: Card) -> bool:
    """Whether the card comes from the row's lines, give or take one, asks its question and alone gives its answer."""
    near = row.lines[0] - 1 <= card["source"]["line"] <= row.lines[1] + 1
    if not near or gives_away(card):
        return False
    return contains(f"{card['context']}\n{card['front']}", row.asks) and contains(card["back"], row.answer)


def pair(rows: Sequence[Row], cards: Sequence[Card]) -> dict[int, int]:
    """Give as many rows as possible a card of their own: row by card, a maximum matching (Kuhn 1955)."""
    fitting = [[c for c, card in enumerate(cards) if matches(row, card)] for row in rows]
    owner: dict[int, int] = {}

    def place(row: int, seen: set[int]) -> bool:
        for card in fitting[row]:
            if card in seen:
                continue
            seen.add(card)
            if card not in owner or place(owner[card], seen):
                owner[card] = row
                return True
        return False

    for row in range(len(rows)):
        place(row, set())
    return owner


def _demo_fits(card: Card, rows: Sequence[Row]) -> bool:
    """Whether a row that the card matches accepts its demo; wanted rows decide before extras."""
    fitting = [row for row in rows if matches(row, card)]
    deciding = [row for row in fitting if not row.extra] or fitting
    return not deciding or any(row.demo == "*" or (card["demo"] or "") in row.demo.split("|") for row in deciding)


def score(gold: Gold, cards: Sequence[Card]) -> Score:
    """Hold `cards` against `gold`."""
    met = set(pair(gold.wanted, cards).values())
    texts = [(card["context"], card["front"], card["back"]) for card in cards]
    junk = [
        card
        for i, card in enumerate(cards)
        if texts[i] in texts[:i] or not any(matches(row, card) for row in gold.rows)
    ]
    return Score(
        gold.note,
        len(gold.wanted),
        len(cards),
        missed=tuple(row for i, row in enumerate(gold.wanted) if i not in met),
        junk=tuple(junk),
        wrong_demos=tuple(card for card in cards if not _demo_fits(card, gold.rows)),
    )


@cache
def cards_of(note: Path, density: str = "normal") -> list[Card]:
    """Return what `ankillm cards NOTE --density … --json` prints; a note is read once."""
    done = CliRunner().invoke(cli, ["cards", str(note), "--density", density, "--json"], catch_exceptions=False)
    cards: list[Card] = json.loads(done.stdout)
    return cards


def table(scores: Sequence[Score]) -> Table:
    """Recall and junk, a line a note."""
    result = Table("note", "wanted", "cards", "recall", "junk", "wrong demos")
    for s in scores:
        shares = f"{s.recall:.1%} (-{len(s.missed)})", f"{s.junk_share:.1%} ({len(s.junk)})"
        result.add_row(s.note, str(s.wanted), str(s.cards), *shares, str(len(s.wrong_demos)))
    return result


def detail(gold: Gold, result: Score) -> str:
    """Return what was missed, what is junk and which demos are wrong, by line."""
    lines = [f"- missed {r.lines[0]}-{r.lines[1]} {r.term}: {r.asks} → {r.answer}" for r in result.missed]
    for card in result.junk:
        at = card["source"]["line"]
        why = "; ".join(n.why for n in gold.nothing if n.lines[0] <= at <= n.lines[1])
        lines.append(f"- junk {at} {card['front']!r} → {card['back']!r} {why}".rstrip())
    lines += [f"- demo {c['source']['line']} {c['front']!r}: {c['demo'] or 'none'}" for c in result.wrong_demos]
    return "\n".join([gold.note, *lines])


def main() -> None:
    """Score every list against the notes in a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("notes", nargs="?", type=Path, default=NOTES, help="the folder of notes")
    parser.add_argument("--gold", type=Path, default=GOLD, help="the folder of lists")
    parser.add_argument("--detail", action="store_true", help="list missed rows, junk and wrong demos")
    options = parser.parse_args()
    golds = [load(path) for path in sorted(options.gold.glob("*.toml"))]
    scores = [score(gold, cards_of(options.notes.resolve() / gold.note)) for gold in golds]
    console = Console()
    console.print(table(scores))
    if options.detail:
        for gold, result in zip(golds, scores, strict=True):
            console.print(detail(gold, result), markup=False, highlight=False, soft_wrap=True)


if __name__ == "__main__":
    main()
