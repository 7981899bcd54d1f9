"""Loading: one line says what is wrong with a file, and nothing but the library that was asked for is ever driven."""

from __future__ import annotations

import ctypes.util
import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sslspec.adapters import resolve
from sslspec.adapters.catalogue import catalogue, library_of
from sslspec.adapters.errors import LibraryNotLoaded
from sslspec.adapters.native import library as module

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the files are those of Linux")

#: Loads one library after another in a Python that has no libcrypto yet, and says what came of the last.
LOAD = """
import sys
from pathlib import Path
from sslspec.adapters.errors import LibraryNotLoaded
from sslspec.adapters.native.library import load, mapped
try:
    for path in sys.argv[1:]:
        load(Path(path))
except LibraryNotLoaded as error:
    print(error)
else:
    print(*mapped(Path(sys.argv[-1]).resolve()), sep="\\n")
"""


def loaded(*paths: Path, folder: Path | None = None) -> list[str]:
    """Return what loading `paths` in a process of their own says, in lines; `folder` is where it looks for more."""
    environment = dict(os.environ) | ({"LD_LIBRARY_PATH": str(folder)} if folder else {})
    command = [sys.executable, "-P", "-c", LOAD, *map(str, paths)]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout.splitlines()


@pytest.fixture
def whole(system_libssl: Path) -> bytes:
    return system_libssl.read_bytes()


@pytest.fixture
def written(tmp_path: Path) -> Callable[[bytes], Path]:
    """Return what writes a file that is called like a libssl."""

    def write(content: bytes) -> Path:
        path = tmp_path / "libssl.so"
        path.write_bytes(content)
        return path

    return write


def with_header(whole: bytes, position: int, value: bytes) -> bytes:
    return whole[:position] + value + whole[position + len(value) :]


def test_the_systems_own(system_libssl: Path) -> None:
    files = [Path(line) for line in loaded(system_libssl)]
    assert system_libssl.resolve() in files
    assert {file.name.split(".")[0] for file in files} == {"libssl", "libcrypto"}
    assert len(files) == 2


def test_every_one_that_is_here(libssl: Path) -> None:
    files = [Path(line) for line in loaded(libssl, folder=libssl.resolve().parent)]
    assert {file.resolve().parent for file in files} == {libssl.resolve().parent}
    assert len(files) == 2


class TestAFileThatIsNoLibrary:
    def test_missing(self, tmp_path: Path) -> None:
        assert loaded(tmp_path / "libssl.so") == [f"{tmp_path / 'libssl.so'}: No such file or directory"]

    def test_a_link_to_nothing(self, tmp_path: Path) -> None:
        (tmp_path / "libssl.so").symlink_to("libssl.so.9")
        assert loaded(tmp_path / "libssl.so") == [f"{tmp_path / 'libssl.so'}: No such file or directory"]

    def test_a_link_to_itself(self, tmp_path: Path) -> None:
        (tmp_path / "libssl.so").symlink_to("libssl.so")
        (line,) = loaded(tmp_path / "libssl.so")
        assert line == f"{tmp_path / 'libssl.so'}: {os.strerror(errno.ELOOP)}"

    def test_a_folder(self, tmp_path: Path) -> None:
        assert loaded(tmp_path) == [f"{tmp_path}: Is a directory"]

    def test_empty(self, written: Callable[[bytes], Path]) -> None:
        path = written(b"")
        assert loaded(path) == [f"{path} is an empty file"]

    @pytest.mark.parametrize("content", [b"no library\n", b"/* GNU ld script */ INPUT(libssl.so.3)\n", b"\x7f", b"MZ\0\0"])
    def test_something_else(self, written: Callable[[bytes], Path], content: bytes) -> None:
        path = written(content)
        assert loaded(path) == [f"{path} is not a shared library (no ELF header)"]

    def test_unreadable(self, written: Callable[[bytes], Path]) -> None:
        path = written(b"x")
        path.chmod(0)
        if os.access(path, os.R_OK):
            pytest.skip("this user may read everything")
        assert loaded(path) == [f"{path}: Permission denied"]


class TestALibraryThatIsNotForHere:
    def test_another_machine(self, written: Callable[[bytes], Path], whole: bytes) -> None:
        number = 243 if whole[18:20] != (243).to_bytes(2, sys.byteorder) else 62
        path = written(with_header(whole, 18, number.to_bytes(2, sys.byteorder)))
        (line,) = loaded(path)
        name = "riscv64" if number == 243 else "x86-64"
        assert line.startswith(f"{path} is for {name}, {32 * whole[4]}-bit")
        assert "; this Python is for " in line

    def test_an_unheard_of_machine(self, written: Callable[[bytes], Path], whole: bytes) -> None:
        path = written(with_header(whole, 18, b"\xfe\xfe"))
        assert loaded(path)[0].startswith(f"{path} is for machine {0xFEFE}, ")

    def test_another_class(self, written: Callable[[bytes], Path], whole: bytes) -> None:
        path = written(with_header(whole, 4, bytes([3 - whole[4]])))
        (line,) = loaded(path)
        ours, theirs = (64, 32) if whole[4] == 2 else (32, 64)
        assert f", {theirs}-bit" in line.partition(";")[0]
        assert f", {ours}-bit" in line.partition(";")[2]

    def test_another_byte_order(self, written: Callable[[bytes], Path], whole: bytes) -> None:
        """As the machine's number is then in that order too."""
        swapped = with_header(with_header(whole, 5, bytes([3 - whole[5]])), 18, whole[18:20][::-1])
        (line,) = loaded(written(swapped))
        assert ", big-endian" in line


class TestABrokenLibrary:
    @pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.99])
    def test_cut_off(self, written: Callable[[bytes], Path], whole: bytes, part: float) -> None:
        path = written(whole[: int(len(whole) * part)])
        (line,) = loaded(path)
        assert line.startswith(f"{path} is cut off: ")

    @pytest.mark.parametrize("size", [4, 19, 20, 63, 64])
    def test_nothing_but_a_header(self, written: Callable[[bytes], Path], whole: bytes, size: int) -> None:
        path = written(whole[:size])
        (line,) = loaded(path)
        assert line.startswith(f"{path} is cut off")

    def test_full_of_nothing(self, written: Callable[[bytes], Path], whole: bytes) -> None:
        path = written(whole[:20] + bytes(len(whole) - 20))
        (line,) = loaded(path)
        assert line.startswith(f"{path} cannot be loaded: ")


class TestAnotherLibrary:
    def test_a_libcrypto(self, system_libssl: Path) -> None:
        (libcrypto,) = (line for line in loaded(system_libssl) if Path(line).name.startswith("libcrypto"))
        assert loaded(Path(libcrypto)) == [f"{libcrypto} is a libcrypto, name the libssl beside it"]

    @pytest.mark.parametrize("name", ["z", "m"])
    def test_one_of_something_else(self, name: str, tmp_path: Path) -> None:
        path = path_of(name)
        assert loaded(path) == [f"{path} is no libssl (it has no SSL_CTX_new)"]
        copied = Path(shutil.copy(path, tmp_path / "libssl.so"))
        assert loaded(copied) == [f"{copied} is no libssl (it has no SSL_CTX_new)"]


def path_of(name: str) -> Path:
    """Return the file of one of the system's libraries, or skip the test."""
    soname = ctypes.util.find_library(name)
    if soname is None:
        pytest.skip(f"this system has no lib{name}")
    script = f"import ctypes; ctypes.CDLL({soname!r}); print(open('/proc/self/maps').read())"
    maps = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    paths = (Path(line[line.index("/") :]) for line in maps.splitlines() if "/" in line)
    return next(path for path in paths if path.name.startswith((f"lib{name}.", f"lib{name}-")))


class TestAMixture:
    def test_a_libssl_without_its_libcrypto_is_bound_to_the_systems(self, system_libssl: Path, tmp_path: Path) -> None:
        copied = Path(shutil.copy(system_libssl, tmp_path / "libssl.so"))
        (line,) = loaded(copied, folder=tmp_path)
        assert line.startswith(f"{copied} was bound to /")
        assert line.endswith(", from another folder; put its own libcrypto beside it")

    def test_a_libssl_without_its_libcrypto_finds_none(self, tmp_path: Path) -> None:
        found = [path for entry in catalogue().values() if (path := library_of(entry))]
        if not found:
            pytest.skip("no library of the catalogue is here; `sslspec run -i openssl-1.1.1k` brings one")
        copied = Path(shutil.copy(found[0], tmp_path / "libssl.so"))
        (line,) = loaded(copied, folder=tmp_path)
        assert line.startswith(f"{copied} needs lib")
        assert line.endswith(", which is not beside it nor on this system")

    def test_two_at_once(self, libssl: Path, system_libssl: Path) -> None:
        if libssl == system_libssl:
            pytest.skip("one library is no mixture")
        (line,) = loaded(system_libssl, libssl, folder=libssl.resolve().parent)
        # Some bind the symbols of the one to the other before that can be seen, and cannot be loaded at all.
        # Where both have one soname, the first is bound to the second's libcrypto, and that is found out first.
        first = tuple(f"{system_libssl.resolve()} {what} {libssl.resolve().parent}/" for what in ("was bound to", "cannot be loaded:"))
        assert line.startswith((f"{libssl.resolve()} was bound to /", f"{libssl.resolve()} cannot be loaded: ", *first))

    def test_two_files_of_one_folder(self, system_libssl: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        files = [tmp_path / name for name in ("libssl.so.1", "libssl.so.2", "libcrypto.so")]
        monkeypatch.setattr(module, "mapped", lambda _: files)
        with pytest.raises(LibraryNotLoaded, match="two files of libssl are mapped at once"):
            module._check_mapped(files[0])
        monkeypatch.setattr(module, "mapped", lambda _: files[1:])
        module._check_mapped(files[1])
        del system_libssl

    def test_a_copy_with_its_libcrypto_is_none(self, system_libssl: Path, tmp_path: Path) -> None:
        for line in loaded(system_libssl):
            shutil.copy(line, tmp_path)
        copied = tmp_path / system_libssl.resolve().name
        assert {Path(line).parent for line in loaded(copied, folder=tmp_path)} == {tmp_path}

    def test_a_pair_that_does_not_say_it_is_one(self, tmp_path: Path) -> None:
        """As LibreSSL 2.1.6 and BoringSSL until 2022: libssl has no word of the libcrypto that it needs."""
        compiler = shutil.which("cc")
        if compiler is None:
            pytest.skip("there is no C compiler; the package gcc brings one")
        sources = {
            "libcrypto": "int ERR_get_error(void) { return 7; }",
            "libssl": "int ERR_get_error(void); int SSL_CTX_new(void) { return ERR_get_error(); }",
        }
        for name, source in sources.items():
            command = [compiler, "-shared", "-fPIC", "-x", "c", "-", "-o", str(tmp_path / f"{name}.so")]
            subprocess.run(command, input=source.encode(), check=True)
        ask = "from pathlib import Path; from sslspec.adapters.native.library import load; library = load(Path({!r}))"
        ask += "; print(library.SSL_CTX_new(), library.ERR_get_error(), hasattr(library, 'SSL_free'))"
        command = [sys.executable, "-c", ask.format(str(tmp_path / "libssl.so"))]
        assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.split() == ["7", "7", "False"]
        (tmp_path / "libcrypto.so").unlink()
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert "undefined symbol" in done.stderr.splitlines()[-1]

    def test_a_folder_with_a_space_and_a_strange_name(self, system_libssl: Path, tmp_path: Path) -> None:
        folder = tmp_path / "my libs \u00e4"
        folder.mkdir()
        for line in loaded(system_libssl):
            shutil.copy(line, folder)
        assert len(loaded(folder / system_libssl.resolve().name, folder=folder)) == 2

    def test_a_python_that_has_the_functions_itself(self, monkeypatch: pytest.MonkeyPatch, written: Callable[[bytes], Path]) -> None:
        monkeypatch.setattr(module, "_exported_by_python", lambda: True)
        monkeypatch.setattr(module, "_check_file", lambda _: None)
        with pytest.raises(LibraryNotLoaded, match="use another Python"):
            module.load(written(b""))


class TestThroughAWorker:
    """As the command line opens it: what cannot be loaded says so in one line, and leaves no process."""

    @pytest.mark.parametrize(
        ("content", "says"), [(None, "No such file"), (b"", "empty file"), (b"text", "no ELF header")], ids=["missing", "empty", "text"]
    )
    def test_no_library(self, written: Callable[[bytes], Path], content: bytes | None, says: str) -> None:
        path = written(content or b"")
        if content is None:
            path.unlink()
        with pytest.raises(LibraryNotLoaded, match=says) as caught:
            resolve.open_native("broken", path)
        assert len(str(caught.value).splitlines()) == 1

    def test_cut_off(self, written: Callable[[bytes], Path], whole: bytes) -> None:
        with pytest.raises(LibraryNotLoaded, match="is cut off") as caught:
            resolve.open_native("broken", written(whole[: len(whole) // 2]))
        assert len(str(caught.value).splitlines()) == 1

    @pytest.mark.parametrize(("option", "name"), [("address", "AddressSanitizer"), ("thread", "ThreadSanitizer")])
    @pytest.mark.parametrize("runtime", [[], ["-nodefaultlibs"]], ids=["with its runtime", "without"])
    def test_built_with_a_sanitizer(self, tmp_path: Path, option: str, name: str, runtime: list[str]) -> None:
        compiler = shutil.which("cc")
        if compiler is None:
            pytest.skip("there is no C compiler; the package gcc brings one")
        path = tmp_path / "libssl.so"
        command = [compiler, "-shared", "-fPIC", f"-fsanitize={option}", *runtime, "-x", "c", "-", "-o", str(path)]
        subprocess.run(command, input=b"int SSL_CTX_new(int *p) { return *p; }", check=True)
        with pytest.raises(LibraryNotLoaded) as caught:
            resolve.open_native("sanitized", path)
        assert str(caught.value).startswith(f"{path} is built with {name}, and Python is not; write -i NAME=build:FOLDER")

    def test_a_mixture(self, system_libssl: Path, tmp_path: Path) -> None:
        copied = Path(shutil.copy(system_libssl, tmp_path))
        with pytest.raises(LibraryNotLoaded, match="was bound to") as caught:
            resolve.open_native("mixture", copied)
        assert len(str(caught.value).splitlines()) == 1
