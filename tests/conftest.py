"""What all tests share: the golden files' flag and the folder of real notes."""

import signal
from contextlib import suppress
from pathlib import Path

import pytest
from checkout import ROOT

with suppress(ModuleNotFoundError):  # the tests of a wheel, and of a GPU, do without
    from hypothesis import settings

    settings.register_profile("random", deadline=None)  # how busy a machine is decides no test
    settings.register_profile("same", settings.get_profile("random"), derandomize=True)  # nor does chance
    settings.load_profile("same")

for _name in {"SIGINT", "SIGHUP"} & set(dir(signal)):
    # A run in the background ignores them, and so would every process that a test starts, even where it sends them.
    if signal.getsignal(_number := getattr(signal, _name)) is signal.SIG_IGN:
        signal.signal(_number, lambda *_: None)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--regen`: rewrite golden files, and fail where one changed."""
    parser.addoption("--regen", action="store_true", help="rewrite golden files; fail where one changed")


@pytest.fixture
def regen(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are to be rewritten."""
    return bool(request.config.getoption("--regen"))


@pytest.fixture(scope="session")
def real_notes() -> Path:
    """Return the folder of real notes that may lie beside a checkout."""
    folder = ROOT.parent / "shared" / "notes"
    if not folder.is_dir():
        pytest.skip("no real notes beside this checkout")
    return folder
