"""What the demos' lists of misreadings say about lines of code."""

import re
from collections.abc import Iterator

from msgspec.structs import replace

from ankillm.claims.knowledge import Knowledge
from ankillm.claims.suggestion import FactTest, Suggestion, answer, confirming, is_valid
from ankillm.evidence.demo import Demo, Misreading
from ankillm.evidence.values import spoken
from ankillm.markdown.note import Note, whole_tokens


def of_code(note: Note, known: Knowledge) -> Iterator[Suggestion]:
    """Yield what the lists of misreadings say about lines of code: once a block, a sentence to add under it."""
    lines = note.text.split("\n")
    for token in whole_tokens(note):
        if token.type not in {"fence", "code_block"} or not token.map:
            continue
        said: set[Misreading] = set()
        first = token.map[0] + (2 if token.type == "fence" else 1)
        for number, code in enumerate(token.content.split("\n"), start=first):
            for demo, misreading in _misread_code(code, known):
                column = len(lines[number - 1]) - len(lines[number - 1].lstrip()) + 1
                place = number, column, token.map[1]
                if not any(misreading.fact == other.fact for other in said):
                    said.add(misreading)
                    yield from _beneath(note, place, code.strip(), misreading, answer(demo, misreading, known))


def _misread_code(code: str, known: Knowledge) -> Iterator[tuple[Demo, Misreading]]:
    for demo in known.demos:
        for misreading in demo.misreadings:
            if code.strip() and re.search(misreading.pattern, code, re.IGNORECASE):
                yield demo, misreading


def _beneath(
    note: Note, place: tuple[int, int, int], code: str, misreading: Misreading, test: FactTest | None
) -> Iterator[Suggestion]:
    """Yield what is true instead, tied to the measured value, to stand under a block of code."""
    if test is None or test.holds:
        return
    zh, spec, measured = note.language == "zh", test.spec, test.measured
    title = confirming(measured, spec.tolerance)
    said, label = (misreading.zh, spec.zh) if zh else (misreading.en, spec.en)
    value = spoken(measured.value, measured.unit, note.language)
    link = f'[{label}{"：" if zh else ": "}{value}](demo:{test.demo.name}#{spec.name} "{title}")'
    if is_valid(link, replace(test, title=title)):
        paste = f"{said}{'。' if zh else '. '}{link}{'。' if zh else '.'}"
        line, column, end = place
        yield Suggestion(
            note.file, line, column, code, test.demo.name, spec, measured, title, test.holds, paste, end, said
        )
