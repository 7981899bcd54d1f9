"""What tests of pages share: the collected documents, where they are at hand."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sslspec.ledger.make import digest
from sslspec.pages import read_page

if TYPE_CHECKING:
    from collections.abc import Callable

    from sslspec.ledger import Ledger


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
def document_of() -> Callable[[Ledger], Path]:
    """Return what finds the document that a ledger was made of: collected, or of a real release; what needs another one is skipped."""

    def find(ledger: Ledger) -> Path:
        collected = _manpages() / ledger.document
        if collected.is_file():
            return collected
        real = os.environ.get("SSLSPEC_REAL_PAGES")
        for path in sorted(Path(real).rglob(ledger.document)) if real else ():
            if digest(read_page(str(path))) == ledger.sha256:
                return path
        pytest.skip(
            f"the document of {ledger.edition}, {ledger.document}, is not at hand: SSLSPEC_MANPAGES names the collected pages, "
            "SSLSPEC_REAL_PAGES those that .ci/fetch_pages.py brings"
        )

    return find


@pytest.fixture(scope="session")
def real_pages() -> Path:
    """Return the folder with the pages of real releases that .ci/fetch_pages.py brought; what needs them is skipped without it."""
    folder = os.environ.get("SSLSPEC_REAL_PAGES")
    if not folder:
        pytest.skip("no pages of real releases: .ci/fetch_pages.py brings them into the folder that SSLSPEC_REAL_PAGES names")
    return Path(folder)
