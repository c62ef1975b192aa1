"""`ankillm write`: a language model proposes cards; those that their note bears out are kept for the next build."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ankillm.cli.console import done, failed, following, say_json, say_text, warn
from ankillm.cli.write_report import print_tally, size
from ankillm.common.diagnostics import Refusal
from ankillm.common.files import UnreadableError, read_file, shown

if TYPE_CHECKING:
    from ankillm.build.written_files import WrittenFiles
    from ankillm.writer.outcome import Origin
    from ankillm.writer.requests import Request

CHAT = "chat"
"""What a model is called that answers in a chat, and is given no name."""
MOST_ANSWERS = 16 * 2**20
NOTHING = "nothing to ask: every passage worth a card has one, or was asked for; --all asks for those with a card too"


@click.command("write")
@click.argument("notes", nargs=-1, type=click.Path(path_type=Path))
@click.option("--server", "url", metavar="URL", help="Ask this server of the OpenAI protocol; with its /v1.")
@click.option("--model", default="", help="Name the model at the server; with --answers: who answered.")
@click.option("--prompt", "prompted", is_flag=True, help="Print what to ask, to paste into any chat.")
@click.option("--answers", type=click.Path(path_type=Path), help="Take what a chat said from this file, or from -.")
@click.option("--all", "everything", is_flag=True, help="Ask also for passages that have a card.")
@click.option("--check", is_flag=True, help="Ask a second time, with passage and question alone.")
@click.option("--limit", type=click.IntRange(1), help="Ask for so many passages at most.")
@click.option(
    "--jobs", type=click.IntRange(1, 64), default=1, show_default=True, help="Send so many requests at a time."
)
@click.option(
    "--timeout", type=click.FloatRange(0.1), default=300, show_default=True, help="Wait so many seconds for an answer."
)
@click.option("--dry-run", is_flag=True, help="Say what would be asked, or accepted, and do no more.")
@click.option("--yes", is_flag=True, help="Send without asking.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Keep the cards beside this package.")
@click.option("--json", "machine", is_flag=True, help="Print JSON.")
def command(  # noqa: PLR0913, PLR0917  (its options)
    notes: tuple[Path, ...],
    url: str | None,
    model: str,
    answers: Path | None,
    limit: int | None,
    jobs: int,
    timeout: float,
    output: Path | None,
    *,
    prompted: bool,
    everything: bool,
    check: bool,
    dry_run: bool,
    yes: bool,
    machine: bool,
) -> None:
    """Ask a language model for cards of passages that are worth one and have none.

    A card is kept only if its answer is a quotation that stands in its passage, word for word. A key is read from
    OPENAI_API_KEY and nowhere else. What was asked is not asked again: an interrupted run goes on where it was.

    \b
    Examples:
      ankillm write notes/zh --server http://localhost:11434/v1 --model qwen2.5:7b
      ankillm write notes/zh --prompt > ask.txt
      ankillm write notes/zh --answers reply.json
    """  # noqa: D301  (click's mark for a paragraph that is not rewrapped)
    if sum(map(bool, (url, prompted, answers))) > 1:
        raise click.UsageError("give one of --server, --prompt and --answers")
    if bool(url) > bool(model) or check > bool(url):
        raise click.UsageError("--server goes with --model" if url else "--check goes with --server")
    from ankillm.build.written_deck import written_decks  # noqa: PLC0415  (help needs none of it)
    from ankillm.build.written_files import WrittenFiles, asked_of  # noqa: PLC0415  (likewise)
    from ankillm.writer.outcome import Origin  # noqa: PLC0415  (likewise)
    from ankillm.writer.prompt import version  # noqa: PLC0415  (likewise)

    server = None
    if url:
        from ankillm.writer.server import server_at  # noqa: PLC0415  (only a server pays for it)

        server = server_at(url, model, timeout)
    decks = written_decks(notes, output)
    unreadable = tuple(chain.from_iterable(deck.unreadable for deck in decks))
    if unreadable and not any(deck.notes for deck in decks):
        raise Refusal(str(unreadable[0]))
    for message in unreadable:
        failed(message)
    code = 1 if unreadable else 0
    origin = Origin(model or CHAT, version(), datetime.now(UTC).date().isoformat())
    files = WrittenFiles(decks, dry_run=dry_run)
    if answers:
        _take_answers(answers, files, origin)
        files.end(origin)
        print_tally(files.tally, machine=machine, dry_run=dry_run)
        sys.exit(code)
    asked = asked_of(decks, origin, limit, everything=everything)
    if prompted:
        _print_prompt([request for _, request in asked])
    elif server and asked:
        from ankillm.cli.write_server import announce, ask_server, confirm  # noqa: PLC0415  (only a server pays for it)
        from ankillm.writer.conversation import Manner  # noqa: PLC0415  (likewise)

        announce(asked, server)
        if dry_run:
            done("nothing was sent")
            sys.exit(code)
        confirm(yes=yes)
        code = ask_server(asked, server, files, origin, Manner(check, jobs), machine=machine) or code
    else:
        _tell([request for _, request in asked], machine=machine)
    sys.exit(code)


def _take_answers(answers: Path, files: "WrittenFiles", origin: "Origin") -> None:
    from ankillm.writer.reply import UnreadableReply  # noqa: PLC0415  (help needs none of it)

    try:
        files.take(_text_of(answers), origin)
    except UnreadableReply as error:
        raise Refusal(f"{answers}: {error}; give what the chat said as it is") from None


def _print_prompt(requests: Sequence["Request"]) -> None:
    from ankillm.writer.prompt import whole_prompt  # noqa: PLC0415  (as above)
    from ankillm.writer.requests import by_content  # noqa: PLC0415  (as above)

    if not requests:
        raise Refusal(NOTHING)
    say_text(whole_prompt(tuple(map(by_content, requests))).rstrip("\n"))
    warn(f"{size(requests)}; paste it into a chat, and give what it says to --answers")


def _tell(requests: Sequence["Request"], *, machine: bool) -> None:
    """Tell how much there is to ask, and the two ways to a model."""
    if machine:
        count = sum(len(request.wanted) for request in requests)
        say_json({"asked": 0, "accepted": [], "refused": {}, "waiting": count})
    elif requests:
        done(f"{size(requests)} are worth a card and have none")
        following("ask a server, --server URL --model NAME; or any chat, --prompt > ask.txt and then --answers FILE")
    else:
        done(NOTHING)


def _text_of(answers: Path) -> str:
    """Return what a chat said.

    :raises Refusal: if it cannot be read.
    """
    if str(answers) == "-":
        return sys.stdin.buffer.read(MOST_ANSWERS).decode("utf-8", "replace")
    try:
        return read_file(answers, MOST_ANSWERS).removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    except UnreadableError as error:
        raise Refusal(f"{shown(answers)}: {error}; name the file with the answer") from None
