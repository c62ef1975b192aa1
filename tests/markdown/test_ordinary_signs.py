"""Signs of dialects that mean something else in ordinary notes."""

import pytest

from ankillm.markdown.dialects import normalised


@pytest.mark.parametrize(
    "line",
    [
        "- WAITING 状态：请求在等待队列里",
        "- WAITING queue: requests without blocks",
        "- DONE 表示请求已经结束",
        "- DONE is the flag that ends an episode",
        "我们使用*KV*缓存来加速解码",
        "先做*SFT*再做优化",
        "++i 和 i++ 的区别：先加还是先用",
        "C++ 写的 kernel 由 C++ 编译",
        "循环里 ++step 与 step++ 一样",
    ],
)
def test_what_is_spoken_of_stays(line: str) -> None:
    assert normalised(f"# T\n\n{line}\n").text.splitlines()[2] == line


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("- DONE 学习 RoPE", "- 学习 RoPE"),
        ("参数量是 4*d*d", "参数量是 4\\*d\\*d"),
        ("层数*d*4", "层数\\*d\\*4"),
        ("- ++mean pooling++", "- mean pooling"),
        ("用++注意力++代替卷积", "用注意力代替卷积"),
    ],
)
def test_what_is_meant_as_a_sign_is_read(line: str, said: str) -> None:
    assert normalised(f"# T\n\n{line}\n").text.splitlines()[2] == said


def test_a_line_below_a_heading_is_no_tab() -> None:
    text = "!!! note\n    A remark.\n\nMQA\n=== \n\nIt shares keys.\n"
    assert "=== " in normalised(text).text.splitlines()


def test_an_import_in_prose_is_no_page_of_components() -> None:
    note = "# Speculative decoding\n\nimport draft from 'small'\n\nThe draft model proposes tokens.\n"
    assert "import draft" in normalised(note).text
    assert "import draft" not in normalised(f"{note}\n<Tabs>\n").text
