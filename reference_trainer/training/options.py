"""Where settings come from: the defaults of a model and a method, a TOML file and the command line, in this order."""

import argparse
import ast
import dataclasses
import difflib
import functools
import inspect
import math
import textwrap
import tomllib
import types
import typing
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from ankillm.evidence import Refusal, UnreadableError, read_file
from reference_trainer.training.settings import ALIASES, TINY, Settings, flag


@functools.cache
def field_help() -> dict[str, str]:
    """Return the docstring of each field, read from its source."""
    body = ast.parse(textwrap.dedent(inspect.getsource(Settings))).body[0]
    assert isinstance(body, ast.ClassDef)  # noqa: S101  (for the type checker: the source of a class)
    pairs = zip(body.body, body.body[1:], strict=False)
    return {
        field.target.id: doc.value.value
        for field, doc in pairs
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if isinstance(doc, ast.Expr) and isinstance(doc.value, ast.Constant) and isinstance(doc.value.value, str)
    }


MOST_BYTES = 2**20
MOST_SEED = 2**32 - 1
"""The highest seed that numpy takes."""
METAVARS = {str: "TEXT", int: "INTEGER", float: "FLOAT"}
EXAMPLES = """Examples:
  ankillm train
  ankillm train --model ./my-model --data data.jsonl --method lora
  ankillm train --config run.toml --epochs 1
  ankillm train --resume --output runs/001"""


class _Help(argparse.RawDescriptionHelpFormatter):
    """A help that is the same in every Python: a value is named once, as from 3.13 on, behind the last name."""

    def _format_action_invocation(self, action: argparse.Action) -> str:
        if not action.option_strings or action.nargs == 0:
            return super()._format_action_invocation(action)
        value = self._format_args(action, self._get_default_metavar_for_optional(action))
        return f"{', '.join(action.option_strings)} {value}"


class _Parser(argparse.ArgumentParser):
    """A parser whose complaints are refusals like any other, with the nearest option and where the help is."""

    def error(self, message: str) -> NoReturn:
        """Raise `Refusal`."""
        raise Refusal(f"{message} (ankillm train --help)")

    def read(self, argv: Sequence[str]) -> dict[str, typing.Any]:
        """Return the options that are given; raise `Refusal` for one that there is not."""
        found, others = self.parse_known_args(argv)
        if others:
            name = next((word for word in others if word.startswith("-")), others[0]).partition("=")[0]
            near = difflib.get_close_matches(name, self._option_string_actions, 1)
            self.error(f"no option {name}" + (f"; did you mean {near[0]}?" if near else ""))
        return vars(found)


def parser() -> _Parser:
    """Return the command line: an option a field, and `--config` and `--resume`."""
    result = _Parser(
        prog="ankillm train",
        usage="%(prog)s [OPTION]...",
        description=f"Fine-tune a language model: all weights, LoRA or P-tuning v2.\n\n{EXAMPLES}",
        formatter_class=_Help,
        allow_abbrev=False,
    )
    result.add_argument("--config", metavar="FILE", help="a TOML file with the same names; options given here win")
    result.add_argument(
        "--resume", action="store_true", help="go on with the run in --output (default: the last in runs/)"
    )
    for field in dataclasses.fields(Settings):
        add_option(result, field.name, _default(field))
    return result


def add_option(parser: argparse.ArgumentParser, name: str, default: str) -> None:
    """Add the option of a field, by its names, its type and its docstring; `default` is what the help calls it."""
    kind, text = typing.get_type_hints(Settings)[name], f"{field_help()[name]} Default: {default}."
    flags = [flag(name), *([ALIASES[name]] if name in ALIASES else [])]
    shown = " ".join(text.split()).replace("%", "%%")
    if kind is bool:
        action = argparse.BooleanOptionalAction
        parser.add_argument(*flags, dest=name, action=action, default=argparse.SUPPRESS, help=shown)
    else:
        metavar = METAVARS.get(kind, "NAMES")
        convert = _names if isinstance(kind, types.GenericAlias) else kind
        parser.add_argument(*flags, dest=name, type=convert, metavar=metavar, default=argparse.SUPPRESS, help=shown)


def _default(field: "dataclasses.Field[object]") -> str:
    """Return a field's default in words; where it is another for each method, all of them."""
    by_method = {name: values[field.name] for name, values in METHOD_DEFAULTS.items() if field.name in values}
    return ", ".join(f"{value} for {name}" for name, value in by_method.items()) or _shown(field.default)


def _shown(value: object) -> str:
    return ",".join(value) if isinstance(value, tuple) else str(value) if value != "" else "none"


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def read_toml(path: Path) -> dict[str, object]:
    """Return the settings that a TOML file names; raise `Refusal` for a file, a name or a type that can't be."""
    try:
        values = tomllib.loads(read_file(path, MOST_BYTES).decode("utf-8"))
    except UnreadableError as error:
        raise Refusal(f"{path}: {error}") from None
    except (ValueError, RecursionError) as error:  # not UTF-8, not TOML, too many digits or brackets
        raise Refusal(f"{path}: no TOML: {error}") from None
    fields = {name: _field(name) for name in values}
    if twice := next((name for name, field in fields.items() if [*fields.values()].count(field) > 1), None):
        raise Refusal(f"{path}: {fields[twice]} is given twice, once as {twice}")
    return {fields[name]: _typed(path, fields[name], value) for name, value in values.items()}


def _field(name: str) -> str:
    """Return the field that a name in a file stands for: `lora-rank` and `rank`, as on the command line."""
    shorter = {alias: field for field, alias in ALIASES.items()}
    return shorter.get(flag(name), name.replace("-", "_"))


def _typed(path: Path, name: str, value: object) -> object:
    kinds = typing.get_type_hints(Settings)
    if name not in kinds:
        near = difflib.get_close_matches(name, kinds, 1)
        raise Refusal(f"{path}: there is no setting {name!r}" + (f"; did you mean {near[0]!r}?" if near else ""))
    kind = kinds[name]
    if isinstance(kind, types.GenericAlias):
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        return _names(value) if isinstance(value, str) else _refuse_type(path, name, "a list of names", value)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return value if type(value) is kind else _refuse_type(path, name, kind.__name__, value)


def _refuse_type(path: Path, name: str, kind: str, value: object) -> typing.NoReturn:
    raise Refusal(f"{path}: {name} must be {kind}, not {value!r}")


def read_options(argv: Sequence[str]) -> tuple[dict[str, object], bool]:
    """Return what was asked for (defaults left out), the file's values under the command line's, and `--resume`."""
    given = parser().read(argv)
    config, resume = given.pop("config"), bool(given.pop("resume"))
    from_file = read_toml(Path(config)) if config else {}
    options = {**from_file, **given}
    if "method" in options:
        options["method"] = ",".join(dict.fromkeys(Settings(method=str(options["method"])).methods))
    return options, resume


TINY_DEFAULTS: Mapping[str, object] = {"epochs": 8, "batch_size": 16, "pre_seq_len": 16, "save_freq": 48}
METHOD_DEFAULTS: Mapping[str, Mapping[str, object]] = {
    "full": {"lr": 2e-5},
    "lora": {"lr": 2e-4},
    "ptuning": {"lr": 5e-2},
}
TINY_METHOD_DEFAULTS: Mapping[str, Mapping[str, object]] = {
    "full": {"lr": 2e-3},
    "lora": {"lr": 5e-3},
    "ptuning": {"lr": 3e-2},
}


def plan(options: Mapping[str, object]) -> list[Settings]:
    """Return the settings of each run that `options` ask for, one a method; defaults depend on method and model.

    The built-in model alone, without a method named, is adapted by LoRA and by P-tuning v2.
    """
    tiny = options.get("model", TINY) == TINY
    asked = {"method": "lora,ptuning" if tiny else "lora", **options}
    # The types were checked by name as they were read; a method named twice is trained once.
    methods = tuple(dict.fromkeys(Settings(**asked).methods))  # type: ignore[arg-type]
    runs = []
    for method in methods or ("",):
        own = TINY_METHOD_DEFAULTS if tiny else METHOD_DEFAULTS
        values = {**(TINY_DEFAULTS if tiny else {}), **own.get(method, {}), **asked, "method": method}
        if len(methods) > 1 and options.get("output"):
            values["output"] = str(Path(str(options["output"])) / method)
        runs.append(_countable(Settings(**values).validated()))  # type: ignore[arg-type]  # likewise
    return runs


def _countable(settings: Settings) -> Settings:
    """Return the settings; raise `Refusal` for a number that nothing can be computed with."""
    for name, value in dataclasses.asdict(settings).items():
        if isinstance(value, float) and not math.isfinite(value):
            raise Refusal(f"{flag(name)} must be a finite number, not {value:g}")
    if settings.seed > MOST_SEED:
        raise Refusal(f"--seed must be at most {MOST_SEED}, not {settings.seed}")
    return settings


if __name__ == "__main__":  # the help, where torch is not installed
    parser().parse_args()
