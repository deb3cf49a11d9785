"""Says where labelled comments end up: approved, rejected or referred, by language, kind and whether they are fair."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from majlis.domain.decision import Submission, Verdict
from majlis.domain.guidelines import CLAUSES, Clause, Guidelines
from majlis.judge.judge import judge
from majlis.judge.policy import Policy
from majlis.learn.rows import Row
from majlis.signals.gather import Signals, gather

GUIDELINES = Guidelines(
    language="en",
    title="",
    introduction="",
    introduction_html="",
    clauses=tuple(Clause(id=clause, title=clause, text="", html="") for clause in CLAUSES),
    version="",
    source="",
)


def verdicts(signals: Signals, policy: Policy, rows: Sequence[Row]) -> list[tuple[Row, Verdict, float]]:
    """Return each row with its verdict and overall score. The row's language is used as the story's."""
    out = []
    for row in rows:
        submission = Submission(
            text=row.text, language=row.language or None, title=row.title, summary=row.summary, parent=row.parent
        )
        decision = judge(submission, GUIDELINES, gather(signals, submission), policy)
        out.append((row, decision.verdict, decision.score))
    return out


def table(judged: Sequence[tuple[Row, Verdict, float]]) -> dict[str, dict[str, float]]:
    """Return shares per source, language and fairness: `approve`, `reject`, `refer`, and `rows`."""
    counts: dict[str, Counter[str]] = {}
    for row, verdict, _ in judged:
        fair = "violation" if row.labels.get("*", 0.0) > 0.5 or row.clauses else "fair"
        counts.setdefault(f"{row.source} {row.language} {fair}", Counter())[verdict.value] += 1
    return {
        key: {name: round(count[name] / count.total(), 3) for name in ("approve", "reject", "refer")}
        | {"rows": count.total()}
        for key, count in sorted(counts.items())
    }
