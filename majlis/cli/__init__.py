"""The command `majlis`. Each command reads its options, calls one act and prints; no rule stands here."""

from __future__ import annotations

from majlis.cli import access, archives, judging, measuring, serving
from majlis.cli.root import cli, or_say

__all__ = ["cli", "main"]

for part in (serving, judging, archives, access, measuring):
    cli.add_typer(part.cli)


def main() -> None:
    """Run the command; an error is one sentence on stderr and exit code 2."""
    or_say(cli)
