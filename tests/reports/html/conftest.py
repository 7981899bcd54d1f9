"""A page as a parser sees it, and a record that tries to be more than text."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from sslspec.clauses import Kind
from sslspec.evidence import Event
from sslspec.expectations import KnownDeviation, Whose
from sslspec.known import Compared
from sslspec.record import EditionOfPage, File, Identity, Invariant, NotRun, Proof
from sslspec.verdicts import Verdict

if TYPE_CHECKING:
    from sslspec.record import Record

EVIL = (
    '</script></style></title><script>document.title="evil"</script><img src="x" onerror="document.title=\'evil\'">'
    '\' class="evil" <!-- --> {{ 6 * 7 }} &amp; \u2028 \u202e\x07 \x1b[31m \udc80'
)


@dataclass
class Tag:
    """An element: its name, attributes, and the text of itself and all that is in it."""

    name: str
    attributes: dict[str, str]
    text: str = ""


@dataclass
class Parsed(HTMLParser):
    """The elements of a page, in the order in which they begin."""

    source: str
    tags: list[Tag] = field(default_factory=list)
    _open: list[Tag] = field(default_factory=list)

    def __post_init__(self):
        super().__init__()
        self.feed(self.source)

    def handle_starttag(self, tag, attrs):
        self.tags.append(Tag(tag, {name: value or "" for name, value in attrs}))
        if tag not in ("meta", "link", "br", "col", "input"):
            self._open.append(self.tags[-1])

    def handle_endtag(self, tag):
        assert self._open.pop().name == tag

    def handle_data(self, data):
        for tag in self._open:
            tag.text += data

    def all(self, name, **attributes):
        return [tag for tag in self.tags if tag.name == name and attributes.items() <= tag.attributes.items()]


@pytest.fixture
def hostile(make) -> Record:
    """Return a record all of whose texts are hostile."""
    common = {"feature": EVIL, "scenario": EVIL, "implementation": EVIL, "example": (("protocol", EVIL),)}
    evidence = (Event("step", EVIL), Event("call", EVIL, (EVIL,), EVIL), Event("observation", "references", ("session1",), 2))
    texts = {"reason": EVIL, "expected": EVIL, "observed": EVIL, "evidence": evidence}
    always = Invariant(f"{make.page}/a-rule", 1, EVIL)
    rows = [
        make.row(Verdict.DEVIATES, known=(EVIL,), invariants=(always,), **common, **texts),
        make.row(Verdict.DEVIATES, "new", **common, **texts),
        make.row(Verdict.ANSWERED, "asked", answer=EVIL, **common),
        make.row(Verdict.NOT_OBSERVABLE, reason=EVIL, **common),
        make.row(Verdict.ERROR, reason=EVIL, **common),
    ]
    name = EVIL.replace("/", "")
    clauses = [
        make.clause(says=EVIL, note=EVIL, functions=(EVIL,), stated={make.edition: (EVIL,)}),
        make.clause("new", Kind.READING, says=EVIL, takes=EVIL, others=(EVIL,)),
        make.clause("asked", Kind.QUESTION, says=EVIL),
        make.clause(name, Kind.RULE, page=name, says=EVIL),
    ]
    entry = KnownDeviation(
        EVIL, "openssl", f"{make.page}/a-rule", Verdict.DEVIATES, ".*", (), "", Whose.LIBRARY, EVIL, EVIL, 'javascript:"evil"'
    )
    identity = Identity(EVIL, EVIL, EVIL, (File(EVIL, EVIL),), (Proof(EVIL, proven=False, reason=EVIL),), EVIL, EVIL)
    edition = EditionOfPage(make.page, make.edition, EVIL, 9, 3, other={EVIL: 4}, since=EVIL, differs={EVIL: (clauses[0].id,)})
    return make.record(
        rows,
        clauses,
        editions=(edition, replace(edition, page=EVIL, edition=EVIL)),
        implementations=(identity,),
        not_run=(NotRun(EVIL, EVIL, EVIL),),
        compared=Compared(EVIL, (entry,)),
        tool=EVIL,
        python=EVIL,
        platform=EVIL,
        started=EVIL,
    )


@pytest.fixture
def parse():
    return Parsed
