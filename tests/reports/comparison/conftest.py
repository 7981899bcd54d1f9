"""Comparisons, made of small records: one with every way in which something changes, and one all of whose texts are hostile."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sslspec.clauses import Kind
from sslspec.comparison import Comparison, compare
from sslspec.expectations import KnownDeviation, Whose
from sslspec.known import Compared
from sslspec.record import File, Identity, NotRun
from sslspec.verdicts import Verdict

PATH = "/usr/lib/libssl.so.3"
ENTRY = "deviations/openssl.toml, entry 1"


@pytest.fixture
def every_way(make) -> Comparison:
    """Return two records of three implementations, one of which did not change, one that is gone, and one that could not be run."""
    deviates = {"verdict": Verdict.DEVIATES, "expected": "1 more", "observed": "2 more"}
    sides = {
        "It regressed": ({}, {**deviates, "known": (ENTRY,)}),
        "It is lost": ({}, {"verdict": Verdict.NOT_OBSERVABLE, "reason": "entries: no way"}),
        "It broke": ({}, {"verdict": Verdict.ERROR, "reason": "KeyError"}),
        "It fails otherwise": (deviates, {**deviates, "observed": "3 more"}),
        "It is asked": ({"verdict": Verdict.ANSWERED, "answer": "yes"}, {"verdict": Verdict.ANSWERED, "answer": "no"}),
        "It is fixed": ({"verdict": Verdict.CRASHES, "reason": "SSL_free() ended it"}, {}),
        "It is seen": ({"verdict": Verdict.NOT_IMPLEMENTED, "reason": "no SSL_clear"}, {}),
        "It is so": ({}, {}),
        "It hides": ({"verdict": Verdict.NOT_OBSERVABLE}, {"verdict": Verdict.NOT_OBSERVABLE}),
    }
    clause_of = {"It is asked": "a-question", "It is lost": "a-reading"}
    old, new = (
        [make.row(scenario=scenario, **{"clause": clause_of.get(scenario, "a-rule")} | both[side]) for scenario, both in sides.items()]
        for side in (0, 1)
    )
    old.append(make.row(scenario="It is gone"))
    new += [make.row(scenario="It is new"), *(replace(each, implementation="two") for each in new[:1])]
    old += [make.row(scenario="It regressed", implementation=name) for name in ("two", "same", "gone", "unable")]
    new += [make.row(scenario="It regressed", implementation=name) for name in ("same", "fresh")]
    clauses = [
        make.clause("a-reading", Kind.READING, takes="It counts once.", others=("It counts twice.",)),
        make.clause(),
        make.clause("a-question", Kind.QUESTION),
    ]
    file = File(PATH, "ab" * 32)
    named = {name: Identity(name, "openssl", f"Version of {name}") for name in ("two", "same", "gone", "unable", "fresh")}
    named["one"] = Identity("one", "openssl", "OpenSSL 1", (File("/usr/lib/libcrypto.so.3", "cd" * 32), file))
    about = KnownDeviation(ENTRY, "openssl", f"{make.page}/a-rule", Verdict.DEVIATES, ".*", whose=Whose.BY_DESIGN)
    return compare(
        make.record(old, clauses, implementations=tuple(named[name] for name in ("one", "two", "same", "gone", "unable"))),
        make.record(
            new,
            clauses,
            implementations=tuple(named[name] for name in ("one", "two", "same", "fresh")),
            not_run=(NotRun("unable", "no cc", "install one"),),
            compared=Compared("features", (about,)),
        ),
    )


@pytest.fixture
def hostile(make) -> Comparison:
    """Return a comparison that tries to be more than text."""
    evil = make.hostile
    clauses = [make.clause(f"c{number}", says=evil, takes=evil, others=(evil,), kind=Kind.READING) for number in range(4)]
    texts = {"expected": evil, "observed": evil, "reason": evil, "answer": evil}
    old = [make.row(verdict, f"c{number}", evil, scenario=f"{evil}{number}", **texts) for number, verdict in enumerate(BEFORE)]
    new = [make.row(verdict, f"c{number}", evil, scenario=f"{evil}{number}", known=(evil,)) for number, verdict in enumerate(AFTER)]
    identity = Identity(evil, evil, evil, (File(f"/{evil}/libssl", evil),))
    more = make.row(implementation="two", scenario=evil)
    return compare(
        make.record([*old, more], [*clauses, make.clause()], implementations=(identity, Identity("two", evil, evil)), tool=evil),
        make.record(new, clauses, implementations=(identity,), not_run=(NotRun("two", evil, evil),), edition=make.edition),
    )


BEFORE = (Verdict.CONFORMS, Verdict.DEVIATES, Verdict.ANSWERED, Verdict.CONFORMS)
AFTER = (Verdict.CRASHES, Verdict.CONFORMS, Verdict.ANSWERED, Verdict.NOT_OBSERVABLE)


@pytest.fixture
def nothing(full) -> Comparison:
    """Return a comparison of a record with itself."""
    rows = tuple(replace(row, scenario=f"It is so {number}") for number, row in enumerate(full.rows))
    record = replace(full, rows=rows)
    return compare(record, record)
