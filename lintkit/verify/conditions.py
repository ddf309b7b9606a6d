"""What the conditions of a live object say: ready, not ready, or not known. A missing condition is never fine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lintkit.verify.expectation import Answer, failed, passed, unknown
from lintkit.verify.trim import line

if TYPE_CHECKING:
    from lintkit.verify.live import Found


def conditions(found: Found) -> dict[str, dict[str, Any]]:
    """Type -> condition."""
    return {one.get("type", ""): one for one in (found.get("status") or {}).get("conditions") or ()}


def said(condition: dict[str, Any]) -> str:
    """Reason and message of a condition."""
    reason, message = condition.get("reason") or "", line(condition.get("message") or "")
    return f"{reason}: {message}" if reason and message else reason or message or "no reason given"


def is_suspended(found: Found) -> bool:
    """Whether Flux was told to leave it alone."""
    return (found.get("spec") or {}).get("suspend") is True


def ready(found: Found | None, condition: str = "Ready") -> Answer:
    """Whether an object is there, looked at in its latest form, and well.

    Args:
        found: The object; None when the cluster does not have it.
        condition: The condition that says it.
    """
    if found is None:
        return failed("it is not in the cluster")
    if (found.get("metadata") or {}).get("deletionTimestamp"):
        return failed("it is being deleted")
    if is_suspended(found):
        return unknown("suspended", is_lasting=True)
    stated = conditions(found)
    if condition not in stated:
        others = ", ".join(sorted(stated))
        return unknown(f"no `{condition}` condition; it has {others}" if others else "no conditions yet")
    one = stated[condition]
    generation = (found.get("metadata") or {}).get("generation")
    seen = one.get("observedGeneration") or (found.get("status") or {}).get("observedGeneration")
    if generation is not None and seen is not None and seen < generation:
        return unknown(f"its controller has not looked at generation {generation} yet, only at {seen}")
    status = one.get("status")
    if status == "True":
        return passed(said(one))
    return failed(said(one)) if status == "False" else unknown(f"in progress: {said(one)}")
