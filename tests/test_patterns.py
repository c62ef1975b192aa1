"""Regular expressions are compiled when first used; here all of them are."""

import re
from importlib import import_module
from pkgutil import walk_packages

import pytest

import ankillm
from ankillm.patterns import METHODS, _Pattern, regex

MODULES = [found.name for found in walk_packages(ankillm.__path__, "ankillm.") if found.name != "ankillm.__main__"]


def test_it_behaves_as_the_compiled_one() -> None:
    found, compiled = regex(r"(?P<word>b+)", re.IGNORECASE), re.compile(r"(?P<word>b+)", re.IGNORECASE)
    assert found.sub("x", "aBb") == compiled.sub("x", "aBb")
    assert found.pattern == compiled.pattern
    assert found.groups == compiled.groups
    assert all(callable(getattr(found, method)) for method in METHODS)


def test_a_pattern_in_disorder_is_told_of_when_it_is_used() -> None:
    with pytest.raises(re.error):
        regex("(").match("")


@pytest.mark.parametrize("name", MODULES)
def test_every_pattern_compiles(name: str) -> None:
    for value in vars(import_module(name)).values():
        if isinstance(value, _Pattern):
            assert value.groups >= 0


@pytest.mark.parametrize("name", MODULES)
def test_none_is_compiled_when_a_module_is_imported(name: str) -> None:
    assert not [found for found, value in vars(import_module(name)).items() if isinstance(value, re.Pattern)]
