"""Code's tokens: Pygments' own, with a lexer of Python that is made sooner."""

from pathlib import Path

import pytest
from pygments.lexers import PythonLexer

from ankillm.markdown.code_tokens import tokens

HERE = Path(__file__).parent
CODE = {
    "Chinese names": "class 模型(基类):\n    @装饰\n    def 训练(self, 步数=3):\n        return f'{步数}'\n",
    "imports": "from torch.nn import Linear as 层, Module\nimport numpy as np, 工具.数据\n",
    "letters of two characters": "cafe\u0301 = na\u00efve\nα·β = 1\n",
    "no Python": "loss = α·β² ? ¿\n\t`x` $y$ \x00 \U0001f600",
    "nothing": "",
}


@pytest.mark.parametrize("name", ["imports", "Chinese names", "letters of two characters"])
def test_the_lexer_of_python_tells_what_pygments_tells(name: str) -> None:
    own = PythonLexer(stripnl=False, ensurenl=False)
    assert tokens(CODE[name], "py") == tuple(own.get_tokens(CODE[name]))


@pytest.mark.parametrize("file", sorted(HERE.glob("*.py")), ids=lambda file: file.name)
def test_the_lexer_of_python_tells_of_files_what_pygments_tells(file: Path) -> None:
    code = file.read_text(encoding="utf-8")
    assert tokens(code, "python") == tuple(PythonLexer(stripnl=False, ensurenl=False).get_tokens(code))


@pytest.mark.parametrize("code", CODE.values(), ids=list(CODE))
@pytest.mark.parametrize("language", ["python", "bash", "text", "json"])
def test_tokens_are_the_whole_code(code: str, language: str) -> None:
    assert "".join(text for _, text in tokens(code, language)) == code


def test_an_unknown_language_has_no_tokens() -> None:
    assert tokens("x = 1", "no-such-language") == ()
