"""What worker.c answers: as the protocol has it, as the worker in Python does, and when nothing sensible is asked."""

from __future__ import annotations

import base64
import json
import re
import shlex
import shutil
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

import pytest
from libraries_with_headers import FROM_SOURCE, SYSTEM, WITH_ASAN, WITH_TSAN, with_headers
from processes import PATIENCE, gone

from sslspec.adapters.c.compiling import SOURCE, compiled
from sslspec.adapters.certificate import certificate
from sslspec.adapters.checking import check
from sslspec.adapters.errors import AdapterBroken, LibraryCrashed, LibraryHung, LibraryNotLoaded, WorkerNotStarted
from sslspec.adapters.resolve import foreign, openers
from sslspec.adapters.sanitizers import sanitizer_of
from sslspec.adapters.tools import words
from sslspec.adapters.worker.client import Program, WorkerClient
from sslspec.clauses import DEFAULT_EDITION
from sslspec.evidence import UNFINISHED, lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

TICKETS = "TLS 1.2 with tickets"
WEEK = 7 * 24 * 3600
#: Of a row: what says of which run it is, and for how long it took.
_OF_THE_RUN = ("implementation", "seconds", "evidence")


def settings(**more: Any) -> dict[str, Any]:
    shown, key = certificate()
    return {"certificate": shown, "key": key, **more}


@pytest.fixture
def drive() -> Iterator[Callable[..., WorkerClient]]:
    """Return what makes a client of a program; its process is ended with the test, however that ends."""
    made: list[WorkerClient] = []

    def drive(program: Path, **more: Any) -> WorkerClient:
        made.append(WorkerClient(Program((str(program),)), more or settings(), limit=PATIENCE))
        return made[-1]

    yield drive
    for client in made:
        client.close()


@pytest.fixture
def client(worker: Path, drive: Callable[..., WorkerClient]) -> WorkerClient:
    return drive(worker)


class Conversation:
    """The worker without a client: lines go in, lines come out. It is ended where the `with` ends."""

    def __init__(self, program: Path) -> None:
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            with suppress(OSError):  # what could not be written any more
                stream.close()  # type: ignore[union-attr]  # all are pipes

    def say(self, line: bytes) -> dict[str, Any]:
        assert self.process.stdin and self.process.stdout  # noqa: PT018  # both are pipes
        self.process.stdin.write(line + b"\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def ask(self, number: int, operation: str, *args: Any) -> dict[str, Any]:
        return self.say(json.dumps({"id": number, "operation": operation, "args": args}).encode())

    def end(self) -> int:
        self.process.communicate(timeout=PATIENCE)
        return self.process.returncode


@pytest.fixture
def conversation(worker: Path) -> Iterator[Conversation]:
    with Conversation(worker) as conversation:
        yield conversation


@pytest.fixture
def opened(conversation: Conversation) -> Conversation:
    encoded = {f"{name}_base64": base64.b64encode(value).decode() for name, value in settings().items()}
    assert conversation.ask(1, "open", {"protocol": 1, "limit": 60, **encoded}) == {"id": 1, "is": {"protocol": 1}, "events": []}
    return conversation


def run(tmp_path: Path, *arguments: str, status: int | None = None) -> dict[str, Any]:
    """Return the record of a run, which must end with that exit status, if any."""
    command = [sys.executable, "-m", "sslspec", "run", "-o", str(tmp_path), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=2 * PATIENCE)
    assert (tmp_path / "record.json").is_file(), done.stderr
    assert status in {None, done.returncode}, done.stdout
    return json.loads((tmp_path / "record.json").read_text())


def rows_of(record: dict[str, Any], name: str) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Return what a run says of one implementation, row by row."""
    return {
        (row["feature"], row["line"], json.dumps(row.get("example"))): {
            **{key: value for key, value in row.items() if key not in _OF_THE_RUN},
            "evidence": record["evidence"].get(row.get("evidence")),
        }
        for row in record["rows"]
        if row["implementation"] == name
    }


def identity_of(record: dict[str, Any], name: str) -> dict[str, Any]:
    """Return what both workers know of a library; how a program is linked with it only the one without headers has to look up."""
    (identity,) = (one for one in record["implementations"] if one["name"] == name)
    return {key: value for key, value in identity.items() if key not in ("name", "linking")}


# The two workers check each other.


@pytest.mark.parametrize("name", [SYSTEM, *FROM_SOURCE])
def test_both_workers_agree(name: str, tmp_path: Path) -> None:
    with_headers(name)
    built = "/usr" if name == SYSTEM else name
    record = run(tmp_path, "-i", f"in_c=build:{built}", "-i", name)
    rows = rows_of(record, name)
    assert len(rows) > 100
    assert rows_of(record, "in_c") == rows
    assert identity_of(record, "in_c") == identity_of(record, name)


def test_both_workers_agree_on_what_the_pages_forbid(tmp_path: Path) -> None:
    """Crashes and hangs among it."""
    name = "libressl-3.1.0"
    with_headers(name)
    record = run(tmp_path, "--undefined", "-i", f"in_c=build:{name}", "-i", name, "-n", "2")
    answers = [row.get("answer", "") for row in record["rows"]]
    assert any("SIG" in answer for answer in answers)
    assert rows_of(record, "in_c") == rows_of(record, name)


@pytest.mark.parametrize("name", [SYSTEM, *FROM_SOURCE])
def test_nothing_of_the_protocol_is_answered_wrongly(name: str) -> None:
    program = compiled(with_headers(name))
    findings = list(check(*foreign([str(program)])))
    assert [finding for finding in findings if finding.wrong and finding.seen] == []


def test_a_static_library_is_part_of_the_program(tmp_path: Path) -> None:
    shared = with_headers(SYSTEM)
    archives = [library.with_name(f"{library.name.partition('.')[0]}.a") for library in shared.libraries]
    if not all(archive.is_file() for archive in archives):
        pytest.skip("the system has no static libssl; `apt-get install libssl-dev`")
    (tmp_path / "include").symlink_to(shared.headers[0])
    for archive in archives:
        (tmp_path / archive.name).symlink_to(archive)
    implementation = openers([f"mine=build:{tmp_path}"], DEFAULT_EDITION)["mine"]()
    implementation.close()
    identity = implementation.identity
    assert [file.path for file in identity.files] == [str(tmp_path / archive.name) for archive in archives]
    assert all(file.sha256 for file in identity.files)
    assert all(proof.proven for proof in identity.proofs)


# Sanitizers.


@pytest.mark.parametrize("name", [*WITH_ASAN, *WITH_TSAN])
def test_a_build_with_a_sanitizer_does_what_is_expected_of_its_release(name: str, tmp_path: Path) -> None:
    with_headers(name)
    record = run(tmp_path, "-i", name, status=0)
    assert sum(row["verdict"] == "conforms" for row in record["rows"]) > 50


@pytest.mark.parametrize("name", [*WITH_ASAN, *WITH_TSAN])
def test_a_sanitizers_report_is_evidence(name: str, drive: Callable[..., WorkerClient]) -> None:
    """Both sanitizers see the use of freed memory; who allocated it only AddressSanitizer knows."""
    client = drive(compiled(with_headers(name)))
    client.ask("begin")
    session = client.ask("new_session", "one", "TLSv1.2", 0, WEEK)
    context = client.ask("new_context", "client", TICKETS)
    client.ask("set_cache", context, ["client"])
    client.ask("watch_removals", context, "frees the session")
    client.ask("add_session", context, session)
    client.ask("release", session)
    client.ask("evidence")
    with pytest.raises(LibraryCrashed) as caught:
        client.ask("remove_session", context, session)
    sanitizer = sanitizer_of(name)
    assert sanitizer is not None
    assert caught.value.signal == f"{sanitizer.name}: heap-use-after-free"
    assert caught.value.call == "SSL_CTX_remove_session(ctx1, session1)"
    access, freed, *_ = (event for event in client.ask("evidence") if event.name == sanitizer.name)
    assert re.match(r"(read|write) of size \d+ by main thread", *access.arguments)
    assert any(re.fullmatch(r"SSL_CTX_remove_session \(ssl_sess\.c:\d+\)", frame) for frame in access.result)
    assert any(frame.startswith("SSL_SESSION_free (") for frame in freed.result)


def test_a_system_that_tells_less_is_claimed_less_of(tmp_path: Path) -> None:
    """Without what is Linux's own, as on OpenBSD."""
    prefix = with_headers(SYSTEM)
    command = [*words("cc"), "-std=c99", "-U__linux__", "-o", str(tmp_path / "worker"), str(SOURCE)]
    subprocess.run([*command, *map(str, prefix.libraries), "-lpthread", "-ldl"], check=True, timeout=PATIENCE)
    findings = list(check(*foreign([str(tmp_path / "worker")])))
    assert [finding for finding in findings if finding.wrong and finding.seen] == []
    assert {finding.title: finding.wrong for finding in findings if finding.wrong} == {
        "looking changes nothing": "reference-count: this system does not tell the size of a block (no malloc_usable_size)",
        "reference-count": "this system does not tell the size of a block (no malloc_usable_size)",
    }


RACE = """
    static int shared;
    static void count(void) { int at; for (at = 0; at < 1000; at++) shared = at; }
    static void *in_a_thread(void *nothing) { count(); return nothing; }
    int SSL_shutdown(SSL *ssl)
    {
        pthread_t other;
        (void)ssl, pthread_create(&other, NULL, in_a_thread, NULL), count(), pthread_join(other, NULL);
        return shared;
    }
"""


@pytest.fixture(scope="session")
def racing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the worker with a library whose SSL_shutdown starts a thread that races with the caller."""
    return with_another_shutdown(tmp_path_factory.mktemp("racing"), RACE, "-g", "-fno-inline", "-fsanitize=thread")


@pytest.mark.parametrize("option", ["", "abort_on_error=1"])
def test_a_race_is_named_and_is_evidence(
    racing: Path, option: str, drive: Callable[..., WorkerClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TSAN_OPTIONS", option)
    client = drive(racing)
    connection = client.ask("new_connection", client.ask("new_context", "client", TICKETS))
    client.ask("evidence")
    with pytest.raises(LibraryCrashed) as caught:
        client.ask("shutdown", connection)
    assert vars(caught.value) == {"call": "SSL_shutdown(client1)", "signal": "ThreadSanitizer: data race"}
    # Whichever thread came first; the place in the runtime itself is told by some compilers only.
    assert [re.sub(r"pthread_create \(.*?\)", "pthread_create", line) for line in lines(client.ask("evidence"))] == [
        f"    SSL_shutdown(client1) = {UNFINISHED}",
        "    ThreadSanitizer(write of size 4 by a thread): count (other.c:5)|in_a_thread (other.c:6)",
        "    ThreadSanitizer(write of size 4 by main thread): count (other.c:5)|SSL_shutdown (other.c:10)",
        "    ThreadSanitizer(a thread created by main thread): pthread_create|SSL_shutdown (other.c:10)",
        "    ThreadSanitizer(location): global 'shared' of size 4",
    ]


def test_a_race_is_the_verdict_of_the_row(racing: Path, tmp_path: Path) -> None:
    record = run(tmp_path, "-i", f"mine=cmd:{racing}", "--clause", "quiet-shutdown-is-not-open", status=1)
    crashed = [row for row in record["rows"] if row["verdict"] == "crashes"]
    assert crashed
    for row in crashed:
        assert re.fullmatch(r"SSL_shutdown\(\w+\) ended the process with ThreadSanitizer: data race", row["reason"])
        assert any(event.get("observation") == "ThreadSanitizer" for event in record["evidence"][row["evidence"]])


def test_where_threadsanitizer_finds_no_room_it_is_said_what_to_do(tmp_path: Path) -> None:
    """The program stands where none should, as on a kernel that puts it anywhere."""
    program = with_another_shutdown(tmp_path, RACE, "-fsanitize=thread", "-Wl,-Ttext-segment=0x100000000000")
    command = [sys.executable, "-m", "sslspec", "run", "-o", str(tmp_path / "report"), "-i", f"mine=cmd:{program}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    (said,) = done.stderr.splitlines()
    assert "`setarch -R` before the command" in said
    assert done.returncode == 2


# What ends the process, or does not end.


def test_a_crash_names_the_call(client: WorkerClient) -> None:
    context = client.ask("new_context", "client", TICKETS)
    client.ask("evidence")
    with pytest.raises(LibraryCrashed) as caught:
        client.ask("add_session", context, None)
    assert vars(caught.value) == {"call": "SSL_CTX_add_session(ctx1, NULL)", "signal": "SIGSEGV"}
    assert lines(client.ask("evidence")) == [f"    SSL_CTX_add_session(ctx1, NULL) = {UNFINISHED}"]
    client.ask("begin")
    assert client.ask("new_context", "client", TICKETS) == "ctx1"


def with_another_shutdown(folder: Path, body: str, *options: str) -> Path:
    """Return the worker for the system's library, with another SSL_shutdown in it."""
    prefix = with_headers(SYSTEM)
    source = folder / "other.c"
    source.write_text(f'#include "worker.c"\n#include <pthread.h>\n{body}')
    command = [*words("cc"), "-std=c99", *options, "-I", str(SOURCE.parent), "-o", str(folder / "other"), str(source)]
    done = subprocess.run(
        [*command, *map(str, prefix.libraries), "-lpthread", "-ldl"], check=False, timeout=PATIENCE, capture_output=True, text=True
    )
    if done.returncode and "tsan" in done.stderr:
        pytest.skip("the compiler has no ThreadSanitizer")
    assert not done.returncode, done.stderr
    return folder / "other"


@pytest.fixture(scope="session")
def stuck(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the worker with a library that never comes back from SSL_shutdown."""
    return with_another_shutdown(
        tmp_path_factory.mktemp("stuck"), "int SSL_shutdown(SSL *ssl) { for (;;) sched_yield(); return ssl != NULL; }"
    )


def test_a_hang_names_the_call(stuck: Path, drive: Callable[..., WorkerClient]) -> None:
    client = drive(stuck)
    connection = client.ask("new_connection", client.ask("new_context", "client", TICKETS))
    client.hurry(1.0)
    with pytest.raises(LibraryHung) as caught:
        client.ask("shutdown", connection)
    assert vars(caught.value) == {"call": "SSL_shutdown(client1)", "seconds": 1.0}


def last_words(stuck: Path, whole: int, **more: Any) -> tuple[list[dict[str, Any]], int]:
    """Return what the worker says of an operation that hangs, with its client gone, and its exit status."""
    messages = [("open", {"limit": whole, "certificate_base64": "", "key_base64": ""}), ("new_context", "client", TICKETS)]
    with Conversation(stuck) as conversation:
        for number, message in enumerate([*messages, ("new_connection", "ctx1")]):
            assert "error" not in conversation.ask(number, *message)
        process = conversation.process
        assert process.stdin and process.stdout  # noqa: PT018  # both are pipes
        process.stdin.write(json.dumps({"id": 9, "operation": "shutdown", "args": ["client1"], **more}).encode() + b"\n")
        process.stdin.close()
        return [json.loads(line) for line in process.stdout], process.wait(PATIENCE)


def test_a_worker_that_hangs_ends_when_its_client_has_gone(stuck: Path) -> None:
    said, status = last_words(stuck, 1)
    assert said[0]["so_far"][-1]["is"] == UNFINISHED
    assert (said[-1]["error"], said[-1]["with"]) == ("LibraryHung", {"call": "SSL_shutdown(client1)", "seconds": 1})
    assert status == 97  # it has said all


def test_a_request_may_have_a_limit_of_its_own(stuck: Path) -> None:
    said, _ = last_words(stuck, 1000, limit=1.0)
    assert (said[-1]["error"], said[-1]["with"]) == ("LibraryHung", {"call": "SSL_shutdown(client1)", "seconds": 1})


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells what is mapped")
def test_what_was_not_linked_is_refused(worker: Path) -> None:
    client = WorkerClient(Program((str(worker), "/no/such/libssl.so")), settings(), limit=PATIENCE)
    files = WorkerClient(Program((str(worker),)), settings(), limit=PATIENCE)
    try:
        loaded = files.ask("describe")["files"]
        if not loaded:
            pytest.skip("it is linked with a static library")
        with pytest.raises(LibraryNotLoaded, match=r"^/no/such/libssl\.so was linked and /.* is loaded$"):
            client.ask("describe")
    finally:
        client.close()
        files.close()


def test_it_ends_with_its_client(worker: Path) -> None:
    starts = f"import subprocess, time; print(subprocess.Popen({[str(worker)]!r}, stdin=-1).pid, flush=True); time.sleep(3600)"
    with subprocess.Popen([sys.executable, "-c", starts], stdout=subprocess.PIPE, text=True) as parent:
        try:
            child = int(parent.stdout.readline())  # type: ignore[union-attr]
        finally:
            parent.kill()
    assert gone(child)


# What nobody should say.


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"noise",
        b"{",
        b'{"id": 7, "operation": "describe", "args": []',
        b'{"id": 7, "operation": "describe", "args": []} and more',
        b'{"id": 7, "operation": "descr\xff',
        b'{"id": 7, "operation": "a \\',
        b'{"id": 7, "operation": "a \\u12"}',
        b'{"id": 7, "operation": "a \\ud800x"}',
        b'{"id": 7, "operation": "a \\u0000"}',
        b'{"id": 7, "operation": 8, "args": []}',
        b'{"id": 7, "operation": "describe"}',
        b'{"id": 7, "operation": "describe", "args": {}}',
        b"[" * 20_000,
        b'{"id": 7, "args": [' + b"1, " * 5000 + b"1]}",
        b"null",
    ],
)
def test_what_is_no_request_is_refused_and_the_next_one_answered(opened: Conversation, line: bytes) -> None:
    said = opened.say(line)
    assert said["error"] == "AdapterBroken"
    assert said["id"] in {0, 7}
    assert opened.ask(8, "describe")["id"] == 8
    assert opened.end() == 0


@pytest.mark.parametrize(
    ("request_", "says"),
    [
        (("no_such_operation",), "no operation is called 'no_such_operation'"),
        (("entries", "ctx9"), "there is no context ctx9"),
        (("entries",), "argument 1 must be a string"),
        (("entries", 5), "argument 1 must be a string"),
        (("version", "client1"), "there is no connection client1"),
        (("release", "session1"), "there is no session session1"),
        (("new_context", "client", "SSL 2"), "there is no variant SSL 2"),
        (("new_context", "referee", TICKETS), "there is no role referee"),
        (("new_session", "one", "SSLv2", 0, 1), "no session of SSLv2 can be made"),
        (("new_session", "one", "TLSv1.2", "old", 1), "argument 3 must be a number"),
        (("removals", "ctx1"), "no callback watches the removals of ctx1"),
    ],
)
def test_what_cannot_be_carried_out_is_said(client: WorkerClient, request_: tuple[Any, ...], says: str) -> None:
    client.ask("begin")
    with pytest.raises(AdapterBroken, match=re.escape(says)):
        client.ask(*request_)
    assert client.ask("new_context", "client", TICKETS) == "ctx1"


def test_flags_that_there_are_not(client: WorkerClient) -> None:
    context = client.ask("new_context", "client", TICKETS)
    for flags in (["clients"], [1], "client"):
        with pytest.raises(AdapterBroken, match="argument 2 "):
            client.ask("set_cache", context, flags)


def test_a_line_longer_than_any_request_ends_it(opened: Conversation) -> None:
    with suppress(BrokenPipeError):  # it goes while it is spoken to
        opened.process.stdin.write(b"x" * (1 << 17))  # type: ignore[union-attr]
        opened.process.stdin.flush()  # type: ignore[union-attr]
    assert opened.process.wait(PATIENCE) == 0


def test_the_first_message_must_open(conversation: Conversation) -> None:
    assert conversation.ask(1, "describe")["with"] == {"reason": "the first message must be 'open'"}
    assert conversation.ask(2, "open", {})["error"] == "WorkerNotStarted"
    assert conversation.ask(3, "describe")["error"] == "AdapterBroken"


def test_settings_that_are_missing(worker: Path, drive: Callable[..., WorkerClient]) -> None:
    with pytest.raises(WorkerNotStarted, match="certificate_base64"):
        drive(worker, certificate=b"").ask("describe")


def test_a_label_may_hold_anything(client: WorkerClient) -> None:
    client.ask("begin")
    label = 'a "b" \\ c\n\t\x01 é 漢 😀'
    client.ask("evidence")
    client.ask("new_session", label, "TLSv1.2", 0, WEEK)
    (event,) = (event for event in client.ask("evidence") if event.name == "d2i_SSL_SESSION")
    assert event.arguments == ({"id": label, "version": "TLSv1.2", "age": 0, "timeout": WEEK},)


def test_more_than_there_is_room_for_is_refused(client: WorkerClient) -> None:
    client.ask("begin")
    context = client.ask("new_context", "client", TICKETS)
    for _ in range(2048):
        client.ask("new_connection", context)
    with pytest.raises(AdapterBroken, match="so many connections"):
        client.ask("new_connection", context)
    client.ask("end")


def test_headers_of_another_release_are_noticed(tmp_path: Path, drive: Callable[..., WorkerClient]) -> None:
    prefix = with_headers(SYSTEM)
    if prefix.kind != "openssl" or not prefix.is_shared:
        pytest.skip("the system's library says no release of its own")
    (tmp_path / "openssl").mkdir()
    (tmp_path / "openssl/opensslv.h").write_text(
        '#include_next <openssl/opensslv.h>\n#undef OPENSSL_VERSION_TEXT\n#define OPENSSL_VERSION_TEXT "OpenSSL 9.9.9"\n'
    )
    command = [*words("cc"), "-std=c99", "-I", str(tmp_path), "-o", str(tmp_path / "worker"), str(SOURCE)]
    subprocess.run([*command, *map(str, prefix.libraries), "-lpthread", "-ldl"], check=True, timeout=PATIENCE)
    with pytest.raises(LibraryNotLoaded, match=r"^it is compiled against the headers of OpenSSL 9\.9\.9 and runs with OpenSSL 3"):
        drive(tmp_path / "worker").ask("describe")


@pytest.mark.parametrize("compiler", ["cc", "clang"])
@pytest.mark.parametrize("name", [SYSTEM, *FROM_SOURCE])
def test_no_compiler_has_a_warning(name: str, compiler: str, tmp_path: Path) -> None:
    prefix = with_headers(name)
    if not shutil.which(compiler):
        pytest.skip(f"there is no {compiler}; `apt-get install {compiler}` brings one")
    headers = [word for folder in prefix.headers for word in ("-isystem", str(folder))]
    wolf = ["-DWITH_WOLFSSL"] if prefix.kind == "wolfssl" else []
    strict = shlex.split("-std=c99 -O2 -Wall -Wextra -pedantic -Werror -c")
    done = subprocess.run(
        [compiler, *strict, *wolf, *headers, "-o", str(tmp_path / "worker.o"), str(SOURCE)], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
