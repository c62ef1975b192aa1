"""The project's own notes: every claim is written once a language, and the cards that they must give come out."""

import re
from collections import Counter
from pathlib import Path

import pytest

NOTES = Path(__file__).parent.parent / "notes"
DEFINITION = re.compile(r'^\[(?P<label>[^\]]+)\]: demo:(?P<fact>\w+#\w+) "(?P<title>[^"]+)"$', re.MULTILINE)


def claims(language: str) -> Counter[tuple[str, str, str]]:
    """Return the claims of a language as note, fact and expectation."""
    return Counter(
        (path.stem, match["fact"], match["title"])
        for path in sorted((NOTES / language).glob("*.md"))
        for match in DEFINITION.finditer(path.read_text(encoding="utf-8"))
    )


@pytest.mark.parametrize("language", ["zh", "en"])
def test_true_statements_are_asked_as_often_as_false_ones(language: str) -> None:
    """So that "false" is never the safe guess on a true-or-false card."""
    titles = [title for _, _, title in claims(language).elements()]
    assert sum(title.endswith("✗") for title in titles) == sum(title.endswith("✓") for title in titles) > 0


def test_both_languages_make_the_same_claims() -> None:
    """Note by note, the same facts are held against the same expectations."""
    assert claims("zh") == claims("en")


def test_the_curriculum_makes_at_least_sixty_claims() -> None:
    """And among them at least eight corrections of widespread mistakes."""
    assert claims("zh").total() >= 60
    assert sum(title.endswith("✗") for _, _, title in claims("zh").elements()) >= 8
