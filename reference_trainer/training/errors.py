"""How a run ends before its time; `Refusal` (nothing was done) is the project's own."""


class Stopped(Exception):  # noqa: N818  (no fault of the program: it says what happened and what to do)
    """The run ended before its last step; what was saved is whole. The text is the one line to show. Exit code 1."""
