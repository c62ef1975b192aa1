"""Parts of documents made of the project's data: rows of a table elsewhere, every demo with its evidence."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from checkout import ROOT

from ankillm.common.language import Language
from ankillm.evidence.demo import Demo, FactSpec
from ankillm.evidence.index import listed
from ankillm.evidence.schema import Evidence
from ankillm.evidence.store import load
from ankillm.evidence.values import spoken, spread

EVIDENCE = ROOT / "deck" / "evidence"
WORDS: Mapping[Language, Mapping[str, str]] = {
    "en": {"head": "| measured | value |", "terms": "Terms", "own": "also on your own model", "none": "takes a GPU"},
    "zh": {"head": "| 测量的量 | 数值 |", "terms": "术语", "own": "也可用于自己的模型", "none": "需要 GPU"},
}


def rows(what: str) -> str:
    """Return the head of the first table of a file that has some rows, and these: `FILE: how the rows begin`."""
    name, _, start = what.partition(": ")
    lines = (ROOT / name).read_text("utf-8").splitlines()
    wanted = [number for number, line in enumerate(lines) if line.startswith(f"| {start} |")]
    if not wanted:
        raise LookupError(f"{name} has no row that begins with | {start} |: name another where the document takes it")
    first = last = wanted[0]
    while lines[first - 1].startswith("|"):
        first -= 1
    while last + 1 in wanted:
        last += 1
    return "\n".join([*lines[first : first + 2], *lines[wanted[0] : last + 1]])


def demos(language: str) -> str:
    """Return what each demo explains and measured, with its pictures, in a language."""
    spoken_language: Language = "zh" if language == "zh" else "en"
    evidence: dict[str, list[Evidence]] = {}
    for one in sorted(load([EVIDENCE])[0], key=lambda one: one.device != "cpu"):
        evidence.setdefault(one.demo, []).append(one)
    known = listed(ROOT / "reference_trainer")
    table = "\n".join(f"- [{demo.name}](#{demo.name}): {_title(demo)}" for demo in known)
    return "\n\n".join([table, *(_demo(demo, evidence[demo.name], spoken_language) for demo in known)])


def _title(demo: Demo) -> str:
    return demo.explains.split("\n", 1)[0]


def _demo(demo: Demo, evidence: Sequence[Evidence], language: Language) -> str:
    words, up = WORDS[language], "../../" if language == "zh" else "../"
    command = f"`ankillm demo {demo.name}`" + (f" ({words['own']}: `--model`)" if demo.takes_model else "")
    parts = [f"## {demo.name}", demo.explains.strip(), f"{command} · [{demo.path}]({up}{demo.path})"]
    parts.append("\n".join([words["head"], "|---|---:|", *_facts(demo, evidence, language)]))
    parts += [
        f'<img src="{up}deck/evidence/{name}" width="480" alt="{Path(name).stem.replace(".", ", ")}">'
        for name in evidence[0].pictures
    ]
    return "\n\n".join(parts)


def _facts(demo: Demo, evidence: Sequence[Evidence], language: Language) -> Iterator[str]:
    for fact in demo.facts:
        yield f"| {_label(fact, language)} | {_value(fact, evidence, language)} |"


def _label(fact: FactSpec, language: Language) -> str:
    return (fact.zh if language == "zh" else fact.en).replace("|", "\\|")


def _value(fact: FactSpec, evidence: Sequence[Evidence], language: Language) -> str:
    """Return the value as the CPU measured it; what takes a GPU with that GPU's name."""
    for one in evidence:
        if measured := one.facts.get(fact.name):
            more = [spread(measured, language), one.hardware.name if one.hardware else ""]
            beside = "; ".join(filter(None, more))
            return spoken(measured.value, measured.unit, language) + (f" ({beside})" if beside else "")
    return WORDS[language]["none"]


MAKERS: Mapping[str, Callable[[str], str]] = {"rows": rows, "demos": demos}
