"""What stands below an answer: verdicts, measured values, the demo's command, the source; in the card's language."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import PurePath, PurePosixPath

from ankillm.anki.html import escape
from ankillm.cards.card import Card, ShownFact
from ankillm.cards.names import clean
from ankillm.claims.doubt import Doubt
from ankillm.claims.verdicts import Kind, Verdict
from ankillm.common.language import Language
from ankillm.common.project import NoteFile
from ankillm.common.shells import quoted_anywhere
from ankillm.evidence.schema import Measured
from ankillm.evidence.values import spoken, with_spread

WORDS: Mapping[Language, Mapping[str, str]] = {
    "zh": {
        "verdict": "{mark} 实测 {value}（笔记：{expected}）· {demo} · {device}",
        "phrase": "“{phrase}”：",
        "stale": "：演示代码已变，请重新测量",
        "old": "代码已变",
        "doubt": "实测不同：{value}（笔记：{phrase}）· ankillm check --suggest",
        "measured": "实测",
    },
    "en": {
        "verdict": "{mark} measured {value} (note: {expected}) · {demo} · {device}",
        "phrase": "“{phrase}”: ",
        "stale": ": the demo's code has changed, measure it again",
        "old": "code has changed",
        "doubt": "measured otherwise: {value} (note: {phrase}) · ankillm check --suggest",
        "measured": "measured",
    },
}
MARKS = {Kind.CONFIRMED: "✓", Kind.REFUTED: "✗", Kind.KNOWN_WRONG: "✗", Kind.MIXED: "!", Kind.STALE: "!"}
"""The verdicts that a card shows, and how each begins."""


LONGEST_PHRASE = 48


def shorten(text: str, most: int) -> str:
    """Return a text in one line, cut where it is longer than so many characters."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def shown_value(measured: Measured, language: Language) -> str:
    """Return a measured value as a reader writes it: `0.473%`, `29,360,128`, `32.6×`, `yes`."""
    return spoken(measured.value, measured.unit, language)


def verdict_line(verdict: Verdict) -> str:
    """Say in one line what was claimed, what was expected and what was measured."""
    claim, measured = verdict.claim, verdict.measured
    parts = [claim.phrase, claim.expectation]
    if measured:
        parts.append(f"measured {shown_value(measured, 'en')} on {verdict.device}")
    parts += [part for part in (verdict.reason, f"{claim.demo}#{claim.fact}") if part]
    return " · ".join([*parts, f"{claim.file}:{claim.line}:{claim.column}"])


def evidence_html(card: Card, pictures: Iterable[str]) -> str:
    """Return the verdicts, the facts, the versions they were measured with, and the demo's pictures (media names)."""
    judged = [verdict for verdict in card.verdicts if verdict.kind in MARKS]
    parts = [_verdict(verdict, card.language, named=len(judged) > 1) for verdict in judged]
    parts += [_doubt(doubt, card.language) for doubt in card.doubts]
    if card.facts:
        parts.append(_facts(card.facts, card.language))
    parts += [f'<img class="plot" src="{escape(name)}">' for name in pictures]
    return "".join(parts)


def _verdict(verdict: Verdict, language: Language, *, named: bool) -> str:
    """Return a verdict; named by its phrase where there are several, which would read alike."""
    words = WORDS[language]
    text = words["phrase"].format(phrase=verdict.claim.phrase) if named else ""
    text += words["verdict"].format(
        mark=MARKS[verdict.kind],
        value=_with_range(verdict.measured, language) if verdict.measured else "?",
        expected=verdict.claim.expectation.rstrip("✗✓ "),
        demo=verdict.claim.demo,
        device=verdict.device,
    )
    text += words["stale"] if verdict.kind is Kind.STALE else ""
    return f'<div class="verdict {verdict.kind.value}">{escape(text)}</div>'


def _with_range(measured: Measured, language: Language) -> str:
    """Return a measured value, with its range over several seeds if there is one."""
    return with_spread(shown_value(measured, language), measured, language)


def _doubt(doubt: Doubt, language: Language) -> str:
    """Return a doubt in one line, and below it what is true instead."""
    phrase = shorten(doubt.phrase, LONGEST_PHRASE)
    text = WORDS[language]["doubt"].format(value=_with_range(doubt.measured, language), phrase=phrase)
    return f'<div class="verdict doubt">{escape(text)}<span class="why">{escape(doubt.why)}</span></div>'


def _facts(facts: tuple[ShownFact, ...], language: Language) -> str:
    words = WORDS[language]
    rows = "".join(
        f"<tr><td>{escape(with_spread(fact.label, fact.measured, language))}</td><td>"
        f'<span class="measured">{words["measured"]}</span> '
        f"{escape(shown_value(fact.measured, language))}</td></tr>"
        for fact in facts
    )
    seen = {fact.device: fact.versions for fact in facts}
    old = f'<span class="versions">{words["old"]}</span>' if any(fact.stale for fact in facts) else ""
    return f'<table class="facts">{rows}</table>{"".join(map(_versions, seen, seen.values()))}{old}'


def _versions(device: str, versions: Mapping[str, str]) -> str:
    """Return what facts were measured with: the device, and what unfolds behind it."""
    listed = " · ".join(f"{name} {version}" for name, version in versions.items())
    return f'<details class="versions"><summary>{escape(device)}</summary>{escape(listed)}</details>'


def demo_command(demo: str, term: str) -> str:
    """Return the command that shows what a demo says of a term, for any shell; without a term, the demo's own."""
    name = term or demo
    return f"ankillm demo {quoted_anywhere(name)}"


def demo_html(demo: str, term: str = "") -> str:
    """Return the command that runs a demo, and the demo's module."""
    if not demo:
        return ""
    command, module = escape(demo_command(demo, term)), escape(demo)
    path = f'<details class="path"><summary>{module}.py</summary>reference_trainer/{module}.py</details>'
    return f'<code class="command">{command}</code> {path}'


def source_html(card: Card, entry: NoteFile | None) -> str:
    """Return where a card stands, as a link where one opens the note; never a path of this machine."""
    file = (entry and entry.shared) or card.source.file
    if PurePath(file).is_absolute():
        file = card.note if file.endswith(f"/{card.note}") else PurePath(file).name
    link = entry.link if entry else ""
    place = escape(clean(f"{file}:{card.source.line}"))
    return f'<a href="{escape(link)}">{place}</a>' if link else place


@lru_cache(maxsize=1024)  # the cards of a section share it
def context_html(titles: tuple[str, ...], note: str) -> str:
    """Return the way to a card: the titles above it, or its note's name."""
    steps = titles or (PurePosixPath(note).stem,)
    return clean("".join(f"<span>{escape(step)}</span>" for step in steps))


def essence(card: Card) -> list[str]:
    """Return what counts of the footer as content: verdicts and values, without devices, versions and staleness."""
    out = []
    for verdict in card.verdicts:
        if verdict.kind in MARKS:
            stale = Kind.KNOWN_WRONG if verdict.claim.expectation.rstrip().endswith("✗") else Kind.CONFIRMED
            kind = stale if verdict.kind is Kind.STALE else verdict.kind
            value = shown_value(verdict.measured, "en") if verdict.measured else ""
            out.append(f"{kind.value} {verdict.claim.expectation} {value}")
    out += [f"doubt {doubt.fact} {doubt.phrase} {shown_value(doubt.measured, 'en')}" for doubt in card.doubts]
    return out + [f"{fact.name} {fact.label} {shown_value(fact.measured, 'en')}" for fact in card.facts]
