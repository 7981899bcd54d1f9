"""Taking out of an archive what belongs to a library, and never writing outside of the folder it is given."""

from __future__ import annotations

import errno
import os
import shutil
import tarfile
import zlib
from lzma import LZMAError
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from zipfile import BadZipFile, ZipFile, ZipInfo

from sslspec.adapters.provision.errors import ProvisionError

if TYPE_CHECKING:
    from collections.abc import Sequence

#: What goes wrong because of the names in an archive, whatever the folder: a file where a folder must be, a name that is too long.
_OF_THE_ARCHIVE = (errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.ELOOP)


def unpack_wheel(archive: Path, folder: Path) -> None:
    """Write the libraries that a wheel bundles into `folder`; raises ProvisionError."""
    folder.mkdir()
    try:
        with ZipFile(archive) as wheel:
            members = wheel.infolist()
            for member in members:
                _refuse_escape(member.filename, archive)
            for member in members:
                if _is_library(member):
                    with wheel.open(member) as source, (folder / PurePosixPath(member.filename).name).open("wb") as target:
                        shutil.copyfileobj(source, target)
    except (BadZipFile, zlib.error) as error:
        raise ProvisionError(f"{archive.name} cannot be unpacked: {error}") from error


def unpack_source(archive: Path, folder: Path) -> Path:
    """Write a tar archive, compressed or not, into `folder`; return its only folder, or `folder` where it has more at its top.

    Raises ProvisionError for what is no such archive, is cut off, or would write outside of `folder`.
    """
    folder.mkdir()
    if not archive.stat().st_size:
        raise ProvisionError(f"{archive.name} is an empty file")
    try:
        with _opened(archive) as tar:
            members = tar.getmembers()
            _read_to_the_end(tar)
            _check_members(members, archive)
            # Python 3.11.4 and later keep bad members out themselves as well.
            tar.extraction_filter = getattr(tarfile, "data_filter", None) or (lambda member, _: member)
            tar.extractall(folder, members)  # noqa: S202  # checked above
    except (tarfile.TarError, EOFError, ValueError, zlib.error, LZMAError) as error:
        raise _damaged(archive, error) from error
    except OSError as error:
        if error.errno is None:  # gzip and bz2 say in this way that a sum is wrong
            raise _damaged(archive, error) from error
        if error.errno not in _OF_THE_ARCHIVE:
            raise
        raise ProvisionError(f"{archive.name} cannot be unpacked: a name in it cannot be written ({error.strerror})") from error
    inside = list(folder.iterdir())
    return inside[0] if len(inside) == 1 and inside[0].is_dir() else folder


def _opened(archive: Path) -> tarfile.TarFile:
    try:
        return tarfile.open(archive)
    except tarfile.ReadError as error:  # its message has a line for every compression that was tried
        raise ProvisionError(f"{archive.name} is not a tar archive, or is damaged where it begins; give a whole .tar.gz") from error


def _damaged(archive: Path, error: Exception) -> ProvisionError:
    return ProvisionError(f"{archive.name} cannot be unpacked ({error}); is it whole?")


def _read_to_the_end(tar: tarfile.TarFile) -> None:
    """Read what follows the last member: a compressed file has its own sum there, and shows only then that it is whole."""
    while tar.fileobj is not None and tar.fileobj.read(1 << 20):
        pass


def _check_members(members: Sequence[tarfile.TarInfo], archive: Path) -> None:
    """Refuse names and links that lead out of the archive or nowhere, and what is neither a file nor a folder nor a link."""
    links = {os.path.normpath(member.name) for member in members if member.issym()}
    before: set[str] = set()
    for member in members:
        _refuse_escape(member.name, archive)
        if member.issym():
            # Where it leads, seen from the archive's top.
            _refuse_escape(os.path.normpath(PurePosixPath(member.name).parent / member.linkname), archive, member.name)
        elif member.islnk():
            _refuse_escape(member.linkname, archive, member.name)
            if os.path.normpath(member.linkname) not in before:
                what = f"its link {member.name!r} leads to {member.linkname!r}, which is no file that comes before it"
                raise ProvisionError(f"{archive.name} is refused: {what}")
        elif not (member.isfile() or member.isdir()):
            raise ProvisionError(f"{archive.name} is refused: {member.name!r} is neither a file nor a folder")
        # Through a link, a path may lead elsewhere than it reads.
        if links.intersection(map(str, PurePosixPath(os.path.normpath(member.name)).parents)):
            raise ProvisionError(f"{archive.name} is refused: {member.name!r} lies behind a link")
        if not member.isdir():
            before.add(os.path.normpath(member.name))


def _refuse_escape(name: str, archive: Path, link: str = "") -> None:
    parts = name.replace("\\", "/").split("/")
    if parts[0] == "" or parts[0].endswith(":") or ".." in parts:
        what = f"its link {link!r} leads to {name!r}, outside of it" if link else f"it names a file outside of itself, {name!r}"
        raise ProvisionError(f"{archive.name} is refused: {what}")


def _is_library(member: ZipInfo) -> bool:
    # auditwheel puts them into NAME.libs/, and before 2020 into NAME/.libs/.
    return not member.is_dir() and PurePosixPath(member.filename).parent.name.endswith(".libs")
