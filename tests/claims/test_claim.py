"""Claims in a note: found wherever a link can stand, at their exact place; nothing meant as one is passed over."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from knowing import KNOWN

from ankillm.cards.demo_links import titled
from ankillm.claims.claim import Claim, find_claims
from ankillm.claims.coverage import uncovered
from ankillm.claims.suggest import suggest
from ankillm.markdown.note import parse

DEFINITION = '\n\n[x]: demo:lora#scaling "= 4×"\n'


def claims(text: str) -> tuple[Claim, ...]:
    note = parse(text, "note.md")
    return find_claims(note.text, note.tokens, note.references, note.file)


def at(text: str, claim: Claim) -> str:
    """Return what stands in the text at a claim's place."""
    return text.split("\n")[claim.line - 1][claim.column - 1 :]


def test_an_inline_link_is_a_claim() -> None:
    text = 'r=8 时，[倍数是 4](demo:lora#scaling "= 4×")。'
    assert claims(text) == (
        Claim("note.md", 1, 8, 1, "倍数是 4", "lora", "scaling", "= 4×", statement="r=8 时，倍数是 4"),
    )


def test_a_reference_link_knows_the_line_of_its_definition() -> None:
    (claim,) = claims('[倍数][x]\n\n[x]: demo:lora#scaling "= 4×"\n')
    assert (claim.line, claim.column, claim.definition_line, claim.problem) == (1, 2, 3, "")


PLACES = [
    "[PHRASE][x]",
    "text before [PHRASE][x]",
    "first line\n  second [PHRASE][x] end",
    "- item [PHRASE][x]",
    "- a\n  - b\n    - [PHRASE][x]。",
    "1. one\n2. `[PHRASE][x]` and [PHRASE][x]",
    "> quoted\n> > - [PHRASE][x]",
    "> lazy\ncontinued [PHRASE][x]",
    "# Heading [PHRASE][x]",
    "## Heading [PHRASE][x] ##",
    "Setext [PHRASE][x]\n===",
    "| a | b |\n|---|---|\n| x | [PHRASE][x] |",
    "| a | b |\n|---|---|\n|  | `\\|` [PHRASE][x] |",
    "a | b\n--|--\n1 | in \\| [PHRASE][x]",
    "> | a | b |\n> |---|---|\n> | PHRASE | [PHRASE][x]",
    "- | a | [PHRASE][x] |\n  |---|---|\n  | 1 | 2 |",
    "---\nlang: zh\ntitle: t\n---\n\ntext [PHRASE][x]",
    "**bold [PHRASE][x]**",
    "*[PHRASE][x]*",
    "\\[no\\] $a_1$ `[c][x]` <b>[PHRASE][x]</b>",
    "[other](http://a.b) [PHRASE][x]",
    "\t- tab [PHRASE][x]\n",
    "-\t[PHRASE][x]",
    "[PHRASE][] then\n\n[PHRASE]: demo:lora#scaling '= 4×'",
    "see ([PHRASE][X])",
    "𝛼 🙂 [PHRASE][x]",
    "| 🙂 | b |\n|---|---|\n| 🙂 | 🙂 [PHRASE][x] |",
]


@pytest.mark.parametrize("text", PLACES)
def test_a_claim_stands_where_its_phrase_starts(text: str) -> None:
    whole = text.replace("PHRASE", "倍数 `a` 是 4") + DEFINITION
    found = [claim for claim in claims(whole) if not claim.problem]
    assert len(found) == (0 if text.startswith("\t") else 1)
    for claim in found:
        assert at(whole, claim).startswith("倍数 `a` 是 4]")
        assert (claim.phrase, claim.demo, claim.fact) == ("倍数 a 是 4", "lora", "scaling")


@given(st.lists(st.sampled_from(["- ", "> ", "1. ", "  ", "| ", "text ", "`c` ", "**b** ", "🙂", "# "]), max_size=6))
def test_wherever_a_claim_is_found_its_place_is_exact(before: list[str]) -> None:
    text = "".join(before) + "[phrase is 4][x] after" + DEFINITION
    for claim in claims(text):
        if not claim.problem:
            assert at(text, claim).startswith("phrase is 4]")


@pytest.mark.parametrize(
    ("text", "place", "part"),
    [
        ("[不到 1%](demo:lora#scaling)", (1, 2), "no expectation"),
        ("<demo:lora#scaling>", (1, 2), "no expectation"),
        ('[p](demo:lora "= 4")', (1, 2), "names no fact"),
        ('[p](demo:lora#scaling "about 4")', (1, 2), "write = N, < N"),
        ('![p](demo:lora#scaling "= 4")', (1, 2), "an image is no claim"),
        ("text\n\n[x]: demo:lora#scaling “= 4×”", (3, 6), "is text, not a link"),
        ('［p］（demo:lora#scaling "= 4"）', (1, 5), "is text, not a link"),
        ('[p] (demo:lora#scaling "= 4")', (1, 6), "is text, not a link"),
        ('[x]: demo: lora#scaling "= 4"', (1, 6), "is text, not a link"),
        ("| a | b |\n|---|---|\n| 1 | demo：lora＃scaling |", (3, 7), "is text, not a link"),
        ('text\n\n  [x]: demo:lora#scaling "= 4"', (3, 3), "no phrase uses this definition"),
        ('[p][x]\n\n[x]: demo:lora#scaling "= 4"\n[X]: demo:lora#scaling "= 5"', (4, 1), "already defined in line 3"),
        ('[p][x] [q][y]\n\n[x]: demo:lora#scaling "= 4"', (1, 9), "nothing defines [y]"),
        ('[p][share] [q][shar]\n\n[share]: demo:lora#scaling "= 4"', (1, 13), "did you mean [share]?"),
        ('[不到 2%](demo:lora#llama2_7b_share "< 1%")', (1, 2), "the phrase says 2%, the expectation < 1%"),
        ('a <a href="demo:lora#scaling">p</a>', (1, 3), "HTML is no claim"),
        ('<div>\n<a href="demo:lora#scaling">p</a>\n</div>', (2, 1), "HTML is no claim"),
    ],
)  # fmt: skip
def test_nothing_meant_as_a_claim_vanishes(text: str, place: tuple[int, int], part: str) -> None:
    (claim,) = [claim for claim in claims(text) if claim.problem]
    assert (claim.line, claim.column) == place
    assert part in claim.problem
    assert "\n" not in claim.problem


@pytest.mark.parametrize(
    "text",
    [
        "", "no demo here", "`demo:lora#scaling` in code", "```\n[a](demo:lora#scaling)\n```", "a live demo: see #3",
        "<!-- demo:lora#scaling -->", "a[0][1] without any claim", "[V1][V2] tokens", "    demo:lora#scaling",
        "[a](https://demo.org#x)", "$demo:a#b$", '[p](https://a.b "demo:lora#scaling")',
    ],
)  # fmt: skip
def test_what_is_no_claim_is_left_alone(text: str) -> None:
    assert claims(text) == ()


def test_undefined_labels_matter_only_beside_claims_and_outside_code() -> None:
    text = "[p][x] `[V1][V2]` ![alt][pic] [note][^1] \\[a][b]" + DEFINITION
    assert [claim.phrase for claim in claims(text)] == ["p"]


@pytest.mark.parametrize(
    ("phrase", "title"),
    [
        ("29.4M 个参数", "= 29,360,128"), ("2940 万个", "= 29,360,128"), ("`r=16` 时不变", "= 8"),
        ("32.6 倍", "= 32.6×"),
        ("GPT-2 里没有", "= 0"), ("$\\alpha/8$ 倍", "= 4×"), ("误差 $10^{-5}$ 以内", "< 1e-5"), ("几乎没有", "< 1%"),
        ("fp32 的损失", "= float32"), ("每 2 步", "yes"), ("64 到 256", "64..256"),
    ],
)  # fmt: skip
def test_a_phrase_agrees_with_its_expectation(phrase: str, title: str) -> None:
    (claim,) = claims(f'[{phrase}](demo:a#b "{title}")')
    assert claim.problem == ""


@pytest.mark.parametrize(
    ("phrase", "title"),
    [("29.5M 个参数", "= 29,360,128"), ("误差 $10^{-4}$ 以内", "< 1e-5"), ("12 倍", "<= 1.5× ✗"), ("14%", "= 13.4%")],
)
def test_a_number_changed_in_a_phrase_alone_is_caught(phrase: str, title: str) -> None:
    (claim,) = claims(f'[{phrase}](demo:a#b "{title}")')
    assert "make them agree" in claim.problem


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("有人说，“[LoRA 会变慢][x]”。错，不会。", "LoRA 会变慢"),
        (
            "- 但打开 `prefix_projection` 会[略微增加参数量][x]，其实是很多倍",
            "但打开 `prefix_projection` 会略微增加参数量",
        ),
        ("[Slightly more][x] parameters are trained with it. More.", "Slightly more parameters are trained with it"),
        ("- 作用：限制更新的秩。[取 `r=8`，更新的秩正好是 8][x]", "取 `r=8`，更新的秩正好是 8"),
        ("它占 [4 份][x]，另有 [5 份][x]。", "它占 4 份，另有 5 份"),
    ],
)
def test_what_a_claim_says_can_be_asked_alone(text: str, said: str) -> None:
    assert claims(text + DEFINITION)[-1].statement == said


PIECES = st.sampled_from(
    ["[", "]", "(", ")", "][", "[x]: ", "demo:lora#scaling", "demo:", '"= 4×"', "“", "`", "\n", "\n\n", "|\n|-|-|\n",
     "> ", "- ", "#", "LoRA 不到 1%", "10⁻⁵", "$", "<a href=", "<!--", "-->", "\\", "🙂", "\t", "1,2e9", "略微", "***"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=24).map("".join))
def test_no_note_breaks_the_reading_of_claims_and_every_place_lies_in_it(text: str) -> None:
    note = parse(text, "n.md")
    lines = note.text.split("\n")
    places = [(claim.line, claim.column) for claim in claims(text)]
    places += [(message.line, message.column) for message in uncovered(note)]
    places += [(found.line, found.column) for found in suggest(note, KNOWN, titled)]
    for line, column in places:
        assert 1 <= line <= len(lines)
        assert 1 <= column <= len(lines[line - 1]) + 1


@pytest.mark.parametrize(
    "text", ["[a 1][x] ", '[a 1](demo:a#b "= 1") ', "1,", "9", "[a](", "demo:a#b ", "略微 LoRA 1% "]
)
def test_a_hostile_note_takes_no_more_than_a_moment(text: str) -> None:
    start = time.process_time()
    note = parse(text * 2000 + DEFINITION, "n.md")
    find_claims(note.text, note.tokens, note.references, note.file)
    list(uncovered(note))
    suggest(note, KNOWN, titled)
    assert time.process_time() - start < 10


def test_signs_without_end_take_no_time() -> None:
    """Twenty kilobytes of what opens a tag, or a link, are read as fast as words."""
    start = time.process_time()
    for sign in ("<", "<a ", "[", "[a](", "demo:"):
        claims(f"# T\n\n{sign * (20_000 // len(sign))}\n")
    assert time.process_time() - start < 5
