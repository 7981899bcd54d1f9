"""The protocol: its schema is the interface's, our own workers keep to it, and programs of others are held to it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from processes import PATIENCE

from sslspec.adapters import errors, protocol
from sslspec.adapters.certificate import certificate
from sslspec.adapters.implementation import adapter_over
from sslspec.adapters.interface import CAPABILITIES, OPERATIONS, Point, Role, Variant
from sslspec.adapters.probe import probe
from sslspec.adapters.resolve import foreign, open_foreign
from sslspec.adapters.worker.client import WorkerClient, python_worker
from tests.doubles import program as double

if TYPE_CHECKING:
    from collections.abc import Mapping

PROGRAM = [sys.executable, str(Path(double.__file__))]
HERE = Path(protocol.__file__).parent
FORM = jsonschema.Draft202012Validator(protocol.schema())


def said_by(fault: str, limit: float = PATIENCE) -> WorkerClient:
    program, settings = foreign([*PROGRAM, fault])
    return WorkerClient(program, settings, limit=limit, inspect=lambda *said: "; ".join(protocol.complaints(*said)))


def test_the_file_is_what_the_interface_says() -> None:
    """Make it anew with: python -m sslspec.adapters.protocol > adapters/protocol.schema.json."""
    assert json.loads((HERE / "protocol.schema.json").read_text(encoding="utf-8")) == protocol.schema()


def test_the_words_name_every_operation_error_and_capability() -> None:
    words = (HERE / "PROTOCOL.md").read_text(encoding="utf-8")
    kinds = [kind.__name__ for kind in errors.AdapterError.__subclasses__()]
    values = [value for kind in (Role, Variant, Point) for value in kind]
    lacking = [word for word in (*OPERATIONS, *kinds, *CAPABILITIES, *values) if word != "evidence" and f"{word}" not in words]
    assert lacking == []


def test_the_schema_is_one() -> None:
    FORM.check_schema(FORM.schema)


class TestAMessage:
    @pytest.mark.parametrize(
        "message",
        [
            {"id": 1, "operation": "new_context", "args": ["client", "TLS 1.2 with tickets"]},
            {"id": 1, "operation": "watch_removals", "args": ["ctx1"]},
            {"id": 1, "is": None, "events": [{"call": "SSL_free", "of": ["client1"], "is": None}]},
            {"id": 1, "so_far": []},
        ],
    )
    def test_of_the_protocol(self, message: dict[str, Any]) -> None:
        FORM.validate(message)

    @pytest.mark.parametrize(
        "message",
        [
            {"id": 1, "operation": "new_context", "args": ["client", "SSL 2.0"]},
            {"id": 1, "operation": "new_context", "args": ["client"]},
            {"id": 1, "operation": "make_tea", "args": []},
            {"id": 1, "operation": "begin", "args": [1]},
            {"id": "1", "is": None, "events": []},
            {"id": 1, "is": None},
            {"id": 1, "is": None, "events": [{"call": "SSL_free"}]},
            {"id": 1, "error": "NotObservable", "with": {"capability": "marked"}, "events": []},
        ],
    )
    def test_of_another_one(self, message: dict[str, Any]) -> None:
        assert not FORM.is_valid(message)


def test_our_own_worker_keeps_to_it(library_name: str, libssl: Path) -> None:
    wrong: list[str] = []
    asked: set[str] = set()

    def inspect(message: Mapping[str, Any], answer: Mapping[str, Any]) -> str:
        asked.add(str(message["operation"]))
        wrong.extend(protocol.complaints(message, answer))
        wrong.extend(error.message for one in (message, answer) for error in FORM.iter_errors(one))
        return ""

    shown, key = certificate()
    settings = {"driver": "sslspec.adapters.native.driver:open_native", "path": str(libssl), "certificate": shown, "key": key}
    client = WorkerClient(python_worker(str(libssl.resolve().parent)), settings, limit=PATIENCE, inspect=inspect)
    try:
        adapter = adapter_over(client.ask)
        adapter.describe()
        probe(adapter)
    finally:
        client.close()
    assert wrong == [], library_name
    assert len(asked) > len(OPERATIONS) // 2


class TestAProgram:
    def test_without_a_fault_is_an_implementation_like_any_other(self) -> None:
        opened = open_foreign("theirs", *foreign(PROGRAM))
        try:
            assert (opened.identity.family, opened.identity.release) == ("program", "1.0")
            assert [(file.path, file.sha256) for file in opened.identity.files] == [("/not/on/this/machine", "")]
            assert opened.ask("new_context", "client", "TLS 1.2 with tickets") == "ctx1"
        finally:
            opened.close()

    @pytest.mark.parametrize(
        ("fault", "kind", "says"),
        [
            ("prints noise", errors.AdapterBroken, "no answer of the protocol to set_cache"),
            ("wrong id", errors.AdapterBroken, "an answer to message 1 came for message 3"),
            ("half a line", errors.LibraryHung, "set_cache did not return"),
            ("a gigabyte", errors.AdapterBroken, "an answer to set_cache that does not end"),
            ("wrong type", errors.AdapterBroken, "is: 'done' is not of type 'null'"),
            ("unknown error", errors.AdapterBroken, "error: 'Oops' is not one of"),
            ("no events", errors.AdapterBroken, "'events'"),
            ("answers late", errors.LibraryHung, "set_cache did not return"),
            ("dies", errors.LibraryCrashed, "set_cache ended the process with exit status 3"),
            (
                "dies, and said in what",
                errors.LibraryCrashed,
                "SSL_CTX_set_session_cache_mode(ctx1, client) ended the process with SIGABRT",
            ),
            (
                "says that it has crashed",
                errors.LibraryCrashed,
                "SSL_CTX_set_session_cache_mode(ctx1, client) ended the process with SIGSEGV",
            ),
        ],
    )
    def test_with_a_fault_is_told_in_one_line_and_started_again(self, fault: str, kind: type[Exception], says: str) -> None:
        client = said_by(fault)
        try:
            client.ask("new_context", "client", "TLS 1.2 with tickets")
            client.ask("evidence")
            if kind is errors.LibraryHung:
                client.hurry(0.3)
            with pytest.raises(kind) as caught:
                client.ask("set_cache", "ctx1", ["client"])
            assert says in str(caught.value)
            assert len(str(caught.value).splitlines()) == 1
            assert client.ask("describe")["family"] == "program"
        finally:
            client.close()

    def test_of_another_version_is_asked_nothing_more(self) -> None:
        client = said_by("speaks another version")
        with pytest.raises(errors.AdapterError, match="protocol"):
            client.ask("describe")
        assert client._process is None
