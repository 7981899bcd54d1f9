from __future__ import annotations

import pytest

from sslspec.adapters.worker.patience import FAR, moment


@pytest.mark.parametrize(
    ("jobs", "processors", "looks"),
    [(None, 2, True), (None, 1, False), ("2", 2, False), ("2", 4, True), ("3", 4, False), ("many", 64, False)],
)
def test_who_would_keep_a_processor_from_others_does_not_look_again(jobs: str | None, processors: int, looks: bool) -> None:  # noqa: FBT001
    environment = {} if jobs is None else {"PYTEST_XDIST_WORKER_COUNT": jobs}
    assert bool(moment(environment, processors)) is looks


def test_a_worker_behind_ssh_does_not_look_again() -> None:
    assert moment({FAR: "1"}, 64) == 0.0
