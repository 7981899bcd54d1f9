"""The script that compiles and starts worker.c on another machine: by every shell that is here, with compilers of the tests' own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sslspec.adapters.c import compiling
from sslspec.adapters.c.prefix import find_prefix

if TYPE_CHECKING:
    from collections.abc import Callable

SCRIPT = files("sslspec.adapters.c").joinpath("there.sh").read_text(encoding="utf-8")
#: Notes what it is called with, says what it is told, and makes a program that does as much and ends with the statuses, one after another.
COMPILER = """#!{python} -I
import json, os, pathlib, sys
note = pathlib.Path({note!r})
source = next(pathlib.Path(word) for word in sys.argv if word.endswith("/worker.c"))
note.write_text(json.dumps([sys.argv[1:], source.read_text(), sys.stdin.read()]))
sys.stderr.write({says!r})
if {status}:
    sys.exit({status})
program = pathlib.Path(sys.argv[sys.argv.index("-o") + 1])
program.write_text({program!r})
program.chmod(0o755)
"""
PROGRAM = """#!{python} -I
import json, os, pathlib, signal, sys
note = pathlib.Path({note!r} + ".started")
before = note.read_text().splitlines() if note.exists() else []
shown = [sys.argv[1:], sorted(os.environ), os.environ.get("LD_LIBRARY_PATH"), os.read(0, 5).decode()]
note.write_text("\\n".join([*before, json.dumps(shown)]) + "\\n")
status = {statuses!r}[len(before)]
os.kill(os.getpid(), -status) if status < 0 else sys.exit(status)
"""
#: What would decide how a library or its memory behaves.
MEDDLING = {"MALLOC_PERTURB_": "1", "OPENSSL_CONF": "/no/such\nOPENSSL_x=1", "GLIBC_TUNABLES": ""}
SHELLS = [["sh"], ["dash"], ["mksh"], ["ksh"], ["busybox", "sh"], ["bash", "--posix"]]
HOSTILE = ["with space", "it's", 'say "so"', "$(touch hit)", "-x", "a*b", "[ab]", "back\\slash", "a;b&c", "#no", "~", "ü"]


@pytest.fixture(params=SHELLS, ids="-".join)
def shell(request: pytest.FixtureRequest) -> list[str]:
    words: list[str] = request.param
    if not shutil.which(words[0]):
        pytest.skip(f"{words[0]} is not here; Debian: apt-get install {words[0]}")
    return words


class There:
    """Another machine: a folder for what a library is in, one for temporary files, and a compiler that has been told what to do."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.temporary, self.note = folder, folder / "tmp", folder / "note"
        self.temporary.mkdir()
        self.compiler()

    def compiler(self, says: str = "", status: int = 0, statuses: tuple[int, ...] = (0,)) -> None:
        program = PROGRAM.format(python=sys.executable, note=str(self.note), statuses=list(statuses))
        file = self.folder / "mycc"
        file.write_text(COMPILER.format(python=sys.executable, note=str(self.note), says=says, status=status, program=program))
        file.chmod(0o755)

    def library(self, name: str, *names: str, **contents: str) -> Path:
        """Make an installation with these files in it; their content is their name, or what is given."""
        for file in names:
            (self.folder / name / file).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name / file).write_text(contents.get(Path(file).stem, file))
        return self.folder / name

    def run(self, shell: list[str], prefix: Path, *compiler: str, **environment: str) -> subprocess.CompletedProcess[str]:
        words = compiler or (str(self.folder / "mycc"), "-m64")
        source = "a source\n"
        done = subprocess.run(
            [*shell, "-c", SCRIPT, "sh", str(len(source)), str(prefix), *words],
            input=source + "asked",
            capture_output=True,
            text=True,
            check=False,
            cwd=self.folder,
            env={**os.environ, **MEDDLING, "TMPDIR": str(self.temporary), **environment},
        )
        assert list(self.temporary.iterdir()) == []
        assert not (self.folder / "hit").exists()
        return done

    def refused(self, shell: list[str], prefix: Path, *compiler: str) -> str:
        done = self.run(shell, prefix, *compiler)
        assert (done.returncode, done.stdout) == (1, "")
        return done.stderr.splitlines()[-1]

    def compiled_with(self) -> list[str]:
        words, source, rest = json.loads(self.note.read_text())
        assert (source, rest) == ("a source\n", "")
        return words

    def started(self) -> list[list]:
        return [json.loads(line) for line in Path(f"{self.note}.started").read_text().splitlines()]


@pytest.fixture
def there(tmp_path: Path) -> There:
    return There(tmp_path)


INSTALLED = ("include/openssl/ssl.h", "lib/libssl.so", "lib/libssl.so.3", "lib/libcrypto.so", "lib/libssl.a", "lib/libcrypto.a")
LAYOUTS: dict[str, tuple[str, ...]] = {
    "installed": INSTALLED,
    "static": ("include/openssl/ssl.h", "lib64/libssl.a", "lib64/libcrypto.a"),
    "versions alone": ("include/openssl/ssl.h", "lib/libssl.so.55.10", "lib/libssl.so.53.0", "lib/libcrypto.so.9.1", "lib/libssl.so.bak~"),
    "a multiarch system": ("include/openssl/ssl.h", "lib/x86_64-linux-gnu/libssl.so", "lib/x86_64-linux-gnu/libcrypto.so"),
    "a build of libtool's": ("include/openssl/ssl.h", "ssl/.libs/libssl.so", "crypto/.libs/libcrypto.so", "ssl/.libs/libssl.so.1.2"),
    "a build of cmake's": ("include/openssl/ssl.h", "ssl/libssl.a", "crypto/libcrypto.a"),
    "wolfssl": ("wolfssl/ssl.h", "wolfssl/options.h", "src/.libs/libwolfssl.so"),
    "headers at the top": ("openssl/ssl.h", "libssl.so", "libcrypto.so"),
    "half of it shared": ("include/openssl/ssl.h", "lib/libssl.so", "lib/libssl.a", "lib/libcrypto.a"),
}


def expected(prefix: Path, monkeypatch: pytest.MonkeyPatch, compiler: Path) -> set[str]:
    """Return the words by which the same library is compiled with here, without those that differ."""
    monkeypatch.setenv("CC", f"{compiler} -m64")
    return set(compiling._words(find_prefix(prefix))) - {str(compiler), str(compiling.SOURCE)}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_it_is_compiled_as_it_would_be_here(there: There, layout: str, monkeypatch: pytest.MonkeyPatch) -> None:
    prefix = there.library("prefix", *LAYOUTS[layout])
    assert there.run(["sh"], prefix).returncode == 0
    words = there.compiled_with()
    at = words.index("-o")
    assert {word for word in words[:at] + words[at + 2 :] if not word.endswith("/worker.c")} == expected(
        prefix, monkeypatch, there.folder / "mycc"
    )
    libraries = [word for word in words if word.startswith(str(prefix)) and "/lib" in word and Path(word).is_file()]
    assert [Path(library).name.split(".")[0] for library in libraries] == [
        path.name.split(".")[0] for path in find_prefix(prefix).libraries
    ]
    ((arguments, names, searched, asked),) = there.started()
    assert arguments == libraries
    assert asked == "asked"
    assert not {name for name in names if name.startswith(("MALLOC_", "OPENSSL_", "GLIBC_"))}
    assert (searched or "").partition(":")[0] == (str(Path(libraries[0]).parent) if ".so" in libraries[0] else "")


@pytest.mark.parametrize(
    ("mark", "word"), [("__asan_init", "-fsanitize=address"), ("__tsan_init", "-fsanitize=thread"), ("__gxx_personality_v0", "-lstdc++")]
)
def test_what_a_library_holds_decides_with_what(there: There, mark: str, word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    prefix = there.library("prefix", "include/openssl/ssl.h", "libssl.a", "libcrypto.a", libssl=f"\0...{mark}\0...\n\n")
    assert there.run(["sh"], prefix).returncode == 0
    assert word in there.compiled_with()
    assert expected(prefix, monkeypatch, there.folder / "mycc") <= {*there.compiled_with()}


@pytest.mark.parametrize("file", ["Makefile", "CMakeCache.txt"])
def test_headers_may_be_where_the_source_is(shell: list[str], there: There, file: str) -> None:
    source = there.library("the source", "include/openssl/ssl.h")
    said = {"Makefile": "SRCDIR=../source\n", "CMakeCache.txt": f"CMAKE_HOME_DIRECTORY:INTERNAL={source}\n"}
    source = source.rename(there.folder / "source") if file == "Makefile" else source
    prefix = there.library("prefix", "include/openssl/conf.h", "libssl.a", "libcrypto.a", file, **{Path(file).stem: said[file]})
    assert there.run(shell, prefix).returncode == 0
    places = [
        Path(word).resolve() for before, word in zip(there.compiled_with(), there.compiled_with()[1:], strict=False) if before == "-isystem"
    ]
    assert places == list(find_prefix(prefix).headers) == [prefix / "include", source / "include"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_path_is_taken_as_it_is(there: There, name: str) -> None:
    for other in ("a!b", "a"):
        there.library(other, *INSTALLED)
    takes_as_it_is(["sh"], there, name)


def test_every_shell_takes_a_path_as_it_is(shell: list[str], there: There) -> None:
    there.library("a", *INSTALLED)
    takes_as_it_is(shell, there, "-".join(HOSTILE))
    takes_as_it_is(shell, there, "[ab]")


def takes_as_it_is(shell: list[str], there: There, name: str) -> None:
    prefix = there.library(name, *INSTALLED)
    there.compiler(statuses=(0, 0))
    assert there.run(shell, prefix).returncode == 0
    arguments, *_ = there.started()[-1]
    assert arguments == [f"{prefix}/lib/libssl.so", f"{prefix}/lib/libcrypto.so"]


def test_what_is_missing_is_said(shell: list[str], there: There) -> None:
    made: Callable[..., Path] = there.library
    assert there.refused(shell, there.folder / "none").endswith("/none is no folder there; name that of an installation or a build")
    assert "/empty has neither headers (include/openssl/ssl.h) nor a libssl; " in there.refused(shell, made("empty", "README"))
    assert "a library and no headers" in there.refused(shell, made("library", "libssl.a", "libcrypto.a"))
    assert "headers and no library" in there.refused(shell, made("headers", "include/openssl/ssl.h", "libssl.so"))
    prefix = made("prefix", *INSTALLED)
    assert there.refused(shell, prefix, "no-such-cc") == "there is no compiler no-such-cc; name another one: ssh://HOST/PREFIX?cc=COMMAND"


@pytest.mark.parametrize(
    ("says", "first"),
    [
        ("In file included from here\n  worker.c:9: error: no\\tSSL_new\nworker.c:10: error: nor it\n", "worker.c:9: error: no\\tSSL_new"),
        ("ld: worker.c:9: undefined reference to `SSL_new'\n", "ld: worker.c:9: undefined reference to `SSL_new'"),
        ("\nnothing that is known $(touch hit) `touch hit` \\\n", "nothing that is known $(touch hit) `touch hit` \\"),
        ("", "it said nothing"),
    ],
)
def test_the_first_error_of_the_compiler_is_the_line(shell: list[str], there: There, says: str, first: str) -> None:
    there.compiler(says, status=1)
    said = there.refused(shell, there.library("prefix", *INSTALLED))
    assert said == f"the worker cannot be compiled against it: {first}"


def test_after_its_last_words_another_one_is_started(shell: list[str], there: There) -> None:
    there.compiler(statuses=(97, 97, 0))
    assert there.run(shell, there.library("prefix", *INSTALLED)).returncode == 0
    assert len(there.started()) == 3


@pytest.mark.parametrize(("status", "told"), [(3, 3), (-11, 139), (-9, 137)])
def test_a_death_without_a_word_is_passed_on(shell: list[str], there: There, status: int, told: int) -> None:
    there.compiler(statuses=(97, status))
    assert there.run(shell, there.library("prefix", *INSTALLED)).returncode == told
    assert len(there.started()) == 2


def test_without_mktemp_a_folder_is_made_that_was_not_there(shell: list[str], there: There) -> None:
    tools = there.folder / "tools"
    tools.mkdir()
    for name in ("dd", "env", "grep", "mkdir", "rm", "sed", "uname", shell[0]):
        (tools / name).symlink_to(shutil.which(name) or name)
    words = [str(tools / shell[0]), *shell[1:]]
    done = there.run(words, there.library("prefix", *INSTALLED), PATH=str(tools))
    if shell[0] != "busybox":  # has a mktemp inside
        assert f"{there.temporary}/sslspec-" in there.compiled_with()[there.compiled_with().index("-o") + 1]
    assert done.returncode == 0


def test_a_temporary_folder_that_is_none_is_said(there: There) -> None:
    prefix = there.library("prefix", *INSTALLED)
    done = there.run(["sh"], prefix, TMPDIR=str(there.folder / "none"))
    assert done.returncode == 1
    assert str(there.folder / "none") in done.stderr.splitlines()[-1]
