"""Options that several commands have, with the same name and the same meaning."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sslspec.clauses import DEFAULT_EDITION, check_edition, check_edition_or_own

if TYPE_CHECKING:
    from collections.abc import Callable


def _edition(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    return check_edition_or_own(value)


def edition_or_none(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    """Check the name of an edition where one need not be given; raises UsageError."""
    return None if value is None else check_edition(value)


def implementations(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command `-i`; its argument is `names`."""
    return click.option(
        "-i",
        "--implementation",
        "names",
        multiple=True,
        metavar="NAME[=WHAT]",
        help="What to run against: a name of `sslspec list`; NAME=PATH for any libssl, or a folder with one; NAME=cmd:PROGRAM for a "
        "program that speaks the worker's protocol; NAME=build:PREFIX for a worker in C, compiled against an installation or a build; "
        "NAME=ssh://HOST/PATH for another machine, with ?cc=cc where it has no Python. May be given again.",
    )(function)


edition_or_own = click.option(
    "--edition",
    default=DEFAULT_EDITION,
    callback=_edition,
    show_default=True,
    help="The edition of the man pages to hold it to; `own`: each to that of the documentation of its own.",
)

expectations = click.option(
    "--expectations",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="A folder of your own with deviations/FAMILY.toml and answers/FAMILY.toml, instead of those of sslspec.",
)

undefined = click.option(
    "--undefined", is_flag=True, help="Also do what the pages forbid or do not speak of: a crash or a hang is an answer then."
)
