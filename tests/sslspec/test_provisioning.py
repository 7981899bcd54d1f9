"""`sslspec provision` as a user calls it, on a machine that has what the test puts there."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from elf_files import shared_library
from processes import PATIENCE, gone, wait_for

from sslspec.adapters.catalogue import machine
from sslspec.adapters.system import system_library

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the catalogue's builds are for Linux")

#: Stands in for cmake and make: leaves wolfSSL, unless a file says otherwise.
CMAKE = """#!/bin/sh
if [ -e "{home}/fails" ]; then echo "CMake Error: it is of no use" >&2; exit 1; fi
cp "{home}/libwolfssl.so" .
"""


class Machine:
    """A cache folder, and programs that stand in for real ones."""

    def __init__(self, home: Path) -> None:
        self.home, self.bin = home, home / "bin"
        self.started: list[subprocess.Popen[str]] = []
        self.bin.mkdir()
        (home / "libwolfssl.so").write_bytes(shared_library("libwolfssl.so.9"))
        for name in ("cmake", "make", "cc"):
            self.program(name, CMAKE.format(home=home))
        self.archive("own.tar.gz", "5.9.9")

    def program(self, name: str, text: str) -> None:
        (self.bin / name).write_text(text)
        (self.bin / name).chmod(0o755)

    def archive(self, name: str, version: str) -> Path:
        with tarfile.open(self.home / name, "w:gz") as archive:
            for member, text in {"CMakeLists.txt": "", "wolfssl/version.h": f'#define LIBWOLFSSL_VERSION_STRING "{version}"\n'}.items():
                info = tarfile.TarInfo(f"own/{member}")
                info.size = len(text)
                archive.addfile(info, BytesIO(text.encode()))
        return self.home / name

    def sslspec(self, *arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        process = self.start(*arguments, **environment)
        stdout, stderr = process.communicate(timeout=PATIENCE)
        return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)

    def start(self, *arguments: str | Path, **environment: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-P", "-m", "sslspec", *map(str, arguments)]
        settings = {
            "SSLSPEC_CACHE": str(self.home / "cache"),
            "CARGO_HOME": str(self.home / "cargo"),
            "PATH": f"{self.bin}:/usr/bin:/bin",
            "COLUMNS": "80",
            "CC": "",
            "CXX": "",
        }
        env = {**os.environ, **settings, **environment}
        self.started.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env, cwd=self.home))
        return self.started[-1]

    def close(self) -> None:
        """End what a failed test has left running."""
        for process in self.started:
            with process:
                process.kill()

    def refused(self, *arguments: str | Path, **environment: str) -> str:
        said = self.sslspec("provision", *arguments, **environment)
        assert said.returncode == 2
        assert "Traceback" not in said.stderr
        return said.stderr.splitlines()[-1].removeprefix("sslspec: ")

    def libraries(self) -> list[str]:
        folder = self.home / "cache" / "libraries"
        return sorted(path.name for path in folder.iterdir() if path.suffix != ".lock") if folder.exists() else []


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Machine]:
    machine = Machine(tmp_path)
    yield machine
    machine.close()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "name the libraries, or give --all; `sslspec list implementations` shows what there is"),
        (["--all", "libressl-3.1.0"], "name the libraries, or give --all"),
        (["libresl-3.1.0"], "did you mean libressl-3.1.0?"),
        (["libressl-3.1.0", "nonsense"], "no implementation is called 'nonsense'"),
        (["libressl"], "libressl is a family; name one of libressl-2.0.0, libressl-3.0.2, libressl-3.1.0, or give its source with --from"),
        (["model"], "model is not brought in: the model and the bindings of this Python are always here"),
        (["openssl-1.1.1k", "--from", "own.tar.gz"], "--from takes one family and its archive"),
        (["wolfssl", "openssl", "--from", "own.tar.gz"], "--from takes one family and its archive"),
        (["--all", "--from", "own.tar.gz"], "--from takes one family and its archive"),
        (["wolfssl-5.9.4", "--name", "mine"], "--sha256 and --name are about an archive"),
        (["wolfssl-5.9.4", "--sha256", "0" * 64], "--sha256 and --name are about an archive"),
        (["wolfssl", "--from", "own.tar.gz", "--sha256", "123"], "'123' is no SHA-256: that is 64 hexadecimal digits"),
        (["wolfssl", "--from", "own.tar.gz", "--sha256", "0" * 64], f"instead of {'0' * 64}"),
        (["wolfssl", "--from", "own.tar.gz", "--name", "../x"], "'../x' cannot be the name of a library"),
        (["wolfssl", "--from", "own.tar.gz", "--name", "pyopenssl"], "pyopenssl is the name of another library"),
        (["wolfssl", "--from", "nothing.tar.gz"], "nothing.tar.gz does not exist or is no file"),
        (["wolfssl", "--from", "bin"], "bin is a folder; pack it, or give the archive"),
        (["wolfssl", "--from", "libwolfssl.so"], "wolfssl: libwolfssl.so is not a tar archive"),
        (["openssl", "--from", "own.tar.gz"], "own.tar.gz holds wolfssl, not openssl"),
        (["wolfssl-5.9.4", "--jobs", "0"], "`sslspec provision --help` shows how"),
    ],
    ids=lambda value: " ".join(value)[:60] if isinstance(value, list) else "",
)
def test_what_is_wrong_is_said_in_one_line(here: Machine, arguments: list[str], says: str) -> None:
    assert says in here.refused(*arguments)
    assert here.libraries() == []


def test_an_archive_is_built_listed_run_by_its_name_and_removed(here: Machine) -> None:
    sha256 = hashlib.sha256((here.home / "own.tar.gz").read_bytes()).hexdigest()
    said = here.sslspec("provision", "wolfssl", "--from", "own.tar.gz", "--sha256", sha256)
    assert (said.returncode, "wolfssl-5.9.9+file: ready, 0.0 MB: " in said.stdout) == (0, True)
    assert re.search(r"^\[ +\d+ s\] wolfssl-5\.9\.9\+file: compiling$", said.stderr, re.MULTILINE)
    listed = here.sslspec("list", "implementations").stdout
    assert "ready, 0.0 MB: own.tar.gz, given by the user (checked by: SHA-256 given by the user)" in listed
    # It is no library that could be loaded; that it is found is what counts here.
    assert "wolfssl-5.9.9+file: " in here.sslspec("doctor", "-i", "wolfssl-5.9.9+file").stderr
    assert here.sslspec("provision", "--remove", "wolfssl-5.9.9+file").stdout.startswith("wolfssl-5.9.9+file: removed, 0.0 MB freed in ")
    assert here.libraries() == []
    assert here.sslspec("provision", "--remove", "wolfssl-5.9.4").stdout == "wolfssl-5.9.4: it was not here\n"


def test_a_second_call_is_told_the_same_and_builds_nothing(here: Machine) -> None:
    first = here.sslspec("provision", "wolfssl", "--from", "own.tar.gz").stdout
    (here.home / "fails").touch()
    said = here.sslspec("provision", "wolfssl", "--from", "own.tar.gz")
    assert (said.stdout, said.stderr) == (first, "")
    assert "ready, 0.0 MB: own.tar.gz, given by the user (not checked)\n" in here.sslspec("list", "implementations").stdout


def test_another_archive_of_that_version_needs_another_name(here: Machine) -> None:
    here.sslspec("provision", "wolfssl", "--from", "own.tar.gz")
    patched = here.archive("patched.tar.gz", "5.9.9 ".strip())
    patched.write_bytes(patched.read_bytes() + b"\0")
    assert "wolfssl-5.9.9+file is there" in here.refused("wolfssl", "--from", "patched.tar.gz")
    said = here.sslspec("provision", "wolfssl", "--from", "patched.tar.gz", "--name", "wolfssl-patched")
    assert (said.returncode, here.libraries()) == (0, [f"wolfssl-5.9.9+file-{machine()}", f"wolfssl-patched-{machine()}"])


def test_a_build_that_fails_shows_its_last_lines(here: Machine) -> None:
    (here.home / "fails").touch()
    said = here.sslspec("provision", "wolfssl", "--from", "own.tar.gz")
    assert said.returncode == 2
    *_, line, last = said.stderr.splitlines()
    assert line == "    CMake Error: it is of no use"
    assert "wolfssl-5.9.9+file: cmake failed with exit status 1; the whole log is " in last
    assert Path(last.rpartition(" ")[2]).read_text().endswith("it is of no use\n")
    assert here.libraries() == []


def test_one_that_fails_does_not_stop_the_others(here: Machine) -> None:
    here.program("cargo", "#!/bin/sh\necho 'error: no network' >&2\nexit 1\n")
    here.program("perl", "#!/bin/sh\n")
    here.program("apt-cache", "#!/bin/sh\necho 'libwolfssl35:'; echo '  Candidate: 5.5.4-2'\n")
    here.program("apt-get", "#!/bin/sh\ntouch libwolfssl35.deb\n")
    here.program("dpkg-deb", f"#!/bin/sh\n[ $1 = --field ] && echo 5.5.4-2 || {{ mkdir $3; cp {here.home}/libwolfssl.so $3; }}\n")
    said = here.sslspec("provision", "libressl-3.1.0", "wolfssl-debian", "openssl-3.6.3")
    assert said.returncode == 2
    assert said.stdout.startswith("wolfssl-debian: ready, ")
    assert here.libraries() == [f"wolfssl-debian-{machine()}"]
    errors = [line for line in said.stderr.splitlines() if line.startswith("sslspec: ")]
    assert errors == [
        "sslspec: libressl-3.1.0: cargo did not bring crate libtls-sys 1.2.0: no network",
        "sslspec: openssl-3.6.3: cargo did not bring crate openssl-src 300.6.1+3.6.3: no network",
    ]


def test_all_names_what_this_machine_cannot_have_and_is_content(here: Machine) -> None:
    none = {"PATH": str(here.home / "nothing"), "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(here.home)}
    said = here.sslspec("provision", "--all", **none)
    assert "libressl-3.1.0: left out: cargo, cc, make missing here: `apt-get install gcc make`; cargo 1.82 or later comes" in said.stdout
    # Nothing but pip is left: its wheels should have come.
    assert (said.returncode, "openssl-1.1.1k: pip did not bring" in said.stderr) == (2, True)


def test_removing_all_leaves_an_empty_cache(here: Machine) -> None:
    here.sslspec("provision", "wolfssl", "--from", "own.tar.gz")
    killed = here.home / "cache" / "libraries" / f".work-wolfssl-5.9.4-{machine()}-abcd" / "x.o"
    killed.parent.mkdir()
    killed.write_bytes(b"x" * 1_200_000)
    assert "\n  Builds that failed, were ended or are under way take 1.2 MB more" in here.sslspec("list", "implementations").stdout
    said = here.sslspec("provision", "--all", "--remove")
    folder = here.home / "cache" / "libraries"
    assert said.stdout.splitlines() == [
        f"wolfssl-5.9.9+file: removed, 0.0 MB freed in {folder}",
        f"leftovers of builds: removed, 1.2 MB freed in {folder}",
    ]
    assert (said.returncode, list(folder.iterdir())) == (0, [])
    assert " more" not in here.sslspec("list", "implementations").stdout.splitlines()[-1]


def test_removing_all_where_nothing_is_says_so(here: Machine) -> None:
    said = here.sslspec("provision", "--all", "--remove")
    assert (said.returncode, said.stdout) == (0, f"there is nothing to remove in {here.home / 'cache' / 'libraries'}\n")


@pytest.mark.parametrize("command", [["provision", "libressl-3.1.0"], ["doctor", "-i", "libressl-3.1.0"], ["run", "-i", "libressl-3.1.0"]])
def test_being_told_to_end_is_like_an_interrupt(here: Machine, command: list[str]) -> None:
    here.program("cargo", f"#!/bin/sh\necho $$ > {here.home}/part; mv {here.home}/part {here.home}/pid; exec sleep 3600\n")
    process = here.start(*command)
    assert wait_for((here.home / "pid").exists)
    process.terminate()
    _, stderr = process.communicate(timeout=PATIENCE)
    assert (process.returncode, stderr.splitlines()[-1]) == (143, "sslspec: ended by SIGTERM")
    assert "Traceback" not in stderr
    assert gone(int((here.home / "pid").read_text()))
    assert here.libraries() == []


def test_a_cache_that_cannot_be_made(here: Machine) -> None:
    (here.home / "file").write_text("the former one")
    said = here.refused("wolfssl", "--from", "own.tar.gz", SSLSPEC_CACHE=str(here.home / "file"))
    assert "cannot be written: Not a directory; mend that, or name another in SSLSPEC_CACHE" in said
    assert (here.home / "file").read_text() == "the former one"


def test_a_broken_provenance_does_not_stop_list(here: Machine) -> None:
    folder = here.home / "cache" / "libraries" / f"libressl-3.1.0-{machine()}"
    folder.mkdir(parents=True)
    for content in (b"", b"\xff", json.dumps({"layout": 1, "name": []}).encode()):
        (folder / "provenance.json").write_bytes(content)
        said = here.sslspec("list", "implementations")
        assert (said.returncode, said.stderr) == (0, "")
        assert re.search(r"libressl-3\.1\.0 +(built in about|cannot be brought in)", said.stdout)


def test_a_path_under_a_name_of_the_catalogue_brings_nothing_in(here: Machine) -> None:
    library = system_library()
    if library is None:
        pytest.skip("this system has no libssl")
    said = here.sslspec("run", "-i", f"libressl-3.1.0={library}", "--clause", "added", PATH=str(here.home / "nothing"))
    assert "libressl-3.1.0" in said.stdout
    assert said.returncode != 2, said.stderr
    assert here.libraries() == []


def test_doctor_names_missing_programs(here: Machine) -> None:
    said = here.sslspec("doctor", PATH=str(here.home / "nothing"))
    assert "not every library can be brought in: " in said.stdout
    assert "`apt-get install gcc make perl" in said.stdout
