"""A build upon the last one: only the cards of parts that were drawn are written anew, into files that stand.

What comes out is, byte for byte, what a build from nothing writes. Where that cannot be promised, nothing is amended:
where cards go or change their order, decks, gaps or pictures, where keys are shared, and where much is new anyway.
"""

from collections.abc import Sequence
from contextlib import nullcontext
from itertools import islice

from msgspec.structs import replace

from ankillm.anki import ledger, package
from ankillm.anki.identity import Plan, plan
from ankillm.anki.ledger import Ledger, Line
from ankillm.build.output import Outcome, Target, outcome_of, pictures_of, time_of
from ankillm.build.past import WIDTH, Past
from ankillm.build.sheets import Fresh, Sheet, Standing
from ankillm.common.files import only_build, put

MOST = 500
"""Cards; with more to write anew, writing all is no slower."""


def amend(sheets: Sequence[Sheet], past: Past, target: Target) -> Outcome | None:
    """Ship a deck some of whose parts stand; None where it has to be built from nothing.

    :raises Refusal: if another build is at work, or a file cannot be written.
    """
    rows = [row for sheet in sheets if isinstance(sheet, Fresh) for row in sheet.shipped]
    gone = _gone(sheets, past)
    if max(len(rows), len(gone)) > MOST:
        return None
    last = ledger.some_lines(past.ledger, gone)
    free = tuple(last.values())
    known = Ledger(free, standing=_Guids(past.ledger))
    planned = plan([row.entry for row in rows], known, time_of(target), lambda _note: True, target.birthplace)
    born = _places(sheets, planned, past)
    if born is None or not _can_stand(planned, free, past.ledger):
        return None
    new = {line.guid for line in planned.new}
    updated = [line for line in planned.shipped if line.guid not in new]
    made = package.amended(past.package, updated, born)
    if made is None:
        return None
    content, cards, media = made
    with nullcontext() if target.dry_run else only_build(target.output):
        if not _stands(past, target):
            return None
        if not target.dry_run:
            put({target.ledger: ledger.amended(past.ledger, planned.shipped, last).encode(), target.output: content})
    outcome = outcome_of(planned, cards, media, ())
    return replace(outcome, unchanged=cards - len({*outcome.new, *outcome.changed}))


class _Guids:
    """The GUIDs in a ledger's text."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __contains__(self, guid: object) -> bool:
        return ledger.named(str(guid)) in self.text


def _gone(sheets: Sequence[Sheet], past: Past) -> list[str]:
    """Return the GUIDs of the cards whose parts do not stand."""
    present = {sheet.part.key for sheet in sheets}
    guids = "".join(leaf.guids for key, leaf in past.leaves.items() if key not in present)
    return [guids[at : at + WIDTH] for at in range(0, len(guids), WIDTH)]


def _places(sheets: Sequence[Sheet], planned: Plan, past: Past) -> list[tuple[int, Line]] | None:
    """Return the places of new cards in reading order (1-based); None unless all others are there in their order."""
    new = {line.guid for line in planned.new}
    drawn = iter(planned.shipped)
    order: list[str] = []
    born: list[tuple[int, Line]] = []
    place = 1
    for sheet in sheets:
        if isinstance(sheet, Standing):
            order.append(sheet.last.guids)
            place += len(sheet.last.guids) // WIDTH
            continue
        for line in islice(drawn, len(sheet.shipped)):
            if line.guid in new:
                born.append((place, line))
            else:
                order.append(line.guid)
            place += 1
    return born if "".join(order) == past.guids else None


def _can_stand(planned: Plan, free: Sequence[Line], text: str) -> bool:
    """Whether all other lines of a ledger stay as they are beside these, and the package keeps its decks and pictures.

    `free` are the lines that they may have been.
    """
    last = {line.guid: line for line in free if line.state == "live"}
    decks = {line.deck for line in last.values()}
    told = {line.guid for line in (*planned.new, *planned.changed)}
    for line in planned.shipped:
        old = last.get(line.guid)
        if old is None:
            alike = line.deck in decks and package.gaps_of(line) == [1] and not pictures_of(line)
        else:
            same = (line.deck, package.gaps_of(line), pictures_of(line))
            alike = same == (old.deck, package.gaps_of(old), pictures_of(old))
        own = old is not None and old.key == line.key
        if not alike or ((line.guid in told or not own) and ledger.with_key(text, line.key) != own):
            return False
    return len({line.key for line in planned.shipped}) == len(planned.shipped)


def _stands(past: Past, target: Target) -> bool:
    """Whether the files are still those of the last build."""
    return target.ledger.read_bytes() == past.ledger.encode() and target.output.read_bytes() == past.package
