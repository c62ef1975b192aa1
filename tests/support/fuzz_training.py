"""Rounds of the fuzz that damage what a training reads: a model, data or a run."""

import atexit
import contextlib
import functools
import io
import os
import random
import re
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from damage import damage
from hostile_table import Ended, faults, limited

TRAINED = (
    *("model/config.json", "model/tokenizer.json", "model/tokenizer_config.json", "model/model.safetensors"),
    *("data/train.jsonl", "data/dev.jsonl", "run/settings.toml", "run/metrics.jsonl"),
    *("state.json", "weights.safetensors", "optimizer.safetensors", "random.safetensors"),
)
ROOM = 3 * 2**29
"""Bytes that a training may take beside what torch has taken."""


@functools.cache
def trained() -> Path:
    """Return a folder with a tiny model, data, and a run with a checkpoint; made once."""
    from train_kit import run as train  # noqa: PLC0415  (torch, which no other round needs)
    from train_kit import write_data, write_model  # noqa: PLC0415  (likewise)

    folder = Path(tempfile.mkdtemp(prefix="fuzz."))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    write_model(folder / "model")
    write_data(folder / "data", 6, 2)
    given: dict[str, object] = {
        "method": "lora",
        "epochs": 1,
        "batch_size": 4,
        "save_freq": 1,
        "output": folder / "run",
    }
    assert train(model=folder / "model", data=folder / "data", **given) == 0
    return folder


def training(folder: Path, *words: str) -> tuple[int, str]:
    """Count or train in this process; return the exit code and what is said."""
    from train_kit import run as train  # noqa: PLC0415  (as above)

    from reference_trainer import count  # noqa: PLC0415  (likewise)

    out = io.StringIO()
    os.chdir(folder)
    sys.argv = ["count", *words[1:]]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        try:
            match words[0]:
                case "count":
                    count.main()
                    return 0, out.getvalue()
                case "resume":
                    return train(resume=True, output="run"), out.getvalue()
                case _:
                    given: dict[str, object] = {"method": "lora", "epochs": 1, "batch_size": 4, "output": "new"}
                    return train(model="./model", data="data", **given), out.getvalue()
        except SystemExit as end:
            return int(end.code or 0), out.getvalue()


def training_round(source: random.Random, seconds: float) -> list[str]:
    """Return what does not hold when files of a model, of data or of a run are damaged."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(shutil.copytree(trained(), Path(temporary, "x")))
        settings = folder / "run" / "settings.toml"
        settings.write_text(settings.read_text().replace(str(trained()), str(folder)))
        said: list[str] = []
        for _ in range(source.randrange(1, 3)):
            name = source.choice(TRAINED)
            place = next((folder / "run").glob(f"checkpoint-*/{name}"), folder / name)
            said.append(name)
            damage(place, source)
        for words in (("count", "./model", "--targets=all-linear"), ("train",), ("resume",)):
            done = limited(folder, *words, seconds=seconds, memory=ROOM, command=training)
            if wrong := faults(_plainly(done)):
                return [*wrong, f"{' '.join(words)} after {said}: {done.said[-600:]}"]
    return []


def _plainly(done: Ended) -> Ended:
    """Return how a command ended, without the escapes of its own bar."""
    return replace(done, said=re.sub(r"\x1b\[[\d;?]*[A-Za-z]|\r", "", done.said))
