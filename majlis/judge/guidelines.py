"""Written guidelines: Markdown in, clauses out. Nothing here knows what a clause means."""

from __future__ import annotations

from collections.abc import Collection

from majlis.domain.guidelines import Guidelines


def parse(text: str) -> Guidelines:
    """Read one guidelines file. Raises errors.GuidelinesInvalid with line and hint."""
    raise NotImplementedError


def check_set(guidelines: tuple[Guidelines, ...]) -> None:
    """Check that all languages have the same clauses in the same order. Raises errors.GuidelinesInvalid."""
    raise NotImplementedError


def unknown_clauses(guidelines: Guidelines, covered: Collection[str]) -> tuple[str, ...]:
    """Return the ids of the clauses that nobody covers, in the order of the guidelines."""
    raise NotImplementedError
