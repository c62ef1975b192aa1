"""Compiled patterns that are kept are those that `re` makes; what is wrong with what was kept is made anew."""

import re

import pytest

from ankillm.common.kept_patterns import Compiled, KeptPatterns
from ankillm.extract.rules_block import definition

PATTERNS = [
    (r"(?P<first>a+)(b)?(?P<last>[^\W\d]{1,3}?)$", 0),
    (r"(?<!x)(?:für|gr[oöu]ß)(?=\s)|\bend\b", re.IGNORECASE),
    ("^ a  # spaces and notes\n | (?i:B)", re.VERBOSE | re.MULTILINE),
    *{(one.pattern, 0) for one in vars(definition).values() if hasattr(one, "pattern")},
]


def reopened(kept: KeptPatterns) -> KeptPatterns:
    """Return the patterns as a later run has them."""
    later = KeptPatterns()
    later.opened(kept.content())
    return later


def test_a_pattern_that_was_kept_is_the_one_that_is_compiled() -> None:
    kept = KeptPatterns()
    kept.opened(b"")
    for source, flags in PATTERNS:
        assert kept.pattern(source, flags) == re.compile(source, flags)
    later = reopened(kept)
    for source, flags in PATTERNS:
        found, made = later.pattern(source, flags), re.compile(source, flags)
        assert found == made  # Python compares the code that they were compiled to
        assert (found.groupindex, found.groups) == (made.groupindex, made.groups)
    assert later.content() == b""  # nothing new to keep
    match = later.pattern(*PATTERNS[0]).search("xaabcde")
    assert match is not None
    assert (match.groupdict(), match.lastgroup) == ({"first": "aa", "last": "cde"}, "last")


def test_nothing_is_kept_before_it_is_opened() -> None:
    kept = KeptPatterns()
    assert kept.pattern("a") == re.compile("a")
    assert kept.content() == b""


@pytest.mark.parametrize("content", [b"", b"\x00", b"damaged", b"\x81\xa3a\nb\x01"])
def test_what_is_damaged_counts_as_not_there(content: bytes) -> None:
    kept = KeptPatterns()
    kept.opened(content)
    assert kept.pattern("a|b") == re.compile("a|b")


@pytest.mark.parametrize("code", [b"", b"abc", b"\xff" * 8])
def test_what_is_no_code_is_compiled_anew(code: bytes) -> None:
    kept = KeptPatterns()
    kept.opened(b"")
    kept._kept = {"0\na+": Compiled(32, code, 0, {})}
    assert kept.pattern("a+").findall("aab") == ["aa"]


@pytest.mark.parametrize(("groups", "names"), [(2**40, {}), (-1, {}), (1, {"n": 99}), (1, {"n": -5}), (1, {"n": 0})])
def test_groups_that_no_code_can_have_are_counted_anew(groups: int, names: dict[str, int]) -> None:
    """The folder of the cache may hold what somebody else wrote."""
    kept = KeptPatterns()
    kept.opened(b"")
    kept.pattern("(?P<n>a)b")
    assert kept._kept
    ((key, good),) = kept._kept.items()
    kept._kept = {key: Compiled(good.flags, good.code, groups, names)}
    found = kept.pattern("(?P<n>a)b").match("ab")
    assert found
    assert found.groupdict() == {"n": "a"}


def test_what_is_no_pattern_or_no_text_is_not_kept() -> None:
    kept = KeptPatterns()
    kept.opened(b"")
    with pytest.raises(re.error):
        kept.pattern("(")
    assert kept.pattern("[\ud800]").search("\ud800")
    assert kept.content() == b""
