"""The fixture that every step takes. It is known only where a feature of the specification is collected."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sslspec.steps.plugin import RUN

if TYPE_CHECKING:
    from sslspec.steps.scene import Scene


@pytest.fixture
def scene(request: pytest.FixtureRequest) -> Scene:
    """Return the stage of the scenario: its contexts, connections and sessions."""
    scene: Scene = request.node.stash[RUN].scene
    return scene
