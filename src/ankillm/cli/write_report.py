"""What `ankillm write` prints of what came of it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ankillm.cli.console import counted, detail, done, following, listed, say_json

if TYPE_CHECKING:
    from ankillm.build.written_files import Tally
    from ankillm.writer.requests import Request
    from ankillm.writer.written import WrittenCard


def size(requests: Sequence["Request"]) -> str:
    """Return in words how much is asked for."""
    passages, notes = sum(len(request.wanted) for request in requests), {request.note.file for request in requests}
    sections, files = counted(len(requests), "section"), counted(len(notes), "note")
    return f"{counted(passages, 'passage')} in {sections} of {files}"


def print_tally(tally: "Tally", *, machine: bool, dry_run: bool = False) -> None:
    """Print how many cards were accepted and refused, and why."""
    if machine:
        say_json(_as_json(tally))
        return
    from ankillm.build.report import Change  # noqa: PLC0415  (help needs none of it)
    from ankillm.writer.verifier import reason  # noqa: PLC0415  (likewise)

    refused = sum(tally.refused.values())
    told = f"{counted(tally.asked, 'passage')}: {counted(len(tally.accepted), 'card')} accepted, {refused} refused"
    done(f"{told}; nothing was written" if dry_run else told)
    listed(
        "accepted",
        (Change(card.passage, f"{card.question or '[…]'} → {card.quote}", card.note) for card in tally.accepted),
    )
    for code, count in tally.refused.items():
        detail(f"{count} × {code}: {reason(code)}")
    if tally.accepted and not dry_run:
        following("ankillm build; what is verified is the quotation, not the question: read the cards")


def _as_json(tally: "Tally") -> dict[str, Any]:
    from ankillm.writer.verifier import reason  # noqa: PLC0415  (as above)

    refused = {code: {"count": count, "reason": reason(code)} for code, count in tally.refused.items()}
    return {"asked": tally.asked, "accepted": [*map(_card_json, tally.accepted)], "refused": refused}


def _card_json(card: "WrittenCard") -> dict[str, str]:
    return {
        "note": card.note,
        "form": card.form,
        "question": card.question,
        "quote": card.quote,
        "passage": card.passage,
    }
