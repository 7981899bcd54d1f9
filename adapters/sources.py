"""What a library of the catalogue is: where it comes from, and how it is built. Values only; what is known of them is in catalogue.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sslspec.adapters.sanitizers import sanitizer_of


@dataclass(frozen=True, slots=True)
class Wheel:
    """The file that holds a library for one machine.

    python, platform: the tags to ask pip for. file: its name. sha256: in hexadecimal.
    """

    python: str
    platform: str
    file: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Wheels:
    """A package on PyPI whose wheels bundle the library.

    distribution, release: the package. wheels: machine (as uname names it) -> its file.
    """

    distribution: str
    release: str
    wheels: Mapping[str, Wheel] = field(hash=False)

    def __str__(self) -> str:
        return f"wheel {self.distribution} {self.release}"


@dataclass(frozen=True, slots=True)
class Crate:
    """A crate that carries the library's source; none of it is compiled as Rust.

    version: None for whichever crate holds the release; it is then looked up in the registry's index. sha256: None when
    nothing pins it but that index. inside: the folder or the archive in the crate that is the source.
    """

    name: str
    version: str | None
    sha256: str | None
    inside: str

    def __str__(self) -> str:
        return f"crate {self.name} {self.version}" if self.version else f"crate {self.name}"


@dataclass(frozen=True, slots=True)
class Debian:
    """A package of the distribution, in whatever release its mirror has; packages: the names that it goes by, oldest first."""

    packages: tuple[str, ...]

    def __str__(self) -> str:
        return f"Debian package {self.packages[0]}"


@dataclass(frozen=True, slots=True)
class Archive:
    """A source archive that the user has; sha256: what it must be, or None for whatever it is."""

    path: Path
    sha256: str | None = None

    def __str__(self) -> str:
        return self.path.name


@dataclass(frozen=True, slots=True)
class Own:
    """The source of a program of ours, which drives a binding over the worker's protocol; folder: its own, beside the catalogue.

    It is Rust: the crates that it is made with are pinned in its Cargo.lock.
    """

    folder: str

    def __str__(self) -> str:
        return f"program {self.folder}"


Source = Wheels | Crate | Debian | Archive | Own


@dataclass(frozen=True, slots=True)
class Edit:
    """A replacement in the source; files: patterns for the names of files below its folder."""

    files: tuple[str, ...]
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Recipe:
    """How libraries are made of a source.

    builder: the function of provision/building.py. version: of the recipe; what an older one made is made again. seconds: about how long it
    takes on two processors. tools: the programs it needs. options: for its configure, cmake or cargo. targets: what is made. libraries: the
    files that it leaves, libssl first; or the program. headers: the folders of headers that programs include as <FOLDER/...>. sanitized:
    the options that are added for a build with a sanitizer, whose own option stands where {sanitizer} does.
    """

    name: str
    builder: str
    version: int
    seconds: int
    tools: tuple[str, ...]
    options: tuple[str, ...]
    targets: tuple[str, ...]
    libraries: tuple[str, ...]
    headers: tuple[str, ...] = ()
    sanitized: tuple[str, ...] = ()
    edits: tuple[Edit, ...] = ()


#: Of what comes ready-made: libraries that are taken out of a package as they are.
READY_MADE = Recipe("as it is", "", 1, 0, (), (), (), ())


@dataclass(frozen=True, slots=True)
class Entry:
    """One library.

    name: what `sslspec list` calls it, `openssl-1.1.1k`. family: the code base, in lower case. version: the library's; empty where only
    what is brought tells it.
    """

    name: str
    family: str
    version: str
    source: Source
    recipe: Recipe = READY_MADE

    @property
    def is_sanitized(self) -> bool:
        """Return whether it is built with a sanitizer, so that only a program that is compiled so too can load it."""
        return sanitizer_of(self.name) is not None
