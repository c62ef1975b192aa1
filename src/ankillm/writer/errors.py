"""What can go wrong while a model is asked."""


class ServerError(Exception):
    """A server does not do what a server does; the text says what, without anything that it said itself."""


class UnansweredError(Exception):
    """One request has no answer; the next may have one."""
