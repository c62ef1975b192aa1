"""What `ankillm demo TERM` prints: the facts of the term first, each with what the notes say and what measured it."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path

import msgspec

from ankillm.build.inputs import NoteInput, inputs_of
from ankillm.build.pipeline import note_of
from ankillm.claims.contradictions import doubts
from ankillm.claims.knowledge import Knowledge
from ankillm.cli.console import say
from ankillm.common.diagnostics import Diagnostic, Refusal
from ankillm.common.language import Language, locale_language
from ankillm.common.project import DeckSpec, load
from ankillm.evidence import launcher
from ankillm.evidence.demo import MOST_FACTS, Demo, FactSpec
from ankillm.evidence.schema import Evidence
from ankillm.evidence.values import spoken, with_spread
from ankillm.markdown.note import Note

WORDS: Mapping[Language, Mapping[str, str]] = {
    "zh": {
        "claim": "笔记：“{phrase}”（{expected}）：{kind} · {place}",
        "doubt": "笔记：“{phrase}”：与实测不同 · {place}",
        "why": "原因：{why}",
        "at": "测量：{path}:{line}（{device}）",
        "more": "另有 {number} 个事实，加 --all-facts 查看",
        "fact": "事实",
        "label": "测量内容",
        "value": "值",
    },
    "en": {
        "claim": "note: “{phrase}” ({expected}): {kind} · {place}",
        "doubt": "note: “{phrase}”: measured otherwise · {place}",
        "why": "why: {why}",
        "at": "measured in {path}:{line} ({device})",
        "more": "see {number} more facts: add --all-facts",
        "fact": "fact",
        "label": "what was measured",
        "value": "value",
    },
}


def reader_language(given: Language | None) -> Language:
    """Return the language that is given, else that of all decks of the project around, else the terminal's."""
    if given:
        return given
    languages = {language for spec in load(Path.cwd()).decks if (language := spec.language or _language_of(spec))}
    return languages.pop() if len(languages) == 1 else locale_language()


def _language_of(spec: DeckSpec) -> Language | None:
    return next((note.language for _, note in _notes(spec)), None)


def answer_term(
    demo: Demo, facts: Sequence[FactSpec], arguments: Sequence[str], language: Language, *, everything: bool
) -> int:
    """Run a demo and print some of its facts, then all of them if asked to; return its exit code.

    What the notes of the project around say of these facts is told with them.
    """
    process = launcher.start(demo.name, [*arguments, "--json"], capture=True, aloud=True)
    if process.returncode:
        return process.returncode
    evidence = msgspec.json.decode(process.stdout, type=Evidence)
    measured = [spec for spec in facts if spec.name in evidence.facts][:MOST_FACTS]
    said = _said(demo, {spec.name for spec in measured}, evidence, language)
    for spec in measured:
        _print_fact(demo, spec, evidence, said.get(spec.name, ()), language)
    if everything:
        _print_table(demo, evidence, language)
    elif more := len(evidence.facts) - len(measured):
        say(WORDS[language]["more"].format(number=more))
    return 0


def _print_fact(demo: Demo, spec: FactSpec, evidence: Evidence, said: Sequence[str], language: Language) -> None:
    words = WORDS[language]
    question = (spec.question_zh if language == "zh" else spec.question_en) or (
        spec.zh if language == "zh" else spec.en
    )
    say("", mark=question)
    say("", mark=f"  {_value(spec, evidence, language)}", colour="cyan")
    why = why_of(demo, spec, language)
    at = words["at"].format(path=demo.path, line=spec.line, device=evidence.device)
    for line in (*said, *([words["why"].format(why=why)] if why else ()), at):
        say(f"  {line}")
    say("")


def why_of(demo: Demo, spec: FactSpec, language: Language) -> str:
    """Return in one sentence why a fact comes out so: its own, or what the demo says to who gets it wrong."""
    own = spec.why_zh if language == "zh" else spec.why_en
    answers = (each.zh if language == "zh" else each.en for each in demo.misreadings if each.fact == spec.name)
    return own or next(answers, "")


def _value(spec: FactSpec, evidence: Evidence, language: Language) -> str:
    measured = evidence.facts[spec.name]
    return with_spread(spoken(measured.value, measured.unit, language), measured, language)


def _said(demo: Demo, facts: set[str], evidence: Evidence, language: Language) -> dict[str, list[str]]:
    """Return what the notes of the project around say of some facts, held against a run, by fact."""
    found: dict[str, list[str]] = {}
    words, known = WORDS[language], Knowledge((demo,), (evidence,))
    notes = chain.from_iterable(_notes(spec) for spec in load(Path.cwd()).decks)
    for given, note in notes:
        verdicts = known.verdicts(note) if demo.name.encode() in given.data else ()
        for verdict in verdicts:
            claim = verdict.claim
            if verdict.measured and claim.demo == demo.name and claim.fact in facts:
                place = f"{claim.file}:{claim.line}"
                told = words["claim"].format(
                    phrase=claim.phrase, expected=claim.expectation, kind=verdict.kind, place=place
                )
                found.setdefault(claim.fact, []).append(told)
        for doubt in doubts(note, known, verdicts):
            if doubt.fact in facts:
                told = words["doubt"].format(phrase=doubt.phrase, place=f"{doubt.file}:{doubt.line}")
                found.setdefault(doubt.fact, []).append(told)
    return found


def _notes(spec: DeckSpec) -> Iterator[tuple[NoteInput, Note]]:
    """Yield the notes of a deck that can be read."""
    try:
        inputs = inputs_of(spec)
    except Refusal:
        return
    for given in inputs:
        note = note_of(given, spec)
        if not isinstance(note, Diagnostic):
            yield given, note


def _print_table(demo: Demo, evidence: Evidence, language: Language) -> None:
    from rich.console import Console  # noqa: PLC0415  (only a table needs it)
    from rich.table import Table  # noqa: PLC0415  (likewise)

    words = WORDS[language]
    table = Table(title=f"{demo.name} · {evidence.device}", title_justify="left")
    table.add_column(words["fact"], style="cyan", no_wrap=True)
    table.add_column(words["label"], overflow="fold")
    table.add_column(words["value"], justify="right")
    for spec in demo.facts:
        if spec.name in evidence.facts:
            table.add_row(spec.name, spec.zh if language == "zh" else spec.en, _value(spec, evidence, language))
    Console(highlight=False).print(table)
