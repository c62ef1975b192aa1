"""What a shell completes beside names of commands and options: demos, by their names and their terms."""

import click

from ankillm.common.project import trainer_folder
from ankillm.evidence.demo import all_terms
from ankillm.evidence.index import listed


def demo_names(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Return the names of demos, and their terms of one word, that begin like this."""
    demos = listed(trainer_folder())
    terms = sorted({term for demo in demos for term in all_terms(demo) if term.isascii() and " " not in term})
    return [name for name in (*(demo.name for demo in demos), *terms) if name.startswith(incomplete)]
