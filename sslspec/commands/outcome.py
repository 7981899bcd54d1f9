"""What commands say on stderr, and the exit status of one that ran scenarios."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import click

from sslspec.errors import printable
from sslspec.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sslspec.record import Record


def complain(message: str) -> None:
    """Say on stderr, in one line, what the user can put right."""
    with suppress(OSError):  # where not even that can be said, the exit status says it
        click.echo(f"sslspec: {printable(' '.join(message.split()))}", err=True)


def written(paths: Mapping[str, Path]) -> list[str]:
    """Return what says where reports were written (format -> file); the page comes last, because it is what people open."""
    lines = [f"{kind}: {path}" for kind, path in paths.items() if kind != "html"]
    return [*lines, f"open this page in a browser: {paths['html']}"] if "html" in paths else lines


def status(record: Record, requested: tuple[str, ...]) -> int:
    """Return 0, 1 or 2 for a run, as cli.py has them; says on stderr what was asked for (`requested`, by name) and not tested."""
    asked = {row.implementation for row in record.rows if row.verdict is not Verdict.NOT_APPLICABLE}
    # The model answers no question, and is not held to have been tested by one.
    untested = [identity.name for identity in record.implementations if identity.name not in asked and identity.family != "model"]
    if untested:
        complain(f"not tested: {', '.join(untested)}; the report says why")
    names = {request.partition("=")[0] for request in requested}
    left_out = [left for left in record.not_run if left.implementation in names]
    for left in left_out:
        complain(f"{left.implementation} was not run: {left.reason}; {left.remedy}")
    if untested or left_out or any(row.verdict is Verdict.ERROR for row in record.rows):
        return 2
    return 1 if record.compared.unexpected else 0
