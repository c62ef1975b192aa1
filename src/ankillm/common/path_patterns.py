"""Patterns of paths, as `.gitignore` has them: `*` and `?` inside of a name, `**` over folders, a name anywhere."""

import unicodedata
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase


def pattern_of(patterns: Sequence[str]) -> Callable[[str], bool]:
    """Return whether a path, POSIX and from a root, matches one of some patterns.

    A pattern without a slash matches a name in any folder, another one the path from the root; what a folder's pattern
    matches is everything in it too. Whatever the pattern, the time grows with the path alone.
    """
    known = [_names(_composed(pattern)) for pattern in patterns if pattern.strip("/")]
    return lambda path: any(_holds(names, _composed(path).split("/")) for names in known)


def _composed(path: str) -> str:
    """Return a path in the one form of Unicode that is compared."""
    return unicodedata.normalize("NFC", path)


def _names(pattern: str) -> list[str]:
    names = pattern.strip("/").split("/")
    if len(names) == 1 and not pattern.startswith("/"):
        names = ["**", *names]
    return names[:-1] if names[-1] == "**" and len(names) > 1 else names


def _holds(names: Sequence[str], parts: Sequence[str]) -> bool:
    """Whether the first parts of a path, or all, match: `ends` are the numbers of parts that can match so far."""
    ends = {0}
    for name in names:
        if name == "**":
            ends = set(range(min(ends), len(parts) + 1))
        else:
            ends = {end + 1 for end in ends if end < len(parts) and fnmatchcase(parts[end], name)}
        if not ends:
            return False
    return True
