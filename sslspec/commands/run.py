"""`sslspec run`: carry out scenarios, write the record and the reports, and say it all in the exit status."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sslspec.commands import options
from sslspec.commands.outcome import status
from sslspec.errors import UsageError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from sslspec.record import Record
    from sslspec.run import Request


@click.command("run")
@options.implementations
@click.option("--all", "everything", is_flag=True, help="Everything that is ready here; `sslspec provision --all` brings in the rest.")
@options.edition_or_own
@click.option("--clause", "clauses", multiple=True, metavar="CLAUSE", help="Run only this clause. May be given again.")
@options.undefined
@click.option("-n", "--jobs", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes to spread the work over.")
@click.option(
    "-o",
    "--out",
    default="sslspec-report",
    show_default=True,
    type=click.Path(path_type=Path),
    help="Folder for the record and the reports.",
)
@options.expectations
@click.option("--accept", is_flag=True, help="Write what is new or changed into those files; it is expected from then on.")
def run(  # noqa: PLR0913  # an argument for each option
    *,
    names: tuple[str, ...],
    everything: bool,
    edition: str,
    clauses: tuple[str, ...],
    undefined: bool,
    jobs: int,
    out: Path,
    expectations: Path | None,
    accept: bool,
) -> None:
    """Run the scenarios; write a record and reports.

    \b
    Without -i: the model, pyOpenSSL, and the system's library where there is one.
    A name of the catalogue is brought in when it is first used.
    What a library is known to do otherwise does not fail the run; what is new, and what
    is no longer as known, does.

    \b
    Examples:
      sslspec run
      sslspec run -i model -i openssl-1.1.1k -n 2 -o report
      sslspec run --all -n 2
      sslspec run -i libressl-3.1.0 -i openssl-3.0.0 --edition own
      sslspec run -i patched=build/libssl.so.3 --clause open-session-leaves-cache
      sslspec run -i mine=build/libssl.so.3 --undefined
      sslspec run -i mine=build:/opt/openssl -i system
      sslspec run -i mine=build/libssl.so.3 --expectations expected --accept
    """  # noqa: D301  # click's mark for lines that are not to be wrapped
    from sslspec.adapters.resolve import ready_names  # noqa: PLC0415  # what `list` and --help do without
    from sslspec.reports import write_all  # noqa: PLC0415
    from sslspec.reports.terminal import summary  # noqa: PLC0415
    from sslspec.run import Request, check, expectations_of  # noqa: PLC0415
    from sslspec.terminal import console, run_with_progress  # noqa: PLC0415

    if everything:
        named = {name.partition("=")[0] for name in names}
        names = (*names, *(name for name in ready_names() if name not in named))
    request = Request(names, edition, clauses, jobs, undefined, expectations)
    check(request)
    with _accepting(expectations) if accept else nullcontext():
        expectations_of(request)
        _check_folder(out)
        record = run_with_progress(request)
        record, said = _accepted(record, request) if accept else (record, [])
    paths = write_all(record, out)
    summary(record, console(), edition=edition)
    click.echo("\n" + "\n".join([*(f"{kind}: {path}" for kind, path in paths.items()), *said]))
    sys.exit(status(record, names))


def _accepting(folder: Path | None) -> AbstractContextManager[None]:
    from sslspec.clauses import features_folder  # noqa: PLC0415
    from sslspec.expectation_files import folders_in  # noqa: PLC0415

    own = features_folder()
    if folder is None and not (own.parent / "pyproject.toml").is_file():
        raise UsageError(f"{own} is part of an installed package; name a folder of your own with --expectations")
    return folders_in(folder or own)


def _accepted(record: Record, request: Request) -> tuple[Record, list[str]]:
    """Make what was found what is expected, and compare once more; the files may have been changed during the run."""
    from sslspec.expectation_files import keep  # noqa: PLC0415
    from sslspec.known import compare  # noqa: PLC0415
    from sslspec.run import expectations_of  # noqa: PLC0415

    expectations = expectations_of(request)
    said = keep(compare(record, expectations), expectations)
    return compare(record, expectations_of(request)), said


def _check_folder(out: Path) -> None:
    """Find out before a long run that its results could not be written."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise UsageError(f"{out} is not a folder; name another one with --out") from error
    probe = out / ".sslspec-can-write"
    probe.touch()
    probe.unlink()
