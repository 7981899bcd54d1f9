"""What a Python on another host is asked before it takes part in a run. It gets this module as source, over execnet.

Written so that Python 3.6 can read it and say what is missing.
"""

import sys
from typing import Any, Dict  # noqa: UP035  # see above


def answer(version: str, edition: str, requests: Dict[str, str], opened: str) -> Dict[str, Any]:  # noqa: UP006  # see above
    """Return what elsewhere.look() wants to know, as plain values.

    {"trouble": why it cannot take part}, or {"features": the folder of the features there, "lacking": {name: why it is not run there}}.
    """
    if sys.version_info < (3, 11):  # noqa: UP036  # it is not the Python that sslspec was installed for
        return {"trouble": f"Python 3.11 or later is needed there, and this is {sys.version_info[0]}.{sys.version_info[1]}"}
    try:
        import sslspec.adapters  # noqa: PLC0415  # not the folder sslspec of a checkout alone; the Python above is asked first
    except ImportError:
        return {"trouble": f"sslspec is not installed for {sys.executable}"}
    if sslspec.__version__ != version:
        return {"trouble": f"sslspec {sslspec.__version__} is there, and {version} here"}
    from sslspec.adapters.resolve import why_not_reopened  # noqa: PLC0415  # and whether it is there
    from sslspec.clauses import features_folder  # noqa: PLC0415
    from sslspec.steps.transport import unpack_identities  # noqa: PLC0415

    known = unpack_identities(opened)
    lacking = {name: why_not_reopened(requests[name], edition, known[name]) for name in requests}
    return {"features": str(features_folder()), "lacking": {name: why for name, why in lacking.items() if why}}


if __name__ == "__channelexec__":  # as execnet calls it
    channel = globals()["channel"]
    channel.send(answer(*channel.receive()))
