"""Programs that are started for a test: on loopback, ready before it goes on, and all ended when it ends."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1


class NotReadyError(Exception):
    """Something did not come up in time; the text has the end of its log."""


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nobody listens on."""
    with socket.socket() as asked:
        asked.bind((host, 0))
        return int(asked.getsockname()[1])


def until(what: str, ask: Callable[[], Any], seconds: float = 60.0, pause: float = 0.2) -> Any:  # noqa: ANN401
    """Ask until the answer is true, and return it.

    Raises:
        NotReadyError: It is not in time.
    """
    end = time.monotonic() + seconds
    last: object = None
    while True:
        try:
            last = ask()
        except Exception as error:  # noqa: BLE001 - whatever it is, it may be otherwise soon
            last = error
        else:
            if last:
                return last
        if time.monotonic() > end:
            message = f"{what}: not within {seconds:g} s; the last answer was {last!r:.600}"
            raise NotReadyError(message)
        time.sleep(pause)


class Process:
    """A program that runs; its output is in a file."""

    def __init__(
        self, name: str, argv: list[str], log: Path, *, env: Mapping[str, str] | None = None, user: str = "",
        cwd: Path | None = None,
    ) -> None:  # fmt: skip
        self.name, self.argv, self.log = name, argv, log
        self._env, self._user, self._cwd = env, user, cwd
        self.start()

    def start(self) -> None:
        """Start it, for the first time or again."""
        with self.log.open("ab") as output:
            self._popen = subprocess.Popen(
                self.argv, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, cwd=self._cwd,
                env={**os.environ, **(self._env or {})}, user=self._user or None, group=self._user or None,
                extra_groups=[] if self._user else None, start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - one call into libc, which takes no lock
            )  # fmt: skip

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return self._popen.poll() is None

    def said(self, size: int = 3000) -> str:
        """The end of its output."""
        return self.log.read_bytes()[-size:].decode("utf-8", "replace")

    def ready(self, ask: Callable[[], Any], seconds: float = 90.0) -> Process:
        """Wait until it is ready, unless it ends before.

        Raises:
            NotReadyError: It ended, or takes too long.
        """

        def asked() -> object:
            if not self.runs:
                return "ended"
            return ask()

        try:
            answer = until(self.name, asked, seconds)
        except NotReadyError as error:
            message = f"{error}\n{self.said()}"
            raise NotReadyError(message) from None
        if answer == "ended":
            message = f"{self.name} ended with {self._popen.returncode}\n{self.said()}"
            raise NotReadyError(message)
        return self

    def kill(self) -> None:
        """End it at once, with all that it has started."""
        self._signal(signal.SIGKILL)
        self._popen.wait()

    def stop(self, seconds: float = 10.0) -> None:
        """Ask it to end; kill it when it does not."""
        self._signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._popen.wait(seconds)
        self.kill()

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._popen.pid, number)


class Processes:
    """Everything that was started, ended in the opposite order."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._all: list[Process] = []

    def start(
        self, name: str, *argv: str | Path, env: Mapping[str, str] | None = None, user: str = "",
        cwd: Path | None = None,
    ) -> Process:  # fmt: skip
        """Start a program."""
        made = Process(name, [str(one) for one in argv], self.folder / f"{name}.log", env=env, user=user, cwd=cwd)
        self._all.append(made)
        return made

    def end(self) -> None:
        """End all."""
        for process in reversed(self._all):
            process.stop(3.0)
        self._all.clear()


def _die_with_parent() -> None:
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
