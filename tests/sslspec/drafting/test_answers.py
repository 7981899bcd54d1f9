"""What is said of a question, from answers and crashes that are known."""

from __future__ import annotations

from pathlib import Path

from expected import ASKED, SPECIFICATION, entry, key

from sslspec.drafting.answers import Answers, answers
from sslspec.expectations import Expectations, KnownDeviation, RowName
from sslspec.releases import Range
from sslspec.verdicts import Verdict

CLAUSE = SPECIFICATION.clauses[ASKED]


def told(by_family: dict[str, dict[str, dict[str, str]]], *deviations: KnownDeviation, owners: tuple[str, ...] = ("openssl",)) -> Answers:
    """Return what is said of family -> title -> range -> answer."""
    titles = dict.fromkeys(title for rows in by_family.values() for title in rows)
    rows = tuple(RowName(key(title), title, (ASKED,)) for title in titles)
    kept = {
        family: {(ASKED, key(title)): tuple((Range(text), said) for text, said in ranges.items()) for title, ranges in of_family.items()}
        for family, of_family in by_family.items()
    }
    return answers(CLAUSE, Expectations(Path(), "", SPECIFICATION, rows, deviations, kept), owners)


def test_what_all_do_and_what_the_owner_does() -> None:
    found = told(
        {
            "openssl": {"One": {">=1,<=3": "it is so; when freed: SSL_free(client1) returns"}, "Two": {"==1": "a", "==2": "b"}},
            "boringssl": {"One": {"": "it is so; when freed: SSL_free(client2) returns"}, "Two": {"": "b"}},
            "wolfssl": {"Two": {"": "c"}},
        }
    )
    assert found == Answers(
        agreed=("One: in BoringSSL and OpenSSL, it is so; when freed, SSL_free() returns.",),
        own=("Two: in OpenSSL 1, a. In OpenSSL 2, b.",),
        others="wolfSSL",
        varies=True,
    )


def test_kin_alone_do_not_agree() -> None:
    found = told({"openssl": {"One": {"": "a"}}, "tongsuo": {"One": {"": "a"}}})
    assert found == Answers((), ("One: in OpenSSL, a.",), "", varies=False)


def test_nobody_agrees_on_the_end_of_the_process() -> None:
    found = told({name: {"One": {"": "the process ends with SIGSEGV in SSL_free(NULL)"}} for name in ("openssl", "boringssl")})
    assert (found.agreed, found.own) == ((), ("One: in OpenSSL, the process ends with SIGSEGV in SSL_free().",))


def test_what_carries_a_library_is_left_out() -> None:
    assert told({"openssl": {"One": {"": "a"}}, "pyopenssl": {"One": {"": "b"}}}).others == ""


def test_of_what_the_owner_does_nothing_known_is_said() -> None:
    assert told({"boringssl": {"One": {"": "a"}}, "wolfssl": {"One": {"": "b"}}}) == Answers((), (), "", varies=False)


def test_a_known_crash_is_an_answer_too() -> None:
    crash = {"clause": ASKED, "verdict": Verdict.CRASHES, "reason": r"SSL_free\(client\d+\) ended the process with SIGABRT"}
    untold = {"clause": ASKED, "reason": "anything"}
    found = told(
        {"openssl": {"One": {"<3": "a"}, "Two": {"": "a"}}},
        entry(">=3", ("One",), family="openssl", **crash),
        entry("", ("One",), family="boringssl", **crash),
        entry("", ("Two",), family="wolfssl", **untold),
    )
    assert found.own == (
        "One: in OpenSSL before 3, a. In OpenSSL 3 and later, the process ends with SIGABRT in SSL_free().",
        "Two: in OpenSSL, a.",
    )
    assert (found.agreed, found.others, found.varies) == ((), "wolfSSL", True)


def test_lines_of_an_outline_in_which_the_same_do_the_same_are_told_together() -> None:
    same = {"": "a"}
    rows = {"One [x]": same, "One [y]": {"": "b"}, "One [z]": same, "Two [x]": same, "Two [y]": same, "Three [x]": same, "Four": same}
    assert told({"openssl": rows}).own == (
        "One (x; z): in OpenSSL, a.",
        "One (y): in OpenSSL, b.",
        "Two: in OpenSSL, a.",
        "Three (x): in OpenSSL, a.",
        "Four: in OpenSSL, a.",
    )


def test_the_callback_has_no_function_of_its_own() -> None:
    inside = "SSL_CTX_free(ctx1) inside callback remove_session(ctx1, session1) does not come back"
    assert told({"openssl": {"One": {"": inside}}}).own == ("One: in OpenSSL, SSL_CTX_free() inside the callback does not come back.",)
