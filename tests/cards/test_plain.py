"""What a list shows of a card: formulas and code as they are, everything else without its signs."""

import pytest

from ankillm.cards.plain import plain_lines
from ankillm.extract.bare import bare


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        ("$$\n\\mathbf{x}_i, S[\\pi](s_t)_j\n$$", "$$\n\\mathbf{x}_i, S[\\pi](s_t)_j\n$$"),
        ("输入 $\\mathcal{C}_{a}$，输出 **$b$**", "输入 $\\mathcal{C}_{a}$，输出 $b$"),
        ("```python\nname = __name__  # `a`\n```", "```python\nname = __name__  # `a`\n```"),
        ("- **秩**：`r`", "- 秩：r"),
        ("- 大：\n\n  - **压缩率**高\n- 小：反过来", "- 大：\n\n  - 压缩率高\n- 小：反过来"),
    ],
)
def test_formulas_and_code_stay_as_they_are(markdown: str, shown: str) -> None:
    assert plain_lines(markdown) == shown


@pytest.mark.parametrize(
    ("markdown", "statement"),
    [
        ("一共 4h<sup>2</sup>+4h 个", "一共 4h^2+4h 个"),
        ("2<sup>17</sup> 个 x<sub>i</sub>", "2^17 个 x_i"),
        ("学习率是 ~~0.1~~ 0.01", ""),
        ("学习率是 <del>0.1</del> 0.01", ""),
    ],
)
def test_a_statement_keeps_its_numbers_and_nothing_that_was_struck(markdown: str, statement: str) -> None:
    assert bare(markdown) == statement
