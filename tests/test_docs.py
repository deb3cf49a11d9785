"""The documentation is true: generated pages are fresh, links lead somewhere, examples parse."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from typer.main import get_command

from majlis.cli import cli
from majlis.config import Config

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_generated_pages_are_fresh() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "docs" / "generate.py"), "--check"], capture_output=True, text=True, check=False
    )

    assert done.stderr == ""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)", page.read_text("utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_settings_in_examples_exist(page: Path) -> None:
    for block in re.findall(r"```toml\n(.*?)```", page.read_text("utf-8"), re.DOTALL):
        known = set(Config.__dataclass_fields__)
        assert set(tomllib.loads(block)) <= known or "visible" in block


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_in_examples_exist(page: Path) -> None:
    commands = set(get_command(cli).commands)  # type: ignore[attr-defined]
    for block in re.findall(r"```console\n(.*?)```", page.read_text("utf-8"), re.DOTALL):
        for name in re.findall(r"(?:^\$ |\| )majlis ([a-z]+)", block, re.MULTILINE):
            assert name in commands


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = [int(page.name[:3]) for page in sorted((ROOT / "docs" / "why").glob("*.md"))]

    assert numbers == list(range(1, len(numbers) + 1))
