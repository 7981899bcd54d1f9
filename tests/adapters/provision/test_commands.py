"""What programs see, and that none of them outlives us."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from processes import PATIENCE, gone, wait_for

from sslspec.adapters.provision import ProvisionError
from sslspec.adapters.provision.commands import ask, compiler

#: Another sslspec: provisions what the fixture `crate` offers.
PROCESS = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from sslspec.adapters.provision import provision
from sslspec.adapters.sources import Crate, Entry, Recipe
libraries = ("libssl.so", "libcrypto.so")
recipe = Recipe("a-cmake", "cmake", 1, 1, ("cc", "make"), (), (), libraries)
entry = Entry(sys.argv[1], "mine", "1", Crate("mine-sys", "1.2.3", sys.argv[2], "src"), recipe)
print(provision(entry, lambda line: print(line, flush=True)))
"""

#: Another sslspec: builds an archive of wolfSSL's.
FROM = """
import pathlib, sys
from sslspec.adapters.provision import provision_archive
from sslspec.adapters.sources import Archive
print(*provision_archive("wolfssl", Archive(pathlib.Path(sys.argv[1])), lambda line: print(line, flush=True)))
"""


@pytest.fixture
def run():
    """Start a script with arguments; it is ended with the test."""
    processes = []

    def run(script: str, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", script, *arguments]
        processes.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        return processes[-1]

    yield run
    for process in processes:
        process.kill()
        process.communicate()


@pytest.fixture
def start(run, crate):
    return lambda name="mine-1": run(PROCESS, name, crate.source.sha256)


def test_a_build_sees_its_compiler_and_none_of_the_users_flags(world, crate, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {"CFLAGS": "-O0", "LDFLAGS": "-s", "MAKEFLAGS": "-k", "CPATH": "/x", "LD_PRELOAD": "", "CMAKE_GENERATOR": "x"}
    for name, value in {**settings, "CC": str(world.bin / "cc"), "CCACHE_DIR": "/ccache"}.items():
        monkeypatch.setenv(name, value)
    world.provision(crate)
    seen = world.environment("cmake")
    assert not settings.keys() & seen.keys()
    assert (seen["CC"], seen["CCACHE_DIR"], seen["LC_ALL"]) == (str(world.bin / "cc"), "/ccache", "C")
    assert seen["TMPDIR"].startswith(str(world.cache))


def test_cargo_sees_the_users_settings(world, crate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARGO_NET_RETRY", "1")
    world.provision(crate)
    assert world.environment("cargo")["CARGO_NET_RETRY"] == "1"


def test_a_disk_that_fills_up_under_the_compiler(world, crate) -> None:
    world.fails("cmake", "cc1: fatal error: error writing to x.s: No space left on device\n")
    assert "cannot be written: No space left on device" in str(world.refused(crate))


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("program", ["cargo", "cmake"])
def test_whatever_ends_us_ends_what_we_started_and_leaves_the_cache_as_it_was(world, crate, start, program: str, sent: int) -> None:
    world.hold(program)
    process = start()
    running = wait_for(lambda: world.process(program))
    assert running
    process.send_signal(sent)
    process.communicate(timeout=PATIENCE)
    assert gone(running)
    assert [name for name in world.left() if not name.startswith(".work-")] == []
    world.release(program)
    libssl = world.provision(crate)
    assert world.left() == [libssl.parent.name]


def test_a_build_that_its_user_ends_leaves_no_log(world, start) -> None:
    world.hold("cmake")
    process = start()
    assert wait_for(lambda: world.process("cmake"))
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=PATIENCE)
    assert world.left() == []
    assert list((world.cache.parent / "logs").iterdir()) == []


def test_two_of_one_library_build_it_once(world, start) -> None:
    world.hold("cmake")
    first = start()
    assert wait_for(lambda: world.process("cmake"))
    second = start()
    assert second.stdout.readline() == "waiting for another sslspec that is provisioning it\n"
    world.release("cmake")
    said = [process.communicate(timeout=PATIENCE)[0].splitlines()[-1] for process in (first, second)]
    assert said[0] == said[1]
    assert len(world.calls("cmake")) == 2  # to configure, and to compile


def test_two_of_one_archive_build_it_once_and_give_the_same(world, run) -> None:
    world.makes("libwolfssl.so.99")
    members = {"a/CMakeLists.txt": b"", "a/wolfssl/version.h": b'#define LIBWOLFSSL_VERSION_STRING "5.9.9"'}
    archive = world.tar(world.folder / "own.tar.gz", members)
    world.hold("cmake")
    first = run(FROM, str(archive))
    assert wait_for(lambda: world.process("cmake"))
    second = run(FROM, str(archive))
    assert second.stdout.readline() == "waiting for another sslspec that is provisioning it\n"
    world.release("cmake")
    said = [process.communicate(timeout=PATIENCE)[0].splitlines()[-1:] for process in (first, second)]
    assert said[0] == said[1]
    assert said[0][0].startswith("wolfssl-5.9.9+file ")
    assert len(world.calls("cmake")) == 2  # to configure, and to compile


def test_two_libraries_do_not_wait_for_each_other(world, start) -> None:
    world.hold("cmake")
    first, second = start("mine-1"), start("mine-2")
    assert wait_for(lambda: len(world.calls("cmake")) == 2)
    world.release("cmake")
    for process in (first, second):
        process.communicate(timeout=PATIENCE)
        assert process.returncode == 0
    assert len(world.left()) == 2


#: Starts another, and notes its process id; both note when they come to their end.
SLOW = """
import subprocess
child = subprocess.Popen(["sh", "-c", f"sleep 3600; touch {home}/ended"])
(home / "part").write_text(str(child.pid))
(home / "part").rename(home / "child")
child.wait()
(home / "ended").touch()
"""


def test_what_a_program_started_ends_with_it(world, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world.program("cc", SLOW)
    communicate = subprocess.Popen.communicate

    def until_both_are_there(process, timeout: float):
        """Let the time be up when there is something to end."""
        assert wait_for((world.folder / "child").exists)
        return communicate(process, timeout=timeout)

    monkeypatch.setattr(subprocess.Popen, "communicate", until_both_are_there)
    assert ask([str(world.bin / "cc")], tmp_path, dict(os.environ), 0.1) is None
    assert gone(world.process("cc"))
    assert gone(int((world.folder / "child").read_text()))
    assert not (world.folder / "ended").exists()


def test_a_program_that_does_not_start(tmp_path: Path) -> None:
    done = ask(["/nowhere/cc"], tmp_path, dict(os.environ), PATIENCE)
    assert (done.status, done.stderr) == (127, "/nowhere/cc does not start: No such file or directory\n")


def test_a_program_that_a_signal_ended(world, tmp_path: Path) -> None:
    world.program("cc", "os.kill(os.getpid(), 9)")
    assert ask([str(world.bin / "cc")], tmp_path, dict(os.environ), PATIENCE).status == 128 + 9


def test_a_compiler_with_options_says_what_it_is(world, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", f"{world.bin / 'cc'} -m64")
    assert compiler() == "cc of the test 1.0"
    assert world.calls("cc") == [["-m64", "--version"]]
    monkeypatch.setenv("CC", "/nowhere/cc")
    assert compiler() == ""


def test_a_python_that_does_not_start(world, crate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(ProvisionError, match="/nowhere/python does not start"):
        world.provision(crate)
