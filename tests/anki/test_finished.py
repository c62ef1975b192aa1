"""What Anki, its LaTeX or its player would run never reaches a collection, however it is put together."""

from pathlib import Path

import pytest
from anki.collection import Collection
from deckwork import bring, collection
from hostile_tex import FORMULAS, HINTS, TAGS, built

from ankillm.anki.allowed_html import Forbidden, finished, harmless
from ankillm.anki.tex import macros


def runs(anki: Collection) -> list[str]:
    """Return what Anki would run of its cards: sounds, speech, LaTeX."""
    found = []
    for number in anki.find_cards(""):
        card = anki.get_card(number)
        shown = card.render_output()
        found += [str(tag) for tag in (*shown.question_av_tags, *shown.answer_av_tags)]
        found += [side for side in (card.question(), card.answer()) if 'class="latex"' in side or "class=latex" in side]
    return found


def test_nothing_of_a_note_is_played_spoken_or_run(tmp_path: Path) -> None:
    with collection() as anki:
        assert set(bring(anki, built(tmp_path, *TAGS, *HINTS))) == {"new"}
        assert runs(anki) == []
        assert len(anki.find_cards("")) >= len(TAGS)


def test_what_runs_is_found_where_it_is_let_through(tmp_path: Path) -> None:
    """The measure itself: Anki does play such a field."""
    with collection() as anki:
        bring(anki, built(tmp_path, "nothing."))
        note = anki.get_note(anki.find_notes("")[0])
        note["Back"] = "[sound:x.mp3] [latex]x[/latex]"
        anki.update_note(note)
        assert len(runs(anki)) >= 2


@pytest.mark.parametrize("formula", FORMULAS[:14])
def test_a_macro_that_does_more_than_write_is_words(formula: str, tmp_path: Path) -> None:
    """In the ledger, whose fields go into the package."""
    built(tmp_path, formula)
    fields = (tmp_path / "o.ledger.jsonl").read_text()
    assert r"\\backslash " in fields or "label" in formula
    for name in ("href", "style", "cssId", "class", "mmlToken", "bbox", "def", "let", "require", "label", "tag"):
        assert rf"\\{name}" not in fields


@pytest.mark.parametrize(
    "formula",
    [
        r"\(\frac{1}{\sqrt{x}}\)",
        r"\[\begin{aligned} a &amp;= b \\[2pt] c &amp;= \color{red}{d} \end{aligned}\]",
        r"\(\{a \mid b\}\) and C:\users\href, not math",
        r"\(x\) then <code>re.sub(r&quot;\(\d+\)&quot;)</code> then \(y\)",
        r"{{c1::\(\mathcal&#123;L&#125; = \textcolor&#123;#ff0000&#125;&#123;x&#125;\)}}",
        r"a list \[1, 2\] of \(n\)",
    ],
)
def test_what_only_writes_stays_as_it_is(formula: str) -> None:
    assert finished(formula) == formula
    assert harmless(formula)


@pytest.mark.parametrize(
    "field",
    [
        '<p class="card nightMode">x</p>',
        '<div class="card">x</div>',
        '<span class="sheet">x</span>',
        "</div></div><p>x",
        "<p>x",
        "<b>x</p></b>",
        '<a href="javascript:pwn()">x</a>',
        '<a href="https://e.org" onclick="x">x</a>',
        '<img src="../x.png">',
        '<img src="x" onerror="y">',
        '<p style="position:fixed">x</p>',
        "<!-- x -->",
        "<script>x</script>",
        "<svg>",
        "x < y",
        r"&#92;(&#92;href&#123;x&#125;&#92;)",
        r"\(&#92;href{javascript:x}{y}\)",
        "[sound:x.mp3]",
    ],
)
def test_a_field_that_we_do_not_write_is_not_harmless(field: str) -> None:
    assert not harmless(field)


def test_html_that_is_not_ours_cannot_be_finished() -> None:
    with pytest.raises(Forbidden):
        finished("<iframe>")


def test_many_signs_that_open_formulas_take_no_time() -> None:
    field = r"\( { " * 50_000 + r"\href{x}"
    assert r"\href" not in finished(field)


def test_no_macro_of_the_list_is_one_that_does_more() -> None:
    forbidden = set(
        "href style class cssId data mmlToken require bbox toggle mathtip texttip def let newcommand renewcommand "
        "newenvironment renewenvironment DeclareMathOperator label ref eqref tag setOptions unicode enclose rule Rule "
        "raise lower color textcolor colorbox fcolorbox definecolor Newextarrow url input include write".split()
    )
    assert not macros() & forbidden
    assert {"frac", "mathcal", "sum", "operatorname", "begin", "end", "left", "text", "ce"} <= macros()
