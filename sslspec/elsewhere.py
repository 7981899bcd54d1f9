"""Other hosts that take part in a run: processes of pytest-xdist there, as its --tx names them.

    ssh=HOST//python=PYTHON        3*ssh=HOST//python=PYTHON (three processes there)

sslspec is installed there, in the same version. A host runs what is the same there as here, by the library's version and the hashes of its
files; the rest is run here. What can be wrong with a host, in the order in which it is found; each is a UsageError of one line:

    it is not written as pytest-xdist has it
    nobody answers, or no Python; what ssh says of that, it has said itself
    no sslspec there, or another version of it
    nothing of what is run is the same there
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import execnet
from execnet.gateway_bootstrap import HostNotFound

from sslspec import __version__, there
from sslspec.errors import UsageError
from sslspec.steps.transport import pack_identities

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sslspec.record import Identity

#: The variable that says in a process of pytest-xdist where the features are; another host has them elsewhere.
FEATURES = "SSLSPEC_FEATURES"
#: The variable that tells a process's host, by its number.
_HOST = "SSLSPEC_HOST"
#: In seconds: how long a host that has answered may take to end.
_FAREWELL = 5.0


@dataclass(frozen=True)
class Host:
    """One that takes part.

    name: as the user has written it. processes: how many there. features: their folder there. lacking: implementation -> why it is not
    run there.
    """

    name: str
    processes: int
    features: str
    lacking: Mapping[str, str]

    def spec(self, number: int) -> str:
        """Return what pytest-xdist is told; number: tells the hosts apart, also for a process that takes the place of another."""
        return f"{self.processes}*{self.name}//env:{FEATURES}={self.features}//env:{_HOST}={number}"


def host_of(node: Any) -> int | None:  # xdist has no types
    """Return the number of the host on which a process of pytest-xdist is, None for this one."""
    number = node.gateway.spec.env.get(_HOST)
    return None if number is None else int(number)


def asked_for(asked: str) -> tuple[int, str]:
    """Return how many processes are asked for, and where; raises UsageError for what is no place for them."""
    number, name = re.fullmatch(r"(?:(\d+)\*)?(.*)", asked, re.DOTALL).groups()  # type: ignore[union-attr]  # it matches anything
    try:
        spec = execnet.XSpec(name)
        known = bool(spec.ssh or spec.popen or spec.socket or spec.vagrant_ssh)
    except (ValueError, AttributeError, IndexError):
        known = False
    if not known or number == "0":
        raise UsageError(f"--tx {asked}: write ssh=HOST//python=PYTHON, with a Python there that has sslspec, or 2*ssh=... for two")
    return int(number or 1), name


def look(asked: str, requests: Mapping[str, str], edition: str, opened: Sequence[Identity]) -> Host:
    """Ask a host what is there; requests: name -> as for `-i`. opened: what was opened here. Raises UsageError."""
    processes, name = asked_for(asked)
    group = execnet.Group()
    try:
        channel = group.makegateway(name).remote_exec(there)
        channel.send((__version__, edition, dict(requests), pack_identities(opened)))
        said = channel.receive()
    except (HostNotFound, EOFError, OSError) as error:
        raise UsageError(f"--tx {asked}: no Python could be started there") from error
    except execnet.RemoteError as error:
        raise UsageError(f"--tx {asked}: {str(error).strip().splitlines()[-1]}") from error
    finally:
        group.terminate(_FAREWELL)
    if trouble := said.get("trouble"):
        raise UsageError(f"--tx {asked}: {trouble}")
    if len(said["lacking"]) == len(requests):
        raise UsageError(f"--tx {asked}: nothing of what is run is the same there; {next(iter(said['lacking'].values()))}")
    return Host(name, processes, said["features"], said["lacking"])
