"""What a demo imports: how it declares its facts and publishes its run.

Light at import: torch and rich are imported where a demo runs, and nowhere else.
"""

from collections.abc import Callable, Mapping
from typing import Any

from ankillm.common.diagnostics import Refusal, on_one_line
from ankillm.common.files import MissingError, UnreadableError, files_in, only_one, opened, read_file
from ankillm.common.installation import installing
from ankillm.evidence.spread import Spread
from ankillm.evidence.turns import alone

__all__ = [
    "MissingError",
    "Refusal",
    "Spread",
    "UnreadableError",
    "alone",
    "detail",
    "fact",
    "files_in",
    "installing",
    "on_one_line",
    "only_one",
    "opened",
    "publish",
    "read_file",
]


def fact(  # noqa: PLR0913  (one keyword a property; all but the labels are optional)
    *,
    zh: str,
    en: str,
    unit: str = "",
    terms: tuple[str, ...] = (),
    varies: bool = False,
    tolerance: float = 0.0,
    question_zh: str = "",
    question_en: str = "",
    why_zh: str = "",
    why_en: str = "",
) -> Any:  # noqa: ANN401  (a dataclass field stands for a value of any type)
    """Declare a fact: a field of a demo's dataclass with labels in both languages.

    `terms` are what a card must be about to show it. A fact that `varies` from device to device or from run to run
    gives its `tolerance`, in its own unit: within it, two measurements are the same result. The questions, if any,
    ask for this fact on a card of its own; `why` says in one sentence why it comes out so. A fact that could not be
    measured is None and is left out. All arguments are literals: they are read from the source, without importing it.
    """
    import dataclasses  # noqa: PLC0415  (only demos declare facts)

    texts = {"zh": zh, "en": en, "unit": unit, "question_zh": question_zh, "question_en": question_en}
    texts |= {"why_zh": why_zh, "why_en": why_en}
    return dataclasses.field(metadata={**texts, "terms": terms, "varies": varies, "tolerance": tolerance})


def detail(*, zh: str, en: str, unit: str = "") -> Any:  # noqa: ANN401  (as above)
    """Declare what is printed beside the facts and is none: what a demo measured of the user's own model."""
    return fact(zh=zh, en=en, unit=unit, varies=True)


def publish(run: Callable[..., Any], draw: Callable[[Any], Mapping[str, Any]] | None = None) -> None:
    """Run a demo from the command line: measure, print its facts and keep them as evidence.

    `run(device, …)` returns the demo's dataclass of facts; of `seed`, `model` and `trust_remote_code` it is given
    those that it takes. `draw(result)` returns matplotlib figures by name.
    """
    from ankillm.evidence.run import main  # noqa: PLC0415  (rich and torch only where a demo runs)

    main(run, draw)
