"""When the worker is compiled, with what, and what is said when it cannot be. The compilers are the tests' own."""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sslspec.adapters.c.compiling import SOURCE, compiled
from sslspec.adapters.c.prefix import Prefix
from sslspec.adapters.errors import LibraryNotLoaded

#: Notes the words it is called with, says what it is told, and makes the file after -o when it ends well.
COMPILER = """#!{python} -I
import json, os, pathlib, sys
with open({calls!r}, "a") as calls:
    print(json.dumps([sys.argv[1:], sorted(os.environ)]), file=calls)
sys.stderr.write({says!r})
if not {status}:
    pathlib.Path(sys.argv[sys.argv.index("-o") + 1]).write_text("a program")
sys.exit({status})
"""


class Bench:
    """A library to compile against, a compiler and a cache, in a folder of the test's own."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.cache = folder, folder / "cache"
        self.header, self.library = folder / "include/openssl/ssl.h", folder / "libssl.so"
        self.header.parent.mkdir(parents=True)
        for file in (self.header, self.library, folder / "libcrypto.so"):
            file.write_text("something")
        monkeypatch.setenv("SSLSPEC_CACHE", str(self.cache))
        monkeypatch.setenv("CC", f"{folder / 'mycc'} -m64")
        monkeypatch.setenv("CFLAGS", "-Dnot_to_be_seen")
        self.compiler()

    def compiler(self, says: str = "", status: int = 0) -> None:
        file = self.folder / "mycc"
        file.write_text(COMPILER.format(python=sys.executable, calls=str(self.folder / "calls"), says=says, status=status))
        file.chmod(0o755)

    def prefix(self, *, kind: str = "openssl", static: bool = False) -> Prefix:
        libraries = [self.folder / f"{name}.{'a' if static else 'so'}" for name in ("libssl", "libcrypto")]
        for library in libraries:
            if not library.exists():
                library.write_text("an archive")
        return Prefix(kind, (self.folder / "include",), tuple(libraries))

    def calls(self) -> list[list]:
        calls = self.folder / "calls"
        return [json.loads(line) for line in calls.read_text().splitlines()] if calls.exists() else []

    def refused(self) -> str:
        with pytest.raises(LibraryNotLoaded) as caught:
            compiled(self.prefix())
        said = str(caught.value)
        assert len(said.splitlines()) == 1
        assert list(self.cache.glob("workers/*")) == []
        return said

    def wait_for_each_other(self, number: int) -> None:
        """Let each of so many compilers end only when all of them have begun."""
        file = self.folder / "mycc"
        waits = f"import time\nwhile len(open({str(self.folder / 'calls')!r}).readlines()) < {number}: time.sleep(0.01)\n"
        file.write_text(file.read_text().replace("sys.stderr.write", waits + "sys.stderr.write", 1))


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    return Bench(tmp_path, monkeypatch)


def test_several_may_want_the_same_one_at_once(bench: Bench) -> None:
    bench.wait_for_each_other(3)
    with ThreadPoolExecutor(3) as threads:
        made = [threads.submit(compiled, bench.prefix()) for _ in range(3)]
    assert {one.result().read_text() for one in made} == {"a program"}
    assert [path.name for path in bench.cache.glob("workers/*")] == [made[0].result().name]


def test_it_is_compiled_with_the_words_of_cc_against_these_headers_and_libraries(bench: Bench) -> None:
    assert compiled(bench.prefix()).read_text() == "a program"
    ((words, environment),) = bench.calls()
    assert words[0] == "-m64"
    at = words.index("-isystem")
    assert words[at + 1 : at + 5] == [str(bench.folder / name) for name in ("include",)] + [
        str(SOURCE),
        *(str(bench.folder / name) for name in ("libssl.so", "libcrypto.so")),
    ]
    assert f"-Wl,-rpath,{bench.folder}" in words
    assert "CFLAGS" not in environment


def test_a_second_time_the_first_program_will_do(bench: Bench) -> None:
    assert compiled(bench.prefix()) == compiled(bench.prefix())
    assert len(bench.calls()) == 1


@pytest.mark.parametrize("what", ["header", "library"])
def test_what_has_changed_is_compiled_again_and_the_old_one_goes(bench: Bench, what: str) -> None:
    first = compiled(bench.prefix())
    getattr(bench, what).write_text("something else")
    second = compiled(bench.prefix())
    assert first != second
    assert list(first.parent.iterdir()) == [second]


def test_a_static_library_of_cxx_needs_its_runtime(bench: Bench) -> None:
    (bench.folder / "libssl.a").write_text("...__gxx_personality_v0...")
    compiled(bench.prefix(static=True))
    ((words, _),) = bench.calls()
    assert "-lstdc++" in words
    assert not any(word.startswith("-Wl,-rpath") for word in words)


def test_wolfssl_is_told(bench: Bench) -> None:
    compiled(bench.prefix(kind="wolfssl"))
    assert "-DWITH_WOLFSSL" in bench.calls()[0][0]


def test_a_sanitized_library_needs_a_sanitized_program(bench: Bench) -> None:
    bench.library.write_text("...__asan_init...")
    compiled(bench.prefix())
    assert "-fsanitize=address" in bench.calls()[0][0]


def test_the_first_error_is_shown_and_where_the_rest_is(bench: Bench) -> None:
    bench.compiler("In file included from here\nworker.c:9: error: no SSL_new\nworker.c:10: error: nor SSL_free\n", status=1)
    said = bench.refused()
    assert said.startswith("the worker cannot be compiled against it: worker.c:9: error: no SSL_new; the whole log is ")
    log = Path(said.rpartition("the whole log is ")[2])
    assert log.read_text().splitlines()[1:] == [
        "In file included from here",
        "worker.c:9: error: no SSL_new",
        "worker.c:10: error: nor SSL_free",
    ]


def test_a_compiler_that_fails_without_a_word(bench: Bench) -> None:
    bench.compiler(status=3)
    assert "it said nothing" in bench.refused()


def test_a_library_that_has_gone_meanwhile(bench: Bench) -> None:
    prefix = bench.prefix()
    bench.library.unlink()
    with pytest.raises(LibraryNotLoaded, match=r"libssl\.so: No such file or directory$"):
        compiled(prefix)


def test_no_compiler(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CC")
    monkeypatch.setenv("PATH", str(bench.folder))
    assert bench.refused() == "cc missing here: `apt-get install gcc`"


def test_a_cache_that_is_a_file(bench: Bench) -> None:
    bench.cache.write_text("no folder")
    assert bench.refused().startswith(f"the worker cannot be kept in {bench.cache}/workers: ")


@pytest.mark.skipif(os.geteuid() == 0, reason="this user may write everything")
def test_a_cache_that_may_not_be_written(bench: Bench) -> None:
    bench.cache.mkdir(mode=0o500)
    assert "Permission denied" in bench.refused()
