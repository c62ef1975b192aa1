"""A limit of time is told where it can be raised, and nowhere else is anything said of it."""

import signal
import sys
import time
import weakref
from collections.abc import Callable

import pytest

from reference_trainer.support.limits import TooLongError, within

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="Windows has no alarms")


class Held:
    """What is let go."""


class Slow:
    """What takes its time when it is let go."""

    def __del__(self) -> None:
        _wait()


class Broken:
    """What fails when it is let go."""

    def __del__(self) -> None:
        raise ValueError("broken")


def _wait(*_: object) -> None:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        pass
    raise AssertionError("no alarm rang")


def _called_back() -> None:
    held = Held()
    reference = weakref.ref(held, _wait)
    del held
    assert reference() is None


def _let_go() -> None:
    Slow()


def _wait_after(deaf: Callable[[], None], rang: list[float]) -> None:
    with within(0.05):
        deaf()
        rang.append(time.monotonic())
        _wait()


@pytest.mark.parametrize("deaf", [_called_back, _let_go])
def test_an_alarm_that_no_one_can_hear_rings_again(deaf: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """And what else goes wrong there is told as ever."""
    told: list[str] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda one: told.append(str(one.exc_value)))
    before = sys.unraisablehook, signal.getsignal(signal.SIGALRM)
    rang: list[float] = []
    with pytest.raises(TooLongError):
        _wait_after(deaf, rang)
    assert rang, "the first alarm rang where nothing can be raised"
    assert told == []
    with within(60):
        Broken()
    assert told == ["broken"]
    assert (sys.unraisablehook, signal.getsignal(signal.SIGALRM)) == before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
