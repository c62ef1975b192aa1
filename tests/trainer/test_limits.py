"""A limit of time is told where it can be raised, and nowhere else is anything said of it."""

import signal
import sys
import time
import weakref
from collections.abc import Callable

import pytest
import torch

from reference_trainer.support.limits import TooLongError, within

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="Windows has no alarms")
Act = Callable[[], None]


class LetGo:
    """What does something when it is let go."""

    def __init__(self, act: Act) -> None:
        self.act = act

    def __del__(self) -> None:
        self.act()


def _called_back(act: Act) -> None:
    held = LetGo(lambda: None)
    reference = weakref.ref(held, lambda _: act())
    del held
    assert reference() is None


def _let_go(act: Act) -> None:
    LetGo(act)


def _ring() -> None:
    signal.raise_signal(signal.SIGALRM)
    raise AssertionError("no alarm rang")


def _fail() -> None:
    raise ValueError("broken")


def _wait() -> None:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        pass
    raise AssertionError("no alarm rang")


def _do_and_wait(deaf: Callable[[Act], None]) -> None:
    with within(0.05):
        deaf(_wait)
        _wait()


@pytest.mark.parametrize("deaf", [_called_back, _let_go])
def test_an_alarm_that_no_one_can_hear_rings_again(
    deaf: Callable[[Act], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is printed of it; what else goes wrong there is told as ever."""
    told: list[str] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda one: told.append(str(one.exc_value)))
    before = sys.unraisablehook, signal.getsignal(signal.SIGALRM)
    with within(60):
        deaf(_ring)
        deaf(_fail)
    with pytest.raises(TooLongError):
        _do_and_wait(deaf)
    assert told == ["broken"]
    assert (sys.unraisablehook, signal.getsignal(signal.SIGALRM)) == before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_an_alarm_on_the_way_out_of_no_grad_leaves_gradients_on() -> None:
    """As it is found there: what switches them on again was interrupted."""
    with pytest.raises(TooLongError):
        _ring_without_gradients()
    assert torch.is_grad_enabled()


def _ring_without_gradients() -> None:
    with within(60):
        torch.set_grad_enabled(False)
        _ring()
