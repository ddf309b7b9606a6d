"""The probe `secret-keys`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from lintkit.finding import Related
from lintkit.model.contracts import State
from lintkit.verify.expectation import Answer, Expectation, Need, failed, passed
from lintkit.verify.probes._probe import probe
from lintkit.verify.promises import is_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.consumers import Reference
    from lintkit.model.contracts import Answer as Kept
    from lintkit.verify.live import Live
    from lintkit.verify.promises import Promises

_SHOWN = 8


class _Use(NamedTuple):
    """Who needs a key of a Secret; no key for the Secret as such."""

    key: str
    consumer: str
    related: Related
    made: Related | None


@probe(group="external-secrets")
def secret_keys(promises: Promises) -> Iterator[Expectation]:
    """Every Secret that something in the tree needs is there, with every key that is needed.

    Needs come from pods, Helm values, stores, issuers and all else whose references are known; optional ones are left
    out. Only names of keys are looked at, values are dropped as soon as they are read. Secrets are listed where that
    is allowed, and asked for one by one where only `get` of their names is.
    """
    needs: dict[tuple[str, str], list[_Use]] = {}
    places: dict[tuple[str, str], Reference] = {}
    for answer in promises.contracts.answers:
        reference = answer.reference
        if not _is_asked(answer):
            continue
        target = (reference.namespace or "", reference.name)
        needs.setdefault(target, []).append(_need(answer))
        if target not in places or (reference.key and not places[target].key):
            places[target] = reference
    for (namespace, name), found in sorted(needs.items()):
        keys = sorted({one.key for one in found if one.key})
        first = places[namespace, name]
        made = next((one.made for one in found if one.made), None)
        yield Expectation(
            f"Secret/{namespace}/{name}",
            f"has {'the keys' if len(keys) > 1 else 'the key'} {_quoted(keys)}" if keys else "is there",
            made.place if made else (first.key_node or first.node).place,
            f"kubectl -n {namespace} describe secret {name}",
            partial(_ask, namespace, name, tuple(found)),
            namespace,
            tuple(one.related for one in found[:3]),
            needs=(Need("secrets", namespace, (name,)),),
        )


def _is_asked(answer: Kept) -> bool:
    reference = answer.reference
    if reference.kind != "Secret" or reference.group or reference.is_optional or not reference.namespace:
        return False
    if not is_name(reference.name, reference.namespace, reference.key or "x") or not reference.is_decided:
        return False
    if answer.is_hashed:
        return False
    return not reference.is_guessed or answer.state is State.MET


def _need(answer: Kept) -> _Use:
    reference = answer.reference
    consumer = f"{reference.consumer.kind} `{reference.consumer.name}`"
    node = reference.key_node or reference.node
    made = None
    for producer in answer.producers:
        where = producer.keys.get(reference.key or "") or producer.node
        made = Related(where.place, f"{producer.resource.kind} `{producer.resource.name}` makes it")
        if reference.key in producer.keys:
            break
    return _Use(reference.key or "", consumer, Related(node.place, f"{consumer} needs it"), made)


def _ask(namespace: str, name: str, needs: tuple[_Use, ...], live: Live) -> Answer:
    found = live.find("", "Secret", namespace, name)
    related = [one.made for one in needs if one.made][:1]
    if found is None:
        who = ", ".join(dict.fromkeys(one.consumer for one in needs))
        return failed(f"it is not in the cluster; needed by {who}", *related, *(one.related for one in needs[:3]))
    have = sorted(found.get("data") or ())
    missing = [one for one in needs if one.key and one.key not in have]
    if missing:
        keys = sorted({one.key for one in missing})
        who = ", ".join(dict.fromkeys(one.consumer for one in missing))
        places = [*([missing[0].made] if missing[0].made else []), *(one.related for one in missing[:3])]
        return failed(f"no key {_quoted(keys)}; it has {_quoted(have) or 'none'}; needed by {who}", *places)
    return passed(f"{len(have)} {'key' if len(have) == 1 else 'keys'}")


def _quoted(keys: list[str]) -> str:
    more = f" and {len(keys) - _SHOWN} more" if len(keys) > _SHOWN else ""
    return ", ".join(f"`{key}`" for key in keys[:_SHOWN]) + more
