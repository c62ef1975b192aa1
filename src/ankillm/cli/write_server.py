"""`ankillm write --server`: what is told before anything is sent, the run, and how it can end."""

import sys
from collections.abc import Sequence

import click

from ankillm.build.written_files import Asked, WrittenFiles
from ankillm.cli.console import failed, following, say, working
from ankillm.cli.write_report import print_tally, size
from ankillm.common.diagnostics import Refusal
from ankillm.writer.conversation import Manner, converse
from ankillm.writer.errors import ServerError
from ankillm.writer.outcome import Origin, Outcome
from ankillm.writer.prompt import tokens, turns
from ankillm.writer.server import Server

STOPPED = 130
"""The exit code of a run that its user ended."""
GO_ON = "what was answered is kept; run it again to go on"


def announce(asked: Sequence[Asked], server: Server) -> None:
    """Tell what would be sent, how much of it, and where; on standard error, so that JSON stays JSON."""
    requests = [request for _, request in asked]
    total = sum(tokens(text) for one in requests for _, text in turns(one))
    say(f"Send {size(requests)}, about {total:,} tokens, to {server.host} (model {server.model})", err=True)


def confirm(*, yes: bool) -> None:
    """Ask whether it may be sent.

    :raises Refusal: if nobody can be asked.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise Refusal("nothing was sent; give --yes to send it")
    click.confirm("Send it?", abort=True, err=True)


def ask_server(  # noqa: PLR0913  (what to ask, whom, how, and where it is kept)
    asked: Sequence[Asked], server: Server, files: WrittenFiles, origin: Origin, manner: Manner, *, machine: bool
) -> int:
    """Ask for everything and keep each answer as it comes; return the exit code."""
    unread: list[str] = []
    answered = 0
    code = 0
    with working("asking …") as tell:

        def take(at: int, found: Outcome | None) -> None:
            nonlocal answered
            deck, request = asked[at]
            answered += 1
            if found is None:
                unread.append(f"{request.note.file}: {' → '.join(request.titles) or request.note.title}")
            else:
                files.add(deck, found, len(request.wanted))
            tell(answered / len(asked))

        try:
            converse([request for _, request in asked], server, origin, manner, take)
            files.end(origin)
        except ServerError as error:
            failed(str(error))
            code = 1 if files.tally.asked else 2
        except KeyboardInterrupt:
            failed("ended before all was asked")
            code = STOPPED
    kept = files.tally.asked > 0
    if kept or machine:
        print_tally(files.tally, machine=machine)
    for place in unread:
        failed(f"{place}: the answer can't be read; run it again to ask once more")
    if code and kept:
        following(GO_ON)
    return code or (1 if unread else 0)
