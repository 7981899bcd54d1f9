"""What tests of pages share: the collected documents, where they are at hand."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


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
def real_pages() -> Path:
    """Return the folder with the pages of real releases that .ci/fetch_pages.py brought; what needs them is skipped without it."""
    folder = os.environ.get("SSLSPEC_REAL_PAGES")
    if not folder:
        pytest.skip("no pages of real releases: .ci/fetch_pages.py brings them into the folder that SSLSPEC_REAL_PAGES names")
    return Path(folder)
