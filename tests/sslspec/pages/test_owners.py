"""The readers and the programs that own the formats say the same, sentence by sentence, on the two pages of real releases.

What a program prints is read as a page that is shown (or as Markdown, or as man(7), where that is what it prints), and compared with what
our reader makes of its source. SSLSPEC_REAL_PAGES names the folder of these pages; whatever is missing in it, or on the machine, is skipped
by name. OpenSSL's crates from 3.2 on leave the documentation out, so 3.0.0 and Debian's 3.0 are the newest.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from processes import PATIENCE
from sample_pages import said

from sslspec.ledger import ledgers
from sslspec.pages import Page, parse, read_page
from sslspec.pages.recognise import PAGES
from sslspec.pages.source import Source
from sslspec.tracing.match import DRIFT, trace

#: Release -> what its pages are called, and the format that they are in.
RELEASES = {
    "openssl-1.1.0f": ("{}.pod", "POD"),
    "openssl-1.1.1k": ("{}.pod", "POD"),
    "openssl-1.1.1w": ("{}.pod", "POD"),
    "openssl-3.0.0": ("{}.pod", "POD"),
    "libressl-2.0.0": ("{}.3", "man"),
    "libressl-3.0.2": ("{}.3", "mdoc"),
    "libressl-3.1.0": ("{}.3", "mdoc"),
    "debian": ("{}.3ssl.gz", "man"),
}

#: Program and what it is told -> the formats that it reads.
OWNERS = {
    "pod2text": ["POD"],
    "pod2man": ["POD"],
    "mandoc -T utf8": ["mdoc", "man"],
    "mandoc -T ascii": ["mdoc", "man"],
    "mandoc -T man": ["mdoc"],
    "mandoc -T markdown": ["mdoc"],
    "man -l -": ["mdoc", "man"],
    "groff -m an -T utf8 -P -c": ["man"],
    "groff -m doc -T utf8 -P -c": ["mdoc"],
}

#: Where a program prints something else than the page says -> how many sentences at the end, and why.
DIFFERENCES = {
    "mandoc -T markdown": (1, "its running title is a paragraph like any other: system, date, system"),
}

NAMES = [page.removesuffix(".3") for page in PAGES]


#: What each owner reads: program, release and page.
CASES = [
    (owner, release, name) for owner, formats in OWNERS.items() for release in RELEASES if RELEASES[release][1] in formats for name in NAMES
]


def source(folder: Path, release: str, name: str) -> Page:
    path = folder / release / RELEASES[release][0].format(name)
    if not path.exists():
        pytest.skip(f"{path.name} of {release} was not brought in")
    return read_page(str(path))


def printed(folder: Path, owner: str, page: Page) -> Page:
    """Return what a program makes of a page."""
    program, *options = owner.split()
    found = shutil.which(program, path=f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}")
    if not found:
        pytest.skip(f"{program} is not installed")
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "MANWIDTH": "80", "HOME": os.environ.get("HOME", "/")}
    text = page.source.text
    done = subprocess.run([found, *options], input=text, capture_output=True, text=True, env=environment, check=True, timeout=PATIENCE)
    return parse(Source(owner, done.stdout))


@pytest.mark.parametrize(("owner", "release", "name"), CASES)
def test_a_reader_and_the_owner_of_its_format_say_the_same(real_pages: Path, owner: str, release: str, name: str) -> None:
    page = source(real_pages, release, name)
    extra, _ = DIFFERENCES.get(owner, (0, ""))
    theirs = said(printed(real_pages, owner, page))
    assert page.format == RELEASES[release][1]
    assert said(page) == (theirs[:-extra] if extra else theirs)
    assert len(said(page)) > 20


#: Release -> what its SSL_set_session and its SSL_CTX_add_session say otherwise than the edition that is nearest.
DRIFTS = {
    "openssl-1.1.0f": [[], ["NAME 1", "SYNOPSIS 3", "SYNOPSIS 5", "DESCRIPTION 4", "DESCRIPTION 6"]],
    "openssl-1.1.1k": [[], []],
    "openssl-1.1.1w": [[], []],
    "openssl-3.0.0": [[], []],
    "libressl-2.0.0": [[], ["NAME 1", "SYNOPSIS 3", "SYNOPSIS 5", "DESCRIPTION 4", "DESCRIPTION 6"]],
    "debian": [[], []],
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("release", DRIFTS)
def test_what_a_release_says_otherwise_than_its_nearest_edition(real_pages: Path, release: str, name: str) -> None:
    page = source(real_pages, release, name)
    found = trace(page, ledgers(page.id))
    assert [each.sentence.where for each in found.sentences if each.sentence and each.finding in DRIFT] == DRIFTS[release][
        NAMES.index(name)
    ]


class TestOnePageInSeveralFormats:
    """Documents that are copies of one text."""

    @staticmethod
    def page(manpages: Path, page: str, edition: str) -> list[tuple[str, str]]:
        (ledger,) = (ledger for ledger in ledgers(page) if ledger.edition == edition)
        frame = {entry.where for entry in ledger.entries if entry.outside}
        return [line for line in said(read_page(str(manpages / ledger.document))) if line[0] not in frame]

    def test_rendered_and_markdown(self, manpages: Path) -> None:
        older, newer = (self.page(manpages, "SSL_set_session.3", edition) for edition in ("openssl-1.1.0", "openssl-1.1.1"))
        assert [where for (where, one), (_, other) in zip(older, newer, strict=True) if one != other] == ["SEE ALSO 1"]

    @pytest.mark.parametrize("name", NAMES)
    def test_as_collected_and_as_released(self, manpages: Path, real_pages: Path, name: str) -> None:
        assert self.page(manpages, f"{name}.3", "openssl-1.1.1") == said(source(real_pages, "openssl-1.1.1k", name))
