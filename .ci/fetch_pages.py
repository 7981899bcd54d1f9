"""Brings the two pages of real releases, headers that are documentation, and mandoc, into a folder.

Their readers: tests/sslspec/pages/test_owners.py, tests/sslspec/drafting/, and tests/sslspec/tracing/ for the ledgers made of them.

    python .ci/fetch_pages.py FOLDER

The pages of OpenSSL and LibreSSL, and the headers of BoringSSL and AWS-LC, are in crates, which `cargo info` leaves in cargo's
registry cache; Debian's and mandoc are in packages, which `apt-get download` brings without installing them. What cannot be had is
said, and its tests are skipped by name. Crates of OpenSSL from 3.2 on leave its documentation out (3.2.1, 3.3.2, 3.5.5, 3.6.3 and
4.0.3 were looked at).
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

PAGES = ("SSL_set_session", "SSL_CTX_add_session")


@dataclass(frozen=True)
class Crate:
    """A crate that carries a release.

    folder: where the files are in it, or in the archive inside it. archive: the archive inside, if any.
    """

    name: str
    version: str
    folder: str
    files: tuple[str, ...]
    archive: str = ""


PODS = tuple(f"{page}.pod" for page in PAGES)
MANS = tuple(f"{page}.3" for page in PAGES)
HEADER = ("ssl.h",)

CRATES = {
    "openssl-1.1.0f": Crate("openssl-src", "110.0.0+1.1.0f", "openssl/doc/ssl", PODS),
    "openssl-1.1.1k": Crate("openssl-src", "111.15.0+1.1.1k", "openssl/doc/man3", PODS),
    "openssl-1.1.1w": Crate("openssl-src", "111.28.2+1.1.1w", "openssl/doc/man3", PODS),
    "openssl-3.0.0": Crate("openssl-src", "300.0.0+3.0.0", "openssl/doc/man3", PODS),
    "libressl-2.0.0": Crate("libressl-pnacl-sys", "2.1.6", "libressl/man", MANS),
    "libressl-3.0.2": Crate("libtls-sys", "1.1.1", "man", MANS, archive="libressl-3.0.2.tar.gz"),
    "libressl-3.1.0": Crate("libtls-sys", "1.2.0", "man", MANS, archive="libressl-3.1.0.tar.gz"),
    "boringssl-2026": Crate("boring-sys", "5.4.0", "deps/boringssl/include/openssl", HEADER),
    "aws-lc-5.12.0": Crate("aws-lc-sys", "0.47.0", "aws-lc/include/openssl", HEADER),
}


def from_crate(release: str, crate: Crate, out: Path) -> None:
    """Put the files of a release below `out`."""
    top = f"{crate.name}-{crate.version}"
    with tarfile.open(_crate_file(crate)) as outer:
        if not crate.archive:
            _unpack(outer, f"{top}/{crate.folder}", crate.files, out / release)
            return
        with tarfile.open(fileobj=_member(outer, f"{top}/{crate.archive}")) as inner:
            _unpack(inner, f"{crate.archive.removesuffix('.tar.gz')}/{crate.folder}", crate.files, out / release)


def _unpack(archive: tarfile.TarFile, folder: str, files: Iterable[str], target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for file in files:
        (target / file).write_bytes(_member(archive, f"{folder}/{file}").read())


def _crate_file(crate: Crate) -> Path:
    home = Path(os.environ.get("CARGO_HOME") or Path.home() / ".cargo")
    pattern = f"registry/cache/*/{crate.name}-{crate.version}.crate"
    if not list(home.glob(pattern)):
        _run("cargo", "info", f"{crate.name}@{crate.version}")
    return next(home.glob(pattern))


def _member(archive: tarfile.TarFile, name: str) -> io.BytesIO:
    file = archive.extractfile(name)
    if file is None:
        raise FileNotFoundError(f"{name} is no file of the archive")
    return io.BytesIO(file.read())


def from_debian(out: Path) -> None:
    """Put Debian's pages, as they are compressed there, and the program mandoc below `out`."""
    with tempfile.TemporaryDirectory() as folder:
        # apt fetches as a user of its own where it can.
        Path(folder).chmod(0o755)
        _run("apt-get", "download", "libssl-doc", "mandoc", at=folder)
        for package in Path(folder).glob("*.deb"):
            _run("dpkg", "-x", str(package), f"{folder}/root")
        root = Path(folder) / "root" / "usr"
        for page in PAGES:
            target = out / "debian" / f"{page}.3ssl.gz"
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / "share" / "man" / "man3" / target.name, target)
        (out / "bin").mkdir(exist_ok=True)
        shutil.copy(root / "bin" / "mandoc", out / "bin")


def _run(*command: str, at: str | None = None) -> None:
    done = subprocess.run(command, cwd=at, capture_output=True, text=True, check=False, timeout=300)  # noqa: S603  # of our own making
    if done.returncode:
        raise OSError(f"{' '.join(command)}: {(done.stderr.strip() or 'failed').splitlines()[-1]}")


def main(out: Path) -> None:
    """Bring everything that can be had."""
    out.mkdir(parents=True, exist_ok=True)
    for name in (*CRATES, "debian"):
        try:
            if name in CRATES:
                from_crate(name, CRATES[name], out)
            else:
                from_debian(out)
        except (OSError, subprocess.SubprocessError, KeyError, StopIteration, tarfile.TarError) as error:
            print(f"{name}: not brought in: {error}", file=sys.stderr)
        else:
            print(f"{name}: in {out / name}")


if __name__ == "__main__":
    if len(sys.argv) != 2:  # noqa: PLR2004  # its own name, and the folder
        sys.exit("fetch_pages: name one folder to bring the pages into")
    main(Path(sys.argv[1]))
