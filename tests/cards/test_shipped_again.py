"""Cards that were shipped are chosen again as they are: a ledger changes nothing of what a build makes by itself."""

import random
from pathlib import Path

import pytest
from fuzz import changed, content
from msgspec.structs import replace
from note_cards import CONTEXT, NOTE

from ankillm.anki.cloze import words_asked
from ankillm.anki.fields import Fields, RenderedCard
from ankillm.build.inputs import Live, NoteInput
from ankillm.build.pipeline import note_result
from ankillm.common.project import Density, NoteFile

NOTES = Path(__file__).parents[1] / "extract" / "gold" / "foreign"
ENTRY = NoteFile(Path("notes", NOTE), NOTE, Path("notes"))
Cards = list[tuple[str, Fields]]


def built(text: bytes, live: Live = frozenset()) -> tuple[Cards, Live]:
    """Return key and fields, its place too, of each card of a note over what was shipped, and what is shipped then."""
    kept = [card for card in note_result(NoteInput(ENTRY, NOTE, text, live=live), CONTEXT).cards if not card.dropped]
    asked = frozenset((card.key, *words_asked(card.kind, *card.fields[:2])) for card in kept)
    return [(card.key, card.fields) for card in kept], asked


@pytest.mark.parametrize("name", ["e_serving_zh", "h_wiki_en", "k_pretrained_zh"])
def test_what_was_shipped_is_made_again_to_the_letter(name: str) -> None:
    """Of proposals that ask the same in other emphasis, the one that was taken before is taken again."""
    text = (NOTES / f"{name}.md").read_bytes()
    first, live = built(text)
    assert built(text, live)[0] == first


HALF = "- **主权重**：优化器更新的单精度副本，半精度只用于前向和反向。\n"
LONG = "- **前缀长度**：每层加上的向量个数，显存随它增加。\n"
ASKED = "### 显存不够时应该先调整哪个参数？\n"
DOUBLED = (f"{ASKED}{HALF}{LONG}", f"{LONG}\n{HALF}\n{ASKED}先换成半精度，激活值减半。\n{HALF}")
"""A line that was asked below a question comes to stand above it as well: it is asked there, and the question stays."""
GONE = (
    "\\sum_{i} {{c1::x_i}}\n",
    "### 合并权重有什么好处？\n更快\n如果 a 大于 b，则设为 `True`；否则设为 [sound:x.mp3] [latex]x[/latex]。\n",
)
"""All that was shipped is gone."""
SENTENCE = "What is {{this}}? It's a <b>test</b> & more\n"
TWICE = (f"{ASKED}{SENTENCE}", f"{ASKED}{SENTENCE}\n{SENTENCE}")
"""A question below a question comes to stand twice."""
SEEDS = (114, 583, *range(20))
"""Random notes; the first two with one statement in two lines."""


@pytest.mark.parametrize(
    ("before", "after"),
    [*(tuple(map(str.encode, notes)) for notes in (DOUBLED, GONE, TWICE)), *((b"", seed) for seed in SEEDS)],
    ids=["doubled", "gone", "twice", *map(str, SEEDS)],
)
def test_a_second_build_changes_nothing(before: bytes, after: bytes | int) -> None:
    """What an edited note gives over the cards of the note before the edit, it gives over its own."""
    if isinstance(after, int):
        source = random.Random(after)  # noqa: S311  (no secret)
        before = content(source)
        before += content(source) if source.random() < 0.3 else b""
        after = changed(before, source)
        after = changed(after, source) if source.random() < 0.5 else after
    _, shipped = built(before)
    edited, live = built(after, shipped)
    assert built(after, live)[0] == edited


UNSURE = "# 词嵌入\n\n## 应用\n\nWord Embedding可以捕捉到单词之间的关系，如同义词、反义词、上下位关系等。\n"


def at_density(density: Density, live: Live = frozenset()) -> list[RenderedCard]:
    """Return the cards of a sentence that is asked at density many only."""
    context = replace(CONTEXT, spec=replace(CONTEXT.spec, density=density))
    made = note_result(NoteInput(ENTRY, NOTE, UNSURE.encode(), live=live), context).cards
    return [card for card in made if not card.dropped]


@pytest.mark.parametrize(
    ("front", "back", "stays"),
    [
        ("{front}", "{back}", True),
        ("应用{front}", "{back}", True),
        ("{front}", "例{back}", True),
        ("{front}", "训练时所用的语料规模", False),
        ("哪些词属于同一个义类", "{back}", False),
    ],
    ids=["same", "title", "answer", "another-answer", "another-question"],
)
def test_a_card_stays_that_was_shipped_in_other_words(front: str, back: str, stays: bool) -> None:  # noqa: FBT001
    """One of too low a score stays if it was shipped below another title, or with more of its answer."""
    (card,) = at_density("many")
    asked, answered = words_asked(card.kind, *card.fields[:2])
    words = front.format(front=asked), back.format(back=answered)
    assert at_density("few") == []
    kept = at_density("few", frozenset({(card.key, *words)}))
    assert [one.fields[:2] for one in kept] == ([card.fields[:2]] if stays else [])
