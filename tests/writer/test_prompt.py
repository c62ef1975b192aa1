"""The words of the prompt: its example is what a model is really shown, and an answer that passes the verifier."""

from typing import Literal

import pytest

from ankillm.extract import extract
from ankillm.markdown.note import parse
from ankillm.writer.outcome import Origin, outcome
from ankillm.writer.prompt import check_turns, examples, section_text, version
from ankillm.writer.reply import offers_in, quote_in
from ankillm.writer.requests import Request
from ankillm.writer.verifier import verified


@pytest.mark.parametrize(("part", "codes"), [(0, ["", "silent"]), (1, ["", ""])])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_example_is_true_to_itself(language: Literal["en", "zh"], part: int, codes: list[str]) -> None:
    given, answered = examples(language)[part]
    lines = given.split("\n")
    titles = lines[0].partition(": ")[2].split(" → ")
    sentences = [line.partition("] ")[2] for line in lines[3:]]
    note = parse(f"# {titles[0]}\n\n## {titles[1]}\n\n" + "\n\n".join(sentences) + "\n", "bread.md")
    passages = [next(c.passage for c in extract(note) if c.passage.text == text) for text in sentences]
    labelled = tuple((str(at), passage) for at, passage in enumerate(passages, 1))
    request = Request(note, tuple(titles[1:]), labelled, ())
    assert section_text(request).strip() == given
    found = outcome(request, offers_in(answered), Origin("m", version(), "2026-01-01"))
    assert [card.refused for card in found.cards] == codes
    if part == 0:
        card = found.accepted[0]
        *_, (_, asked) = check_turns(card.question, passages[0], language)
        said = check_turns("", passages[0], language)
        assert said[0][1].endswith(asked.strip())
        assert quote_in(said[1][1]) == card.quote
        assert not isinstance(verified(offers_in(answered)[0], passages[0], note), str)
