"""What stands within a line keeps its meaning: powers, tags, emphasis beside wide signs."""

from time import perf_counter

import pytest

from ankillm.anki.allowed_html import harmless
from ankillm.anki.html import field_html
from ankillm.markdown.dialects.signs import plain_signs
from ankillm.markdown.inline import escaped, plain_text


@pytest.mark.parametrize(
    ("line", "shown", "plain"),
    [
        ("up to 2<sup>17</sup> tokens", "up to 2<sup>17</sup> tokens", "up to 2^17 tokens"),
        ("from -2<sup>7</sup> on", "from -2<sup>7</sup> on", "from -2^7 on"),
        ("x<sub>i</sub> and a<SUB >n+1</SUB>", "x<sub>i</sub> and a<sub>n+1</sub>", "x_i and a_(n+1)"),
        ("1 - e<sup class='x' onclick='y'>-hn/c</sup>", "1 - e<sup>-hn/c</sup>", "1 - e^(-hn/c)"),
        (
            "<del>no</del> outputs, <s>nor</s> any",
            "<del>no</del> outputs, <del>nor</del> any",
            "~~no~~ outputs, ~~nor~~ any",
        ),
        ("press <kbd>Esc</kbd>", "press <kbd>Esc</kbd>", "press Esc"),
        ("<span style='color:red'>red</span> one", "red one", "red one"),
        ("one<br/>two", "one<br>two", "one two"),
        ("token: <pad> fills", "token: &lt;pad&gt; fills", "token: <pad> fills"),
        ("a List<String> holds", "a List&lt;String&gt; holds", "a List<String> holds"),
        ("Press <Esc> or <C-c>.", "Press &lt;Esc&gt; or &lt;C-c&gt;.", "Press <Esc> or <C-c>."),
        ("<s>: marks the start", "&lt;s&gt;: marks the start", "<s>: marks the start"),
        ("`<s>` and </s>", "<code>&lt;s&gt;</code> and &lt;/s&gt;", "<s> and </s>"),
        ("<|im_start|> and <think>", "&lt;|im_start|&gt; and &lt;think&gt;", "<|im_start|> and <think>"),
        ("<image> then <eos></eos>", "&lt;image&gt; then &lt;eos&gt;&lt;/eos&gt;", "<image> then <eos></eos>"),
        ("a <script>x</script>", "a x", "a x"),
        ("梯度**太大，**会发散", "梯度<strong>太大，</strong>会发散", "梯度太大，会发散"),
        ("用**“裁剪”**可以", "用<strong>“裁剪”</strong>可以", "用“裁剪”可以"),
        ("一种**加权求和。**它很慢", "一种<strong>加权求和。</strong>它很慢", "一种加权求和。它很慢"),
        ("**テスト。**テスト。", "<strong>テスト。</strong>テスト。", "テスト。テスト。"),
        (
            "**训练（一）**和~~推理！~~都",
            "<strong>训练（一）</strong>和<del>推理！</del>都",
            "训练（一）和~~推理！~~都",
        ),
        ("参数_a_b 和 snake_case_x", "参数_a_b 和 snake_case_x", "参数_a_b 和 snake_case_x"),
        ("a * b * c", "a * b * c", "a * b * c"),
    ],
)
def test_signs_in_a_line(line: str, shown: str, plain: str) -> None:
    assert field_html(line, {}) == shown
    assert plain_text(line) == plain
    assert harmless(shown)


def test_deleted_words_stay_deleted_in_a_question() -> None:
    assert field_html(escaped(plain_text("<del>no</del> outputs")), {}) == "<del>no</del> outputs"


def test_a_tag_alone_in_its_line_is_text_unless_html_has_it() -> None:
    assert field_html("<think>\n\nwords", {}) == "<p>&lt;think&gt;</p>\n<p>words</p>"
    assert field_html("<center>\n\nwords", {}) == "<p>words</p>"


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("In a #transformer the #mixer/token is attention.", "In a transformer the mixer/token is attention."),
        ("模型里的 #注意力 是加权求和 #已读", "模型里的 注意力 是加权求和"),
        ("the colour #1f77b4, issue #12, C# and `#tag`", "the colour #1f77b4, issue #12, C# and `#tag`"),
        ("&emsp;&emsp; $p(w)$ 与&nbsp;$q$&emsp;", "$p(w)$ 与 $q$"),
        ("&emsp;", ""),
        (
            "颜色 #fff 和 #ffffff，#pragma unroll，(EI, #matched)",
            "颜色 #fff 和 #ffffff，#pragma unroll，(EI, #matched)",
        ),
        ("call step () twice; the tuple () is empty", "call step () twice; the tuple () is empty"),
    ],
)
def test_tags_within_a_sentence_are_words_and_spaces_by_name_are_spaces(line: str, read: str) -> None:
    assert plain_signs(line) == read


@pytest.mark.parametrize("line", ["x&nbsp;y" + " " * 60_000 + "z", "a" + " &emsp; " * 8_000 + "z"])
def test_spaces_take_no_time(line: str) -> None:
    begun = perf_counter()
    plain_signs(line)
    assert perf_counter() - begun < 2
