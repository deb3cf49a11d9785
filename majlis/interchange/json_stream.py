"""Reading JSON of any size that somebody else wrote, value by value: arrays inside a document, or a value a line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

import ijson
import msgspec

from majlis import errors

MAX_LINE = 8 * 1024 * 1024
"""Bytes of one line: no comment and no page is longer, and a line without an end would fill the memory."""

Object = dict[str, Any]


def items(stream: BinaryIO, prefix: str) -> Iterator[Object]:
    """Yield the objects of an array; `prefix` is ijson's name of its members, such as `comments.item`.

    Raises:
        errors.ArchiveInvalid: broken JSON, or a member that is no object.
    """
    count = 0
    try:
        for value in ijson.items(stream, prefix, use_float=True):
            count += 1
            if not isinstance(value, dict):
                raise errors.ArchiveInvalid(f"Member {count} of {prefix} is no object.", hint="Check the format.")
            yield value
    except (ijson.JSONError, UnicodeDecodeError) as error:
        said = " ".join(str(error).split())[:160]
        raise errors.ArchiveInvalid(
            f"The JSON is broken after member {count} of {prefix}: {said}.",
            hint="Export the archive again; nothing was imported.",
        ) from None


def lines(stream: BinaryIO, name: str) -> Iterator[tuple[int, Object]]:
    """Yield the number and the object of each line that is not empty.

    Raises:
        errors.ArchiveInvalid: a line that is no object, or is too long.
    """
    number = 0
    while line := stream.readline(MAX_LINE + 1):
        number += 1
        if len(line) > MAX_LINE:
            raise errors.ArchiveInvalid(f"Line {number} of {name} has more than {MAX_LINE} bytes.")
        if not line.strip():
            continue
        try:
            value = msgspec.json.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise errors.ArchiveInvalid(
                f"Line {number} of {name} is broken: {error}.", hint="Export the archive again; nothing was imported."
            ) from None
        if not isinstance(value, dict):
            raise errors.ArchiveInvalid(f"Line {number} of {name} is no object.", hint="Check the format.")
        yield number, value


def text(value: Object, *names: str) -> str:
    """Return the first of these fields that holds text or a number, as text; empty where none does."""
    for name in names:
        found = value.get(name)
        if isinstance(found, str) and found:
            # JSON can spell half of a surrogate pair, which no text can hold.
            return found if found.isascii() else found.encode("utf-8", "replace").decode()
        if isinstance(found, int | float) and not isinstance(found, bool):
            return str(found)
    return ""


def number(value: Object, name: str) -> int:
    """Return a field as a whole number; 0 where it is none."""
    found = value.get(name)
    try:
        return int(found) if isinstance(found, int | float | str) else 0
    except (ValueError, OverflowError):
        return 0


def truth(value: Object, name: str) -> bool:
    """Return a field that is a truth value, also where it is written as text."""
    return value.get(name) in (True, "true", "1", 1)
