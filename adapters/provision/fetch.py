"""Getting the file that a library is in, through the registry's own client, and holding it against what is known of it.

The clients keep their user's settings: pip's index, cargo's mirrors, apt's sources.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sslspec.adapters import provenance
from sslspec.adapters.catalogue import folder_of_program, machine, sum_of_program
from sslspec.adapters.provision.commands import Done, ask
from sslspec.adapters.provision.errors import ProvisionError
from sslspec.adapters.sources import Archive, Crate, Debian, Own, Wheel, Wheels

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sslspec.adapters.provision.commands import Workshop
    from sslspec.adapters.sources import Entry

#: Seconds for one client: forty megabytes over a slow line, and its own retries.
FETCH_LIMIT = 600.0
#: Both contradict a download that names one pinned version and is checked here.
_OVERRIDDEN = {"PIP_REQUIRE_HASHES": "0", "PIP_REQUIRE_VIRTUALENV": "0"}
_PACKAGE_VERSION = re.compile(r"(?:\d+:)?([\w.+~]+?)(?:-[\w.+~]+)?")


@dataclass(frozen=True, slots=True)
class Fetched:
    """The file that came, or the folder of a program of ours.

    source: where from, in words. sha256: its sum. checked: against what, a constant of provenance.py. version: the library's where the
    file tells it, else empty.
    """

    file: Path
    source: str
    sha256: str
    checked: str
    version: str = ""


def fetch_file(entry: Entry, shop: Workshop) -> Fetched:
    """Return the file that `entry` is in, checked; raises ProvisionError, and OSError when the disk is full."""
    match entry.source:
        case Wheels() as source:
            return fetch_wheel(source, source.wheels[machine()], shop)
        case Crate(version=None) as source:
            return _fetch_crate(_crate_of(source, entry.version, shop), shop, provenance.BY_INDEX)
        case Crate() as source:
            return _fetch_crate(source, shop, provenance.PINNED)
        case Debian() as source:
            return _fetch_package(source, shop)
        case Own() as source:
            return _fetch_crates(source, shop)
        case Archive():
            raise AssertionError(entry)  # it takes provision_archive, which finds out what it is


def fetch_wheel(source: Wheels, wheel: Wheel, shop: Workshop) -> Fetched:
    """Return `wheel`, which need not be for this machine; raises ProvisionError."""
    folder = shop.folder / "wheel"
    shop.step(f"downloading {wheel.file}")
    wanted = f"{shop.name}: pip did not bring {source.distribution} {source.release}"
    # pip's own temporary files go where they are removed even when pip is killed.
    environment = {**os.environ, **_OVERRIDDEN, "TMPDIR": str(shop.folder)}
    _succeed(pip_command(source, wheel, folder), shop, environment, wanted=wanted, words=_pips_words)
    brought = list(folder.glob("*.whl"))
    if len(brought) != 1:
        raise ProvisionError(f"{wanted}: it left {len(brought)} wheels where one was asked for")
    sha256 = checked(f"{shop.name}: {brought[0].name}", brought[0], wheel.sha256, "the catalogue pins", "; try again from another mirror")
    return Fetched(brought[0], str(source), sha256, provenance.PINNED)


def pip_command(source: Wheels, wheel: Wheel, folder: Path) -> list[str]:
    """Return the command that downloads `wheel` into `folder`."""
    # -P: a file called pip.py in the working folder is not pip.
    quiet = ["--no-input", "--progress-bar=off", "--disable-pip-version-check"]
    tags = [f"--platform={wheel.platform}", f"--python-version={wheel.python}", "--implementation=cp"]
    pip = [sys.executable, "-P", "-m", "pip", "download", *quiet, "--no-deps", "--only-binary=:all:", *tags]
    return [*pip, f"--dest={folder}", f"{source.distribution}=={source.release}"]


def take_archive(source: Archive) -> Fetched:
    """Return the user's own file, checked where he says what it must be; raises ProvisionError for what is no file, or another."""
    path = source.path
    if not path.is_file():
        raise ProvisionError(
            f"{path} is a folder; pack it, or give the archive" if path.is_dir() else f"{path} does not exist or is no file"
        )
    try:
        sha256 = checked(path.name, path, source.sha256, "you name", " (it is where it was)") if source.sha256 else _sum(path)
    except OSError as error:
        raise ProvisionError(f"{path} cannot be read: {error.strerror}") from error
    return Fetched(path, f"{path.name}, given by the user", sha256, provenance.BY_USER if source.sha256 else provenance.UNCHECKED)


def checked(called: str, file: Path, wanted: str, whose: str, remedy: str) -> str:
    """Return the SHA-256 of `file`, which must be `wanted`; raises ProvisionError with both.

    called: what the message calls the file. whose: who asks for that sum, as in "the catalogue pins". remedy: what ends the message.
    """
    found = _sum(file)
    if found != wanted.lower():
        raise ProvisionError(f"{called} is not the file that {whose}: SHA-256 {found} instead of {wanted}{remedy}")
    return found


def _fetch_crate(source: Crate, shop: Workshop, how: str) -> Fetched:
    """Let cargo bring the crate into its own cache, where the archive stays; what is there already is taken without asking.

    `cargo info` downloads just that one archive, where `cargo fetch` would also bring all that it could be built with.
    """

    def pinned(file: Path) -> bool:
        return _sum(file) == source.sha256

    if not any(map(pinned, _archives(source))):
        shop.step(f"fetching {source}")
        _cargo(f"{source.name}@{source.version}", shop, f"{shop.name}: cargo did not bring {source}")
    archives = _archives(source)
    if not archives:
        place = _cargo_home() / "registry" / "cache"
        raise ProvisionError(f"{shop.name}: cargo did not leave {source} below {place}; cargo 1.82 or later does")
    file = next(filter(pinned, archives), archives[-1])
    whose = "the catalogue pins" if how == provenance.PINNED else "the registry's index names"
    sha256 = checked(f"{shop.name}: {file.name}", file, str(source.sha256), whose, f"; remove {file} and try again")
    return Fetched(file, str(source), sha256, how)


def _fetch_crates(source: Own, shop: Workshop) -> Fetched:
    """Let cargo bring what a program of ours is made with into its own cache."""
    folder = folder_of_program(source)
    shop.step("fetching crates")
    command = ["cargo", "fetch", "--locked", "--manifest-path", str(folder / "Cargo.toml")]
    _succeed(command, shop, _cargos_environment(), wanted=f"{shop.name}: cargo did not bring the crates it needs", words=_cargos_words)
    return Fetched(folder, str(source), sum_of_program(source), provenance.LOCKED)


def _archives(source: Crate) -> list[Path]:
    """Return the archives of a crate that cargo has; more than one registry may have been asked in the course of time."""
    return sorted(_cargo_home().glob(f"registry/cache/*/{source.name}-{source.version}.crate"))


def _crate_of(source: Crate, release: str, shop: Workshop) -> Crate:
    """Return the newest crate that carries `release`, with the sum that the registry's index has for it."""
    shop.step(f"looking for a {source} that holds {release}")
    offered = _offered_crates(source, shop)
    for crate in reversed(offered):
        if crate["vers"].partition("+")[2] == release and not crate.get("yanked"):
            return Crate(source.name, crate["vers"], crate["cksum"], source.inside)
    releases = dict.fromkeys(crate["vers"].partition("+")[2] for crate in offered)
    of_series = [other for other in releases if other.startswith(f"{release[:4]}")]
    known = f"of that series it has {', '.join(of_series)}" if of_series else f"it has {len(releases)} others"
    raise ProvisionError(f"{shop.name}: no {source} holds OpenSSL {release}; {known}")


def releases_in(source: Crate, shop: Workshop) -> list[str]:
    """Return the releases that crates called as `source` carry and that have not been withdrawn; raises ProvisionError."""
    offered = _offered_crates(source, shop)
    releases = (crate["vers"].partition("+")[2] for crate in offered if not crate.get("yanked"))
    return [release for release in dict.fromkeys(releases) if release]


def _offered_crates(source: Crate, shop: Workshop) -> list[dict[str, Any]]:
    """Return what the registry offers under the name of `source`, in whatever version, oldest first."""
    _cargo(source.name, shop, f"{shop.name}: cargo could not ask for {source}")
    return list(_index(source.name))


def _index(crate: str) -> Iterator[dict[str, Any]]:
    """Go through what the registry's index says of `crate`, oldest first, as cargo keeps it: JSON between zero bytes."""
    for file in sorted(_cargo_home().glob(f"registry/index/*/.cache/{crate[:2]}/{crate[2:4]}/{crate}")):
        for part in file.read_bytes().split(b"\0"):
            if part.startswith(b"{"):
                yield json.loads(part)


def _cargo(crate: str, shop: Workshop, wanted: str) -> Done:
    return _succeed(["cargo", "info", crate], shop, _cargos_environment(), wanted=wanted, words=_cargos_words)


def _cargos_environment() -> dict[str, str]:
    return {**os.environ, "CARGO_TERM_COLOR": "never"}


def _cargo_home() -> Path:
    return Path(os.environ.get("CARGO_HOME") or Path.home() / ".cargo")


def _fetch_package(source: Debian, shop: Workshop) -> Fetched:
    """Let apt bring the package, in whatever release its mirror has; apt checks it against the signed index."""
    folder = shop.folder / "package"
    folder.mkdir()
    shop.step(f"downloading {source}")
    package = _offered(source, shop)
    wanted = f"{shop.name}: apt did not bring {package}"
    _succeed(["apt-get", "download", package], shop, _in_english(), wanted=wanted, words=_apts_words, cwd=folder)
    files = list(folder.glob("*.deb"))
    if len(files) != 1:
        raise ProvisionError(f"{shop.name}: apt left {len(files)} packages where one was asked for")
    field = ["dpkg-deb", "--field", str(files[0]), "Version"]
    version = _succeed(field, shop, _in_english(), wanted=f"{shop.name}: dpkg cannot read {files[0].name}").stdout.strip()
    upstream = _PACKAGE_VERSION.fullmatch(version)
    return Fetched(files[0], f"Debian package {package} {version}", _sum(files[0]), provenance.BY_APT, upstream[1] if upstream else version)


def _offered(source: Debian, shop: Workshop) -> str:
    """Return the first of the package's names that apt has a release of."""
    policy = ["apt-cache", "policy", *source.packages]
    told = _succeed(policy, shop, _in_english(), wanted=f"{shop.name}: apt cannot be asked", words=_apts_words)
    for package in source.packages:
        if re.search(rf"^{re.escape(package)}:\n(?:  .*\n)*?  Candidate: (?!\(none\))", told.stdout, re.MULTILINE):
            return package
    raise ProvisionError(f"{shop.name}: apt knows no package {' or '.join(source.packages)}; `apt-get update` may bring it")


def _in_english() -> dict[str, str]:
    return {**os.environ, "LC_ALL": "C"}


def _succeed(  # noqa: PLR0913  # a command, where and how it is run, and how its failure is told
    command: Sequence[str],
    shop: Workshop,
    environment: Mapping[str, str],
    *,
    wanted: str,
    words: Callable[[str], str] = str.strip,
    cwd: Path | None = None,
) -> Done:
    """Return what `command` said when it succeeded; raises ProvisionError that begins with `wanted` and ends with its own words."""
    done = ask(command, cwd or shop.folder, environment, FETCH_LIMIT)
    if done is None:
        raise ProvisionError(f"{wanted} within {FETCH_LIMIT:.0f} s; look at the network and try again")
    if done.status:
        raise ProvisionError(f"{wanted}: {words(done.stderr) or f'exit status {done.status}'}")
    return done


def _pips_words(stderr: str) -> str:
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    if "(from versions: none)" not in stderr:
        # "No matching distribution" comes last and says less than the line before it, which lists every version there is.
        telling = [line for line in lines if "No matching distribution found" not in line] or lines or [""]
        return re.sub(r"^ERROR: | \(from versions: .*\)$", "", telling[-1])
    causes = [line.removeprefix("WARNING: ") for line in lines if line.startswith("WARNING: ")]
    cause = re.sub(r"^.* connection broken by '\w+\(|<[^<>]*>: |\)': \S+$", "", causes[-1]).strip("'") if causes else "pip names no reason"
    return f"no package registry offers it ({cause}); look at the network, and at the mirror in `pip config list`"


def _cargos_words(stderr: str) -> str:
    """Return the error and the last of its causes, which cargo tells one below the other."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    errors = [number for number, line in enumerate(lines) if line.startswith("error: ")]
    if not errors:
        return lines[-1] if lines else ""
    said = lines[errors[0]].removeprefix("error: ")
    if "no such command" in said:
        return f"{said}; cargo 1.82 or later has it"
    cause = lines[-1] if "Caused by:" in lines else ""
    return f"{said} ({cause}); look at the network, and at the registry in cargo's configuration" if cause else said


def _apts_words(stderr: str) -> str:
    errors = [line.removeprefix("E: ") for line in stderr.splitlines() if line.startswith("E: ")]
    return f"{errors[0]}; `apt-get update` may help" if errors else ""


def _sum(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
