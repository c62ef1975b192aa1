"""A line of code with a comment behind it: recall the token that the comment explains.

Before: `model.config.use_cache = False  # 禁用缓存以节省显存`. After: a cloze on `False`.
Before: `r=pc.lora_rank,  # LoRA秩` in `LoraConfig(`. After: what the parameter `r` of `LoraConfig` is.
"""

import re

from ankillm.blocks import Fence
from ankillm.concepts.codelines import CodeLine, code_lines
from ankillm.concepts.model import CodeGap, Concept, Definition, Place
from ankillm.concepts.pieces import split_label
from ankillm.concepts.scope import Scope
from ankillm.patterns import CHINESE, regex

CONSTANT = r"(?:True|False|None|true|false|null|-?\d[\d_.]*(?:e-?\d+)?|float\('-?inf'\)|(['\"])[A-Za-z_][\w./-]*\1)"
ENUM = r"(?:[A-Za-z_]\w*\.)+[A-Z][A-Z0-9_]+"
CALL = regex(
    r"^(?:await\s+)?(?P<receiver>(?:[A-Za-z_]\w*(?:\[[^\]]*\])?\.)*)(?P<call>(?P<name>[A-Za-z_]\w*)\((?P<args>.*)\));?$"
)
SET = regex(r"^(?P<target>[A-Za-z_][\w.]*(?:\[[^\]]*\])?)\s*(?::\s*[\w.\[\]]+\s*)?=\s*(?P<value>[^=].*?),?;?$")
ENTRY = regex(r"^(['\"]?)(?P<target>[A-Za-z_][\w.-]*)\1\s*:\s*(?P<value>\S.*?),?$")
ENTERED = regex(r"^with\s+(?:[A-Za-z_]\w*\.)*(?P<call>(?P<name>[A-Za-z_]\w*))\(.*\).*:$")
RETURNED = regex(r"^return\s+\S.*\.(?P<call>(?P<name>[A-Za-z_]\w*)\([^()]{1,40}\))$")
NUMBER = regex(r"(?<![A-Za-z_\d])\d[\d.]*")
SWITCH = regex(r"\b(?P<name>\w+)=(?P<value>True|False)\b")
STATEMENTS = ("import ", "from ", "def ", "class ", "return", "if ", "for ", "while ", "elif ", "else", "@")
OF_CALL = regex(r"(?P<name>[A-Za-z_]\w*)\(")
IDLE_CALLS = frozenset(
    {"print", "println", "printf", "log", "show", "format", "append", "join", "invoke", "run", "main", "read", "write"}
)
BUILTINS = frozenset(
    """len range super int float str list dict set tuple max min sum sorted enumerate zip map open isinstance type
    abs round""".split()
)
SETTINGS = frozenset({"yaml", "yml", "json", "toml", "ini", "json5", "jsonc"})
IDLE = regex(r"^(todo|fixme|xxx|=+>|->|output|输出|结果|打印|print|>>>)|^[\d\s.,:%()\[\]\-]+$", re.IGNORECASE)
LEAST_WEIGHT, ASSIGNED_WEIGHT = 3, 7
LONGEST_CODE, LONGEST_COMMENT, LONGEST_GAP = 100, 60, 40


def commented(fence: Fence, scope: Scope) -> list[Concept]:
    """Return a concept for each line that has code and a comment worth asking for."""
    found = (_of_line(line, fence, scope) for line in code_lines(fence) if line.code and line.comment)
    return [concept for concept in found if concept]


def _of_line(line: CodeLine, fence: Fence, scope: Scope) -> Concept | None:
    if IDLE.search(line.comment) or len(line.comment) > LONGEST_COMMENT or len(line.code) > LONGEST_CODE:
        return None
    if _repeats(line) or _weight(line.comment) < LEAST_WEIGHT:
        return None
    place = Place((*scope.path, line.about) if line.about else scope.path, line.number, line.number)
    if line.owner and (match := SET.match(line.code)):
        return _parameter(line, match, fence, place)
    named, said, _ = split_label(line.comment)
    if named and said and re.sub(r"\s", "", named) in re.sub(r"\s", "", line.code):
        return Definition(place, named, said, scope.subject)
    if fence.language in SETTINGS and (match := ENTRY.match(line.code)):
        return Definition(place, match["target"], line.comment, scope.subject)
    gap = _gap(line.code, line.comment)
    return _cloze(line, gap, fence, place) if gap and not _told(line, gap) else None


def _told(line: CodeLine, gap: tuple[int, int, str]) -> bool:
    """Whether the comment gives the gap away: it holds the hidden name, or all of the name's words."""
    hidden = re.match(r"\W*([\w.-]*)", line.text[gap[0] : gap[1]])
    name, said = hidden[1].lower() if hidden else "", line.comment.lower()
    words = [word for word in name.split("_") if word]
    numbers = set(NUMBER.findall(line.comment)) & set(NUMBER.findall(line.code))
    if numbers and not name[:1].isdigit():
        return True
    spelled = bool(words) and all(re.search(rf"\b{re.escape(word)}\b", said) for word in words)
    return len(name) > 1 and (name in said or spelled)


def _weight(comment: str) -> int:
    """Return how much a comment says: a Chinese character counts one, a word in Latin letters two."""
    return len(CHINESE.findall(comment)) + 2 * len(re.findall(r"[A-Za-z][\w.-]*", comment))


def _repeats(line: CodeLine) -> bool:
    """Whether the comment says no more than the code does: every word of it stands in the code."""
    words = set(re.findall(r"[a-z]+", line.comment.lower()))
    in_code = set(re.findall(r"[a-z]+", line.code.lower().replace("_", " ")))
    return not CHINESE.search(line.comment) and bool(words) and words <= in_code


def _parameter(line: CodeLine, match: re.Match[str], fence: Fence, place: Place) -> Concept | None:
    """Ask for a parameter's value where that is a choice by name, for its meaning otherwise."""
    target, value = match["target"], match["value"]
    if target == value:
        return None
    if told := re.match(
        rf"{re.escape(value)}\s*(?:表示|代表|即|是|means|[:：=])\s*(?P<text>.+)$", line.comment, re.IGNORECASE
    ):
        return Definition(place, f"{target}={value}", told["text"], line.owner)
    start = line.text.index(value, len(target))
    if re.fullmatch(ENUM, value):
        start, end = start + value.rindex(".") + 1, start + len(value)
    elif re.fullmatch(r"True|False|None|(['\"])[A-Za-z_][\w./-]*\1", value):
        end = start + len(value)
    elif value[0] in "[{(" and re.search(r"\d", line.comment):
        return None
    else:
        return Definition(place, target, line.comment, line.owner)
    if _told(line, (start, end, target)):
        return Definition(place, target, line.comment, line.owner)
    head = f"{line.owner}(\n    "
    code = f"{head}{line.text}\n)"
    return CodeGap(place, code, len(head) + start, len(head) + end, fence.language, target)


def _gap(code: str, comment: str) -> tuple[int, int, str] | None:
    """Return what to hide in a statement, as start, end and name; None where nothing is worth recalling."""
    explained = _weight(comment) >= ASSIGNED_WEIGHT
    whole = ENTERED.match(code) or (RETURNED.match(code) if explained else None)
    if whole:
        return whole.start("call"), whole.end("call"), whole["name"]
    if code.startswith(STATEMENTS):
        return None
    switches = list(SWITCH.finditer(code)) if "(" in code and explained else []
    if len(switches) == 1:
        return switches[0].start("value"), switches[0].end("value"), switches[0]["name"]
    if call := CALL.match(code):
        return _of_call(call)
    match = SET.match(code)
    return _of_assignment(match, explained=explained) if match else None


def _of_call(call: re.Match[str]) -> tuple[int, int, str] | None:
    if call["name"] in IDLE_CALLS or (call["name"] in BUILTINS and not call["receiver"]):
        return None
    end = call.end("call") if len(call["call"]) <= LONGEST_GAP and "(" not in call["args"] else call.end("name")
    return call.start("call"), end, call["name"]


def _of_assignment(match: re.Match[str], *, explained: bool) -> tuple[int, int, str] | None:
    target, value = match["target"], match["value"]
    start, end = match.span("value")
    name = target.rsplit(".", 1)[-1]
    if re.fullmatch(CONSTANT, value):
        return start, end, name
    if re.fullmatch(ENUM, value):
        return start + value.rindex(".") + 1, end, name
    called = OF_CALL.search(value)
    lone = called and not value[: called.start()].endswith(".")
    bare_name = called and lone and called["name"].islower() and "_" not in called["name"]
    if not called or not explained or bare_name or called["name"] in IDLE_CALLS or value[0] in "[{('\"":
        return None
    return start + called.start("name"), start + called.end("name"), name


def _cloze(line: CodeLine, gap: tuple[int, int, str], fence: Fence, place: Place) -> CodeGap:
    start, end, name = gap
    return CodeGap(place, line.text, start, end, fence.language, name)
