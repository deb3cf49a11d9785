"""The lanes: between which scores the machine may approve or reject, and where a person decides.

The table itself is `policy.toml` beside this file; callers read it and hand in its text. No score is made
here.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping

import msgspec

from majlis import errors

EVERY = "*"
"""Stands for every clause or every language that has no line of its own."""

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*|\*")
_CLAUSE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}|\*")


class Lane(msgspec.Struct, frozen=True, kw_only=True):
    """Two bounds on a probability.

    Up to `approve` the machine may approve, from `reject` on it may reject, and in between a person decides.
    """

    approve: float
    reject: float


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """All thresholds. Build it with `parse`.

    Keys of `lanes` are `(clause, language)`, either of which may be `*`. `overall` maps a language or `*` to
    the highest overall score with which a comment may be approved. `visible` is the score from which a
    finding is kept, `certain` the least certainty about the language. `version` is `sha256:` and the hash of the text.
    """

    version: str
    lanes: Mapping[tuple[str, str], Lane]
    overall: Mapping[str, float]
    visible: float
    certain: float

    def lane(self, clause: str, language: str) -> Lane:
        """Return the nearest lane: of clause and language, of the clause, of the language, of everything."""
        keys = ((clause, language), (clause, EVERY), (EVERY, language))
        return next((self.lanes[key] for key in keys if key in self.lanes), self.lanes[EVERY, EVERY])

    def approvable(self, language: str) -> float:
        """Return the highest overall score with which a comment in this language may be approved."""
        return self.overall.get(language, self.overall[EVERY])


def parse(text: str) -> Policy:
    """Read a policy from its TOML text.

    Raises:
        errors.ConfigInvalid: not TOML, or a key is missing, unknown or of a value that cannot be used;
        `field`
            is the key.
    """
    try:
        encoded = text.encode()
        table = tomllib.loads(text)
    except (UnicodeEncodeError, tomllib.TOMLDecodeError) as error:
        raise errors.ConfigInvalid(f"The policy is not TOML: {error}.") from None
    _known(table, ("visible", "certain", "overall", "lanes"), "")
    policy = Policy(
        version=f"sha256:{hashlib.sha256(encoded).hexdigest()}",
        lanes=_lanes(_table(table, "lanes", "lanes")),
        overall=_overall(_table(table, "overall", "overall")),
        visible=_probability(table, "visible", "visible"),
        certain=_probability(table, "certain", "certain"),
    )
    _check_visible(policy)
    return policy


def _bad(key: str, sentence: str, hint: str = "") -> errors.ConfigInvalid:
    return errors.ConfigInvalid(f"The policy's key {key} {sentence}", hint=hint, field=key)


def _known(table: Mapping[str, object], names: tuple[str, ...], path: str) -> None:
    for name in table:
        if name not in names:
            raise _bad(f"{path}{name}", "is not known.", f"Known here: {', '.join(names)}.")


def _table(table: Mapping[str, object], name: str, key: str) -> Mapping[str, object]:
    value = table.get(name)
    if not isinstance(value, dict):
        raise _bad(key, "has to be a table.")
    return value


def _probability(table: Mapping[str, object], name: str, key: str) -> float:
    value = table.get(name)
    if value is None:
        raise _bad(key, "is missing.", "It is a number from 0 to 1.")
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise _bad(key, f"is {value!r}.", "It has to be a number from 0 to 1.")
    return float(value)


def _language(language: str, key: str) -> str:
    if not _LANGUAGE.fullmatch(language):
        raise _bad(key, "does not name a language.", "Use a tag such as ckb, or * for every language.")
    return language


def _overall(table: Mapping[str, object]) -> dict[str, float]:
    bounds = {
        _language(language, f"overall.{language}"): _probability(table, language, f"overall.{language}")
        for language in table
    }
    if EVERY not in bounds:
        raise _bad("overall.*", "is missing.", "It holds for every language without its own.")
    return bounds


def _lanes(table: Mapping[str, object]) -> dict[tuple[str, str], Lane]:
    lanes = {}
    for clause in table:
        if not _CLAUSE.fullmatch(clause):
            raise _bad(f"lanes.{clause}", "does not name a clause.", "Use a clause id, or * for every clause.")
        languages = _table(table, clause, f"lanes.{clause}")
        for language in languages:
            key = f"lanes.{clause}.{language}"
            lanes[clause, _language(language, key)] = _lane(_table(languages, language, key), key)
    if (EVERY, EVERY) not in lanes:
        raise _bad("lanes.*.*", "is missing.", "It holds for every clause and language without its own.")
    return lanes


def _lane(table: Mapping[str, object], key: str) -> Lane:
    _known(table, ("approve", "reject"), f"{key}.")
    approve = _probability(table, "approve", f"{key}.approve")
    reject = _probability(table, "reject", f"{key}.reject")
    if approve >= reject:
        raise _bad(f"{key}.approve", f"is {approve}, which is not below reject, {reject}.")
    return Lane(approve=approve, reject=reject)


def _check_visible(policy: Policy) -> None:
    """A rejection cites words, so no words that can reject may fall below what is kept."""
    lowest = min(lane.reject for lane in policy.lanes.values())
    if policy.visible > lowest:
        raise _bad("visible", f"is {policy.visible}, above the lowest reject, {lowest}.")
