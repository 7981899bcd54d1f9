"""Bringing a library into the cache folder, whole or not at all.

Everything happens in a work folder beside the library's own, and the last step is a rename: whatever ends a run, a kill
included, the library's folder is complete or is not there. What can go wrong is in errors.py.

    fetch.py    gets the file, through pip, cargo or apt, and checks it
    unpack.py   takes it apart
    archives.py finds out what an archive of the user's is
    building.py builds it, with the commands of commands.py, each under guard.py
    cache.py    locks, work folders, and putting it in its place
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sslspec.adapters import provenance, tools
from sslspec.adapters.catalogue import (
    OPENSSL_CRATE,
    folder_of,
    is_reserved,
    library_of,
    others,
    provenance_of,
    recipes,
    size_of,
    why_not,
)
from sslspec.adapters.provenance import Provenance
from sslspec.adapters.provision import cache
from sslspec.adapters.provision.archives import version_in
from sslspec.adapters.provision.building import build, collect, collect_headers, collect_program, ready_made
from sslspec.adapters.provision.cache import remove_leftovers, size_of_leftovers
from sslspec.adapters.provision.commands import Workshop, compiler
from sslspec.adapters.provision.errors import ProvisionError
from sslspec.adapters.provision.fetch import Fetched, fetch_file, releases_in, take_archive
from sslspec.adapters.provision.unpack import unpack_source, unpack_wheel
from sslspec.adapters.sources import Archive, Crate, Debian, Entry, Own, Wheels

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ProvisionError", "openssl_releases", "provision", "provision_archive", "remove", "remove_leftovers", "size_of_leftovers"]

#: What `--name` may be: it becomes a folder's name and a word on the command line.
_NAME = re.compile(r"[A-Za-z0-9][\w.+-]{0,80}")


def provision(entry: Entry, say: Callable[[str], None], jobs: int | None = None) -> Path:
    """Return the libssl of `entry`, or the program that it is, after bringing it into the cache if it is not there.

    say: is told what is going on, in lines. jobs: compilers at once; as many as there are processors when None. Nobody is asked for
    anything when the library is ready. Raises ProvisionError.
    """
    ready = library_of(entry)
    if ready is not None:
        return ready
    lacking = why_not(entry)
    if lacking is not None:
        raise ProvisionError(f"{entry.name}: {lacking}")
    with cache.work_folder(folder_of(entry), say) as work:
        return library_of(entry) or _bring(entry, _workshop(entry, work, say, jobs))


def provision_archive(
    family: str, archive: Archive, say: Callable[[str], None], *, name: str | None = None, jobs: int | None = None
) -> tuple[str, Path]:
    """Build the source archive of a `family` that a user has; return the name that it has from now on, and its libssl.

    name: FAMILY-VERSION+file when None. What the same archive gave before is given again. Raises ProvisionError, also when another
    library has that name.
    """
    if name is not None:
        _check_name(name)
    fetched = take_archive(archive)
    made = _made_of(fetched, family, name)
    if made:
        return made
    absent = tools.missing(recipes()[family].tools)
    if absent:
        raise ProvisionError(f"{family}: {tools.remedy(absent)}")
    unnamed = Entry(f"{family}-{fetched.sha256[:12]}", family, "", archive, recipes()[family])
    with cache.work_folder(folder_of(unnamed), say) as work:
        made = _made_of(fetched, family, name)  # by another sslspec, meanwhile
        if made:
            return made
        say(f"{archive}: unpacking")
        tree = unpack_source(fetched.file, work / "source")
        version = version_in(tree, family, archive.path.name)
        entry = replace(unnamed, name=name or f"{family}-{version}+file", version=version)
        _check_name(entry.name)
        with cache.work_folder(folder_of(entry), say):
            _refuse_taken(entry)
            return entry.name, _make(entry, fetched, tree, _workshop(entry, work, say, jobs))


def openssl_releases(say: Callable[[str], None]) -> list[str]:
    """Return the releases of OpenSSL that its crates carry; raises ProvisionError when the registry cannot be asked."""
    absent = tools.missing(["cargo"])
    if absent:
        raise ProvisionError(f"openssl: {tools.remedy(absent)}")
    with tempfile.TemporaryDirectory() as folder:
        return releases_in(OPENSSL_CRATE, Workshop("openssl", Path(folder), Path(folder, "log"), 1, say))


def remove(entry: Entry, say: Callable[[str], None] = lambda _: None) -> int | None:
    """Take `entry` out of the cache; return how many bytes that freed, None where it was not there. Raises ProvisionError."""
    folder = folder_of(entry)
    if not os.path.lexists(folder):
        return None
    with cache.work_folder(folder, say) as work:
        size = size_of(entry)
        cache.log_of(folder).unlink(missing_ok=True)
        return size if cache.set_aside(folder, work) else None


def _made_of(fetched: Fetched, family: str, name: str | None) -> tuple[str, Path] | None:
    """Return the name and the libssl of what the same archive gave before; under `name`, unless that is None."""
    for entry in others():
        ready = library_of(entry)
        known = provenance_of(ready) if ready else None
        if ready and known and (known.sha256, known.family) == (fetched.sha256, family) and name in (None, entry.name):
            return entry.name, ready
    return None


def _workshop(entry: Entry, work: Path, say: Callable[[str], None], jobs: int | None) -> Workshop:
    log = cache.log_of(folder_of(entry))
    log.unlink(missing_ok=True)
    return Workshop(entry.name, work, log, jobs or os.cpu_count() or 1, say)


def _bring(entry: Entry, shop: Workshop) -> Path:
    fetched = fetch_file(entry, shop)
    return _make(entry, fetched, _unpacked(entry, fetched.file, shop), shop)


def _unpacked(entry: Entry, file: Path, shop: Workshop) -> Path:
    tree = shop.folder / "source"
    match entry.source:
        case Wheels():
            unpack_wheel(file, tree)
        case Debian():
            shop.build(["dpkg-deb", "--extract", str(file), str(tree)], shop.folder)
        case Own():
            shutil.copytree(file, tree, ignore=shutil.ignore_patterns("target"))
        case Crate(inside=inside):
            shop.step("unpacking")
            tree = unpack_source(file, tree) / inside
            if tree.is_file():
                tree = unpack_source(tree, shop.folder / "inner")
    return tree


def _make(entry: Entry, fetched: Fetched, tree: Path, shop: Workshop) -> Path:
    folder = folder_of(entry)
    made = shop.folder / "libraries"
    if isinstance(entry.source, Own):
        collect_program(build(entry.recipe, tree, shop)[0], made)
    elif entry.recipe.builder:
        collect(build(entry.recipe, tree, shop), made)
        collect_headers(entry.recipe, tree, made / "include")
    elif isinstance(entry.source, Wheels):
        tree.rename(made)
    else:
        collect(ready_made(tree), made)
    libssl = made / entry.recipe.libraries[0] if isinstance(entry.source, Own) else _libssl_in(made)
    if libssl is None:
        raise ProvisionError(f"{entry.name}: {fetched.file.name} holds no libssl; the catalogue is wrong, please report it")
    version = entry.version or fetched.version
    built_by = compiler() if entry.recipe.builder else ""
    recipe = (entry.recipe.name, entry.recipe.version)
    known = Provenance(entry.name, entry.family, version, fetched.source, fetched.sha256, fetched.checked, *recipe, built_by, libssl.name)
    provenance.write(known, made)
    cache.place(made, folder, shop.folder)
    shop.log.unlink(missing_ok=True)
    return folder / libssl.name


def _libssl_in(folder: Path) -> Path | None:
    """Return the libssl among libraries, or what takes its part in wolfSSL, which is in one piece."""
    found = [path for path in folder.iterdir() if path.name.startswith(("libssl", "libwolfssl"))]
    return min(found, key=lambda path: (path.name.startswith("libwolfssl"), path.name), default=None)


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise ProvisionError(f"{name!r} cannot be the name of a library; write letters, digits, and . + - _ between them")
    if is_reserved(name):
        raise ProvisionError(f"{name} is the name of another library; take one of your own, such as --name my-{name}")


def _refuse_taken(entry: Entry) -> None:
    ready = library_of(entry)
    known = provenance_of(ready) if ready else None
    if known:
        how = f"made of {known.source}, SHA-256 {known.sha256}"
        raise ProvisionError(f"{entry.name} is there, {how}: `sslspec provision --remove {entry.name}` first, or give another --name")
