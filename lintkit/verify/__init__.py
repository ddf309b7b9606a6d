"""The tree against a live cluster: what must be true there, and whether it is.

expectation.py   what is expected, what was found
promises.py      the tree as the probes see it
probes/          one probe per file: pure expectations, each with its question
cluster.py       what may be asked of a cluster, whoever answers: `client.py`, or a recording
live.py          one round of questions: every list is fetched once
plan.py          which cluster, which probes, what they expect
run.py           asks, in parallel, and again while there is time
login.py         kubeconfig, in-cluster, credential plugins
own.py           the probes of a repository itself
record.py        a recording of what a cluster answered, and a cluster that answers from one
rbac.py          the least rights that a plan needs
"""

TYPE_CHECKING = False  # as in `lintkit`
if TYPE_CHECKING:
    from lintkit.verify.expectation import Answer, Expectation, failed, passed, unknown
    from lintkit.verify.live import Live
    from lintkit.verify.probes._probe import Probe, probe, reads
    from lintkit.verify.promises import Promises
    from lintkit.verify.promises import expectation as expect

__all__ = (
    "Answer",
    "Expectation",
    "Live",
    "Probe",
    "Promises",
    "expect",
    "failed",
    "passed",
    "probe",
    "reads",
    "unknown",
)

_HOMES = {
    "expectation": ("Answer", "Expectation", "failed", "passed", "unknown"),
    "live": ("Live",),
    "probes._probe": ("Probe", "probe", "reads"),
    "promises": {"Promises": "Promises", "expect": "expectation"},
}


def __getattr__(name: str) -> object:
    from importlib import import_module  # noqa: PLC0415 - only where a name is asked for

    for module, names in _HOMES.items():
        if name in names:
            inner = names[name] if isinstance(names, dict) else name
            return getattr(import_module(f"lintkit.verify.{module}"), inner)
    message = f"module `lintkit.verify` has no attribute `{name}`"
    raise AttributeError(message)
