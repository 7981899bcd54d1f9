"""Whole programs: what they say, and that they do on every library that is here what was seen there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from sslspec.adapters.catalogue import catalogue, libraries, library_of
from sslspec.adapters.certificate import certificate as made_for_a_run
from sslspec.adapters.resolve import open_native
from sslspec.clauses import features_folder, specification
from sslspec.errors import UsageError
from sslspec.evidence import UNFINISHED, Event
from sslspec.expectations import read_expectations
from sslspec.record import Linking, Wanted
from sslspec.reports.record_json import read
from sslspec.reports.reproducer import cases, program
from sslspec.steps.collect import row_names
from sslspec.verdicts import Verdict

#: As strict as a program may be held to, by whoever pastes it into his own tree.
FLAGS = ("-Wall", "-Wextra", "-Werror")
LINKING = Linking(("ssl", "crypto"), missing=("SSL_library_init",))
CRASHED = (Event("call", "SSL_CTX_new", ("TLS_client_method()",), "ctx1"), Event("call", "SSL_CTX_free", ("ctx1",), UNFINISHED))

needs_cc = pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler (cc)")
needs_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="native libraries are driven on Linux")


def program_of(make, *, linking=LINKING, others=0, **more):
    crashes = {"verdict": Verdict.CRASHES, "evidence": CRASHED, "reason": "SSL_CTX_free(ctx1) ended the process with SIGABRT"}
    record = make.record([make.row(**crashes | more)])
    (case,) = cases(record, "one", record.clauses[0])
    return program(replace(case, identity=replace(case.identity, linking=linking)), others).text


def test_the_first_comment_says_what_a_report_needs(make):
    text = program_of(make, others=2)
    comment = text[: text.index("*/")]
    for said in (
        "SSL_set_session.3/a-rule (rule)",
        "What a-rule says.",
        "Version of one",
        "It is so (one of 3 in which",
        "SSL_CTX_free(ctx1) returns",
        "ended the process with SIGABRT",
        "cc repro.c -lssl -lcrypto",
        "Exit status: 1",
    ):
        assert said in comment


def test_the_same_record_gives_the_same_program(make):
    assert program_of(make) == program_of(make)


def test_nothing_that_is_not_used_is_in_it(make):
    text = program_of(make)
    for word in ("certificate", "handshake", "SSL_connect", "hand_made", "malloc.h", "GIVES", "long seen", "SSL_library_init"):
        assert word not in text


def test_a_library_that_has_to_be_initialised_is(make):
    assert "    SSL_library_init();\n" in program_of(make, linking=Linking(("ssl",)))


def test_where_there_is_no_c_library_that_is_said(make):
    with pytest.raises(
        UsageError, match="no C program can be made for one: it is no C library, or its record was made by an older sslspec"
    ):
        program_of(make, linking=None)


@needs_cc
def test_hostile_texts_are_only_said(make, tmp_path):
    hostile = f'*/ #error\n"??/ \\ %n {make.hostile}'
    text = program_of(make, reason=hostile, scenario=hostile, evidence=(Event("step", hostile), *CRASHED))
    assert "\n#error" not in text
    (tmp_path / "repro.c").write_text(text)
    subprocess.run([shutil.which("cc"), "-std=c99", *FLAGS, "-c", "-o", tmp_path / "repro.o", tmp_path / "repro.c"], check=True)


def test_the_certificate_is_the_keys_and_like_that_of_a_run(make):
    from cryptography.hazmat.primitives.serialization import load_der_private_key  # noqa: PLC0415  # 60 ms
    from cryptography.x509 import load_der_x509_certificate  # noqa: PLC0415

    used = Event("call", "SSL_CTX_use_certificate_ASN1", ("ctx1", "certificate"), 1)
    text = program_of(make, evidence=(CRASHED[0], used, CRASHED[1]))
    arrays = [text[text.index(f"{name}] = {{") :].partition("};")[0] for name in ("certificate[400", "key[121")]
    made = [bytes(int(word.strip(" \n,"), 0) for word in array.partition("{")[2].split(",")) for array in arrays]
    shown, key = load_der_x509_certificate(made[0]), load_der_private_key(made[1], None)
    assert shown.public_key() == key.public_key()
    of_a_run = load_der_x509_certificate(made_for_a_run()[0])
    assert (shown.subject, shown.signature_algorithm_oid) == (of_a_run.subject, of_a_run.signature_algorithm_oid)


@cache
def deviating_clauses(family):
    known = read_expectations(None, specification(), row_names()).deviations
    return sorted({entry.clause for entry in known if entry.family == family})


@pytest.fixture(scope="module")
def record_of(tmp_path_factory):
    """Return what runs, on a library of the catalogue, the clauses that its family is known to do otherwise about."""

    @cache
    def run(name):
        entry = catalogue()[name]
        if library_of(entry) is None:
            pytest.skip(f"{name} is not here yet; `sslspec run -i {name}` brings it")
        out = tmp_path_factory.mktemp(name)
        clauses = [argument for clause in deviating_clauses(entry.family) for argument in ("--clause", clause)]
        if not clauses:
            pytest.skip(f"nothing is known that {name} does otherwise")
        command = [sys.executable, "-m", "sslspec", "run", "-i", name, *clauses, "--out", out]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=features_folder().parent)
        assert (out / "record.json").is_file(), done.stderr
        return read(out / "record.json")

    return run


@pytest.fixture(scope="module")
def identity_of():
    """Return what says how programs call a library of the catalogue."""

    @cache
    def identify(name):
        path = library_of(catalogue()[name])
        if path is None:
            pytest.skip(f"{name} is not here yet; `sslspec run -i {name}` brings it")
        opened = open_native(name, path)
        opened.close()
        return opened.identity

    return identify


def text_of(make, row, identity):
    record = make.record([row])
    (case,) = cases(record, "one", record.clauses[0])
    return program(replace(case, identity=identity)).text


def run_with(source: Path, identity):
    """Compile a program, link it with the files of a library, and run it; return its exit status and what it said."""
    files = [file.path for file in identity.files if "ssl" in Path(file.path).name or "crypto" in Path(file.path).name]
    folder, binary = Path(files[0]).parent, source.with_suffix("")
    found = [f"-Wl,-rpath,{folder}", f"-Wl,-rpath-link,{folder}"]
    subprocess.run([shutil.which("cc"), "-std=c99", *FLAGS, "-o", binary, source, *files, *found], check=True)
    # What a library needs itself is beside it, and not in its own search path.
    environment = os.environ | {"LD_LIBRARY_PATH": str(folder)}
    done = subprocess.run([binary], capture_output=True, text=True, check=False, env=environment)
    return done.returncode, done.stdout, done.stderr


@needs_cc
@needs_linux
@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.xdist_group(f"programs {name}")) for name in libraries()])
def test_programs_show_all_that_a_library_does_otherwise(name, record_of, tmp_path):
    record = record_of(name)
    (identity,) = record.implementations
    found = [case for clause in record.clauses for case in cases(record, name, clause)]
    wrong = []
    for number, case in enumerate(found):
        source = tmp_path / f"repro{number}.c"
        source.write_text(program(case, len(found) - 1).text)
        done = run_with(source, identity)
        if done[:2] != (1, f"expected: {case.expected}\nobserved: {case.observed}\n"):
            wrong.append((case.clause.id, case.row.title, done))
    assert wrong == []


@needs_cc
@needs_linux
@pytest.mark.xdist_group("programs openssl-1.1.1k")
def test_a_program_ends_with_0_on_a_library_that_conforms(record_of, identity_of, tmp_path):
    record, conforming = record_of("openssl-1.1.1k"), identity_of("openssl-3.5.8")
    case = cases(record, "openssl-1.1.1k", specification().clause("no-part-on-server"))[0]
    source = tmp_path / "repro.c"
    source.write_text(program(case).text)
    assert run_with(source, record.implementations[0])[0] == 1
    assert run_with(source, conforming)[:2] == (0, "expected: the handshake succeeds\nobserved: as expected\n")


@needs_cc
@needs_linux
@pytest.mark.xdist_group("programs openssl-1.1.1k")
def test_a_program_whose_case_cannot_be_set_up_ends_with_2(record_of, tmp_path):
    record = record_of("openssl-1.1.1k")
    case = cases(record, "openssl-1.1.1k", specification().clause("no-part-on-server"))[0]
    source = tmp_path / "repro.c"
    text = program(case).text
    source.write_text(text.replace('GIVES(SSL_write(server1, "x", 1), 1)', 'GIVES(SSL_write(server1, "x", 1), 2)'))
    done = run_with(source, record.implementations[0])
    assert (done[0], done[1]) == (2, "")
    assert done[2].startswith('the case cannot be set up: SSL_write(server1, "x", 1)')


def call(name, *arguments, result=None, depth=0):
    return Event("call", name, arguments, result, depth)


HAND_MADE = call("d2i_SSL_SESSION", {"id": "id 1", "version": "TLSv1.2", "age": 0, "timeout": 7200}, result="session1")
COUNTED = Event("observation", "references", ("session1",), 1)
ADDED = call("SSL_CTX_add_session", "ctx1", "session1", result=1)
WHEN = Event("step", "When it happens")


def new_context(name):
    """Return how a context is made on an OpenSSL of the catalogue."""
    return call("SSL_CTX_new", "TLSv1_2_client_method()" if name == "openssl-1.0.2q" else "TLS_client_method()", result="ctx1")


FREED = call("SSL_SESSION_free", "session1")


def looked(*, destroyed):
    return Event("observation", "destroyed", ("session1",), destroyed)


#: What is done to a session and wanted of it, and with what the program ends.
DONE = [
    ([COUNTED, WHEN, ADDED, COUNTED], Wanted("references", "session1", 1, 1, gained=True), 0),
    ([COUNTED, WHEN, ADDED, COUNTED], Wanted("references", "session1", 2, 2, gained=True), 1),
    ([COUNTED, WHEN, FREED, COUNTED], Wanted("references", "session1", -1, -1, gained=True), 0),
    ([WHEN, FREED, looked(destroyed=False)], Wanted("destroyed", "session1", 1), 0),
    ([WHEN, looked(destroyed=False)], Wanted("destroyed", "session1", 1), 1),
    ([WHEN, FREED], Wanted("destroyed", "session1", 0, 0), 1),  # it was still held: LibraryDestroyedSession
    ([WHEN], Wanted("destroyed", "session1", 0, 0), 0),
]


@needs_cc
@needs_linux
@pytest.mark.parametrize("name", ["openssl-1.0.2q", "openssl-3.5.8", "boringssl-2026", "libressl-3.1.0"])
def test_a_program_counts_references_and_sees_a_session_go(make, identity_of, tmp_path, name):
    """By what no library does otherwise, so that nothing depends on their faults."""
    identity = identity_of(name)
    for number, (events, wanted, status) in enumerate(DONE):
        row = make.row(Verdict.DEVIATES, evidence=(new_context(name), HAND_MADE, *events), wanted=wanted, expected="so", observed="not so")
        source = tmp_path / f"repro{number}.c"
        source.write_text(text_of(make, row, identity))
        assert run_with(source, identity)[0] == status, (events, wanted)


@needs_cc
@needs_linux
def test_a_program_that_hangs_or_crashes_says_in_what(make, identity_of, tmp_path):
    identity = identity_of("openssl-3.5.8")
    evidence = (new_context("openssl-3.5.8"), call("SSL_CTX_free", "ctx1", result=UNFINISHED))
    text = text_of(make, make.row(Verdict.HANGS, evidence=evidence, reason="it hung"), identity)
    source = tmp_path / "repro.c"
    source.write_text(text)
    expected = "expected: SSL_CTX_free(ctx1) returns\nobserved: "
    assert run_with(source, identity)[:2] == (0, f"{expected}as expected\n")
    for act, said in (("pause()", "did not return within 10 s"), ("abort()", "ended the process with SIGABRT")):
        # What a library does that hangs or crashes, and sooner than it is waited for.
        hanging = text.replace("DO(SSL_CTX_free(ctx1));", f'doing = "SSL_CTX_free(ctx1)"; {act};').replace("alarm(10)", "alarm(1)")
        source.write_text(hanging)
        assert run_with(source, identity)[:2] == (1, f"{expected}SSL_CTX_free(ctx1) {said}\n")


@needs_cc
@needs_linux
@pytest.mark.parametrize(("function", "names"), [("SSL_CTX_sess_number", ("ctx1",)), ("SSL_SESSION_free", ("session1",))])
def test_the_callback_of_a_program_calls_what_it_called(make, identity_of, tmp_path, function, names):
    identity = identity_of("openssl-3.5.8")
    evidence = (
        new_context("openssl-3.5.8"),
        HAND_MADE,
        call("SSL_CTX_sess_set_remove_cb", "ctx1", "remove_session"),
        ADDED,
        call("SSL_CTX_remove_session", "ctx1", "session1", result=1),
        Event("callback", "remove_session", ("ctx1", "session1")),
        call(function, *names, result=1, depth=1),
    )
    row = make.row(Verdict.DEVIATES, evidence=evidence, wanted=Wanted("call", "", 2, 2), expected="2", observed="1")
    source = tmp_path / "repro.c"
    source.write_text(text_of(make, row, identity))
    assert f"    {function}({names[0][:-1]});" in source.read_text()
    assert run_with(source, identity)[:2] == (1, "expected: 2\nobserved: 1\n")
