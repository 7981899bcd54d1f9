"""A machine of the test's own: a cache folder, a registry, and programs on PATH that only note that they were called.

Nothing of the real cargo, apt or compilers is ever started.
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from elf_files import shared_library

from sslspec.adapters import catalogue
from sslspec.adapters.provision import ProvisionError, fetch, provision
from sslspec.adapters.provision.commands import Workshop
from sslspec.adapters.sources import Crate, Debian, Edit, Entry, Own, Recipe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: Every program: notes its name, process id, arguments and some of what it sees; waits while a file tells it to; then does what it is told.
PROGRAM = """#!{python} -I
import json, os, pathlib, shutil, sys, time
home = pathlib.Path({home!r})
name, words = pathlib.Path(sys.argv[0]).name, sys.argv[1:]
with (home / "calls").open("a") as calls:
    print(json.dumps([name, os.getpid(), words, dict(os.environ)]), file=calls)
while (home / f"hold-{{name}}").exists():
    time.sleep(0.01)
{does}
"""

CARGO = """
if words[0] == "fetch":
    sys.exit()
if words[0] == "build":
    built = pathlib.Path(words[words.index("--target-dir") + 1], "release")
    built.mkdir(parents=True)
    (built / "a-program").touch()
    (built / "a-program").chmod(0o755)
    sys.exit()
crate, _, version = words[1].partition("@")
cache = pathlib.Path(os.environ["CARGO_HOME"], "registry", "cache", "a-registry")
cache.mkdir(parents=True, exist_ok=True)
for archive in (home / "registry").glob(f"{crate}-{version}.crate"):
    shutil.copy(archive, cache)
"""
APT_CACHE = """
for package in (home / "packages").glob("*"):
    if package.name in words:
        print(f"{package.name}:\\n  Installed: (none)\\n  Candidate: {package.read_text()}\\n  Version table:")
"""
APT_GET = """
version = (home / "packages" / words[1]).read_text()
pathlib.Path(f"{words[1]}_{version.replace(':', '%3a')}_any.deb").write_text(version)
"""
DPKG = """
if words[0] == "--field":
    print(pathlib.Path(words[1]).read_text())
else:
    shutil.copytree(home / "files", words[2])
"""
#: Makes what it is asked for out of the prepared libraries, as make and as cmake --build do.
MAKE = """
made = home / "made"
for library in made.glob("*") if made.exists() else []:
    shutil.copy(library, ".")
"""


class World:
    """What a test sees and changes of that machine."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.monkeypatch = folder, monkeypatch
        self.cache = folder / "cache" / "libraries"
        self.cargo_home = folder / "cargo"
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.said: list[str] = []
        monkeypatch.setenv("SSLSPEC_CACHE", str(self.cache.parent))
        monkeypatch.setenv("CARGO_HOME", str(self.cargo_home))
        monkeypatch.setenv("PATH", f"{self.bin}:/usr/bin:/bin")
        for name in ("CC", "CXX"):
            monkeypatch.delenv(name, raising=False)
        programs = {"cargo": CARGO, "apt-cache": APT_CACHE, "apt-get": APT_GET, "dpkg-deb": DPKG, "make": MAKE, "cmake": MAKE}
        for name, does in {**programs, "cc": "print('cc of the test 1.0')", "c++": "", "perl": ""}.items():
            self.program(name, does)
        self.makes("libssl.so.9", "libcrypto.so.9")

    def program(self, name: str, does: str) -> None:
        """Put a program on PATH."""
        file = self.bin / name
        file.write_text(PROGRAM.format(python=sys.executable, home=str(self.folder), does=does))
        file.chmod(0o755)

    def fails(self, name: str, says: str, status: int = 1) -> None:
        """Let a program fail with these words."""
        self.program(name, f"sys.stderr.write({says!r})\nsys.exit({status})")

    def lacks(self, *names: str) -> None:
        """Take programs away, the machine's own too."""
        self.monkeypatch.setenv("PATH", str(self.bin))
        for name in names:
            (self.bin / name).unlink()

    def makes(self, *sonames: str) -> None:
        """Let make and cmake leave libraries with these sonames, under the names that builds give them."""
        made = self.folder / "made"
        made.mkdir(exist_ok=True)
        for soname in sonames:
            (made / f"{soname.partition('.so')[0]}.so").write_bytes(shared_library(soname))

    def hold(self, name: str) -> None:
        """Let a program wait."""
        (self.folder / f"hold-{name}").touch()

    def release(self, name: str) -> None:
        """Let it go on."""
        (self.folder / f"hold-{name}").unlink()

    def calls(self, name: str) -> list[list[str]]:
        """Return the arguments of each call of a program so far."""
        return [words for called, _, words, _ in self._calls() if called == name]

    def process(self, name: str) -> int | None:
        """Return the process id of a program's first call, if there was one."""
        return next((process for called, process, _, _ in self._calls() if called == name), None)

    def environment(self, name: str) -> dict[str, str]:
        """Return what a program's last call saw of the environment."""
        return next(seen for called, _, _, seen in reversed(self._calls()) if called == name)

    def _calls(self) -> list[list]:
        calls = self.folder / "calls"
        # The last line may still be being written.
        return [json.loads(line) for line in calls.read_text().splitlines(keepends=True) if line.endswith("\n")] if calls.exists() else []

    def tar(self, path: Path, members: dict[str, bytes | tarfile.TarInfo]) -> Path:
        """Write a .tar.gz with these files."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with tarfile.open(path, "w:gz") as archive:
            for name, content in members.items():
                if isinstance(content, tarfile.TarInfo):
                    archive.addfile(content)
                    continue
                member = tarfile.TarInfo(name)
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
        return path

    def crate(self, name: str, version: str, members: dict[str, bytes]) -> str:
        """Offer a crate in the registry; return its SHA-256."""
        prefixed = {f"{name}-{version}/{member}": content for member, content in members.items()}
        file = self.tar(self.folder / "registry" / f"{name}-{version}.crate", prefixed)
        return hashlib.sha256(file.read_bytes()).hexdigest()

    def index(self, name: str, *crates: dict[str, object]) -> None:
        """Let cargo have this index of a crate."""
        file = self.cargo_home / "registry" / "index" / "a-registry" / ".cache" / name[:2] / name[2:4] / name
        file.parent.mkdir(parents=True)
        file.write_bytes(b"\x03\x02\0\0\0an etag\0" + b"".join(b"%s\0%s\0" % (b"1", json.dumps(crate).encode()) for crate in crates))

    def package(self, name: str, version: str, *sonames: str) -> None:
        """Let apt have a package with these libraries."""
        (self.folder / "packages").mkdir(exist_ok=True)
        (self.folder / "packages" / name).write_text(version)
        libraries = self.folder / "files" / "usr" / "lib"
        libraries.mkdir(parents=True, exist_ok=True)
        for soname in sonames:
            (libraries / f"{soname}.0.1").write_bytes(shared_library(soname))
            (libraries / soname).symlink_to(f"{soname}.0.1")

    def workshop(self) -> Workshop:
        """Return a place to build in."""
        work = self.folder / "work"
        work.mkdir(exist_ok=True)
        (self.folder / "cache").mkdir(exist_ok=True)
        return Workshop("mine-1", work, self.folder / "cache" / "logs" / "mine-1.log", 3, self.said.append)

    def provision(self, entry: Entry) -> Path:
        """Bring a library in, in this process."""
        return provision(entry, self.said.append)

    def refused(self, entry: Entry) -> ProvisionError:
        """Return what bringing it in ends in, after a look at what that left in the cache: nothing."""
        with pytest.raises(ProvisionError) as caught:
            self.provision(entry)
        assert self.left() == []
        assert "\n" not in str(caught.value)
        return caught.value

    def left(self) -> list[str]:
        """Return the names in the cache, but for locks."""
        return sorted(path.name for path in self.cache.glob("*") if path.suffix != ".lock") if self.cache.is_dir() else []


#: A source that both make and cmake take for theirs.
SOURCE = {"src/configure": b"#!/bin/sh\nexit 0\n", "src/CMakeLists.txt": b"", "src/build.info": b"", "src/util/mkdef.pl": b"use qw/glob/;"}


def recipe(builder: str = "cmake", **changes: object) -> Recipe:
    """Return a recipe for SOURCE."""
    values = {
        "name": f"a-{builder}",
        "builder": builder,
        "version": 1,
        "seconds": 1,
        "tools": ("cc", "make"),
        "options": ("--an-option",),
        "targets": ("libcrypto.so", "libssl.so"),
        "libraries": ("libssl.so", "libcrypto.so"),
        "edits": (Edit(("util/*.pl",), "qw/glob/", "qw/:glob/"),),
    }
    return Recipe(**{**values, **changes})


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    if not sys.platform.startswith("linux"):
        pytest.skip("the catalogue's builds are for Linux")
    world = World(tmp_path, monkeypatch)
    yield world
    for held in tmp_path.glob("hold-*"):
        held.unlink()


@pytest.fixture
def recipe_for() -> Callable[..., Recipe]:
    return recipe


@pytest.fixture
def source() -> dict[str, bytes]:
    return dict(SOURCE)


@pytest.fixture
def crate(world: World) -> Entry:
    """Offer a crate that carries a library, and return the library's entry."""
    sha256 = world.crate("mine-sys", "1.2.3", SOURCE)
    return Entry("mine-1", "mine", "1", Crate("mine-sys", "1.2.3", sha256, "src"), recipe())


@pytest.fixture
def program(world: World, monkeypatch: pytest.MonkeyPatch) -> Entry:
    """Have a program of ours, and return its entry."""
    folder = world.folder / "ours"
    (folder / "src").mkdir(parents=True)
    (folder / "target").mkdir()
    (folder / "Cargo.toml").write_text("[package]")
    for module in (catalogue, fetch):
        monkeypatch.setattr(module, "folder_of_program", lambda source: world.folder / source.folder)
    made = recipe("cargo", tools=("cc",), options=("--an-option",), libraries=("a-program",), edits=())
    return Entry("mine-program", "mine", "2", Own("ours"), made)


@pytest.fixture
def package(world: World) -> Entry:
    """Offer a package of the distribution, and return the library's entry."""
    world.package("libmine9t64", "1:3.0.22+dfsg-1~deb12u2", "libssl.so.9", "libcrypto.so.9")
    return Entry("mine-debian", "mine", "", Debian(("libmine9", "libmine9t64")))
