from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree as ET

import junitparser
import pytest

from sslspec.record import Identity, Invariant, NotRun
from sslspec.reports.junit import render
from sslspec.verdicts import FAILED, Verdict


def suites(record):
    root = ET.fromstring(render(record).encode())
    assert root.tag == "testsuites"
    return {suite.get("name"): suite for suite in root}


def the_case(record):
    (case,) = next(iter(suites(record).values())).iter("testcase")
    return case


def test_a_suite_for_each_implementation_and_a_case_for_each_row(full):
    found = suites(full)
    assert list(found) == ["one", "two", "three"]
    assert [len(list(suite.iter("testcase"))) for suite in found.values()] == [6, 5, 1]
    first = next(found["one"].iter("testcase"))
    assert first.get("classname") == "one/SSL_set_session.3/a.feature"
    assert first.get("name") == "It is so [TLS 1.3 stateful, TLSv1.3]"
    assert first.get("time") == "0.250000"


def test_the_numbers_at_the_top_are_those_of_the_cases(full):
    root = ET.fromstring(render(full).encode())
    for element in (root, *root):
        for number, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert element.get(number) == str(len(list(element.iter(tag)))), (element.get("name"), number)
    assert root.get("time") == "0.250000"


def test_a_reader_that_is_not_ours_finds_the_same(full, judged):
    for record in (full, judged):
        document = junitparser.JUnitXml.fromstring(render(record).encode())
        cases = [case for suite in document for case in suite]
        assert [suite.name for suite in document] == [*record.names(), *(left.implementation for left in record.not_run)]
        assert (document.tests, len(document)) == (len(cases), len(suites(record)))
        results = [type(result) for case in cases for result in case.result]
        numbers = (junitparser.Failure, junitparser.Error, junitparser.Skipped)
        assert (document.failures, document.errors, document.skipped) == tuple(results.count(kind) for kind in numbers)
        assert {row.title for row in record.rows} <= {case.name for case in cases}
    versions = {suite.name: {each.name: each.value for each in suite.properties()} for suite in document}
    assert versions["one"]["version"] == "Version of one"


@pytest.mark.parametrize("verdict", Verdict)
def test_each_verdict_has_its_outcome(make, verdict):
    case = the_case(make.record([make.row(verdict, reason="for a reason", answer="an answer" if verdict is Verdict.ANSWERED else "")]))
    outcomes = {child.tag for child in case}
    if verdict is Verdict.CONFORMS:
        assert not outcomes
    elif verdict is Verdict.ANSWERED:
        assert case.findtext("system-out") == "answer: an answer"
    else:
        expected = "failure" if verdict in FAILED else "error" if verdict is Verdict.ERROR else "skipped"
        assert outcomes == {expected}
        assert case.find(expected).get("message") == f"{verdict.value}: for a reason"


def test_a_failure_tells_clause_rule_and_evidence(full):
    (failure,) = (failure for failure in suites(full)["one"].iter("failure") if failure.get("type") == "hangs")
    assert "clause: SSL_set_session.3/late" in failure.text
    assert "rule: What late says." in failure.text
    assert "SSL_clear(client1) = (did not return)" in failure.text
    assert "SSL_set_session.3/a.feature:7" in failure.text


def test_a_failure_of_a_reading_names_the_others(full):
    failure = next(failure for failure in suites(full)["two"].iter("failure") if "a-reading" in failure.text)
    for part in ("taken here: It counts once.", "other reading: It counts twice.", "expected: 1 more", "observed: 2 more"):
        assert part in failure.text


@pytest.mark.parametrize("verdict", [Verdict.CONFORMS, Verdict.NOT_OBSERVABLE])
def test_a_broken_invariant_is_a_failure_whatever_the_row_says(make, verdict):
    broken = Invariant("SSL_set_session.3/always", 1, "expected: 0 or 1; observed: it was 7")
    case = the_case(make.record([make.row(verdict, invariants=(broken,))], [make.clause(), make.clause("always", invariant=True)]))
    assert [child.tag for child in case] == ["failure"]
    assert case.find("failure").get("message") == "deviates: expected: 0 or 1; observed: it was 7"
    assert "clause: SSL_set_session.3/always" in case.findtext("failure")


def test_identity_is_in_the_properties(full):
    properties = {each.get("name"): each.get("value") for each in suites(full)["one"].iter("property")}
    assert properties["version"] == "OpenSSL 1.1.1k  25 Mar 2021"
    assert properties["sha256 of /usr/lib/libssl.so"] == "ab" * 32
    assert properties["observable: marked"] == "no: there is no way to ask"


def test_what_was_not_run_is_skipped_with_a_remedy(full):
    (skipped,) = suites(full)["three"].iter("skipped")
    assert skipped.get("message") == "not run: cc is missing; what to do: install a C compiler"


def test_what_xml_forbids_is_removed_and_the_rest_is_text(make):
    evil = f"{make.hostile}\ufffe\x00<![CDATA[]]>"
    row = make.row(Verdict.DEVIATES, reason=evil, observed=evil, scenario=evil, implementation=evil)
    record = make.record([row], [make.clause(says=evil)], implementations=(Identity(evil, evil, evil),), platform=evil)
    record = replace(record, not_run=(NotRun("not run", evil, evil),))
    case = the_case(record)
    assert "<b>&amp;" in case.get("name")
    assert "<![CDATA[]]>" in case.findtext("failure")
    assert not {"\x00", "\x1b", "\ufffe", "\udc80"} & set(render(record))


def test_what_is_known_is_an_expected_failure_as_pytest_writes_it(judged):
    cases = list(suites(judged)["one"].iter("testcase"))
    known, new, gone, answer, crash, hidden, partly, fresh, never = cases
    assert known.find("skipped").attrib == {
        "type": "pytest.xfail",
        "message": "known: deviates: whose: library; why: It forgets.; since: 1.1.1; "
        "link: https://example.org/a_b?c=1#d; releases: >=1.1.1",
    }
    assert [case.find("skipped").get("type") for case in (crash, partly, hidden)] == ["pytest.xfail", "pytest.xfail", None]
    assert [case.find("failure").get("type") for case in (new, gone, answer, fresh, never)] == [
        "deviates",
        "no longer as known",
        "answer changed",
        "deviates",
        "no longer as known",
    ]
    assert all(len(case) == 1 for case in cases)


def test_what_is_no_longer_as_known_names_what_to_change(judged):
    *_, gone, answer, _, _, _, _, never = suites(judged)["one"].iter("testcase")
    assert gone.find("failure").get("message") == (
        "no longer as known: known: deviates: it did; observed: conforms; change: features/deviations/d.toml, entry 4"
    )
    assert answer.find("failure").get("message") == "answer changed: known: yes; observed: no; change: features/answers/d.toml"
    assert (never.get("classname"), never.get("name")) == ("one", "known: SSL_set_session.3/gone")


def test_the_numbers_count_what_is_known_as_skipped(judged):
    suite = suites(judged)["one"]
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("9", "5", "4")


def test_the_edition_is_the_one_that_each_was_held_to(own, full):
    editions = {name: suite.find("properties/property[@name='edition']").get("value") for name, suite in suites(own).items()}
    assert editions == {"one": "openssl-2001", "two": "openssl-1.1.1"}
    first = next(iter(suites(full).values()))
    assert first.find("properties/property[@name='edition']").get("value") == full.edition
