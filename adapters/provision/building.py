"""Building libraries from their source: one function per build system. What differs between families is data, in catalogue.toml.

Nothing is installed: the libraries are taken from where the build leaves them.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from sslspec.adapters import tools
from sslspec.adapters.catalogue import machine
from sslspec.adapters.provision.elf import soname
from sslspec.adapters.provision.errors import ProvisionError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sslspec.adapters.provision.commands import Workshop
    from sslspec.adapters.sources import Edit, Recipe

#: What OpenSSL's Configure calls a machine; it finds out by itself from 3.0 on.
_TARGETS = {"x86_64": "linux-x86_64", "aarch64": "linux-aarch64"}
#: LibreSSL's makefiles would otherwise make themselves again with tools of its developers, as soon as times of files are lost.
_NO_AUTOTOOLS = ("AUTOCONF=:", "AUTOMAKE=:", "ACLOCAL=:", "AUTOHEADER=:")
#: Of libraries that come ready-made.
_LIBRARIES = re.compile(r"lib(ssl|crypto|wolfssl)\.so[.\d]*")


def build(recipe: Recipe, tree: Path, shop: Workshop) -> list[Path]:
    """Build what is in `tree` and return the libraries, libssl first, or the program.

    Raises ProvisionError when a step fails or leaves none.
    """
    builders: dict[str, Callable[[Recipe, Path, Workshop], None]] = {
        "autotools": _autotools,
        "openssl": _openssl,
        "cmake": _cmake,
        "cargo": _cargo,
    }
    for edit in recipe.edits:
        _edit(edit, tree)
    builders[recipe.builder](recipe, tree, shop)
    made = [next((path for path in sorted(tree.rglob(name)) if path.is_file()), None) for name in recipe.libraries]
    lacking = [name for name, path in zip(recipe.libraries, made, strict=True) if path is None]
    if lacking:
        raise ProvisionError(f"{shop.name}: the build went through and left no {' and no '.join(lacking)}; the whole log is {shop.log}")
    return [path.resolve() for path in made if path]


def ready_made(tree: Path) -> list[Path]:
    """Return the libraries in `tree`, an unpacked package."""
    return sorted(path for path in tree.rglob("lib*.so*") if _LIBRARIES.fullmatch(path.name) and path.is_file() and not path.is_symlink())


def collect(libraries: Iterable[Path], folder: Path) -> None:
    """Copy libraries into `folder` under the names by which the dynamic linker looks for them.

    Raises ProvisionError for a file that is no library.
    """
    folder.mkdir()
    for library in libraries:
        name = soname(library)
        if name is None or Path(name).name != name:
            raise ProvisionError(f"{library.name} is not a shared library")
        shutil.copyfile(library, folder / name)


def collect_program(program: Path, folder: Path) -> None:
    """Copy a program into `folder`."""
    folder.mkdir()
    shutil.copy(program, folder / program.name)


def collect_headers(recipe: Recipe, tree: Path, folder: Path) -> None:
    """Copy the headers of what was built in `tree` to where programs that are compiled against it look for them below `folder`."""
    for place in recipe.headers:
        for header in (tree / place).rglob("*.h"):
            target = folder / Path(place).name / header.relative_to(tree / place)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(header, target)


def _edit(edit: Edit, tree: Path) -> None:
    for pattern in edit.files:
        for file in tree.glob(pattern):
            text = file.read_bytes()
            if edit.old.encode() in text:
                file.write_bytes(text.replace(edit.old.encode(), edit.new.encode()))


def _autotools(recipe: Recipe, tree: Path, shop: Workshop) -> None:
    _require(tree / "configure", shop, "a release's archive has one, the repository has not")
    shop.step("configuring")
    # Through sh: not every archive keeps the permission to execute it.
    shop.build(["sh", "./configure", *recipe.options], tree)
    shop.step("compiling")
    for target in recipe.targets:
        shop.build(["make", "-C", target, f"-j{shop.jobs}", *_NO_AUTOTOOLS], tree)


def _openssl(recipe: Recipe, tree: Path, shop: Workshop) -> None:
    # Newer crates leave out mkdef.pl and more, without which OpenSSL's own shared libraries cannot be linked.
    linked_here = not (tree / "util" / "mkdef.pl").is_file()
    _require(tree / "build.info", shop, "releases before 1.1.0 are built otherwise: build it, and name the result with -i NAME=PATH")
    options = [*recipe.options, *(["no-module", "no-legacy"] if linked_here else [])]
    targets = [target.replace(".so", ".a") if linked_here else target for target in recipe.targets]
    shop.step("configuring")
    shop.build(["perl", "Configure", *filter(None, [_TARGETS.get(machine())]), *options], tree)
    shop.step("compiling")
    # By itself: its headers are made by rules that compiling does not wait for.
    shop.build(["make", f"-j{shop.jobs}", "build_generated"], tree)
    shop.build(["make", f"-j{shop.jobs}", *targets], tree)
    if linked_here:
        _link(tree, shop)


def _link(tree: Path, shop: Workshop) -> None:
    version = re.search(r"^SHLIB_VERSION=(\S+)", (tree / "VERSION.dat").read_text(encoding="utf-8"), re.MULTILINE)
    suffix = version[1] if version else "0"
    for name, needed in (("libcrypto", []), ("libssl", ["libcrypto.so"])):
        whole = ["-Wl,--whole-archive", f"{name}.a", "-Wl,--no-whole-archive"]
        named = [f"-Wl,-soname,{name}.so.{suffix}", "-Wl,-Bsymbolic", "-o", f"{name}.so"]
        shop.build([*tools.words("cc"), "-shared", *named, *whole, *needed, "-ldl", "-pthread"], tree)


def _cmake(recipe: Recipe, tree: Path, shop: Workshop) -> None:
    _require(tree / "CMakeLists.txt", shop, "is it the whole source?")
    absent = tools.missing(["go", "perl"]) if _is_generated(tree) else []
    if absent:
        raise ProvisionError(f"{shop.name}: {tools.remedy(absent)}; releases since 2024 do without")
    folder = str(tree / "sslspec-build")
    # No RPATH: it would name a folder that is gone when the library is loaded. No debug information: it is ten times the library.
    general = ["-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_SKIP_RPATH=ON", "-DCMAKE_SHARED_LINKER_FLAGS=-Wl,--strip-debug"]
    shop.step("configuring")
    shop.build(["cmake", "-S", str(tree), "-B", folder, "-G", "Unix Makefiles", *general, *recipe.options], tree)
    shop.step("compiling")
    shop.build(["cmake", "--build", folder, "--parallel", str(shop.jobs), "--target", *recipe.targets], tree)


def _cargo(recipe: Recipe, tree: Path, shop: Workshop) -> None:
    shop.step("compiling")
    # Offline: everything was fetched, with the user's own settings, before.
    pinned = ["--release", "--locked", "--offline", "--target-dir", str(tree / "target"), f"--jobs={shop.jobs}"]
    shop.build(["cargo", "build", *pinned, *recipe.options], tree)


def _is_generated(tree: Path) -> bool:
    """Return whether parts of BoringSSL's source are made while it is built, by programs in Go and Perl."""
    return (tree / "go.mod").is_file() and not any((tree / name).is_dir() for name in ("gen", "generated-src"))


def _require(file: Path, shop: Workshop, otherwise: str) -> None:
    if not file.is_file():
        raise ProvisionError(f"{shop.name}: the source has no {file.name}: {otherwise}")
