"""A project's `deck.toml` comes with a cloned folder: whatever stands in it, the answer is one line."""

from pathlib import Path

import pytest

from ankillm.messages import Refusal
from ankillm.project import load


@pytest.mark.parametrize("content", [b"schema = ", b"\xff", b"x = " + b"[" * 20_000, b"schema = " + b"9" * 5_000])
def test_what_is_no_toml_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "deck").mkdir()
    (tmp_path / "deck" / "deck.toml").write_bytes(content)
    with pytest.raises(Refusal, match=r"^.*deck.toml: cannot be read \(.*\); mend it or start anew with ankillm init$"):
        load(tmp_path)
