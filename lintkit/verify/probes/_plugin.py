"""The probes of plugins. One that is broken becomes an expectation that is unknown, so that the others are asked."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from lintkit import plugins
from lintkit.errors import PluginError
from lintkit.syntax.node import Place
from lintkit.verify.expectation import Answer, Expectation, unknown
from lintkit.verify.probes._probe import Expect, Probe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.plugins import Entry
    from lintkit.verify.live import Live
    from lintkit.verify.promises import Promises

_BROKEN = "plugin"
"""Group of probes that cannot be loaded."""


def probes_of_plugins(names: tuple[str, ...], known: tuple[Probe, ...]) -> tuple[Probe, ...]:
    """The probes of plugins, sorted by group and name.

    Args:
        names: The plugins.
        known: lintkit's own probes.

    Raises:
        UsageError: A plugin is not installed, or is none.
    """
    if not names:
        return ()
    taken = {one.name for one in known} | {one.group for one in known}
    found = plugins.named(names, plugins.PROBES, taken)
    probes = [_broken(entry, entry.error(reason), f"{entry.plugin}:{entry.name}") for entry, reason in found.refused]
    for entry in found.entries.values():
        try:
            probes.append(_sound(entry))
        except PluginError as error:
            probes.append(_broken(entry, error, entry.name))
    return tuple(sorted(probes, key=lambda one: (one.group, one.name)))


def _sound(entry: Entry) -> Probe:
    """The probe that an entry point names.

    Raises:
        PluginError: It names none, or one of another name.
    """
    probe = entry.load()
    if not isinstance(probe, Probe):
        message = (
            f"`{entry.value}` is of type {type(probe).__name__}; expected a function with `@lintkit.verify.probe(...)`"
        )
        raise entry.error(message)
    if probe.name != entry.name:
        message = f"`{entry.value}` is the probe `{probe.name}`; the entry point has the probe's name"
        raise entry.error(message)
    return replace(probe, expect=_guarded(entry, probe.expect))


def _guarded(entry: Entry, expect: Expect) -> Expect:
    """What a probe expects; where it breaks, an expectation that says so."""

    def guarded(promises: Promises) -> Iterator[Expectation]:
        try:
            found = list(expect(promises))
            wrong = [one for one in found if not isinstance(one, Expectation) or not isinstance(one.place, Place)]
        except (Exception, SystemExit) as error:  # noqa: BLE001 - of another package
            yield _untold(promises, entry, entry.error(plugins.described(error)))
            return
        if wrong:
            message = f"yields {wrong[0]!r:.60}; expected what `lintkit.verify.expect` makes"
            yield _untold(promises, entry, entry.error(message))
            return
        for one in found:
            yield replace(one, question=partial(_asked, entry, one))

    guarded.__doc__ = expect.__doc__
    return guarded


def _asked(entry: Entry, expectation: Expectation, live: Live) -> Answer:
    answer: object = expectation.question(live)
    if isinstance(answer, Answer):
        return answer
    return unknown(
        str(entry.error(f"answers {answer!r:.60}; expected `passed`, `failed` or `unknown`")), is_lasting=True
    )


def _broken(entry: Entry, error: PluginError, name: str) -> Probe:
    """In place of a probe that cannot be had."""

    def expect(promises: Promises) -> Iterator[Expectation]:
        yield _untold(promises, entry, error)

    expect.__doc__ = f"Cannot be used: {error}."
    return Probe(name, _BROKEN, expect)


def _untold(promises: Promises, entry: Entry, error: PluginError) -> Expectation:
    """An expectation that nobody can be asked about; it stands where the cluster begins."""
    cluster = promises.cluster
    place = cluster.entries[0].place.place if cluster.entries else next(cluster.resources).name_place
    return Expectation(
        f"plugin {entry.origin}", "can be asked", place, f"pip show {entry.plugin}", partial(_unknown, str(error))
    )


def _unknown(reason: str, _: Live) -> Answer:
    return unknown(reason, is_lasting=True)
