"""A headless Chromium, spoken to in the DevTools protocol over a pair of pipes: no port, no driver, no network."""

from __future__ import annotations

import base64
import json
import os
import pathlib
import subprocess
import tempfile
from types import TracebackType
from typing import Any, Dict, List, Optional, Type


class Browser:
    """One page. `complaints` gathers what it writes to its console as warnings and errors, and what it tries to load."""

    def __init__(self, program: str) -> None:
        commands, self._commands = os.pipe()
        self._answers, answers = os.pipe()
        self._folder = tempfile.TemporaryDirectory()

        def place() -> None:  # the browser reads commands from 3 and writes answers to 4
            for number, pipe in ((10, commands), (11, answers), (3, 10), (4, 11)):
                os.dup2(pipe, number)

        arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                     "--disable-background-networking", f"--user-data-dir={self._folder.name}", "--remote-debugging-pipe",
                     "about:blank"]  # fmt: skip
        self._process = subprocess.Popen(
            [program, *arguments], preexec_fn=place, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        os.close(commands)
        os.close(answers)
        self._rest = b""
        self._number = 0
        self._events: List[Dict[str, Any]] = []
        self.complaints: List[str] = []
        self._session: Optional[str] = None
        targets = self.command("Target.getTargets")["targetInfos"]
        page = next(target["targetId"] for target in targets if target["type"] == "page")
        self._session = self.command("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.command(f"{domain}.enable")

    def __enter__(self) -> Browser:
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._commands)
        os.close(self._answers)
        try:
            self._folder.cleanup()
        except OSError:  # its children may still write for a moment
            pass

    def command(self, method: str, **parameters: Any) -> Dict[str, Any]:
        """Sends a command and waits for what it returns."""
        self._number += 1
        message: Dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._receive()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                result: Dict[str, Any] = answer["result"]
                return result

    def _receive(self) -> Dict[str, Any]:
        while b"\0" not in self._rest:
            part = os.read(self._answers, 1 << 20)
            if not part:
                raise RuntimeError("the browser has ended")
            self._rest += part
        text, self._rest = self._rest.split(b"\0", 1)
        message: Dict[str, Any] = json.loads(text)
        self._note(message.get("method", ""), message.get("params", {}))
        return message

    def _note(self, method: str, event: Dict[str, Any]) -> None:
        if method:
            self._events.append({"method": method})
        if method == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(event["exceptionDetails"]))
        elif method == "Runtime.consoleAPICalled" and event["type"] in ("error", "warning", "assert"):
            self.complaints.append(json.dumps(event["args"]))
        elif method == "Log.entryAdded" and event["entry"]["level"] in ("error", "warning"):
            self.complaints.append(event["entry"]["text"])
        elif method == "Network.requestWillBeSent" and not event["request"]["url"].startswith(("file:", "about:")):
            self.complaints.append("asks for " + event["request"]["url"])

    def open(self, page: pathlib.Path) -> None:
        self._events.clear()
        self.command("Page.navigate", url=page.resolve().as_uri())
        while not any(event["method"] == "Page.loadEventFired" for event in self._events):
            self._receive()

    def value(self, expression: str) -> Any:
        """What an expression of JavaScript comes to."""
        answer = self.command("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def press(self, key: str, code: int) -> None:
        for kind in ("rawKeyDown", "keyUp"):
            self.command("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code)

    def resize(self, width: int, height: int) -> None:
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def prefer(self, scheme: str) -> None:
        """`light` or `dark`."""
        self.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def screenshot(self, path: pathlib.Path) -> None:
        """The whole page."""
        data = self.command("Page.captureScreenshot", format="png", captureBeyondViewport=True)["data"]
        path.write_bytes(base64.b64decode(data))

    def pictures(self, folder: pathlib.Path, name: str) -> None:
        """At three widths, none of which may cut anything off, and on paper."""
        for width in (360, 800, 1200):
            self.resize(width, 900)
            assert self.value("document.documentElement.scrollWidth") <= width
            self.screenshot(folder / f"{name}-{width}.png")
        paper = folder / f"{name}.pdf"
        self.print(paper)
        assert paper.stat().st_size > 10_000

    def print(self, path: pathlib.Path) -> None:
        path.write_bytes(base64.b64decode(self.command("Page.printToPDF", printBackground=True)["data"]))
