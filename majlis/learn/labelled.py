"""Reads labelled comments to measure on: the corpus' test part, or any JSONL. It judges nothing.

A line is what `majlis judge` takes (`text`, and if you have them `language`, `story`, `parent`) with `clauses`, the
clause ids that a person found broken, none for a fair comment; or with `rejected`, true or false, where no clauses were
kept. `quotes` may hold the words that break them, `kind` a name to group by.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from majlis import errors

TEST = "test"
"""The part of the corpus that nothing learns from."""


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """One comment and what a person said of it. `clauses` is None where only `broken` is known."""

    text: str
    broken: bool
    clauses: tuple[str, ...] | None = ()
    language: str = ""
    title: str = ""
    summary: str = ""
    parent: str = ""
    quotes: tuple[str, ...] = ()
    kind: str = ""


def read(path: Path) -> list[Example]:
    """Return the comments of a JSONL file, or the test part of a folder of them.

    Raises:
        errors.Unreadable: no such file, or a line cannot be used; it is named.
    """
    if path.is_dir():
        found = [one for file in sorted(path.glob("*.jsonl")) for one in _lines(file, TEST)]
    elif path.is_file():
        found = _lines(path, None)
    else:
        raise errors.Unreadable(f"{path} does not exist.", hint="Name a JSONL file with labels, or the corpus' folder.")
    if not found:
        raise errors.Unreadable(f"{path} holds no labelled comment.", hint="Each line needs text, and clauses.")
    return found


def _lines(path: Path, split: str | None) -> list[Example]:
    out = []
    for number, line in enumerate(path.read_bytes().split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            item = json.loads(line)
            if split is None or item.get("split") == split:
                out.append(_example(item))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise errors.Unreadable(
                f"{path.name}, line {number}: {_said(error)}", hint="A line is an object with text, and clauses."
            ) from None
    return out


def _said(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"{error.args[0]} is missing."
    return "is not JSON in UTF-8." if isinstance(error, ValueError) else "a value is of the wrong type."


def _example(item: dict[str, Any]) -> Example:
    story = item.get("story") or {}
    clauses = tuple(_list(item, "clauses")) if "clauses" in item else None
    if not isinstance(item["text"], str) or not isinstance(story, dict):
        raise TypeError
    return Example(
        text=item["text"],
        broken=bool(clauses) if clauses is not None else item["rejected"] is True,
        clauses=clauses,
        language=str(item.get("language") or item.get("lang") or ""),
        title=str(story.get("title") or ""),
        summary=str(story.get("summary") or story.get("body") or ""),
        parent=str(item.get("parent") or ""),
        quotes=tuple(_list(item, "quotes")),
        kind=str(item.get("kind") or ""),
    )


def _list(item: dict[str, Any], name: str) -> list[str]:
    values = item.get(name) or []
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise TypeError
    return values
