"""The formats by their names on the command line, and the module of each, which is loaded when it is asked for.

Most of them need libraries that take memory, and a process that serves readers has read this file too.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

from majlis import errors

if TYPE_CHECKING:
    from majlis.interchange.taking import Reader

OTHERS = ("coral", "disqus", "wordpress", "isso", "remark42", "artalk", "commento")
IMPORTS = ("feed", "jsonl", *OTHERS)
EXPORTS = ("jsonl", "disqus", "wordpress", "csv", "feedback")


def reader(format: str) -> Reader:
    """Return what reads the archives of another system, one of `OTHERS`."""
    return cast("Reader", import_module(f"majlis.interchange.{format}").read)


def check_format(format: str, known: tuple[str, ...]) -> None:
    """Raise errors.InvalidInput for a format that is not known."""
    if format not in known:
        raise errors.InvalidInput(
            f"The format {format!r} is not known.", hint=f"Known: {', '.join(known)}.", field="format"
        )
