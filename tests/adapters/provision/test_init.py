"""Provisioning against a stand-in for pip that is found before the real one, and once against the real one.

The stand-in is a package `pip` on PYTHONPATH: everything from the command line to the child process is as in real use.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest
from processes import PATIENCE, gone, wait_for

from sslspec.adapters.catalogue import catalogue, folder_of, library_of, machine, provenance_of, size_of, why_not
from sslspec.adapters.provenance import LOCKED
from sslspec.adapters.provision import ProvisionError, cache, fetch, provision, remove
from sslspec.adapters.sources import Entry, Wheel, Wheels

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the catalogue's builds are for Linux")

#: Notes its process id and arguments, waits while a file tells it to, then does what the environment says.
STAND_IN = """
import json, os, pathlib, shutil, sys, time
home = pathlib.Path(__file__).parent
with (home / "calls").open("a") as calls:
    print(json.dumps([os.getpid(), sys.argv[1:]]), file=calls)
parent = os.getppid()
while (home / "wait").exists() and os.getppid() == parent:
    time.sleep(0.01)
destination = next(word for word in sys.argv if word.startswith("--dest=")).removeprefix("--dest=")
os.makedirs(destination)
for file in json.loads(os.environ["STAND_IN_BRINGS"]):
    shutil.copy(file, destination)
sys.stderr.write(os.environ.get("STAND_IN_SAYS", ""))
sys.exit(int(os.environ.get("STAND_IN_STATUS", "0")))
"""

#: Another sslspec: provisions the entry that its argument describes.
PROCESS = """
import json, signal, sys
# A shell's background job ignores Ctrl-C, and so would all that it starts, this test's processes too.
signal.signal(signal.SIGINT, signal.default_int_handler)
from sslspec.adapters.catalogue import machine
from sslspec.adapters.provision import provision
from sslspec.adapters.sources import Entry, Wheel, Wheels
wheels = Wheels("psycopg", "1", {machine(): Wheel(**json.loads(sys.argv[1]))})
print(provision(Entry("openssl-1", "openssl", "1", wheels), lambda line: print(line, flush=True)))
"""


class Bench:
    """A cache, a wheel, the entry that pins it, and the stand-in that brings it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.monkeypatch = folder, monkeypatch
        self.cache = folder / "cache" / "libraries"
        self.pip = folder / "site" / "pip"
        self.pip.mkdir(parents=True)
        (self.pip / "__init__.py").touch()
        (self.pip / "__main__.py").write_text(STAND_IN)
        self.said: list[str] = []
        self.processes: list[subprocess.Popen[str]] = []
        monkeypatch.setattr(fetch, "FETCH_LIMIT", PATIENCE)
        monkeypatch.setenv("SSLSPEC_CACHE", str(self.cache.parent))
        monkeypatch.setenv("PYTHONPATH", str(self.pip.parent))
        monkeypatch.syspath_prepend(self.pip.parent)
        self.holds({"psycopg.libs/libssl-1.so.1.1": b"ssl", "psycopg.libs/libcrypto-1.so.1.1": b"crypto", "psycopg/__init__.py": b""})

    def holds(self, members: dict[str, bytes]) -> None:
        """Make the wheel, and the entry that pins it, of these members."""
        wheel = self.folder / "psycopg-1-cp39-cp39-any.whl"
        with ZipFile(wheel, "w") as archive:
            for name, content in members.items():
                archive.writestr(name, content)
        self.brings(wheel)
        pinned = Wheel("39", "any", wheel.name, hashlib.sha256(wheel.read_bytes()).hexdigest())
        self.pins(pinned)

    def pins(self, pinned: Wheel, on: str | None = None) -> None:
        """Make the entry pin this wheel, for this machine or another."""
        self.entry = Entry("openssl-1", "openssl", "1", Wheels("psycopg", "1", {on or machine(): pinned}))

    def brings(self, *wheels: Path) -> None:
        """Let pip bring these files."""
        self.monkeypatch.setenv("STAND_IN_BRINGS", json.dumps([str(wheel) for wheel in wheels]))

    def fails(self, says: str, status: int = 1) -> None:
        """Let pip fail with these lines."""
        self.monkeypatch.setenv("STAND_IN_SAYS", says)
        self.monkeypatch.setenv("STAND_IN_STATUS", str(status))

    def provision(self) -> Path:
        """Provision the entry in this process."""
        return provision(self.entry, self.said.append)

    def refused(self) -> str:
        """Return the one line that provisioning ends in, after a look at what it left in the cache: nothing."""
        with pytest.raises(ProvisionError) as caught:
            self.provision()
        assert self.left() == []
        message = str(caught.value)
        assert "\n" not in message
        return message

    def start(self) -> subprocess.Popen[str]:
        """Provision the entry in another process."""
        command = [sys.executable, "-c", PROCESS, json.dumps(asdict(self.entry.source.wheels[machine()]))]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.processes.append(process)
        return process

    def close(self) -> None:
        """End what a failed test left running."""
        (self.pip / "wait").unlink(missing_ok=True)
        for process in (process for process in self.processes if process.returncode is None):
            process.kill()
            process.communicate()

    def calls(self) -> list[tuple[int, list[str]]]:
        """Return the process id and the arguments of each pip so far."""
        calls = self.pip / "calls"
        written = calls.read_text().splitlines(keepends=True) if calls.exists() else []
        return [tuple(json.loads(line)) for line in written if line.endswith("\n")]  # the last may still be being written

    def left(self) -> list[str]:
        """Return the names in the cache, but for locks."""
        return sorted(path.name for path in self.cache.glob("*") if path.suffix != ".lock") if self.cache.is_dir() else []

    def hold_pip(self) -> None:
        """Let every pip wait until the file is gone."""
        (self.pip / "wait").touch()

    def release_pip(self) -> None:
        """Let every pip go on."""
        (self.pip / "wait").unlink()

    def wait_for_pip(self) -> int:
        """Return the process id of the first pip, as soon as there is one."""
        return wait_for(self.calls)[0][0]


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    bench = Bench(tmp_path, monkeypatch)
    lacking = why_not(bench.entry)
    if lacking:
        pytest.skip(lacking)
    yield bench
    bench.close()


def test_the_libraries_of_the_wheel_and_nothing_else_are_brought(bench: Bench) -> None:
    libssl = bench.provision()
    assert libssl == library_of(bench.entry) == folder_of(bench.entry) / "libssl-1.so.1.1"
    assert {path.name: path.read_bytes() for path in libssl.parent.glob("lib*")} == {
        "libssl-1.so.1.1": b"ssl",
        "libcrypto-1.so.1.1": b"crypto",
    }
    assert bench.left() == [libssl.parent.name]
    assert bench.said == ["openssl-1: downloading psycopg-1-cp39-cp39-any.whl"]


def test_where_it_came_from_stands_beside_it(bench: Bench) -> None:
    known = provenance_of(bench.provision())
    assert known is not None
    assert (known.name, known.family, known.version, known.source) == ("openssl-1", "openssl", "1", "wheel psycopg 1")
    assert (known.sha256, known.checked) == (bench.entry.source.wheels[machine()].sha256, "SHA-256 pinned in the catalogue")
    assert (known.recipe, known.compiler, known.libssl) == ("as it is", "", "libssl-1.so.1.1")


def test_the_folder_inside_the_package_is_known_too(bench: Bench) -> None:
    bench.holds({"psycopg/.libs/libssl-1.so.1.0.2q": b"ssl", "psycopg/libssl.so.9": b"not this"})
    assert [path.name for path in bench.provision().parent.glob("lib*")] == ["libssl-1.so.1.0.2q"]


def test_other_users_may_read_the_folder(bench: Bench) -> None:
    (bench.folder / "like").mkdir()
    assert bench.provision().parent.stat().st_mode == (bench.folder / "like").stat().st_mode


def test_pip_is_asked_for_the_pinned_file_and_nothing_else(bench: Bench) -> None:
    bench.provision()
    ((_, words),) = bench.calls()
    assert words[0] == "download"
    assert words[-1] == "psycopg==1"
    assert {"--no-deps", "--only-binary=:all:", "--platform=any", "--python-version=39", "--implementation=cp"} <= set(words)
    assert not [word for word in words if "index" in word or "://" in word]


def test_the_second_call_asks_nobody(bench: Bench) -> None:
    first = bench.provision()
    bench.said.clear()
    bench.monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert bench.provision() == first
    assert (len(bench.calls()), bench.said) == (1, [])


def test_a_library_that_lost_its_libssl_is_brought_again(bench: Bench) -> None:
    libssl = bench.provision()
    libssl.unlink()
    assert bench.provision() == libssl
    assert libssl.is_file()
    assert bench.left() == [libssl.parent.name]


def test_a_machine_without_a_build(bench: Bench) -> None:
    bench.pins(Wheel("39", "any", "file", "sum"), on="vax")
    assert bench.refused().startswith("openssl-1: there are builds for vax, this machine is ")
    assert bench.calls() == []


def test_a_wheel_that_is_not_the_pinned_one_is_thrown_away(bench: Bench) -> None:
    wheel = bench.folder / "psycopg-1-cp39-cp39-any.whl"
    pinned = bench.entry.source.wheels[machine()].sha256
    wheel.write_bytes(wheel.read_bytes() + b"!")
    message = bench.refused()
    assert pinned in message
    assert hashlib.sha256(wheel.read_bytes()).hexdigest() in message


@pytest.mark.parametrize(
    "name", ["../psycopg.libs/libx.so", "/psycopg.libs/libx.so", "psycopg.libs/../../libx.so", "..\\libx.so", "C:/libx.so"]
)
def test_a_member_outside_of_the_archive_is_refused(bench: Bench, name: str) -> None:
    bench.holds({"psycopg.libs/libssl-1.so.1.1": b"ssl", name: b"evil"})
    assert f"it names a file outside of itself, {name!r}" in bench.refused()
    assert not list(bench.folder.rglob("libx.so"))


def test_an_archive_that_is_none(bench: Bench) -> None:
    wheel = bench.folder / "psycopg-1-cp39-cp39-any.whl"
    wheel.write_bytes(b"no archive")
    pinned = Wheel("39", "any", wheel.name, hashlib.sha256(b"no archive").hexdigest())
    bench.pins(pinned)
    assert "cannot be unpacked: File is not a zip file" in bench.refused()


def test_a_wheel_without_a_libssl(bench: Bench) -> None:
    bench.holds({"psycopg.libs/libcrypto.so.3": b"crypto", "psycopg/libssl.so.3": b"elsewhere"})
    assert "holds no libssl" in bench.refused()


@pytest.mark.parametrize("wheels", [0, 2])
def test_pip_brings_another_number_of_wheels(bench: Bench, wheels: int) -> None:
    brought = [bench.folder / "psycopg-1-cp39-cp39-any.whl", bench.folder / "b.whl"]
    shutil.copy(*brought)
    bench.brings(*brought[:wheels])
    assert f"it left {wheels} wheels" in bench.refused()


NO_RELEASE = "ERROR: Could not find a version that satisfies the requirement psycopg==1 (from versions: none)\n"
NO_MATCH = "ERROR: No matching distribution found for psycopg==1\n"
RETRYING = (
    "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError('<a.b object at 0x7f>: {}')': /simple/psycopg/\n"
)


@pytest.mark.parametrize(
    ("stderr", "says"),
    [
        (
            RETRYING.format("first") + RETRYING.format("[Errno 111] Connection refused") + NO_RELEASE + NO_MATCH,
            "no package registry offers it ([Errno 111] Connection refused); look at the network",
        ),
        ("WARNING: Skipping page\n" + NO_RELEASE + NO_MATCH, "(Skipping page)"),
        (NO_RELEASE + NO_MATCH, "(pip names no reason)"),
        (NO_RELEASE.replace("none", "2, 3") + NO_MATCH, "Could not find a version that satisfies the requirement psycopg==1"),
        (NO_MATCH, "No matching distribution found for psycopg==1"),
        ("Traceback:\n  File x\nValueError: odd\n\n", "ValueError: odd"),
        ("", "exit status 3"),
    ],
)
def test_pips_own_reason_is_handed_on(bench: Bench, stderr: str, says: str) -> None:
    bench.fails(stderr, status=3)
    message = bench.refused()
    assert message.startswith("openssl-1: pip did not bring psycopg 1: ")
    assert says in message
    assert "from versions" not in message


def test_pip_that_does_not_end_is_ended(bench: Bench) -> None:
    bench.hold_pip()
    communicate = subprocess.Popen.communicate

    def until_pip_is_there(process: subprocess.Popen[bytes], timeout: float) -> tuple[bytes, bytes]:
        """Let the time be up when there is something to end."""
        bench.wait_for_pip()
        return communicate(process, timeout=timeout)

    bench.monkeypatch.setattr(subprocess.Popen, "communicate", until_pip_is_there)
    bench.monkeypatch.setattr(fetch, "FETCH_LIMIT", 1.0)
    assert "within 1 s" in bench.refused()
    assert gone(bench.wait_for_pip())


def test_a_python_that_does_not_start(bench: Bench) -> None:
    bench.monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert "/nowhere/python does not start: No such file or directory" in bench.refused()


def test_a_cache_that_is_a_file(bench: Bench) -> None:
    bench.cache.parent.mkdir()
    bench.cache.touch()
    assert bench.refused() == f"the cache folder {bench.cache} cannot be written: it is a file; mend that, or name another in SSLSPEC_CACHE"


def test_a_cache_below_a_file(bench: Bench) -> None:
    bench.cache.parent.touch()
    assert "cannot be written: Not a directory" in bench.refused()


@pytest.mark.parametrize("there", [False, True])
def test_a_cache_that_may_not_be_written(bench: Bench, there: bool) -> None:  # noqa: FBT001  # a parameter of the test
    closed = bench.cache if there else bench.cache.parent
    closed.mkdir(parents=True)
    closed.chmod(0o555)
    if os.access(closed, os.W_OK):
        pytest.skip("this user may write everywhere")
    assert "cannot be written: Permission denied" in bench.refused()


def test_a_disk_that_fills_up_while_unpacking(bench: Bench) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    bench.monkeypatch.setattr(shutil, "copyfileobj", full)
    assert "cannot be written: No space left on device" in bench.refused()


def test_a_disk_that_fills_up_under_pip(bench: Bench) -> None:
    bench.fails("Traceback:\nOSError: [Errno 28] No space left on device: 'a' -> 'b'\n")
    assert "cannot be written: No space left on device" in bench.refused()


def test_a_reader_that_went_away_is_not_the_caches_fault(bench: Bench) -> None:
    def say(_: str) -> None:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        provision(bench.entry, say)
    assert bench.left() == []


def test_a_failure_does_not_harm_the_next_run(bench: Bench) -> None:
    bench.fails("ERROR: busy")
    bench.refused()
    bench.fails("", status=0)
    assert bench.provision().is_file()


def test_two_at_once_ask_pip_once(bench: Bench) -> None:
    bench.hold_pip()
    first = bench.start()
    bench.wait_for_pip()
    second = bench.start()
    assert second.stdout is not None
    assert second.stdout.readline() == "waiting for another sslspec that is provisioning it\n"
    bench.release_pip()
    said = [process.communicate(timeout=PATIENCE)[0].splitlines()[-1] for process in (first, second)]
    assert (first.returncode, second.returncode) == (0, 0)
    assert said == [str(library_of(bench.entry))] * 2
    assert len(bench.calls()) == 1


def test_a_lock_that_is_never_given_back(bench: Bench) -> None:
    bench.hold_pip()
    first = bench.start()
    bench.wait_for_pip()
    bench.monkeypatch.setattr(cache, "_LOCK_LIMIT", 0.2)
    with pytest.raises(ProvisionError, match=r"another process has held .*\.lock for 0 s"):
        bench.provision()
    bench.release_pip()
    first.communicate(timeout=PATIENCE)
    assert first.returncode == 0


def test_a_killed_runs_leftovers_are_removed_by_the_next(bench: Bench) -> None:
    bench.hold_pip()
    killed = bench.start()
    orphan = bench.wait_for_pip()
    killed.kill()
    killed.communicate()
    assert gone(orphan)
    (leftover,) = bench.left()
    assert leftover.startswith(".work-openssl-1-")
    assert library_of(bench.entry) is None
    bench.release_pip()
    libssl = bench.provision()
    assert bench.left() == [libssl.parent.name]


def test_an_interrupt_leaves_no_child_and_nothing_in_the_cache(bench: Bench) -> None:
    bench.hold_pip()
    interrupted = bench.start()
    pip = bench.wait_for_pip()
    interrupted.send_signal(signal.SIGINT)
    interrupted.communicate(timeout=PATIENCE)
    assert interrupted.returncode == -signal.SIGINT
    assert gone(pip)
    assert bench.left() == []


def test_what_was_provisioned_can_be_removed(bench: Bench) -> None:
    assert remove(bench.entry) is None
    assert not bench.cache.exists()
    bench.provision()
    size = size_of(bench.entry)
    assert size > 0
    assert remove(bench.entry) == size
    assert bench.left() == []
    assert library_of(bench.entry) is None


def test_the_real_pip_takes_every_word_of_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wheel in a folder of the user's, no registry, and settings that would refuse a plain download."""
    entry = Entry("a-1", "a", "1", Wheels("sslspec-fake", "1", {machine(): Wheel("39", "manylinux2014_x86_64", "", "")}))
    lacking = why_not(entry)
    if lacking:
        pytest.skip(lacking)
    wheel = tmp_path / "sslspec_fake-1-cp39-cp39-manylinux2014_x86_64.whl"
    with ZipFile(wheel, "w") as archive:
        archive.writestr("sslspec_fake.libs/libssl.so.3", "ssl")
        archive.writestr("sslspec_fake-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: sslspec-fake\nVersion: 1\n")
        archive.writestr(
            "sslspec_fake-1.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: cp39-cp39-manylinux2014_x86_64\n"
        )
        archive.writestr("sslspec_fake-1.dist-info/RECORD", "")
    pinned = Wheel("39", "manylinux2014_x86_64", wheel.name, hashlib.sha256(wheel.read_bytes()).hexdigest())
    settings = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path), "PIP_REQUIRE_HASHES": "1", "PIP_REQUIRE_VIRTUALENV": "1"}
    for name, value in {**settings, "SSLSPEC_CACHE": str(tmp_path / "cache")}.items():
        monkeypatch.setenv(name, value)
    assert provision(Entry("a-1", "a", "1", Wheels("sslspec-fake", "1", {machine(): pinned})), print).read_bytes() == b"ssl"


def test_the_pages_own_release_really_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = catalogue()["openssl-1.1.1k"]
    lacking = why_not(entry)
    if lacking:
        pytest.skip(lacking)
    monkeypatch.setenv("SSLSPEC_CACHE", str(tmp_path))
    monkeypatch.setenv("PIP_RETRIES", os.environ.get("PIP_RETRIES", "1"))
    try:
        libssl = provision(entry, print)
    except ProvisionError as error:
        # Whatever the network does; that it is not offered there any more is another matter.
        if "pip did not bring" not in str(error) or "Could not find a version" in str(error):
            raise
        pytest.skip(str(error))
    assert libssl.name == "libssl-3709da14.so.1.1"
    (libcrypto,) = libssl.parent.glob("libcrypto-*")
    assert b"OpenSSL 1.1.1k  25 Mar 2021" in libcrypto.read_bytes()


class TestProgram:
    def test_is_made_of_a_copy_with_what_was_fetched_before(self, world, program) -> None:
        made = world.provision(program)
        assert made == world.cache / f"mine-program-{machine()}" / "a-program"
        assert os.access(made, os.X_OK)
        fetched, compiled = world.calls("cargo")
        assert fetched == ["fetch", "--locked", "--manifest-path", str(world.folder / "ours" / "Cargo.toml")]
        assert {"--release", "--locked", "--offline", "--an-option"} <= set(compiled)
        assert world.said == [f"mine-program: {step}" for step in ("fetching crates", "compiling")]
        assert list((world.folder / "ours" / "target").iterdir()) == []

    def test_knows_where_it_came_from(self, world, program) -> None:
        known = provenance_of(world.provision(program))
        assert (known.source, known.checked, known.version) == ("program ours", LOCKED, "2")

    def test_is_not_made_twice(self, world, program) -> None:
        assert world.provision(program) == world.provision(program)
        assert len(world.calls("cargo")) == 2

    def test_is_built_with_the_cargo_that_the_user_has(self, world, program, monkeypatch) -> None:
        monkeypatch.setenv("RUSTUP_TOOLCHAIN", "mine")
        monkeypatch.setenv("RUSTFLAGS", "--cfg meddling")
        world.provision(program)
        seen = world.environment("cargo")
        assert (seen["CARGO_HOME"], seen["RUSTUP_TOOLCHAIN"]) == (str(world.cargo_home), "mine")
        assert "RUSTFLAGS" not in seen

    def test_says_what_cargo_says_of_its_crates(self, world, program) -> None:
        world.fails("cargo", "error: no matching package named `openssl` found\n")
        said = str(world.refused(program))
        assert said.startswith("mine-program: cargo did not bring the crates it needs: no matching package named `openssl` found")
