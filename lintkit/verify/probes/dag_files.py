"""The probe `dag-files`."""

from __future__ import annotations

import posixpath
import shlex
from functools import partial
from typing import TYPE_CHECKING

from lintkit.verify.airflow import Folder, Release, is_running, pods, release_of, releases_with_folder, said
from lintkit.verify.dags import ENDINGS
from lintkit.verify.dags import dag_files as files_of
from lintkit.verify.expectation import Answer, Expectation, Need, failed, passed, unknown
from lintkit.verify.pods import name_of
from lintkit.verify.probes._probe import PODS, probe
from lintkit.verify.promises import expectation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.verify.live import Found, Live
    from lintkit.verify.promises import Promises

_CONTAINER = "git-sync"
_ROOT, _LINK = "/git", "repo"
_SHOWN = 6


@probe(group="airflow", rights=PODS, executes=True)
def dag_files(promises: Promises) -> Iterator[Expectation]:
    """git-sync has brought exactly the DAG files of this repository.

    Asked of the container `git-sync` of a scheduler or DAG processor, with `ls`: the files below `dags.gitSync.subPath`
    that end in `.py` or `.zip`. Only where git-sync reads this very repository.
    """
    for airflow, folder in releases_with_folder(promises):
        wanted = tuple(files_of(promises.tree.repository, folder.path))
        release = release_of(airflow)
        yield expectation(
            airflow.release.resource,
            f"has {f'the {len(wanted)} DAG files' if len(wanted) != 1 else 'the DAG file'} of `{folder.path}`",
            partial(_ask, release, folder, wanted),
            needs=(Need("pods/exec", release.namespace),),
            place=folder.node,
            command=f"kubectl -n {release.namespace} exec deploy/{airflow.fullname}-scheduler -c {_CONTAINER} -- "
            f"ls -R {shlex.quote(f'{_ROOT}/{_LINK}/{folder.path}')}",
        )


def _ask(release: Release, folder: Folder, wanted: tuple[str, ...], live: Live) -> Answer:
    for pod in pods(live, release, "scheduler", "dag-processor"):
        container = next((one for one in pod["spec"]["containers"] if one.get("name") == _CONTAINER), None)
        if container is None or not is_running(pod):
            continue
        return _compared(pod, _mount(container), folder, wanted, release, live)
    return unknown("no running scheduler or DAG processor has a container `git-sync`")


def _mount(container: Found) -> str:
    mounts = container.get("volumeMounts") or ()
    return str(next((one.get("mountPath") for one in mounts if one.get("name") == "dags"), None) or _ROOT)


def _compared(pod: Found, mount: str, folder: Folder, wanted: tuple[str, ...], release: Release, live: Live) -> Answer:
    where = posixpath.join(mount, _LINK, folder.path)
    output = live.execute(release.namespace, name_of(pod), _CONTAINER, "ls", "-1ApR", f"{where}/")
    if not output.stdout.strip():
        if "No such file" in output.stderr:
            return failed(f"`{where}` is not in pod {name_of(pod)}: git-sync has not brought it")
        return unknown(f"`ls {where}` in pod {name_of(pod)} says: {said(output)}")
    have = set(_listed(output.stdout, f"{where}/"))
    missing, extra = sorted(set(wanted) - have), sorted(have - set(wanted))
    if not missing and not extra:
        return passed(f"{len(have)} files in {where} of pod {name_of(pod)}")
    parts = [f"missing: {_names(missing)}"] * bool(missing) + [f"extra: {_names(extra)}"] * bool(extra)
    return failed(f"{'; '.join(parts)} (pod {name_of(pod)}, {where})")


def _listed(text: str, where: str) -> Iterator[str]:
    """The files in the output of `ls -1ApR`, relative to the folder that was listed."""
    inside = ""
    for line in text.splitlines():
        if line.endswith(":") and line.startswith("/"):
            inside = f"{line[:-1].rstrip('/')}/"[len(where) :]
        elif line.endswith(ENDINGS) and "__pycache__" not in inside:
            yield inside + line


def _names(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(f"`{name}`" for name in names[:_SHOWN]) + more
