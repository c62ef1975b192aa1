"""What to write under a block of code of which a line is a known misreading."""

from msgspec.structs import replace

from ankillm.claims.contradictions import Contradiction
from ankillm.claims.suggestion import FactTest, Suggestion, confirming, is_valid
from ankillm.evidence.values import spoken
from ankillm.markdown.note import Note


def beneath(note: Note, found: Contradiction, test: FactTest) -> Suggestion | None:
    """Return what is true instead, tied to the measured value, to stand under a block of code; None if it can't."""
    zh, spec, measured = note.language == "zh", test.spec, test.measured
    title = confirming(measured, spec.tolerance)
    said, label = (found.misreading.zh, spec.zh) if zh else (found.misreading.en, spec.en)
    value = spoken(measured.value, measured.unit, note.language)
    link = f'[{label}{"：" if zh else ": "}{value}](demo:{test.demo.name}#{spec.name} "{title}")'
    if not is_valid(link, replace(test, title=title)):
        return None
    line, column = found.assertion.place(0)
    return Suggestion(
        note.file,
        line,
        column,
        found.assertion.text,
        test.demo.name,
        spec,
        measured,
        title,
        test.holds,
        paste=f"{said}{'。' if zh else '. '}{link}{'。' if zh else '.'}",
        under=found.assertion.end,
        why=said,
    )
