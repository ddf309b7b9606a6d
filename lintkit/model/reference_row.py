"""What one row of the table of references says."""

from __future__ import annotations

from typing import NamedTuple

OWN, ANY, CLUSTER = "own", "any", "cluster"
"""Where a row looks: in the consumer's namespace, in any, or among objects without one."""


class Row(NamedTuple):
    """One kind of reference.

    Attributes:
        consumer: Kind, or `group/Kind` where the kind alone is ambiguous; `pod` for every pod template.
        path: Key path to the mapping that holds the name, or to the name itself: `[]` is each element of a list, `*`
            each value of a mapping, `**` any depth.
        target: Kind that is named; empty when the consumer writes the kind.
        name: Path of the name, seen from the mapping; empty when `path` ends at the name.
        keys: Paths of the needed keys, seen from the mapping.
        needs: Keys that are needed whatever is written.
        namespace: `own`, `any`, `cluster`, or the path of what holds it, seen from the mapping (default: own).
        optional: Field that says that the object may be absent.
        port: Path of the port that is used, seen from the mapping.
        role: What the reference is for, where a rule must know: `dependency`, `source`, `health` ...
        kinds: Kinds that are looked up when the consumer writes the kind; others are left alone.
        default_key: The key that is meant when none is written.
        kind: Field in which the consumer writes the kind.
    """

    consumer: str
    path: str
    target: str
    name: str = "name"
    keys: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    namespace: str = OWN
    optional: str = "optional"
    port: str = ""
    role: str = ""
    kinds: tuple[str, ...] = ()
    default_key: str = ""
    kind: str = "kind"


def keyed(consumer: str, path: str, target: str = "Secret", namespace: str = OWN) -> Row:
    """A reference to one key of a Secret or ConfigMap: `{name, key}`."""
    return Row(consumer, path, target, keys=("key",), namespace=namespace)
