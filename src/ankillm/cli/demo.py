"""`ankillm demo`: list the demos, or run them."""

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import click
from msgspec import Struct
from msgspec.structs import asdict
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from ankillm.cli import fact_answer
from ankillm.cli.completion import demo_names
from ankillm.cli.console import following, say, say_json, say_lines, warn
from ankillm.common.diagnostics import Refusal
from ankillm.common.language import Language
from ankillm.common.project import trainer_folder
from ankillm.evidence import launcher
from ankillm.evidence.demo import Demo, all_terms, facts_of, find, nearest
from ankillm.evidence.index import listed
from ankillm.evidence.turns import TAKES_TURNS

AT_ONCE = 2
"""Demos of `--all` beside each other, each on one core; of a reader's own model, which may be large, one at a time."""
LONGEST = ("methods", "evaluation")
"""What takes longest, and so starts first."""


class Outcome(Struct, frozen=True):
    """How one demo of `--all` ended."""

    name: str
    seconds: float
    process: subprocess.CompletedProcess[str]

    @property
    def failed(self) -> bool:
        """Whether it measured nothing."""
        return self.process.returncode != 0

    @property
    def word(self) -> str:
        """Say what happened: the end of the last line that it told the reader."""
        last = (self.process.stderr.strip().splitlines() or [""])[-1]
        return "× failed" if self.failed else f"{last[:1]} {last.rpartition(': ')[2]}" if ": " in last else last


@click.command("demo")
@click.argument("name", required=False, shell_complete=demo_names)
@click.option("--all", "everything", is_flag=True, help="Run every demo and publish its evidence.")
@click.option("--all-facts", is_flag=True, help="With a term: every fact of its demo behind the term's own.")
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda", "mps"]), default="auto", help="auto: CUDA if any.")
@click.option("--model", metavar="REF", help="Your own model: a folder with a config.json, or a name on the hub.")
@click.option("--seed", type=int, help="Another seed; printed, not kept.")
@click.option("--language", type=click.Choice(["zh", "en"]), help="Of the answer; otherwise the project's.")
@click.option("--trust-remote-code", is_flag=True, help="Run code that comes with the model.")
@click.option("--json", "as_json", is_flag=True, help="Print the evidence (without a name: the list) as JSON.")
def command(  # noqa: PLR0913  (one parameter an option)
    *,
    name: str | None,
    everything: bool,
    all_facts: bool,
    device: str,
    model: str | None,
    seed: int | None,
    language: Language | None,
    trust_remote_code: bool,
    as_json: bool,
) -> None:
    """Run the demo NAME, a module or a term such as lora_alpha; without a name, list the demos.

    Of a term it shows what was measured first: the value, what the notes of the project say, and where to look.

    \b
    Examples:
      ankillm demo
      ankillm demo lora
      ankillm demo prefix_projection --all-facts
      ankillm demo weight_decay --model ./my-model
      ankillm demo --all --device cuda
    """  # noqa: D301  (click's mark for a paragraph that is not rewrapped)
    known = listed(trainer_folder())
    arguments = ["--device", device]
    arguments += ["--model", model] if model else []
    arguments += ["--seed", str(seed)] if seed is not None else []
    arguments += ["--trust-remote-code"] if trust_remote_code else []
    if name and everything:
        raise Refusal("give a demo or --all, not both")
    if everything:
        _run_all(tuple(demo for demo in known if demo.takes_model or not model), arguments, as_json=as_json)
    elif name:
        demo = _choose(known, name)
        facts = facts_of(demo, name) if demo.name != name and not (as_json or model) else ()
        spoken = fact_answer.reader_language(language)
        if facts:
            sys.exit(fact_answer.answer_term(demo, facts, arguments, spoken, everything=all_facts))
        arguments += ["--json"] if as_json else ["--language", spoken]
        sys.exit(launcher.start(demo.name, arguments).returncode)
    else:
        _list(known, as_json=as_json)


def _choose(known: tuple[Demo, ...], name: str) -> Demo:
    """Return the one demo of a name or term; otherwise say which there are, exit code 2."""
    found = find(known, name)
    if len(found) == 1:
        return found[0]
    if found:
        warn(f"{name} is a term of several demos; name one:")
        Console(stderr=True).print(_table(found))
        sys.exit(2)
    hint = ", ".join(nearest(known, name))
    raise Refusal(f"no demo is called {name}: {f'did you mean {hint}?' if hint else 'see ankillm demo for the list'}")


def _list(known: tuple[Demo, ...], *, as_json: bool) -> None:
    if as_json:
        say_json([_row(demo) for demo in known], indent=None)
        return
    Console().print(_table(known))
    following("ankillm demo NAME, or a term, to run one")


def _row(demo: Demo) -> dict[str, Any]:
    facts = [asdict(fact) for fact in demo.facts]
    return {"name": demo.name, "path": demo.path, "terms": all_terms(demo), "facts": facts}


def _table(known: tuple[Demo, ...]) -> Table:
    table = Table("demo", "explains", "terms")
    for demo in known:
        table.add_row(f"[cyan]{demo.name}", demo.explains.partition("\n")[0], ", ".join(all_terms(demo)[:6]))
    return table


def _run_all(known: tuple[Demo, ...], arguments: list[str], *, as_json: bool) -> None:
    """Run all demos, some at a time, and report them in the order of the list."""
    launcher.require_trainer()
    start, running = time.monotonic(), dict[str, None]()
    columns = (SpinnerColumn(), TextColumn("{task.completed}/{task.total} {task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=len(known))

        def measured(demo: Demo) -> Outcome:
            running[demo.name] = None
            progress.update(task, description=", ".join(list(running)))
            outcome = _measure(demo, arguments)
            running.pop(demo.name)
            progress.update(task, advance=1, description=", ".join(list(running)))
            return outcome

        alone = "--model" in arguments or not TAKES_TURNS
        with ThreadPoolExecutor(1 if alone else min(AT_ONCE, os.cpu_count() or 1)) as pool:
            begun = {demo.name: pool.submit(measured, demo) for demo in sorted(known, key=_rank)}
            try:
                outcomes = [begun[demo.name].result() for demo in known]
            except KeyboardInterrupt:
                pool.shutdown(cancel_futures=True)
                raise
    _report(outcomes, time.monotonic() - start, as_json=as_json)
    sys.exit(1 if any(outcome.failed for outcome in outcomes) else 0)


def _rank(demo: Demo) -> int:
    return LONGEST.index(demo.name) if demo.name in LONGEST else len(LONGEST)


def _measure(demo: Demo, arguments: list[str]) -> Outcome:
    start = time.monotonic()
    process = launcher.start(demo.name, [*arguments, "--json"], capture=True)
    return Outcome(demo.name, time.monotonic() - start, process)


def _report(outcomes: list[Outcome], seconds: float, *, as_json: bool) -> None:
    """Show a row a demo, what a failed one said, and one line for all."""
    evidence = {outcome.name: json.loads(outcome.process.stdout) for outcome in outcomes if not outcome.failed}
    table = Table("demo", "facts", "seconds", "evidence")
    for outcome in outcomes:
        facts = str(len(evidence[outcome.name]["facts"])) if outcome.name in evidence else "–"
        table.add_row(outcome.name, facts, f"{outcome.seconds:.1f}", outcome.word)
    Console(stderr=as_json).print(table)
    for outcome in (outcome for outcome in outcomes if outcome.failed):
        say_lines(f"{outcome.name}: {outcome.process.stderr.strip()}", err=True)
    mark = "✓" if len(evidence) == len(outcomes) else "×"
    say(f"{mark} {len(evidence)} of {len(outcomes)} demos measured in {seconds:.0f} s", err=as_json)
    if as_json:
        say_json(list(evidence.values()), indent=None)
