"""genanki's part: the two note types, the decks and the tables of a collection.

The ids of note types, fields and templates are fixed for ever: Anki updates by them. Fields are never added, removed or
reordered, which would cut off every reader's notes from their updates; the spare ones are there to be put to use.
"""

import functools
import hashlib
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

from ankillm.anki.ledger import Stamp

# genanki imports asyncio by way of a decorator that the standard library has too, and YAML for note types given as
# YAML: half of what importing it takes, in each build.
_TWINS = {"cached_property": functools, "yaml": ModuleType("yaml")}
_twins = {name: twin for name, twin in _TWINS.items() if name not in sys.modules}
sys.modules.update(_twins)
import genanki  # noqa: E402  (as above)

for _name in _twins:
    del sys.modules[_name]

Kind = Literal["basic", "cloze"]
KINDS: tuple[Kind, ...] = ("basic", "cloze")

MODEL_IDS: Mapping[Kind, int] = {"basic": 1_763_901_842_157, "cloze": 1_763_901_842_313}
MODEL_NAMES: Mapping[Kind, str] = {"basic": "ankillm basic", "cloze": "ankillm cloze"}
TEMPLATE_IDS: Mapping[Kind, int] = {"basic": 4_817_203_665_128_094_711, "cloze": 4_817_203_665_128_094_712}
SHARED = ("Back", "Context", "Source", "Demo", "Evidence", "Key", "Spare1", "Spare2", "Spare3")
FIELDS: Mapping[Kind, tuple[str, ...]] = {"basic": ("Front", *SHARED), "cloze": ("Text", *SHARED)}
FIRST_FIELD_ID: Mapping[Kind, int] = {"basic": 7_204_418_236_590_118_100, "cloze": 7_204_418_236_590_118_200}
DECK_IDS = 1_000_000_000_000
"""Deck ids begin here, in the range of Anki's own, which are times in milliseconds."""


def schema() -> tuple[str, str]:
    """Return the SQL of an empty collection: its tables, and what to run once they are filled, which is faster."""
    tables_and_indexes, rows = genanki.apkg_schema.APKG_SCHEMA, genanki.apkg_col.APKG_COL
    statements = [f"{statement};" for statement in tables_and_indexes.split(";") if statement.strip()]
    indexes = [statement for statement in statements if statement.lstrip().startswith("CREATE INDEX")]
    tables = [statement for statement in statements if statement not in indexes]
    return "".join(tables) + rows, "".join(indexes)


def model(kind: Kind, look: Mapping[str, str]) -> Any:  # noqa: ANN401  (a genanki.Model)
    """Return a note type; `look` holds the templates and the style by their file names."""
    template = {
        "name": "Card",
        "id": TEMPLATE_IDS[kind],
        "qfmt": look[f"{kind}_front.html"],
        "afmt": look[f"{kind}_back.html"],
    }
    fields = [{"name": name, "id": FIRST_FIELD_ID[kind] + at} for at, name in enumerate(FIELDS[kind])]
    made = genanki.Model(
        MODEL_IDS[kind],
        MODEL_NAMES[kind],
        fields=fields,
        templates=[template],
        css=look["style.css"],
        model_type=genanki.Model.CLOZE if kind == "cloze" else genanki.Model.FRONT_BACK,
    )
    # genanki would work the requirement out by rendering the template for each field; a card needs its first field.
    made.__dict__["_req"] = [[0, "all", [0]]]
    return made


def read_look(folder: Path) -> dict[str, str]:
    """Return the templates and the style by their file names."""
    names = [f"{kind}_{side}.html" for kind in KINDS for side in ("front", "back")]
    return {name: (folder / name).read_text(encoding="utf-8") for name in (*names, "style.css")}


def look_hashes(look: Mapping[str, str]) -> dict[str, str]:
    """Return the hash of each note type."""
    return {MODEL_NAMES[kind]: _hash(json.dumps(model(kind, look).to_json(0, 0), sort_keys=True)) for kind in KINDS}


def deck_hash(name: str) -> str:
    """Return the hash of a deck's row."""
    return _hash(json.dumps(genanki.Deck(0, name).to_json(), sort_keys=True))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def models_json(look: Mapping[str, str], stamps: Mapping[str, Stamp]) -> str:
    """Return the note types as a collection holds them."""
    rows = {MODEL_IDS[kind]: model(kind, look).to_json(stamps[MODEL_NAMES[kind]].modified, None) for kind in KINDS}
    return json.dumps(rows, ensure_ascii=False)


def deck_ids(names: Iterable[str]) -> dict[str, int]:
    """Return an id for each deck, from its name."""
    ids: dict[str, int] = {}
    taken: set[int] = set()
    for name in sorted(set(names)):
        number = DECK_IDS + int(hashlib.sha256(name.encode()).hexdigest()[:10], 16) % (DECK_IDS // 2)
        while number in taken:
            number += 1
        taken.add(number)
        ids[name] = number
    return ids


def decks_json(ids: Mapping[str, int], stamps: Mapping[str, Stamp], default: Mapping[str, Any]) -> str:
    """Return the decks as a collection holds them, beside its default deck."""
    rows = {str(ids[name]): genanki.Deck(ids[name], name).to_json() | {"mod": stamps[name].modified} for name in ids}
    return json.dumps({**default, **rows}, ensure_ascii=False)
