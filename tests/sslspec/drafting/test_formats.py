"""Drafts as they are written down: the same in both formats, and what the programs that own the formats say of them."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from typing import TYPE_CHECKING

import pytest
from processes import PATIENCE
from sample_pages import read

from sslspec.clauses import Clause, specification
from sslspec.drafting import CAVEATS, FORMATS, Draft, Passage, drafted, edition_for, written
from sslspec.expectations import Expectations, read_expectations
from sslspec.ledger import ledgers
from sslspec.pages.recognise import PAGES
from sslspec.steps.collect import row_names

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: What makes a page of a draft, with nothing that its owner would complain of.
PAGE = {
    "pod": "=head1 NAME\n\nSSL_set_session - lend a session\n\n=head1 DESCRIPTION\n\nText.\n\n",
    "mdoc": ".Dd January 1, 2020\n.Dt SSL_SET_SESSION 3\n.Os\n.Sh NAME\n.Nm SSL_set_session\n.Nd lend a session\n.Sh DESCRIPTION\nText.\n",
}
#: Format -> what owns it, and how it is asked.
OWNERS = {"pod": ["podchecker", "-warnings", "-warnings"], "mdoc": ["mandoc", "-T", "lint", "-W", "all"]}
#: Of each format something that its owner must complain of.
BROKEN = {"pod": "B<bold\n", "mdoc": "First. Second.\n"}

#: Whatever might be taken for markup.
ODD = Passage(
    CAVEATS,
    "All of .Dv and X<y> \\fB in \u00e9 SSL_free()'s NULL. Then SSL_CTX's.",
    ("First (SSL_set_session()). Second: NULL;", ".so it is.", "'tis so."),
)


@cache
def known() -> Expectations:
    return read_expectations(None, specification(), row_names())


def every() -> Iterator[tuple[Clause, str, Draft]]:
    for clause in specification().clauses.values():
        for edition in clause.stated:
            yield clause, edition, drafted(clause, edition, known())


def page(draft: Draft, form: str) -> str:
    return PAGE[form] + written(draft, form)


def sentences(draft: Draft, form: str) -> list[str]:
    """Return what our own reader makes of it."""
    return [" ".join(each.chars) for each in read(page(draft, form)).sentences if each.section == "DESCRIPTION" and each.number > 1]


@pytest.mark.parametrize("clause", specification().clauses.values(), ids=lambda clause: clause.id)
def test_both_formats_say_the_same(clause: Clause) -> None:
    draft = drafted(clause, edition_for(clause), known())
    pod, mdoc = (sentences(draft, form) for form in FORMATS)
    assert pod == mdoc
    assert bool(pod) is bool(draft.passages)


def test_nothing_is_taken_for_markup_that_is_none() -> None:
    pod, mdoc = ("".join(sentences(Draft("about", (ODD,)), form)).replace(" ", "") for form in FORMATS)
    said = "".join([ODD.text, *ODD.items]).replace(" ", "")
    assert (pod, mdoc) == (said, said)


def test_comments_say_where_it_belongs() -> None:
    draft = Draft("A rule", (Passage("NOTES, after sentence 2", "It is so."), ODD, Passage(CAVEATS, "More.")))
    pod, mdoc = (written(draft, form).splitlines() for form in FORMATS)
    assert [line for line in pod if line.startswith("=for")] == [
        "=for comment A rule",
        "=for comment Below NOTES, after sentence 2:",
        "=for comment Below NOTES:",
    ]
    assert [line for line in mdoc if line.startswith((".\\", ".Pp"))] == [
        '.\\" A rule',
        '.\\" Below NOTES, after sentence 2:',
        '.\\" Below CAVEATS, after a .Pp where there is text already:',
        ".Pp",
    ]


def test_no_sentence_of_a_page_is_in_a_draft() -> None:
    theirs = {entry.fingerprint for name in PAGES for ledger in ledgers(name) for entry in ledger.entries if not entry.is_heading}
    ours = {each.fingerprint for _, _, draft in every() for each in read(page(draft, "pod")).sentences[3:] if each.number}
    assert len(ours) > 100
    assert not ours & theirs


@pytest.fixture(scope="session")
def checked(tmp_path_factory: pytest.TempPathFactory):
    """Return what has the owner of a format look at pages, and returns its complaints."""

    def complaints(form: str, pages: dict[str, str]) -> list[str]:
        program, *options = OWNERS[form]
        brought = os.path.join(os.environ.get("SSLSPEC_REAL_PAGES") or os.devnull, "bin")  # noqa: PTH118  # for a search path
        found = shutil.which(program, path=f"{brought}{os.pathsep}{os.environ['PATH']}")
        if not found:
            pytest.skip(f"{program} is not installed")
        folder: Path = tmp_path_factory.mktemp(form)
        for name, text in pages.items():
            (folder / name).write_text(text)
        done = subprocess.run([found, *options, *sorted(pages)], cwd=folder, capture_output=True, text=True, check=False, timeout=PATIENCE)
        lines = [line for line in (done.stdout + done.stderr).splitlines() if not line.endswith("pod syntax OK.")]
        assert (done.returncode == 0) is not lines
        return lines

    return complaints


@pytest.mark.parametrize("form", FORMATS)
def test_the_owner_of_the_format_accepts_every_draft(checked, form: str) -> None:
    pages = {f"{clause.id.replace('/', ':')}:{edition}.3": page(draft, form) for clause, edition, draft in every()}
    assert len(pages) > len(specification().clauses)
    assert checked(form, pages) == []


@pytest.mark.parametrize("form", FORMATS)
def test_the_owner_of_the_format_accepts_whatever_is_in_a_draft(checked, form: str) -> None:
    assert checked(form, {"odd.3": page(Draft("about", (ODD,)), form)}) == []


@pytest.mark.parametrize("form", FORMATS)
def test_the_owner_of_the_format_complains(checked, form: str) -> None:
    assert checked(form, {"page.3": PAGE[form]}) == []
    assert checked(form, {"page.3": PAGE[form] + BROKEN[form]}) != []
