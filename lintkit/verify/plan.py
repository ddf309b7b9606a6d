"""What a run asks: the cluster of the tree, the probes, and what they expect."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from lintkit.errors import LintkitError, UsageError
from lintkit.suppress import closest
from lintkit.verify import git
from lintkit.verify.expectation import Answer, Expectation, unknown
from lintkit.verify.own import read_probes
from lintkit.verify.probes._plugin import probes_of_plugins
from lintkit.verify.probes._probe import all_probes
from lintkit.verify.promises import Promises
from lintkit.verify.trim import line

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from lintkit.model.contracts import Contracts
    from lintkit.model.tree import Tree
    from lintkit.verify.live import Live
    from lintkit.verify.own import Own
    from lintkit.verify.probes._probe import Probe


class Choice(NamedTuple):
    """What of a tree is asked for.

    Attributes:
        below: File or folder, relative to the root, whose promises count; that of a cluster chooses the cluster.
        namespaces: Namespaces whose objects count; empty for all.
        select: Probes or groups of them; empty for all.
        executes: Whether commands may be run in containers.
        trusts: Whether the probes of the repository itself may run commands and open connections.
    """

    below: str = ""
    namespaces: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    executes: bool = True
    trusts: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run asks.

    Attributes:
        promises: The tree as the probes see it.
        probes: The probes that run.
        expectations: What they expect, in the order of the report.
        left_out: What is not asked, and why: one line each.
    """

    promises: Promises
    probes: tuple[Probe, ...]
    expectations: tuple[Expectation, ...]
    left_out: tuple[str, ...] = ()

    @property
    def namespaces(self) -> tuple[str, ...]:
        """The namespaces that the expectations are about."""
        needed = {need.namespace for one in self.expectations for need in one.needs}
        return tuple(sorted(({one.namespace for one in self.expectations} | needed) - {""}))


def plan(tree: Tree, root: Path, choice: Choice) -> Plan:
    """What to ask of the cluster that a tree is for.

    Raises:
        UsageError: There is no such probe, nothing is applied, or it is not clear which cluster is meant.
    """
    contracts, below = _chosen(tree, choice.below)
    promises = Promises(
        tree,
        contracts,
        root,
        git.head(root),
        partial(_ahead, root),
        is_dirty=bool(git.head(root)) and git.is_dirty(root),
    )
    own = own_probes(root, tree.options.plugins)
    probes, left_out = _left_out(selected(choice.select, tree.options.plugins, own), own, choice)
    found = [
        expectation
        for probe in probes
        for expectation in _expected(probe, promises)
        if _is_below(expectation.path, below) and (not choice.namespaces or expectation.namespace in choice.namespaces)
    ]
    found.sort(key=lambda one: (one.path, one.position, one.probe, one.subject, one.claim))
    return Plan(promises, probes, tuple(found), tuple(left_out))


def own_probes(root: Path, plugins: tuple[str, ...] = ()) -> tuple[Own, ...]:
    """The probes of a repository.

    Raises:
        ConfigurationError: A file is wrong, or takes the name of another probe.
    """
    probes = selected((), plugins)
    return read_probes(root, frozenset(name for one in probes for name in (one.name, one.group)))


def _left_out(probes: tuple[Probe, ...], own: tuple[Own, ...], choice: Choice) -> tuple[tuple[Probe, ...], list[str]]:
    """The probes that may run, and a line on those that may not."""
    untrusted = {one.probe.name for one in own if one.needs_trust and not choice.trusts}
    running = [one for one in probes if not choice.executes and one.executes]
    doubtful = [one for one in probes if one.name in untrusted and one not in running]
    said = ((running, "--no-exec"), (doubtful, "needs --trust-probes"))
    lines = [f"{', '.join(one.name for one in found)}: {words}" for found, words in said if found]
    return tuple(one for one in probes if one not in running and one not in doubtful), lines


def _expected(probe: Probe, promises: Promises) -> list[Expectation]:
    """What a probe expects; where it breaks, an expectation that says so."""
    try:
        return list(probe.expectations(promises))
    except LintkitError:
        raise
    except Exception as error:  # noqa: BLE001 - a defect in one probe must not take the others down
        text = line(f"internal error in probe {probe.name}, nothing is known: {type(error).__name__}: {error}")
        place = next(iter(promises.cluster.resources)).name_place
        command = f"lintkit verify --select {probe.name}"
        asked = partial(_unknown, text)
        return [Expectation(f"probe `{probe.name}`", "can be asked", place, command, asked, probe=probe.name)]


def _unknown(reason: str, _: Live) -> Answer:
    return unknown(reason, is_lasting=True)


def selected(names: Sequence[str], plugins: tuple[str, ...] = (), own: tuple[Own, ...] = ()) -> tuple[Probe, ...]:
    """The probes of some names or groups, those of plugins and of the repository too.

    Raises:
        UsageError: There is no such probe, or no such plugin.
    """
    probes = all_probes()
    probes = (*probes, *probes_of_plugins(plugins, probes), *(one.probe for one in own))
    known = {one.name for one in probes} | {one.group for one in probes}
    for name in names:
        if name not in known:
            message = f"`{name}` is no probe and no group of probes{closest(name, known)}"
            raise UsageError(message)
    return tuple(one for one in probes if not names or {one.name, one.group} & set(names))


def _chosen(tree: Tree, below: str) -> tuple[Contracts, str]:
    """The cluster that is meant, and the folder whose promises count."""
    clusters = [one for one in tree.contracts if one.cluster.applied]
    if not clusters:
        message = "nothing in this tree is applied: there is no Flux Kustomization and no manifest"
        raise UsageError(message)
    homes = [_homes(one) for one in clusters]
    entered = [
        one
        for one, folders in zip(clusters, homes, strict=True)
        if below and any(_is_below(below, folder) or _is_below(folder, below) for folder in folders if folder)
    ]
    if len(clusters) == 1:
        return clusters[0], "" if entered and below in homes[0] else below
    if len(entered) == 1:
        return entered[0], ""
    named = sorted(folders[0] for folders in homes if folders)
    message = f"this tree is for {len(clusters)} clusters; name one as PATH: {', '.join(f'`{one}`' for one in named)}"
    raise UsageError(message)


def _homes(contracts: Contracts) -> list[str]:
    """Folders that stand for a cluster, the best name of it first: where Flux starts, or where that is written."""
    entries = contracts.cluster.entries
    written = [posixpath.dirname(entry.resource.path) for entry in entries]
    first = next((entry.folder for entry in entries if entry.is_certain), posixpath.commonpath(written or [""]))
    return [one for one in dict.fromkeys((first, *(entry.folder for entry in entries), *written)) if one]


def _is_below(path: str, folder: str) -> bool:
    return not folder or path == folder or path.startswith(f"{folder}/")


def _ahead(root: Path, since: str, until: str) -> int | None:
    if not git.knows(root, since) or not git.knows(root, until):
        return None
    return git.count(root, since, until)
