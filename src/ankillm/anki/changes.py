"""What a sync has to change in a collection, as a plan: a pure function of the ledger, the collection and sightings."""

from collections.abc import Collection as Container
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from ankillm.anki.holdings import RETIRED, Collection, same_deck
from ankillm.anki.ledger import Line
from ankillm.anki.sightings import Sightings, is_older, lacks_tags
from ankillm.common.diagnostics import Refusal

MOST_AT_ONCE = 10
"""Cards that may be declined without being asked."""


class Changes(Struct, frozen=True):
    """The lines of a ledger that a collection lacks, has in an older state, or has in another place or condition."""

    absent: Sequence[Line]
    """Live, and not there: the package brings them."""
    outdated: Sequence[Line]
    """Live, there, and changed since they were brought: the package updates them."""
    moves: Mapping[str, Sequence[int]]
    """Our deck → cards that lie where we had them before."""
    moved: Sequence[Line]
    retired: Sequence[Line]
    """Retired, there, and not tagged as such."""
    returned: Sequence[Line]
    """Live again, there, and tagged as retired."""

    @property
    def is_nothing(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.absent or self.outdated or self.moves or self.retired or self.returned)


def changes_due(
    lines: Iterable[Line], now: Collection, before: Sightings, decks: Mapping[str, str], *, keep_retired: bool
) -> Changes:
    """Return what is to be changed; `decks` are those that lines had in the ledger before, by GUID."""
    absent, outdated, moved, retired, returned = [], [], [], [], []
    moves: dict[str, list[int]] = {}
    for line in lines:
        held, seen = now.held.get(line.guid), before.cards.get(line.guid)
        if line.state == "live" and held is None:
            absent.append(line)
        elif held is None or line.state == "declined":
            continue
        elif line.state == "retired":
            if not (keep_retired or line.gone or RETIRED in held.tags):
                retired.append(line)
        else:
            if seen is None or seen.modified != line.modified:
                outdated.append(line)
            if RETIRED in held.tags:
                returned.append(line)
            last = seen.deck if seen else decks.get(line.guid, line.deck)
            stray = [card for card, deck in held.decks.items() if last != line.deck and same_deck(deck, last)]
            if stray:
                moves.setdefault(line.deck, []).extend(stray)
                moved.append(line)
    return Changes(absent, outdated, moves, moved, retired, returned)


class Missing(Struct, frozen=True):
    """What became of live cards that were seen and are gone: declined, or brought again, with what there is to say."""

    declined: frozenset[str] = frozenset()
    warning: str = ""


def missing(live: Container[str], now: Collection, before: Sightings, *, forget: bool, agreed: bool) -> Missing:
    """Return which live cards, by GUID, their reader deleted.

    :raises Refusal: if that is in doubt, or they are many, and nobody agreed.
    """
    gone = [guid for guid in before.cards if guid in live and guid not in now.held]
    if not gone or forget:
        return Missing()
    number = f"{len(gone)} of {len(before.cards)} cards" if len(gone) > 1 else "a card"
    if is_older(now, before):
        text = f"the collection is older than at the last sync, or another: {number} of ours not in it, brought again"
        return Missing(warning=text)
    doubtful = lacks_tags(now, before) or not now.held
    if not agreed and (doubtful or len(gone) > MOST_AT_ONCE):
        why = ", as after a restored backup" if doubtful else ""
        raise Refusal(
            f"{number} that Anki had are gone from it{why}; nothing was changed: "
            "--yes if you deleted them, and they stay away; --forget to have them again"
        )
    return Missing(frozenset(gone))


def refuse_others(lines: Iterable[Line], brought: Container[str], before: Sightings) -> None:
    """Refuse cards that were seen as those of another deck: they would take their place.

    So it is where notes were copied into another project, under the same paths and headings. `brought` are the GUIDs
    that this ledger had before, if its package was ever brought.

    :raises Refusal: if there are some.
    """
    seen = {line: before.cards[line.guid].deck for line in lines if line.state == "live" and line.guid in before.cards}
    others = [deck for line, deck in seen.items() if line.guid not in brought and not _one_tree(line.deck, deck)]
    if others:
        raise Refusal(
            f"{len(others)} cards have the identity of cards in the deck {min(others)}, as those of copied notes do, "
            "and would take their place; nothing was changed in Anki: --yes if they are to"
        )


def _one_tree(one: str, other: str) -> bool:
    return same_deck(one.partition("::")[0], other.partition("::")[0])


def gone_for_good(waiting: Sequence[Line], now: Collection, before: Sightings, *, forget: bool) -> frozenset[str]:
    """Return the GUIDs of retired cards about which nothing is left to be done: no longer there, or let go of."""
    if forget:
        return frozenset(line.guid for line in waiting)
    if is_older(now, before):
        return frozenset()
    return frozenset(
        line.guid for line in waiting if line.guid not in now.held and (now.held or line.guid in before.cards)
    )
