"""Finds the Chromium that the browser tests drive, and installs Debian's where that is allowed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-headless-shell", "chromium-browser", "google-chrome", "chrome")
PACKAGES = ("chromium", "fonts-noto-core")
COMMAND = f"apt-get install -y {' '.join(PACKAGES)}"


def find() -> str | None:
    """Return the path of a Chromium, or None."""
    named = os.environ.get("CHROMIUM")
    return named or next((path for name in NAMES if (path := shutil.which(name))), None)


def fonts_are_there() -> bool:
    """Return whether Arabic script would show as letters."""
    if not shutil.which("fc-list"):
        return False
    return bool(subprocess.run(["fc-list", ":lang=ckb"], capture_output=True, text=True, check=False).stdout)


def install() -> None:
    """Install Debian's Chromium and fonts; the environment keeps apt from asking."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], env=environment, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(
        ["apt-get", "install", "-y", "-qq", *PACKAGES], env=environment, check=True, stdout=subprocess.DEVNULL
    )


def main() -> int:
    """Make sure that there is a Chromium, or say the one command that brings it."""
    if find() and fonts_are_there():
        return 0
    if shutil.which("apt-get") and os.geteuid() == 0:
        install()
    if find():
        return 0
    print(f"The browser tests need Chromium. Run this once:\n\n    sudo {COMMAND}\n", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
