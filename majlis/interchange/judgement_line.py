"""One line of `majlis judge`, in and out: its fields, their checks and its JSON. It judges nothing.

Every format is read into this one shape, so a CSV row and a JSON line pass the same checks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO

import msgspec

from majlis import errors
from majlis.domain.decision import Decision, Finding, Submission, Verdict

MAX_LINE = 1024 * 1024
"""The most that one line may hold, in bytes."""

_KNOWN = ("id", "text", "language", "story", "parent", "author")
_KNOWN_IN_STORY = ("title", "body")
_KNOWN_IN_AUTHOR = ("name",)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,4}")
_LEADING_ID = re.compile(rb'\s*\{\s*"id"\s*:\s*("(?:[^"\\\x00-\x1f]|\\.){0,1000}"|-?[0-9]{1,40})\s*[,}]')
_KINDS = {bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object"}


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One comment to be judged. `id` is the caller's own, None where there was none."""

    id: str | None
    submission: Submission


class BadLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line that cannot be judged, and why. Its fields are its line of output."""

    id: str | None
    error: str


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """One line of output, with the fields of the contract in its order."""

    id: str | None
    verdict: Verdict
    language: str
    scores: dict[str, float | None]
    score: float
    findings: tuple[Finding, ...]
    unchecked: tuple[str, ...]
    guidelines: str
    model: str


def decode(line: bytes, *, exact: bool = False) -> Line | BadLine:
    """Read one JSON line.

    Fields that the contract does not know are passed over, because data sets carry columns of their own
    (labels, dates) that have no meaning here; with `exact`, which suits a request, they make it a bad line.
    The id of a bad line is kept where it can be read.
    """
    if len(line) > MAX_LINE:
        return too_long(line)
    try:
        raw = json.loads(line.decode())
    except UnicodeDecodeError as error:
        return _bad_bytes(line, f"Byte {error.start + 1} of the line is not UTF-8.")
    except json.JSONDecodeError as error:
        reason = error.msg.removesuffix(" at")
        return _bad_bytes(line, f"The line is not JSON: {reason} at character {error.pos + 1}.")
    except (RecursionError, ValueError):
        return _bad_bytes(line, "The line holds JSON that is nested too deeply or a number too large.")
    if not isinstance(raw, dict):
        return BadLine(id=None, error="The line is JSON, but not an object with a `text`.")
    return line_of(raw, exact=exact)


def line_of(raw: Mapping[str, object], *, exact: bool = False) -> Line | BadLine:
    """Check the fields of one line, wherever they were read from. A whole number as `id` becomes text."""
    id: str | None = None
    try:
        id = _id(raw)
        if exact:
            _refuse_unknown(raw, _KNOWN, "")
        story = _object(raw, "story", _KNOWN_IN_STORY, exact)
        author = _object(raw, "author", _KNOWN_IN_AUTHOR, exact)
        submission = Submission(
            text=_comment(raw),
            language=_language(raw),
            title=_text(story, "title", "story.title"),
            summary=_text(story, "body", "story.body"),
            parent=_text(raw, "parent", "parent"),
            author=_text(author, "name", "author.name"),
        )
    except errors.InvalidInput as refusal:
        return BadLine(id=id, error=str(refusal))
    return Line(id=id, submission=submission)


def render(line_id: str | None, decision: Decision) -> Judged:
    """Return the output line of a decision. Probabilities are given to six places."""
    return Judged(
        id=line_id,
        verdict=decision.verdict,
        language=decision.language,
        scores={id: None if score is None else round(score, 6) for id, score in decision.scores.items()},
        score=round(decision.score, 6),
        findings=tuple(msgspec.structs.replace(one, score=round(one.score, 6)) for one in decision.findings),
        unchecked=decision.unchecked,
        guidelines=decision.guidelines,
        model=decision.model,
    )


def encode(outcome: Judged | BadLine) -> bytes:
    """Return one line of JSON in UTF-8, with its line end."""
    return msgspec.json.encode(outcome) + b"\n"


def too_long(line: bytes) -> BadLine:
    """Return the outcome of a line beyond the bound, of which the beginning is known."""
    return _bad_bytes(line, f"The line has more than {MAX_LINE} bytes.")


def bounded_lines(stream: BinaryIO) -> Iterator[bytes]:
    """Cut a stream into lines with their ends; one beyond the bound is cut short and stays beyond it."""
    while line := stream.readline(MAX_LINE + 2):
        yield line
        ended = line.endswith(b"\n")
        while not ended and (rest := stream.readline(MAX_LINE)):
            ended = rest.endswith(b"\n")


def _bad_bytes(line: bytes, sentence: str) -> BadLine:
    """A line that is no JSON keeps its id where that is its first field, which is where writers put it."""
    found = _LEADING_ID.match(line)
    if not found:
        return BadLine(id=None, error=sentence)
    try:
        return BadLine(id=_id({"id": json.loads(found[1])}), error=sentence)
    except (ValueError, errors.InvalidInput):
        return BadLine(id=None, error=sentence)


def _kind(value: object) -> str:
    return _KINDS.get(type(value), "null" if value is None else "something else")


def _refuse_unknown(raw: Mapping[str, object], known: tuple[str, ...], path: str) -> None:
    for name in raw:
        if name not in known:
            shown = ascii(name if len(name) <= 40 else f"{name[:40]}…")
            raise errors.InvalidInput(
                f"The field {shown} is not known{f' in `{path}`' if path else ''}.",
                hint=f"Known are {', '.join(known)}.",
            )


def _id(raw: Mapping[str, object]) -> str | None:
    value = raw.get("id")
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if value is not None and not isinstance(value, str):
        raise errors.InvalidInput(f"`id` has to be text, not {_kind(value)}.", field="id")
    return _text(raw, "id", "id") if value is not None else None


def _object(raw: Mapping[str, object], name: str, known: tuple[str, ...], exact: bool) -> Mapping[str, object]:
    value = raw.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise errors.InvalidInput(f"`{name}` has to be an object, not {_kind(value)}.", field=name)
    if exact:
        _refuse_unknown(value, known, name)
    return value


def _text(raw: Mapping[str, object], name: str, path: str) -> str:
    """The text of a field, empty where it is not there. What is not Unicode text is refused."""
    value = raw.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise errors.InvalidInput(f"`{path}` has to be text, not {_kind(value)}.", field=path)
    if "\x00" in value:
        raise errors.InvalidInput(f"`{path}` holds a null byte, which is not text.", field=path)
    try:
        value.encode()
    except UnicodeEncodeError:
        raise errors.InvalidInput(f"`{path}` holds half of a surrogate pair, which is not text.", field=path) from None
    return value


def _comment(raw: Mapping[str, object]) -> str:
    if raw.get("text") is None:
        raise errors.InvalidInput("`text` is missing.", field="text")
    text = _text(raw, "text", "text")
    if not text.strip():
        raise errors.InvalidInput("`text` is empty.", field="text")
    return text


def _language(raw: Mapping[str, object]) -> str | None:
    language = _text(raw, "language", "language").strip()
    if language and not _LANGUAGE.fullmatch(language):
        raise errors.InvalidInput(
            "`language` is not a language tag.", hint="Use one such as en, ckb or kmr, or null.", field="language"
        )
    return language or None
