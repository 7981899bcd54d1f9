"""What tests of pages share: the collected documents, where they are at hand."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from pathlib import Path

import pytest

from sslspec.ledger import Ledger
from sslspec.pages import Page, read_pages
from sslspec.pages.source import load

DocumentOf = Callable[[Ledger], Path]
PageOf = Callable[[Ledger], Page]


def _manpages() -> Path:
    beside = Path(__file__).parents[2].parent / "shared" / "manpages"
    return Path(os.environ.get("SSLSPEC_MANPAGES") or beside)


@pytest.fixture(scope="session")
def manpages() -> Path:
    """Return the folder of the collected documents, which the ledgers were made of; what needs them is skipped without it."""
    folder = _manpages()
    if not folder.is_dir():
        pytest.skip(f"the collected pages are not at hand: {folder} is no folder; SSLSPEC_MANPAGES names another one")
    return folder


@pytest.fixture(scope="session")
def document_of() -> DocumentOf:
    """Return what finds the document that a ledger was made of, and skips without it.

    It is among the collected ones, or it is a page of a real release.
    """

    def find(ledger: Ledger) -> Path:
        collected = _manpages() / ledger.document
        if collected.exists():
            return collected
        of_releases = Path(os.environ.get("SSLSPEC_REAL_PAGES") or os.devnull).rglob(ledger.document)
        found = next((path for path in sorted(of_releases) if sha256(load(str(path)).text.encode()).hexdigest() == ledger.sha256), None)
        if not found:
            pytest.skip(f"{ledger.document} of {ledger.edition} is neither in {_manpages()} nor below SSLSPEC_REAL_PAGES")
        return found

    return find


@pytest.fixture(scope="session")
def page_of(document_of: DocumentOf) -> PageOf:
    """Return what reads the page that a ledger was made of, of all that are in its document, and skips without it."""

    @cache
    def pages(path: Path) -> dict[str, Page]:
        return {page.id: page for page in read_pages(str(path))}

    return lambda ledger: pages(document_of(ledger))[ledger.page]


@pytest.fixture(scope="session")
def real_pages() -> Path:
    """Return the folder with the pages of real releases that .ci/fetch_pages.py brought; what needs them is skipped without it."""
    folder = os.environ.get("SSLSPEC_REAL_PAGES")
    if not folder:
        pytest.skip("no pages of real releases: .ci/fetch_pages.py brings them into the folder that SSLSPEC_REAL_PAGES names")
    return Path(folder)
