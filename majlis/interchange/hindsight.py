"""What the judge would have decided about imported comments, beside what their newsroom decided. It changes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from majlis.domain.comment import Comment, Status
from majlis.domain.decision import Submission, Verdict
from majlis.services.judgement import judge_text
from majlis.services.opening import read_guidelines, read_policy
from majlis.signals.gather import load

EXAMPLES = 20
_AGREES = {(Status.APPROVED, Verdict.APPROVE), (Status.REJECTED, Verdict.REJECT)}


class Hindsight:
    """Judges comments as they are stored and counts where judge and newsroom differ."""

    def __init__(self, guidelines: Path | None, policy: Path | None) -> None:
        """Read the newsroom's own guidelines and lanes, or the defaults.

        Raises:
            errors.GuidelinesInvalid, errors.ConfigInvalid.
        """
        self._guidelines = read_guidelines(guidelines)
        self._default = next(iter(self._guidelines))
        self._policy, _ = read_policy(policy)
        self._signals = load()
        self._counts: Counter[tuple[Status, Verdict]] = Counter()
        self._examples: list[str] = []

    def look(self, comments: Sequence[Comment]) -> None:
        """Judge comments that somebody approved or rejected."""
        for comment in comments:
            if comment.status not in {Status.APPROVED, Status.REJECTED}:
                continue
            decision, _ = judge_text(
                self._signals,
                self._guidelines,
                self._policy,
                Submission(text=comment.body, author=comment.author.name),
                default=comment.language if comment.language in self._guidelines else self._default,
            )
            pair = (comment.status, decision.verdict)
            self._counts[pair] += 1
            differs = decision.verdict is not Verdict.REFER and pair not in _AGREES
            if differs and len(self._examples) < EXAMPLES:
                clauses = ", ".join(decision.clauses) or "no clause"
                self._examples.append(f"  {comment.id}: {comment.status} there, {decision.verdict} here ({clauses})")

    def lines(self) -> Iterator[str]:
        """Yield the comparison, one line for each pair of decisions, then the first comments that differ."""
        for (status, verdict), count in sorted(self._counts.items()):
            yield f"judged {count}: {status} there, {verdict} here"
        yield from self._examples
