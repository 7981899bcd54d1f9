from __future__ import annotations

import shlex
from dataclasses import replace

import pytest

from sslspec.comparison import Change, Outcome, Way, compare
from sslspec.record import File, Identity
from sslspec.reports.comparison.groups import command, groups
from sslspec.verdicts import Verdict


def test_what_says_the_same_stands_together(every_way):
    (group,) = groups(every_way, Way.REGRESSED)
    assert group.where == {"one": 1, "two": 1}
    assert group.titles == ("It regressed",)
    assert group.known == ("by design: deviations/openssl.toml, entry 1",)
    assert (group.was, group.now) == (Outcome(Verdict.CONFORMS), Outcome(Verdict.DEVIATES, "1 more", "2 more"))


def test_groups_are_in_the_order_of_the_clauses(make):
    clauses = [make.clause(name) for name in ("first", "second")]
    rows = [make.row(clause=name, scenario=name) for name in ("second", "first")]
    crashed = [replace(row, verdict=Verdict.CRASHES) for row in rows]
    found = groups(compare(make.record(rows, clauses), make.record(crashed, clauses)), Way.REGRESSED)
    assert [group.clauses for group in found] == [(clause,) for clause in clauses]


def test_why_it_was_not_seen_does_not_keep_apart_what_is_seen_now(make):
    scenarios = ("It is so", "It is so, too")
    old = [make.row(Verdict.NOT_OBSERVABLE, scenario=each, reason=each) for each in scenarios]
    new = [make.row(scenario=each) for each in scenarios]
    (group,) = groups(compare(make.record(old), make.record(new)), Way.SEEN)
    assert group.titles == scenarios
    assert group.was == Outcome(Verdict.NOT_OBSERVABLE)


IDENTITIES = {
    "model": Identity("model", "model", ""),
    "pyopenssl": Identity("pyopenssl", "pyopenssl", "", (File("/site/_rust.abi3.so", ""),)),
    "system": Identity("system", "openssl", "", (File("/usr/lib/libssl.so.3", ""),)),
    "openssl-1.1.1k": Identity("openssl-1.1.1k", "openssl", "", (File("/cache/libssl.so", ""),), source="wheel"),
    "mine=/cache/libssl.so": Identity("mine", "openssl", "", (File("/ssl/libcrypto.so", ""), File("/cache/libssl.so", "")), source="wheel"),
    "w=/a b/libwolfssl.so": Identity("w", "wolfssl", "", (File("/a b/libwolfssl.so", ""),)),
    "openssl-mine=/libssl.so": Identity("openssl-mine", "openssl", "", (File("/libssl.so", ""),)),
    "far": Identity("far", "openssl", ""),
}


@pytest.fixture
def change(make):
    """Return what makes a change of a row."""

    def changed(**more):
        row = make.row(**more)
        return Change(Way.LOST, row, row.clauses, Outcome(Verdict.CONFORMS), Outcome(Verdict.ERROR))

    return changed


@pytest.mark.parametrize("asked", IDENTITIES)
def test_the_command_asks_for_the_implementation_as_the_run_did(asked, make, change):
    said = command([f"{make.page}/a-rule"], make.record([]), change(), IDENTITIES[asked])
    assert shlex.split(said) == ["sslspec", "explain", "a-rule", "-i", asked]


def test_the_command_names_page_edition_and_what_is_run_only_when_asked_for(make, change):
    ids = [f"{make.page}/a-rule", "another.3/a-rule"]
    said = command(ids, make.record([], edition="own"), change(undefined=True), IDENTITIES["model"])
    assert said == f"sslspec explain {make.page}/a-rule -i model --edition own --undefined"
