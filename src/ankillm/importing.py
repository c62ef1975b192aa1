"""genanki, imported when first needed, and without what it does not use."""

import sys
from functools import cache, cached_property
from types import ModuleType
from typing import Any

OWN = "cached_property"
"""The package whose one decorator genanki uses; it has had a twin in the standard library since Python 3.8."""


@cache
def genanki() -> Any:  # noqa: ANN401  (genanki ships no types)
    """Import genanki with the standard library's `cached_property` in place of the package of that name.

    The package imports asyncio, and so ssl and sockets: more than half of what importing genanki takes otherwise, as
    `benchmarks/where.py` prints.
    """
    twin = ModuleType(OWN)
    twin.__dict__[OWN] = cached_property
    before = sys.modules.get(OWN)
    sys.modules[OWN] = before or twin
    try:
        import genanki as imported  # noqa: PLC0415  (that is what this is for)
    finally:
        if before is None:
            del sys.modules[OWN]
    return imported
