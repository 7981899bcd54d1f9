"""What is run for a history, on a machine and a registry of the test's own."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from releases import record

from sslspec import bisection
from sslspec.adapters.provision import ProvisionError
from sslspec.adapters.sources import Crate, Entry
from sslspec.bisection import Asked, histories
from sslspec.clauses import DEFAULT_EDITION, specification
from sslspec.errors import UsageError
from sslspec.history import History, Release
from sslspec.record import NotRun, Record
from sslspec.run import Request

CLAUSE_OF_ALL = specification().clause("reference-added")
OK, BAD = "conforms", "deviates: it holds 2"


@dataclass
class World:
    """Which releases there are: what each says, which are ready, which the registry offers, and which cannot be built."""

    says: dict[str, str]
    ready: list[str]
    offered: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    catalogued: list[str] = field(default_factory=list)
    lacking: dict[str, str] = field(default_factory=dict)
    offline: bool = False
    requests: list[Request] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def entry(self, name: str) -> Entry:
        return Entry(name, *name.split("-", 1), Crate("openssl-src", None, None, "openssl"))

    def releases(self, _say: object) -> list[str]:
        if self.offline:
            raise ProvisionError("openssl: cargo could not ask for crate openssl-src: no network")
        return self.offered

    def run(self, request: Request) -> Record:
        self.requests.append(request)
        names = [name.partition("=")[0] for name in request.implementations]
        releases = {name.removeprefix("openssl-"): {"It": self.says[name.removeprefix("openssl-")]} for name in names}
        left = [name for name in names if name.removeprefix("openssl-") in self.broken]
        if left == names:
            raise UsageError(f"nothing could be run: {left[0]}: cc failed")
        made = record({release: rows for release, rows in releases.items() if release not in self.broken})
        clauses = [specification().clauses[id_] for id_ in request.clauses]
        rows = [replace(row, clauses=(clause.id,)) for row in made.rows for clause in clauses]
        not_run = tuple(NotRun(name, "cc failed", "mend that") for name in left)
        return replace(made, clauses=tuple(clauses), rows=tuple(rows), edition=request.edition, not_run=not_run)

    def histories(self, **asked: object) -> list[History]:
        return histories(Asked(**{"clause": CLAUSE_OF_ALL, "families": ("openssl",)} | asked), self.run, self.told.append)

    def ran(self) -> list[str]:
        return [" ".join(request.implementations).replace("openssl-", "") for request in self.requests]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    changed = {f"3.0.{number}": BAD if number < 5 else OK for number in range(9)}
    world = World({**changed, "1.1.1": OK, "1.1.1k": OK}, ["openssl-1.1.1k", "openssl-3.0.0", "openssl-3.0.8"])
    world.offered = [f"3.0.{number}" for number in range(9)]
    monkeypatch.setattr(bisection, "catalogue", lambda: {name: world.entry(name) for name in world.ready + world.catalogued})
    monkeypatch.setattr(bisection, "others", list)
    monkeypatch.setattr(bisection, "families", lambda: ["openssl", "libressl"])
    monkeypatch.setattr(bisection, "find", world.entry)
    monkeypatch.setattr(bisection, "library_of", lambda entry: entry.name if entry.name in world.ready else None)
    monkeypatch.setattr(bisection, "why_not", lambda entry: world.lacking.get(entry.name))
    monkeypatch.setattr(bisection, "openssl_releases", world.releases)
    monkeypatch.setattr(bisection, "check", lambda _request: [])
    return world


def changes(found: History) -> list[tuple[str, str]]:
    return [(change.before.release, change.after.release) for line in found.lines for change in line.changes]


def test_what_is_ready_is_run_at_once_and_nothing_is_brought_in(world):
    (found,) = world.histories()
    assert world.ran() == ["1.1.1k 3.0.0 3.0.8"]
    assert [release.release for release in found.releases] == ["1.1.1k", "3.0.0", "3.0.8"]


def test_the_release_half_way_is_brought_in_until_the_change_lies_between_neighbours(world):
    (found,) = world.histories(provision=True)
    assert world.ran() == ["1.1.1k 3.0.0 3.0.8", "3.0.4", "3.0.6", "3.0.5"]
    assert changes(found) == [("1.1.1k", "3.0.0"), ("3.0.4", "3.0.5")]
    assert {point.release.release for point in found.lines[0].points if point.state is None} == {"3.0.1", "3.0.2", "3.0.3", "3.0.7"}


def test_a_release_that_cannot_be_built_is_told_and_the_others_go_on(world):
    world.broken = ["3.0.4", "3.0.5"]
    (found,) = world.histories(provision=True)
    assert world.told == ["openssl-3.0.4: cc failed", "openssl-3.0.5: cc failed"]
    assert changes(found) == [("1.1.1k", "3.0.0"), ("3.0.3", "3.0.6")]
    assert [release for release in found.releases if release.trouble] == [
        Release("openssl-3.0.4", "3.0.4", "cc failed"),
        Release("openssl-3.0.5", "3.0.5", "cc failed"),
    ]


def test_it_is_told_once_however_many_editions_are_run(world):
    world.broken = ["3.0.8"]
    (found,) = world.histories(clause=None)
    assert len(world.requests) == 2
    assert world.told == ["openssl-3.0.8: cc failed"]
    assert [release.release for release in found.run] == ["1.1.1k", "3.0.0"]


def test_the_ends_of_branches_are_brought_in_when_asked_for(world):
    world.says |= {"3.1.0": BAD, "3.1.4": BAD, "3.2.0": OK, "3.2.1": OK}
    world.offered += ["3.1.0", "3.1.4", "3.2.0", "3.2.1"]
    world.histories(provision=True, branches=True)
    assert {"3.1.0", "3.1.4", "3.2.0"} <= set(world.ran())
    world.requests.clear()
    world.histories(provision=True)
    assert "3.1.0" not in world.ran()


def test_what_this_machine_cannot_have_is_not_tried(world):
    world.lacking = {f"openssl-3.0.{number}": "perl is missing here" for number in range(1, 8)}
    (found,) = world.histories(provision=True)
    assert world.ran() == ["1.1.1k 3.0.0 3.0.8"]
    assert {release.trouble for release in found.releases} == {"", "perl is missing here"}


def test_without_the_registry_the_catalogue_is_searched(world):
    world.offline = True
    world.catalogued = ["openssl-3.0.3"]
    (found,) = world.histories(provision=True)
    assert world.told == ["openssl: cargo could not ask for crate openssl-src: no network"]
    assert changes(found) == [("1.1.1k", "3.0.0"), ("3.0.3", "3.0.8")]


def test_where_nothing_is_ready_the_ends_are_brought_in_first(world):
    world.ready = []
    world.histories(provision=True)
    assert world.ran()[:3] == ["3.0.0", "3.0.8", "3.0.4"]


def test_an_implementation_of_the_users_own_takes_its_place(world):
    (found,) = world.histories(names=("openssl-1.1.1=build",))
    assert [release.release for release in found.run] == ["1.1.1", "1.1.1k", "3.0.0", "3.0.8"]


def test_one_that_takes_the_name_of_a_ready_one_takes_its_place(world):
    world.histories(names=("openssl-3.0.8=build",))
    assert world.ran() == ["1.1.1k 3.0.0 3.0.8=build"]


def test_one_of_another_family_is_refused(world):
    world.run = lambda _request: record({"1": {"It": OK}}, family="libressl")
    with pytest.raises(UsageError, match="libressl-1 is libressl, not openssl"):
        world.histories(names=("libressl-1=build",))


def test_one_that_could_not_be_run_is_told_and_stands_on_the_line(world):
    world.broken = ["1.1.1"]
    (found,) = world.histories(names=("openssl-1.1.1",))
    assert world.told == ["openssl-1.1.1: cc failed"]
    assert [release.release for release in found.releases if release.trouble] == ["1.1.1"]


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"families": ("opensll",)}, "did you mean openssl?"),
        (
            {"families": ("libressl",)},
            "no release of libressl is ready here; `sslspec provision libressl` brings one in, or add --provision",
        ),
        ({"families": (), "names": ("a=b",)}, "name it with --family"),
        ({"families": ("openssl", "libressl"), "names": ("a=b",)}, "name it with --family"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_run(world, asked, says):
    with pytest.raises(UsageError) as caught:
        world.histories(**asked)
    assert says in str(caught.value)
    assert world.requests == []


def test_where_nothing_can_be_had_it_is_said(world):
    world.ready, world.broken = [], list(world.says)
    with pytest.raises(UsageError, match=r"^nothing could be run: .*openssl-3\.0\.0: cc failed"):
        world.histories(provision=True)
    world.ready, world.offered = [], []
    with pytest.raises(UsageError, match=r"brings one in$"):
        world.histories(provision=True)
    with pytest.raises(UsageError, match="no library of the catalogue is ready here"):
        world.histories(families=())


def test_without_a_family_it_is_those_that_are_ready(world):
    assert [found.family for found in world.histories(families=())] == ["openssl"]


def test_each_clause_is_held_to_an_edition_that_states_it(world):
    only_later = specification().clause("none-releases")
    elsewhere = specification().clause("callers-reference-kept")
    for clause, edition in ((CLAUSE_OF_ALL, DEFAULT_EDITION), (only_later, "openssl-3.0"), (elsewhere, "aws-lc-5.12")):
        (found,) = world.histories(clause=clause)
        assert found.lines[0].edition == edition
    world.histories(edition="openssl-2001")
    assert world.requests[-1].edition == "openssl-2001"


def test_all_clauses_are_those_of_the_usual_edition_and_of_the_family_s_own(world):
    (found,) = world.histories(clause=None)
    lines = {line.clause.id.partition("/")[2]: line.edition for line in found.lines}
    assert (lines["reference-added"], lines["none-releases"]) == (DEFAULT_EDITION, "openssl-3.0")
    assert not {"callers-reference-kept", "one-context", "two-contexts"} & set(lines)
    assert [request.edition for request in world.requests] == [DEFAULT_EDITION, "openssl-3.0"]
    (found,) = world.histories(clause=None, undefined=True)
    assert "SSL_set_session.3/two-contexts" in {line.clause.id for line in found.lines}
    (found,) = world.histories(clause=None, edition="openssl-2001")
    assert all("openssl-2001" in line.clause.stated for line in found.lines)


def test_one_that_has_no_place_is_not_run_for_ever(world):
    def run(request: Request) -> Record:
        found = World.run(world, request)
        unknown = [replace(each, release="") if each.name == "openssl-3.0.4" else each for each in found.implementations]
        return replace(found, implementations=tuple(unknown))

    world.run = run
    (found,) = world.histories(provision=True)
    assert world.ran().count("3.0.4") == 1
    assert found.unordered == ("openssl-3.0.4",)


def test_ctrl_c_ends_it(world):
    def interrupted(_request: Request) -> Record:
        raise KeyboardInterrupt

    world.run = interrupted
    with pytest.raises(KeyboardInterrupt):
        world.histories()
