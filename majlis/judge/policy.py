"""The lanes: between which scores the machine may approve or reject, and where a person decides.

The table itself is `policy.toml` beside this file; it is parsed here and read by the callers. No score is made here.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class Lane(msgspec.Struct, frozen=True, kw_only=True):
    """Two bounds on a probability: up to `approve` the machine may approve, from `reject` on it may reject."""

    approve: float
    reject: float


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """All thresholds. Build it with `parse`.

    Keys of `lanes` are `(clause, language)`, either of which may be `*`. `overall` maps a language or `*` to the
    highest overall score with which a comment may be approved. `visible` is the score from which a finding is kept,
    `certain` the least certainty about the language. `version` is `sha256:` and the hash of the text.
    """

    version: str
    lanes: Mapping[tuple[str, str], Lane]
    overall: Mapping[str, float]
    visible: float
    certain: float

    def lane(self, clause: str, language: str) -> Lane:
        """Return the nearest lane: clause and language, the clause, the language, everything."""
        raise NotImplementedError

    def approvable(self, language: str) -> float:
        """Return the highest overall score with which a comment in this language may be approved."""
        raise NotImplementedError


def parse(text: str) -> Policy:
    """Read a policy from its TOML text. Raises errors.ConfigInvalid, which names the key."""
    raise NotImplementedError
