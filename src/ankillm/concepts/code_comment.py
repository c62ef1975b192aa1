"""A line of code with a comment behind it: recall the token that the comment explains.

Before: `model.config.use_cache = False  # 禁用缓存以节省显存`. After: a cloze on `False`.
Before: `r=pc.lora_rank,  # LoRA秩` in `LoraConfig(`. After: what the parameter `r` of `LoraConfig` is.
"""

import re

from ankillm.blocks import Fence
from ankillm.concepts.codelines import CodeLine, code_lines
from ankillm.concepts.model import CodeGap, Concept, Definition, Place
from ankillm.concepts.scope import Scope

CONSTANT = r"(?:True|False|None|true|false|null|-?\d[\d_.]*(?:e-?\d+)?|float\('-?inf'\)|(['\"])[A-Za-z_][\w./-]*\1)"
ENUM = r"(?:[A-Za-z_]\w*\.)+[A-Z][A-Z0-9_]+"
CALL = re.compile(
    r"^(?:await\s+)?(?P<receiver>(?:[A-Za-z_]\w*(?:\[[^\]]*\])?\.)*)(?P<call>(?P<name>[A-Za-z_]\w*)\((?P<args>.*)\));?$"
)
SET = re.compile(r"^(?P<target>[A-Za-z_][\w.]*(?:\[[^\]]*\])?)\s*(?::\s*[\w.\[\]]+\s*)?=\s*(?P<value>[^=].*?),?;?$")
ENTRY = re.compile(r"^(['\"]?)(?P<target>[A-Za-z_][\w.-]*)\1\s*:\s*(?P<value>\S.*?),?$")
OF_CALL = re.compile(r"(?P<name>[A-Za-z_]\w*)\(")
IDLE_CALLS = frozenset(
    {"print", "len", "range", "super", "println", "printf", "log", "show", "format", "append", "join"}
)
SETTINGS = frozenset({"yaml", "yml", "json", "toml", "ini", "json5", "jsonc"})
IDLE = re.compile(r"^(todo|fixme|xxx|=+>|->|output|输出|结果|打印|print|>>>)|^[\d\s.,:%()\[\]\-]+$", re.IGNORECASE)
LONGEST_CODE, LONGEST_COMMENT, LONGEST_GAP = 100, 60, 40


def commented(fence: Fence, scope: Scope) -> list[Concept]:
    """Return a concept for each line that has code and a comment worth asking for."""
    found = (_of_line(line, fence, scope) for line in code_lines(fence) if line.code and line.comment)
    return [concept for concept in found if concept]


def _of_line(line: CodeLine, fence: Fence, scope: Scope) -> Concept | None:
    if IDLE.search(line.comment) or len(line.comment) > LONGEST_COMMENT or len(line.code) > LONGEST_CODE:
        return None
    if _repeats(line):
        return None
    place = Place((*scope.path, line.about) if line.about else scope.path, line.number, line.number)
    if line.owner and (match := SET.match(line.code)):
        return _parameter(line, match, fence, place)
    if fence.language in SETTINGS and (match := ENTRY.match(line.code)):
        return Definition(place, match["target"], line.comment, scope.subject)
    gap = _gap(line.code)
    return _cloze(line, gap, fence, place) if gap else None


def _repeats(line: CodeLine) -> bool:
    """Whether the comment says no more than the code does: every word of it stands in the code."""
    words = set(re.findall(r"[a-z]+", line.comment.lower()))
    in_code = set(re.findall(r"[a-z]+", line.code.lower().replace("_", " ")))
    return not re.search(r"[\u3400-\u9fff]", line.comment) and bool(words) and words <= in_code


def _parameter(line: CodeLine, match: re.Match[str], fence: Fence, place: Place) -> Concept | None:
    """Ask for a parameter's value where that is a choice by name, for its meaning otherwise."""
    target, value = match["target"], match["value"]
    if target == value:
        return None
    start = line.text.index(value, len(target))
    if re.fullmatch(ENUM, value):
        start, end = start + value.rindex(".") + 1, start + len(value)
    elif re.fullmatch(r"True|False|None|(['\"])[A-Za-z_][\w./-]*\1", value):
        end = start + len(value)
    else:
        return Definition(place, f"{target}", line.comment, line.owner)
    head = f"{line.owner}(\n    "
    code = f"{head}{line.text}\n)"
    return CodeGap(place, code, len(head) + start, len(head) + end, fence.language, target)


def _gap(code: str) -> tuple[int, int, str] | None:
    """Return what to hide in a statement, as start, end and name; None where nothing is worth recalling."""
    if code.startswith(("import ", "from ", "def ", "class ", "return", "if ", "for ", "while ", "elif ", "else", "@")):
        return None
    if call := CALL.match(code):
        if call["name"] in IDLE_CALLS:
            return None
        end = call.end("call") if len(call["call"]) <= LONGEST_GAP and "(" not in call["args"] else call.end("name")
        return call.start("call"), end, call["name"]
    if match := SET.match(code):
        return _of_assignment(match)
    return None


def _of_assignment(match: re.Match[str]) -> tuple[int, int, str] | None:
    target, value = match["target"], match["value"]
    start, end = match.span("value")
    name = target.rsplit(".", 1)[-1]
    if re.fullmatch(CONSTANT, value):
        return start, end, name
    if re.fullmatch(ENUM, value):
        return start + value.rindex(".") + 1, end, name
    called = OF_CALL.search(value)
    if not called or called["name"] in IDLE_CALLS or value[0] in "[{('\"":
        return None
    return start + called.start("name"), start + called.end("name"), name


def _cloze(line: CodeLine, gap: tuple[int, int, str], fence: Fence, place: Place) -> CodeGap:
    start, end, name = gap
    return CodeGap(place, line.text, start, end, fence.language, name)
