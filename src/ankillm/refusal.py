"""What ends a command with exit code 2."""


class Refusal(Exception):  # noqa: N818  (not a fault of the program: the command can't be carried out, exit code 2)
    """Nothing can be done and nothing was written; the text is the one line to show."""
