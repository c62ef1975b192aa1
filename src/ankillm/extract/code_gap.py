"""What to hide in a statement that a comment explains: its choice of a value, or the function that it calls.

Before: `model.config.use_cache = False`. After: `False`, whose name is `use_cache`.
"""

import re

from ankillm.common.patterns import CHINESE, regex

ENUM = r"(?:[A-Za-z_]\w*\.)+[A-Z][A-Z0-9_]+"
COMPARED = regex(r"^(?:el)?if\s+(?P<hidden>[A-Za-z_][\w.]*\s*(?:<=?|>=?|==|%)\s*[\w.]+(?:\s*==\s*0)?)\s*:$")
NUMBER = r"-?\d[\d_.]*(?:e-?\d+)?"
INFINITY = r"float\((?:'-?inf'|\"-?inf\")\)"
HIDDEN = (
    regex(rf"^(?P<hidden>True|False|None|true|false|null|{NUMBER}|{INFINITY}|(['\"])[A-Za-z_][\w./-]*\2)$"),
    regex(r"^[A-Za-z_][\w.]*\.(?P<hidden>[A-Za-z_]\w*\(\))$"),
    regex(rf"^(?:[A-Za-z_]\w*\.)+[a-z_]\w*\(\w+,\s*(?P<hidden>{INFINITY}|{NUMBER})\)$"),
    regex(r"\s(?P<hidden>[/*]\s[A-Za-z_][\w.]*)$"),
)
"""A constant; a member of an enumeration; a method without arguments, `model.half()`; the constant that a method is
called with, `scores.masked_fill(mask, float("-inf"))`; what something is multiplied or divided by."""
CAST = regex(r"^[A-Za-z_][\w.]*\.(?:to|type|astype)\((?P<hidden>(?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*)\)$")
"""What something is turned into: `hidden_states.to(torch.float32)`."""
OWNED = regex(r"^(?:[A-Za-z_]\w*\.)+(?P<hidden>[a-z]\w*_\w+)$")
"""A name that something else has: `tokenizer.eos_token`."""
CALL = regex(
    r"^(?:await\s+)?(?P<receiver>(?:[A-Za-z_]\w*(?:\[[^\]]*\])?\.)*)(?P<call>(?P<name>[A-Za-z_]\w*)\((?P<args>.*)\));?$"
)
SET = regex(r"^(?P<target>[A-Za-z_][\w.]*(?:\[[^\]]*\])?)\s*(?::\s*[\w.\[\]]+\s*)?=\s*(?P<value>[^=].*?),?;?$")
ENTERED = regex(r"^with\s+(?:[A-Za-z_]\w*\.)*(?P<call>(?P<name>[A-Za-z_]\w*))\(.*\).*:$")
RETURNED = regex(r"^return\s+\S.*\.(?P<call>(?P<name>[A-Za-z_]\w*)\([^()]{1,40}\))$")
SWITCH = regex(r"\b(?P<name>\w+)(?:=|['\"]\s*:\s*)(?P<value>True|False)\b")
STATEMENTS = regex(r"(?:import|from|def|class|return|if|for|while|elif|else)\b|@")
CALLED = regex(r"\.[A-Za-z]\w*\([^'\"]")
"""A call of a method of something."""
SWITCHED = regex(r"\b(?:True|False)\b|是否|开启?|关闭?|[才只]")
"""A comment on a switch that says when it is on, so that its position is the question, not its name."""
DENIED = regex(r"[不没无]|\b(?:not?|without)\b", re.IGNORECASE)
OF_CALL = regex(r"(?P<name>[A-Za-z_]\w*)\(")
IDLE_CALLS = frozenset(
    {"print", "println", "printf", "log", "show", "format", "append", "join", "invoke", "run", "main", "read", "write"}
)
BUILTINS = frozenset(
    """len range super int float str list dict set tuple max min sum sorted enumerate zip map open isinstance type
    abs round""".split()
)
ASSIGNED_WEIGHT, LEAST_WORD = 7, 3
LATIN = regex(r"[A-Za-z][\w.-]*")


def gap(code: str, comment: str, *, above: bool = False) -> tuple[int, int, str] | None:
    """Return what to hide in a statement, as start, end and name; None where nothing is worth recalling.

    A comment that stands above a call explains the call, unless it speaks of its switch.
    """
    explained = weight(comment) >= ASSIGNED_WEIGHT
    whole = ENTERED.match(code) or (RETURNED.match(code) if explained else None)
    if whole:
        return whole.start("call"), whole.end("name"), whole["name"]
    if explained and (compared := COMPARED.match(code)):
        return *compared.span("hidden"), compared["hidden"]
    if STATEMENTS.match(code):
        return None
    switches = list(SWITCH.finditer(code)) if "(" in code and explained else []
    if len(switches) == 1 and not (above and CALLED.search(code) and not _speaks_of(switches[0], comment)):
        return switches[0].start("value"), switches[0].end("value"), switches[0]["name"]
    if call := CALL.match(code):
        return _of_call(call)
    match = SET.match(code)
    return _of_assignment(match, explained=explained) if match else None


def _speaks_of(switch: re.Match[str], comment: str) -> bool:
    """Whether a comment says how a switch is set, or has a word of its name."""
    words = [word for word in switch["name"].lower().split("_") if len(word) >= LEAST_WORD]
    denied = switch["value"] == "False" and DENIED.search(comment)
    return bool(denied or SWITCHED.search(comment)) or any(word in comment.lower() for word in words)


def _of_call(call: re.Match[str]) -> tuple[int, int, str] | None:
    if call["name"] in IDLE_CALLS or (call["name"] in BUILTINS and not call["receiver"]):
        return None
    return call.start("call"), call.end("name" if call["args"].strip() else "call"), call["name"]


def _of_assignment(match: re.Match[str], *, explained: bool) -> tuple[int, int, str] | None:
    """Hide the value where it is a choice, else the part of it that its pattern marks, else the function called."""
    name, value, start = match["target"].rsplit(".", 1)[-1], match["value"], match.start("value")
    for hidden in (found for pattern in HIDDEN if (found := pattern.search(value))):
        return start + hidden.start("hidden"), start + hidden.end("hidden"), name
    if not explained:
        return _of_target(match)
    if (owned := OWNED.match(value)) and owned["hidden"] != name:
        return start + owned.start("hidden"), start + owned.end("hidden"), name
    if cast := CAST.search(value):
        return start + cast.start("hidden"), start + cast.end("hidden"), name
    called = None if value[0] in "[{('\"" else OF_CALL.search(value)
    if called and not _is_plain(called, value):
        return start + called.start("name"), start + called.end("name"), name
    return _of_target(match)


def _of_target(match: re.Match[str]) -> tuple[int, int, str] | None:
    """Hide the attribute that is set, where its name has several words: `p.requires_grad = …`."""
    owner, _, name = match["target"].rpartition(".")
    if not owner or owner == "self" or "_" not in name.strip("_") or " " not in match["value"]:
        return None
    return match.start("target") + len(owner) + 1, match.end("target"), name


def _is_plain(called: re.Match[str], value: str) -> bool:
    """Whether a call is too common to be asked for: one of the idle ones, or a short name that nothing owns."""
    lone = not value[: called.start()].endswith(".")
    return called["name"] in IDLE_CALLS or (lone and called["name"].islower() and "_" not in called["name"])


def weight(comment: str) -> int:
    """Return how much a comment says: a Chinese character counts one, a word in Latin letters two."""
    return len(CHINESE.findall(comment)) + 2 * len(LATIN.findall(comment))
