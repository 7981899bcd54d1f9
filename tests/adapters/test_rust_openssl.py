"""The program that drives the crate openssl, where it has been built."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from base64 import b64encode
from typing import TYPE_CHECKING, Any

import pytest
from processes import PATIENCE

from sslspec.adapters.catalogue import catalogue
from sslspec.adapters.certificate import certificate
from sslspec.adapters.checking import check
from sslspec.adapters.errors import AdapterBroken, LibraryNotLoaded, NotImplementedThere
from sslspec.adapters.interface import Variant
from sslspec.adapters.resolve import foreign, openers
from sslspec.adapters.tools import missing, words
from sslspec.adapters.worker.client import Program, WorkerClient

from .conftest import library

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NAME = "rust-openssl"
VARIANTS = [variant.value for variant in Variant]


@pytest.fixture(scope="module")
def program() -> Path:
    """Return the program; its tests are skipped where it has not been built."""
    return library(NAME)


@pytest.fixture(scope="module")
def worker(program: Path) -> Iterator[WorkerClient]:
    assert program.is_file()
    client = WorkerClient(*foreign([NAME]), limit=PATIENCE)
    yield client
    client.close()


@pytest.fixture
def ask(worker: WorkerClient) -> Iterator[Callable[..., Any]]:
    worker.ask("begin")
    worker.ask("evidence")
    yield worker.ask
    worker.ask("end")


def ends(ask: Callable[..., Any], contexts: list[str]) -> list[str]:
    return [ask("new_connection", context) for context in contexts]


def contexts(ask: Callable[..., Any], variant: str = Variant.TLS12_ID.value) -> list[str]:
    made = [ask("new_context", role, variant) for role in ("client", "server")]
    ask("set_cache", made[0], ["client", "no-internal-store"])
    return made


def session(ask: Callable[..., Any], made: list[str]) -> str:
    client, server = ends(ask, made)
    assert ask("handshake", client, server, "established") == [True, True, ""]
    ask("exchange", client, server)
    received: str = ask("received_session", client)
    ask("shutdown", client)
    ask("shutdown", server)
    return received


@pytest.mark.usefixtures("program")
def test_it_speaks_the_protocol_and_shows_everything() -> None:
    assert [finding for finding in check(*foreign([NAME])) if finding.wrong] == []


@pytest.mark.usefixtures("program")
def test_it_is_opened_by_its_name_and_known_by_the_crates_version() -> None:
    opened = openers([NAME], "openssl-1.1.1")[NAME]()
    opened.close()
    assert (opened.identity.family, opened.identity.release) == (NAME, catalogue()[NAME].version)
    assert re.fullmatch(rf"OpenSSL \S+ .* \(crate openssl {catalogue()[NAME].version}\)", opened.identity.version)
    assert opened.identity.source == f"program {NAME} (SHA-256 of each crate pinned in its Cargo.lock)"
    assert len(opened.identity.files[0].sha256) == 64


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_resumption_is_reported_at_both_ends(ask: Callable[..., Any], variant: str) -> None:
    made = contexts(ask, variant)
    resumed = session(ask, made)
    client, server = ends(ask, made)
    assert ask("set_session", client, resumed) == [1, []]
    assert ask("handshake", client, server, "established") == [True, True, ""]
    assert [ask("reused", end) for end in (client, server)] == [True, True]


def test_what_the_crate_has_no_method_for_is_not_implemented(ask: Callable[..., Any]) -> None:
    made = contexts(ask)
    client, server = ends(ask, made)
    held = ask("new_session", "one", "TLSv1.2", 0, 7200)
    ask("handshake", client, server, "client spoke")
    lacking = {
        "SSL_set_session on a connection that is a stream already": ("set_session", client, held),
        "SSL_set_session(NULL)": ("set_session", client, None),
        "SSL_CTX_add_session(NULL)": ("add_session", made[0], None),
        "SSL_CTX_set_session_cache_mode on a context in use": ("set_cache", made[0], []),
        "SSL_SESSION_free of a session that is only lent": ("watch_removals", made[0], "frees the session"),
        "SSL_set_quiet_shutdown": ("set_quiet_shutdown", client),
        "SSL_clear": ("clear", client),
        "SSL_CTX_flush_sessions": ("flush", made[0]),
    }
    for function, asked in lacking.items():
        with pytest.raises(NotImplementedThere) as caught:
            ask(*asked)
        assert str(caught.value) == f"the crate openssl has no {function}"


def test_references_are_counted_until_the_session_is_destroyed(ask: Callable[..., Any]) -> None:
    context = ask("new_context", "client", Variant.TLS12_TICKET)
    held = ask("new_session", "one", "TLSv1.2", 0, 7200)
    counts = [ask("references", held)]
    assert ask("add_session", context, held) == [1, []]
    counts.append(ask("references", held))
    ask("release", held)
    counts.append(ask("references", held))
    assert not ask("destroyed", held)
    ask("free_context", context)
    counts.append(ask("references", held))
    assert ask("destroyed", held)
    assert counts == [1, 2, 1, 0]


@pytest.mark.parametrize("asked", [("destroyed", "nonsense"), ("release", "session9"), ("new_context", "client"), ("entries", "ctx9")])
def test_a_fault_of_its_own_is_one_and_the_program_lives_on(ask: Callable[..., Any], asked: tuple[str, ...]) -> None:
    with pytest.raises(AdapterBroken):
        ask(*asked)
    assert ask("describe")["family"] == NAME


def test_a_panic_says_where_it_was(ask: Callable[..., Any]) -> None:
    with pytest.raises(AdapterBroken, match=r"panicked at src/sessions\.rs"):
        ask("destroyed", "nonsense")


def test_a_key_that_is_none_is_nothing_to_drive(program: Path) -> None:
    client = WorkerClient(Program((str(program),)), {"certificate": certificate()[0], "key": b"none"}, limit=PATIENCE)
    with pytest.raises(LibraryNotLoaded):
        client.ask("describe")


def _opening(limit: int) -> tuple[str, dict[str, Any]]:
    shown, key = (b64encode(part).decode() for part in certificate())
    return "open", {"protocol": 1, "limit": limit, "certificate_base64": shown, "key_base64": key}


@pytest.mark.skipif(bool(missing(["cc"])), reason="a library that hangs is made with cc")
def test_it_ends_by_itself_when_it_hangs_and_nobody_is_left_to_end_it(program: Path, tmp_path: Path) -> None:
    (tmp_path / "hangs.c").write_text("#include <unistd.h>\nunsigned long malloc_usable_size(void *p) { for (;;) pause(); }\n")
    subprocess.run([*words("cc"), "-shared", "-fPIC", "-o", "hangs.so", "hangs.c"], cwd=tmp_path, check=True)
    operation, settings = _opening(limit=0)
    line = json.dumps({"id": 1, "operation": operation, "args": [settings]}).encode() + b"\n"
    hung = {**os.environ, "LD_PRELOAD": str(tmp_path / "hangs.so")}
    said = subprocess.run([program], input=line, env=hung, capture_output=True, check=False, timeout=PATIENCE)
    assert (said.returncode, said.stdout) == (-signal.SIGALRM, b"")


def test_a_call_is_said_before_it_is_made(program: Path) -> None:
    requests: list[tuple[Any, ...]] = [
        _opening(limit=600),
        ("begin",),
        ("new_context", "client", Variant.TLS12_TICKET),
        ("new_connection", "ctx1"),
        ("new_session", "one", "TLSv1.2", 0, 7200),
        ("set_session", "client1", "session1"),
    ]
    lines = [json.dumps({"id": number, "operation": name, "args": args}) for number, (name, *args) in enumerate(requests)]
    said = subprocess.run([program], input="\n".join(lines).encode() + b"\n", capture_output=True, check=True, timeout=PATIENCE)
    last = [line for line in map(json.loads, said.stdout.splitlines()) if line["id"] == len(requests) - 1]
    call = {"call": "SslRef::set_session", "of": ["client1", "session1"]}
    assert last == [
        {"id": 5, "so_far": [{**call, "is": "(did not return)"}]},
        {"id": 5, "is": [1, []], "events": [{**call, "is": "Ok"}]},
    ]
