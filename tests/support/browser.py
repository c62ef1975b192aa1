"""Chromium, driven over its DevTools protocol: pages to open, keys to press, what they log and load, pictures to take.

The protocol: https://chromedevtools.github.io/devtools-protocol/
"""

import base64
import itertools
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import websocket

Json: TypeAlias = dict[str, Any]

PATIENCE = 30.0
"""Seconds for an answer of the browser, on a busy machine."""
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-dev-shm-usage")
KEYS = {"Enter": "\r", " ": " "}
"""Keys that also type a character; the others only have names."""


class Wire:
    """One connection to the browser; `call` waits for its answer and keeps the events that arrive before it."""

    def __init__(self, url: str) -> None:
        self.socket = websocket.create_connection(url, timeout=PATIENCE, suppress_origin=True)
        self.numbers = itertools.count(1)
        self.events: list[Json] = []

    def call(self, method: str, session: str = "", **params: object) -> Json:
        """Call a method of the protocol and return its result; an error of the protocol is raised."""
        number = next(self.numbers)
        message = {"id": number, "method": method, "params": params}
        self.socket.send(json.dumps(message | ({"sessionId": session} if session else {})))
        while True:
            answer = self._receive()
            if answer.get("id") == number:
                break
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        result: Json = answer["result"]
        return result

    def wait(self, method: str, session: str) -> None:
        """Wait for the next event of this name."""
        while True:
            event = self._receive()
            if event.get("method") == method and event.get("sessionId") == session:
                return

    def _receive(self) -> Json:
        message: Json = json.loads(self.socket.recv())
        if "method" in message:
            self.events.append(message)
        return message


class Page:
    """One tab."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.target = wire.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = wire.call("Target.attachToTarget", targetId=self.target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: object) -> Json:
        """Call a method of the protocol on this tab."""
        return self.wire.call(method, self.session, **params)

    def resize(self, width: int, height: int, scale: int = 1) -> None:
        """Give the tab a size in CSS pixels; any width, where a window could not be narrower than 500."""
        size = {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": width < 500}
        self.call("Emulation.setDeviceMetricsOverride", **size)

    def open(self, path: Path) -> None:
        """Open a local file and wait until it is loaded."""
        self.call("Page.navigate", url=path.resolve().as_uri())
        self.wire.wait("Page.loadEventFired", self.session)

    def evaluate(self, expression: str) -> Any:  # noqa: ANN401  (whatever the script returns)
        """Return the value of a JavaScript expression; a promise is awaited, an exception raised."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(str(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def until(self, expression: str) -> None:
        """Wait until a JavaScript expression is true."""
        end = time.monotonic() + PATIENCE
        while not self.evaluate(f"Boolean({expression})"):
            if time.monotonic() > end:
                raise TimeoutError(expression)
            time.sleep(0.02)

    def press(self, key: str) -> None:
        """Press and release one key, by its DOM name."""
        text = KEYS.get(key, key if len(key) == 1 else "")
        self.call("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", key=key, text=text)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key)

    def type(self, text: str) -> None:
        """Type a text where the focus is."""
        self.call("Input.insertText", text=text)

    def click(self, selector: str) -> None:
        """Click with the mouse on the middle of the first element that a selector names."""
        box = self.evaluate(
            f"(e => {{ e.scrollIntoView({{block: 'nearest'}}); const b = e.getBoundingClientRect();"
            f" return [b.x + b.width / 2, b.y + b.height / 2]; }})(document.querySelector({json.dumps(selector)}))"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], button="left", clickCount=1)

    def picture(self) -> bytes:
        """Return a PNG of the view."""
        return base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])

    def requests(self) -> list[str]:
        """Return the addresses that the tab asked for."""
        return [event["request"]["url"] for event in self._events("Network.requestWillBeSent")]

    def complaints(self) -> list[str]:
        """Return what the console shows of errors and warnings."""
        calls = [e for e in self._events("Runtime.consoleAPICalled") if e["type"] in ("error", "warning", "assert")]
        entries = [e for e in self._events("Log.entryAdded") if e["entry"]["level"] in ("error", "warning")]
        return [str(event) for event in (*self._events("Runtime.exceptionThrown"), *calls, *entries)]

    def close(self) -> None:
        """Close the tab."""
        self.wire.call("Target.closeTarget", targetId=self.target)

    def _events(self, method: str) -> list[Json]:
        self.evaluate("0")  # events that are under way arrive before the answer
        return [e["params"] for e in self.wire.events if e["method"] == method and e.get("sessionId") == self.session]


@contextmanager
def chromium() -> Iterator[Wire]:
    """Start a Chromium with an empty profile; where it is not installed, skip, but never in continuous integration."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not program:
        if os.environ.get("CI"):
            pytest.fail("chromium is not installed; .ci/run installs it")
        pytest.skip("chromium is not installed")
    with tempfile.TemporaryDirectory(prefix="chromium.", ignore_cleanup_errors=True) as profile:
        command = [program, *FLAGS, "--remote-debugging-port=0", f"--user-data-dir={profile}", "about:blank"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wire = Wire(_address(Path(profile) / "DevToolsActivePort", process))
            yield wire
            wire.socket.close()
        finally:
            process.terminate()
            process.wait(PATIENCE)


@contextmanager
def tab(wire: Wire, width: int = 1100, height: int = 800) -> Iterator[Page]:
    """Open a tab of a size in CSS pixels."""
    page = Page(wire)
    page.resize(width, height)
    try:
        yield page
    finally:
        page.close()


def _address(file: Path, process: "subprocess.Popen[bytes]") -> str:
    """Wait for the file in which the browser names its port and path."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        lines = file.read_text().split() if file.exists() else []
        if len(lines) == 2:
            return f"ws://127.0.0.1:{lines[0]}{lines[1]}"
        time.sleep(0.05)
    raise RuntimeError("chromium does not start")
