"""A headless Chromium, driven over the DevTools protocol: load, evaluate, click, take a picture; collect errors."""

from __future__ import annotations

import base64
import itertools
import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome")
PATIENCE_S = 120.0  # a bound for a machine that hangs; no test waits for it
FLAGS = ("--headless=new", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--no-first-run",
         "--disable-extensions", "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-dev-shm-usage", "--autoplay-policy=no-user-gesture-required", "--remote-debugging-port=0",
         "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", "--disable-gpu-vsync")


def chromium_path() -> str | None:
    """Path of a Chromium that runs; None if there is none (the packages of Ubuntu only refer to a snap)."""
    for path in filter(None, map(shutil.which, NAMES)):
        done = subprocess.run([path, "--version"], capture_output=True, check=False, timeout=60)
        if done.returncode == 0:
            return path
    return None


class Browser:
    """One page in a browser of its own.

    Attributes:
        errors: Errors of the console and exceptions of the page.
        hosts: Hosts that the page asked for something.
    """

    def __init__(self, width: int = 900, height: int = 560) -> None:
        from websockets.sync.client import connect

        path = chromium_path()
        if path is None:
            raise RuntimeError("no Chromium here")
        self._folder = tempfile.mkdtemp()
        root = ["--no-sandbox"] if os.geteuid() == 0 else []
        self._process = subprocess.Popen([path, *FLAGS, *root, f"--user-data-dir={self._folder}",
                                          f"--window-size={width},{height}", "about:blank"],
                                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.errors: list[str] = []
        self.hosts: set[str] = set()
        self._numbers = itertools.count(1)
        self._socket = connect(self._page_address(), max_size=2**26)
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._socket.close()
        self._process.terminate()
        self._process.wait(30)
        shutil.rmtree(self._folder, ignore_errors=True)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the protocol and return its result."""
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv(timeout=PATIENCE_S))
            if message.get("id") != number:
                self._note(message)
            elif "error" in message:
                raise RuntimeError(f"{method}: {message['error']}")
            else:
                return dict(message["result"])

    def open(self, url: str) -> None:
        """Load a page."""
        self.call("Page.navigate", url=url)

    def value(self, expression: str) -> Any:
        """Evaluate an expression, as after a click of the user; await it if it is asynchronous."""
        result = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True,
                           userGesture=True)
        if "exceptionDetails" in result:
            raise RuntimeError(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def wait_for(self, expression: str) -> Any:
        """Evaluate an expression until it is true, and return its value."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            try:
                if value := self.value(expression):
                    return value
            except RuntimeError as error:  # while the page is loaded
                if "not defined" not in str(error) and "undefined" not in str(error) and "context" not in str(error):
                    raise
            time.sleep(0.05)
        raise TimeoutError(f"{expression}; errors of the page: {self.errors}")

    def click(self, selector: str) -> None:
        """Click on the element that a CSS selector names."""
        self.value(f"document.querySelector({json.dumps(selector)}).click()")

    def slide(self, selector: str, value: float) -> None:
        """Move a slider, as a user does."""
        self.value(f"(() => {{ const input = document.querySelector({json.dumps(selector)}); input.value = {value};"
                   " input.dispatchEvent(new Event('input', {bubbles: true})); })()")

    def picture(self, path: Path) -> None:
        """Write a picture of the page as PNG."""
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))

    def _page_address(self) -> str:
        file = Path(self._folder) / "DevToolsActivePort"
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end and self._process.poll() is None:
            if file.exists() and (lines := file.read_text().splitlines()):
                with urllib.request.urlopen(f"http://127.0.0.1:{lines[0]}/json", timeout=30) as answer:
                    pages = [target for target in json.load(answer) if target["type"] == "page"]
                if pages:
                    return str(pages[0]["webSocketDebuggerUrl"])
            time.sleep(0.05)
        raise RuntimeError("Chromium did not start")

    def _note(self, message: dict[str, Any]) -> None:
        method, content = message.get("method"), message.get("params", {})
        if method == "Runtime.exceptionThrown":
            details = content["exceptionDetails"]
            self.errors.append(details.get("exception", {}).get("description", details["text"]))
        elif method == "Runtime.consoleAPICalled" and content["type"] in ("error", "assert"):
            self.errors.append(" ".join(str(a.get("value", a.get("description"))) for a in content["args"]))
        elif method == "Log.entryAdded" and content["entry"]["level"] == "error":
            self.errors.append(f"{content['entry']['text']} {content['entry'].get('url', '')}")
        elif method == "Network.requestWillBeSent":
            url = content["request"]["url"]
            if not url.startswith("data:"):
                self.hosts.add(url.split("/")[2])
