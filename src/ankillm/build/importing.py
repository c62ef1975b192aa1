"""genanki, imported when first needed, and without what it does not use."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, cached_property
from importlib import import_module
from types import ModuleType
from typing import Any


class _Later(ModuleType):
    """Stands for a module that is imported when it is used."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  (whatever the module has)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)


@contextmanager
def _in_place(*twins: ModuleType) -> Iterator[None]:
    """Let modules stand in for those of their names which are not imported yet."""
    twins = tuple(twin for twin in twins if twin.__name__ not in sys.modules)
    sys.modules.update({twin.__name__: twin for twin in twins})
    try:
        yield
    finally:
        for twin in twins:
            if sys.modules.get(twin.__name__) is twin:
                del sys.modules[twin.__name__]


@cache
def genanki() -> Any:  # noqa: ANN401  (genanki ships no types)
    """Import genanki without asyncio and YAML, nine tenths of the time otherwise (`benchmarks/where.py` prints it).

    Of the package `cached_property`, which imports asyncio, it uses the one decorator that has had a twin in the
    standard library since Python 3.8; of YAML nothing, unless a note type is given as YAML.
    """
    decorator = ModuleType("cached_property")
    decorator.__dict__["cached_property"] = cached_property
    with _in_place(decorator, _Later("yaml")):
        import genanki as imported  # noqa: PLC0415  (that is what this is for)
    return imported
