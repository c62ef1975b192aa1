"""Compiled regular expressions, kept from run to run: a build in which one note changed needs 460 of them.

Python takes a quarter of such a build to compile them, and knows no public way to keep one. What `re` itself calls is
called here, where it takes and gives what it has since Python 3.11; anywhere else each is compiled when first used.
"""

import re
from array import array
from importlib import import_module

import msgspec
from msgspec import Struct

WIDTH = "I"
"""How `array` names the numbers of compiled code."""
MOST = 4096
"""More patterns than this are not kept: a cloned project's demos may bring some of their own."""
UNKNOWN = (ImportError, AttributeError, TypeError, ValueError, RuntimeError, OverflowError)
"""What is raised where Python's own functions are others, or what was kept is no code."""


class Compiled(Struct, frozen=True, array_like=True):
    """A regular expression as Python compiles it."""

    flags: int
    code: bytes
    groups: int
    names: dict[str, int]


_CONTENT = msgspec.msgpack.Decoder(dict[str, Compiled])


class KeptPatterns:
    """Patterns by their flags and sources; nothing is kept until it is `opened`."""

    def __init__(self) -> None:
        self._kept: dict[str, Compiled] | None = None
        self._is_new = False

    def opened(self, content: bytes | memoryview) -> None:
        """Take in what `content` returned in an earlier run; from now on patterns are kept."""
        try:
            self._kept = _CONTENT.decode(content) if content else {}
        except (ValueError, RecursionError):
            self._kept = {}
        self._is_new = False

    def content(self) -> bytes:
        """Return all patterns as bytes; none if there is no new one."""
        return msgspec.msgpack.encode(self._kept) if self._is_new else b""

    def pattern(self, source: str, flags: int = 0) -> re.Pattern[str]:
        """Compile a regular expression, or take it as it was kept.

        :raises re.error: if it is none.
        """
        if self._kept is None:
            return re.compile(source, flags)
        flags = int(flags)  # the compiler asks for each flag over and over, which takes its class three times as long
        key = f"{flags}\n{source}"
        try:
            if not (found := self._kept.get(key)):
                found = _compiled(source, flags)
                if len(self._kept) < MOST:
                    self._kept[key], self._is_new = found, True
            return _pattern(source, found)
        except UNKNOWN:
            return re.compile(source, flags)


def _compiled(source: str, flags: int) -> Compiled:
    source.encode()  # a source that is no text is not kept
    parser, compiler = import_module("re._parser"), import_module("re._compiler")
    tree = parser.parse(source, flags)
    state = tree.state
    code = array(WIDTH, compiler._code(tree, flags))  # noqa: SLF001  (as the module says)
    return Compiled(flags | state.flags, code.tobytes(), state.groups - 1, dict(state.groupdict))


def _pattern(source: str, compiled: Compiled) -> re.Pattern[str]:
    named = compiled.names.values()
    if not (0 <= compiled.groups <= len(compiled.code) and all(0 < number <= compiled.groups for number in named)):
        raise ValueError
    by_number = {number: name for name, number in compiled.names.items()}
    names = tuple(map(by_number.get, range(compiled.groups + 1)))
    code = array(WIDTH, compiled.code).tolist()
    made: re.Pattern[str] = import_module("_sre").compile(
        source, compiled.flags, code, compiled.groups, compiled.names, names
    )
    return made


KEPT = KeptPatterns()
"""Those of this process."""
