"""`majlis demo` as a newcomer starts it, and a Chromium that looks at it."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, sync_playwright

from tests.browser.chromium import COMMAND, find


@dataclass(frozen=True)
class Demo:
    """The addresses that `majlis demo` printed."""

    page: str
    desk: str
    login: str
    data: Path


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    data = tmp_path_factory.mktemp("demo")
    command = [str(Path(sys.executable).with_name("majlis")), "demo", "--port", str(free_port()), "--data", str(data)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    printed = ""
    for line in process.stdout:
        printed += line
        if line.startswith("Data"):
            break
    found = {name: re.search(rf"^{name}\s+(\S+)", printed, re.MULTILINE) for name in ("Page", "Desk", "Login")}
    addresses = {name: match[1] for name, match in found.items() if match}
    try:
        yield Demo(page=addresses["Page"], desk=addresses["Desk"], login=addresses["Login"], data=data)
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = find()
    if path is None:
        pytest.fail(f"No Chromium was found. Run once: {COMMAND}")
    with sync_playwright() as playwright:
        # A page that a test makes up counts as a public one, which may not ask this machine.
        arguments = ["--no-sandbox", "--disable-features=LocalNetworkAccessChecks"]
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def admin(demo: Demo, chromium: Browser) -> StorageState:
    """What a browser holds that followed the login, which works once."""
    with chromium.new_context() as context:
        page = context.new_page()
        page.goto(demo.login)
        page.goto(demo.desk)
        assert page.url == demo.desk
        return context.storage_state()


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Opens pages, each as a new visitor; fails where a page breaks its own security policy or a script fails."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def open_page(
        url: str,
        *,
        width: int = 1280,
        height: int = 900,
        scripts: bool = True,
        dark: bool = False,
        state: StorageState | None = None,
    ) -> Page:
        context = chromium.new_context(
            storage_state=state,
            viewport={"width": width, "height": height},
            java_script_enabled=scripts,
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if "Content Security" in said.text else None)
        page.goto(url)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []
