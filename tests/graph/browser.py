"""A headless Chromium, driven over the DevTools protocol through two pipes; nothing but the standard library.

Debian's `chromium` and Google's builds both speak it with `--remote-debugging-pipe`: messages are JSON, a zero byte
ends each.
"""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import signal
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_TIMEOUT = 30.0


def find() -> str | None:
    """Path of a Chromium, or None when there is none."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class BrowserError(Exception):
    """The browser refused, died, or took too long."""


def _start(program: str, profile: Path) -> tuple[int, int, int]:
    """Start a browser in a process group of its own.

    Returns:
        Its process id, the end to read its answers from, and the end to write to.
    """
    to_browser, from_us = os.pipe()
    from_browser, to_us = os.pipe()
    log = os.open(profile.parent / "browser.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    options = [
        "--headless=new", "--disable-gpu", "--no-first-run", "--hide-scrollbars", "--remote-debugging-pipe",
        "--disable-background-networking", "--disable-dev-shm-usage", f"--user-data-dir={profile}",
        *(["--no-sandbox"] if os.geteuid() == 0 else []),
    ]  # fmt: skip
    # the browser looks for its pipes at 3 and 4; a detour keeps one from landing on the other
    moves = [(to_browser, 100), (to_us, 101), (100, 3), (101, 4), (log, 1), (log, 2)]
    actions = [(os.POSIX_SPAWN_DUP2, here, there) for here, there in moves]
    actions += [(os.POSIX_SPAWN_CLOSE, end) for end in (100, 101)]
    pid = os.posix_spawn(
        program, [program, *options, "about:blank"], dict(os.environ), file_actions=actions, setpgroup=0
    )
    for end in (to_browser, to_us, log):
        os.close(end)
    return pid, from_browser, from_us


class Browser:
    """One browser with one page.

    Args:
        program: The browser.
        profile: A folder for what it writes.
        size: Width and height of the page in pixels.
        dark: Whether it asks pages for their dark colours.
    """

    def __init__(self, program: str, profile: Path, size: tuple[int, int] = (1400, 900), *, dark: bool = False) -> None:
        self._pid, self._read, self._write = _start(program, profile)
        self._buffer = b""
        self._count = 0
        self._session = ""
        self.events: list[dict[str, Any]] = []
        try:
            self._attach(size, dark=dark)
        except BaseException:
            self.close()
            raise

    def _attach(self, size: tuple[int, int], *, dark: bool) -> None:
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")
        width, height = size
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the browser and everything that it started."""
        for end in (self._write, self._read):
            os.close(end)
        with suppress(ProcessLookupError):
            os.killpg(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever the protocol takes
        """Ask for something and wait for the answer; what happens meanwhile goes to `events`."""
        self._count += 1
        message: dict[str, Any] = {"id": self._count, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        text = json.dumps(message).encode() + b"\0"
        while text:
            text = text[os.write(self._write, text) :]
        ends = time.monotonic() + _TIMEOUT
        while True:
            answer = self._receive(ends)
            if answer.get("id") != self._count:
                self.events.append(answer)
            elif "error" in answer:
                message = f"{method}: {answer['error']}"
                raise BrowserError(message)
            else:
                result: dict[str, Any] = answer["result"]
                return result

    def _receive(self, ends: float) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._read], [], [], max(0.0, ends - time.monotonic()))
            part = os.read(self._read, 1 << 20) if ready else b""
            if not part:
                message = "the browser died" if ready else f"no answer within {_TIMEOUT:.0f} s"
                raise BrowserError(message)
            self._buffer += part
        text, _, self._buffer = self._buffer.partition(b"\0")
        answer: dict[str, Any] = json.loads(text)
        return answer

    def open(self, page: Path, fragment: str = "") -> None:
        """Load a page from disk and wait until it is loaded; an empty one before it, so that it is never the same."""
        for url in ("about:blank", page.as_uri() + fragment):
            self.events.clear()
            self.call("Page.navigate", url=url)
            ends = time.monotonic() + _TIMEOUT
            while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
                self.events.append(self._receive(ends))

    def run(self, expression: str) -> Any:  # noqa: ANN401 - any JSON value
        """The value of an expression of JavaScript; promises are waited for."""
        answer = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise BrowserError(details.get("exception", {}).get("description") or details["text"])
        return answer["result"].get("value")

    def until(self, expression: str) -> Any:  # noqa: ANN401 - any JSON value
        """Wait until an expression is true, and return its value."""
        ends = time.monotonic() + _TIMEOUT
        while time.monotonic() < ends:
            value = self.run(expression)
            if value:
                return value
            time.sleep(0.02)
        message = f"never true: {expression}"
        raise BrowserError(message)

    def click(self, selector: str) -> None:
        """Click in the middle of an element, as a person does."""
        found = self.run(
            f"(() => {{ const found = document.querySelector({json.dumps(selector)}); if (!found) return null;"
            " found.scrollIntoView({block: 'nearest'}); const box = found.getBoundingClientRect();"
            " return [box.x + box.width / 2, box.y + box.height / 2]; })()"
        )
        if found is None:
            message = f"no element {selector}"
            raise BrowserError(message)
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=found[0], y=found[1], button="left", clickCount=1)

    def type(self, text: str) -> None:
        """Type a text, key by key."""
        for char in text:
            self.call("Input.dispatchKeyEvent", type="keyDown", text=char, key=char)
            self.call("Input.dispatchKeyEvent", type="keyUp", key=char)

    def press(self, key: str) -> None:
        """Press a key by its name: `ArrowDown`, `Enter` ..."""
        text = {"Enter": "\r"}.get(key)
        more = {"text": text} if text else {}
        self.call("Input.dispatchKeyEvent", type="keyDown", key=key, code=key, **more)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, code=key)

    def screenshot(self, file: Path) -> None:
        """Write what is seen as a PNG."""
        file.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))

    def complaints(self) -> list[str]:
        """What the page's scripts threw and what the browser logged as an error, so far."""
        self.run("0")
        found: list[str] = []
        for event in self.events:
            parameters = event.get("params", {})
            if event.get("method") == "Runtime.exceptionThrown":
                details = parameters["exceptionDetails"]
                found.append(details.get("exception", {}).get("description") or details["text"])
            if event.get("method") == "Log.entryAdded" and parameters["entry"]["level"] == "error":
                found.append(parameters["entry"]["text"])
        return found

    def requested(self) -> list[str]:
        """The addresses that the page asked for, so far."""
        self.run("0")
        return [
            event["params"]["request"]["url"]
            for event in self.events
            if event.get("method") == "Network.requestWillBeSent"
        ]
