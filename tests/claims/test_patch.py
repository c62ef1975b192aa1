"""`ankillm check --suggest --diff`: a patch that git takes, after which the check passes."""

import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from ankillm.cli.check import command

SAID = """# 微调

取 pre_seq_len=128 时，只训练不到 1% 的参数。

## prefix_projection

- 打开它：
  - 会略微增加参数量

1. 配置：

   ```python
   lora_alpha=32,  # 缩放因子
   ```

   之后
"""


def suggest(*arguments: str) -> str:
    result = CliRunner().invoke(command, [*arguments, "--suggest", "--diff"])
    assert result.exit_code == 0, result.output
    return result.stdout_bytes.decode()


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
@pytest.mark.parametrize("cut", [True, False], ids=["unended", "ended"])
def test_git_applies_it_and_the_check_passes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str, bom: str, *, cut: bool
) -> None:
    """Whatever the endings of lines; a path with a space, in a folder; nothing but what is suggested changes."""
    git = shutil.which("git")
    assert git
    monkeypatch.chdir(tmp_path)
    note = tmp_path / "my notes" / "微调.md"
    note.parent.mkdir()
    text = (SAID.rstrip("\n") if cut else SAID).replace("\n", ending)
    note.write_bytes((bom + text).encode())
    diff = suggest("my notes")
    assert note.read_bytes() == (bom + text).encode(), "notes are never rewritten"
    subprocess.run([git, "apply"], input=diff.encode(), check=True, cwd=tmp_path)
    after = note.read_bytes().decode()
    assert after.startswith(bom)
    assert after.count("\r\n") == (after.count("\n") if ending == "\r\n" else 0)
    checked = CliRunner().invoke(command, ["my notes"])
    assert checked.exit_code == 0, checked.output
    assert "3 claims in 1 note" in checked.stdout
    assert f"   ```{ending}{ending}   倍数" not in after
    assert f"   ```{ending}{ending}   lora_alpha 不是缩放倍数" in after, "inside of the list's item"
    assert after.replace(ending, "").replace(bom, "").startswith("# 微调取 pre_seq_len=128 时")


def test_a_note_outside_and_one_with_old_line_ends_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.md").write_text(SAID, encoding="utf-8")
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "b.md").write_bytes(SAID.replace("\n", "\r").encode())
    monkeypatch.chdir(tmp_path / "here")
    result = CliRunner().invoke(command, ["../a.md", "b.md", "--suggest", "--diff"])
    assert (result.exit_code, result.stdout) == (0, "")
    assert "../a.md: lies outside of the current folder: run it there" in result.stderr
    assert "b.md: takes no patch: change it by hand" in result.stderr


def test_without_suggestions_there_is_no_patch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.md").write_text("# 无\n", encoding="utf-8")
    assert suggest("a.md") == ""


@pytest.mark.parametrize(
    ("said", "linked"),
    [
        ("会**略微增加参数**量", "会[**略微增加参数**量](demo:"),
        ("会==略微增加参数==量", "会[==略微增加参数==量](demo:"),
        ("会<mark>略微增加参数</mark>量", "会[<mark>略微增加参数</mark>量](demo:"),
        ("**会略微增加参数量**", "**会[略微增加参数量](demo:"),
        ("会略微增加[[参数|参数量]]", "会[略微增加](demo:"),
    ],
)
def test_a_link_cuts_no_marks(said: str, linked: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "n.md").write_text(f"# P-tuning v2\n\n- 开启 prefix_projection {said}。\n", encoding="utf-8")
    assert f"+- 开启 prefix_projection {linked}" in suggest("n.md")


@pytest.mark.parametrize("said", ["[略微增加参数量](https://a.b)", "[[略微增加参数量]]", "**[[x|略微增加参数量]]**"])
def test_no_link_is_put_within_another(said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    """Where the same words stand without one, there is something to suggest."""
    for words, suggested in ((said, False), ("略微增加参数量", True)):
        text = f"# P-tuning v2\n\n- 开启 prefix_projection 会{words}。\n"
        (tmp_path / "n.md").write_text(text, encoding="utf-8")
        assert bool(suggest("n.md")) is suggested


def test_signs_that_no_card_may_have_stay_in_the_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = "a\fb\n\n# P-tuning v2\n\n- 开启 prefix_projection 会略微增加参数量\v。\n\nx\0y\n"
    (tmp_path / "n.md").write_text(text, encoding="utf-8")
    given = suggest("n.md")
    assert "\ufffd" not in given
    assert "\v。" in given
