"""What `provision` does with the names it is given; each library is brought in by adapters/provision."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import click

from sslspec.adapters.catalogue import cache_folder, catalogue, families, find, is_reserved, library_of, others, size_of, why_not
from sslspec.adapters.provision import ProvisionError, provision, provision_archive, remove, remove_leftovers
from sslspec.adapters.resolve import known_names
from sslspec.adapters.sources import Archive, Entry
from sslspec.errors import UsageError, unknown
from sslspec.listing import size
from sslspec.terminal import ends_in_order, steps

#: What builds have left is called so where libraries have their names.
_LEFTOVERS = "leftovers of builds"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The command's options, as given.

    names: libraries, or the family of `archive`. everything: --all. called: --name.
    """

    names: tuple[str, ...]
    everything: bool = False
    remove: bool = False
    archive: Path | None = None
    sha256: str | None = None
    called: str | None = None
    jobs: int | None = None


@ends_in_order()
def carry_out(wanted: Wanted, complain: Callable[[str], None]) -> bool:
    """Do what is wanted, and say on stdout what came of it; return whether something failed.

    complain: is told what failed, one line for each library; the others go on. Raises UsageError for options that make no sense together
    and for names that nothing has, before anything is done.
    """
    _check(wanted)
    succeeded = [_attempt(name, act, complain) for name, act in _acts(wanted).items()]
    return not all(succeeded)


@ends_in_order()
def bring_in(names: Sequence[str]) -> None:
    """Bring in those of the names of `-i` that are not here yet; raises ProvisionError for the first that cannot be."""
    for name in names:
        entry = None if "=" in name else find(name)
        if entry and library_of(entry) is None:
            with steps() as say:
                provision(entry, say)


def _check(wanted: Wanted) -> None:
    if wanted.archive:
        if wanted.everything or wanted.remove or len(wanted.names) != 1 or wanted.names[0] not in families():
            raise UsageError(
                f"--from takes one family and its archive: sslspec provision FAMILY --from FILE; families: {', '.join(families())}"
            )
        if wanted.sha256 is not None and not re.fullmatch(r"[0-9a-fA-F]{64}", wanted.sha256):
            raise UsageError(f"{wanted.sha256!r} is no SHA-256: that is 64 hexadecimal digits, as sha256sum prints them")
    elif wanted.sha256 is not None or wanted.called is not None:
        raise UsageError("--sha256 and --name are about an archive; give it with --from FILE")
    elif wanted.everything == bool(wanted.names):
        raise UsageError("name the libraries, or give --all; `sslspec list implementations` shows what there is")


def _entry(name: str) -> Entry:
    entry = find(name)
    if entry:
        return entry
    if name in families():
        of_family = [entry.name for entry in catalogue().values() if entry.family == name]
        raise UsageError(f"{name} is a family; name one of {', '.join(of_family)}, or give its source with --from FILE")
    if is_reserved(name):
        raise UsageError(
            f"{name} is not brought in: the model and the bindings of this Python are always here, and system is this system's own"
        )
    raise unknown("implementation", name, known_names())


def _acts(wanted: Wanted) -> dict[str, Callable[[], str]]:
    """Return what is to be done, by the name that it is reported under."""
    if wanted.archive:
        return {wanted.names[0]: partial(_build, wanted, Archive(wanted.archive, wanted.sha256))}
    entries = _everything(wanted) if wanted.everything else [_entry(name) for name in wanted.names]
    if not wanted.remove:
        return {entry.name: partial(_bring, entry, wanted.jobs) for entry in entries}
    leftovers = {_LEFTOVERS: partial(_sweep, alone=not entries)} if wanted.everything else {}
    return {**{entry.name: partial(_remove, entry) for entry in entries}, **leftovers}


def _everything(wanted: Wanted) -> list[Entry]:
    if wanted.remove:
        return [entry for entry in (*catalogue().values(), *others()) if size_of(entry)]
    lacking = {name: why_not(entry) for name, entry in catalogue().items()}
    for name, reason in lacking.items():
        if reason:
            click.echo(f"{name}: left out: {reason}")
    return [entry for name, entry in catalogue().items() if not lacking[name]]


def _attempt(name: str, act: Callable[[], str], complain: Callable[[str], None]) -> bool:
    try:
        click.echo(act())
    except ProvisionError as error:
        for line in error.details:
            click.echo(f"    {line}", err=True)
        complain(str(error) if str(error).startswith(f"{name}: ") else f"{name}: {error}")
        return False
    return True


def _bring(entry: Entry, jobs: int | None) -> str:
    with steps() as say:
        libssl = provision(entry, say, jobs)
    return _ready(entry.name, libssl)


def _build(wanted: Wanted, archive: Archive) -> str:
    with steps() as say:
        name, libssl = provision_archive(wanted.names[0], archive, say, name=wanted.called, jobs=wanted.jobs)
    return _ready(name, libssl)


def _ready(name: str, libssl: Path) -> str:
    entry = find(name)
    return f"{name}: ready, {size(size_of(entry)) if entry else ''}: {libssl}"


def _remove(entry: Entry) -> str:
    with steps() as say:
        freed = remove(entry, say)
    return f"{entry.name}: it was not here" if freed is None else f"{entry.name}: removed, {size(freed)} freed in {cache_folder()}"


def _sweep(*, alone: bool) -> str:
    with steps() as say:
        freed = remove_leftovers(say)
    if freed:
        return f"{_LEFTOVERS}: removed, {size(freed)} freed in {cache_folder()}"
    return f"there is nothing to remove in {cache_folder()}" if alone else f"{_LEFTOVERS}: there were none"
