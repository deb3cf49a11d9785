"""What is seen in a comment and what follows: finding, evidence, decision, appeal, report, statement of reasons."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Verdict(StrEnum):
    """What the judge says. `refer` hands the comment to a person."""

    APPROVE = "approve"
    REJECT = "reject"
    REFER = "refer"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Exact words that speak for a clause.

    `start` and `end` are code points of the comment's own text, and `quote` is always that slice of it. `score` is the
    calibrated probability that these words break the clause. `signal` names who saw them.
    """

    clause: str
    score: float
    quote: str
    start: int
    end: int
    signal: str


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """All that the judge may know of a comment. Nothing here comes from a database row that can change later."""

    text: str
    language: str | None = None
    title: str = ""
    summary: str = ""
    parent: str = ""
    author: str = ""


ANY = "*"
"""The key of `Observation.scores` for the probability of being rejected under whatever clause.

A signal that sees that something is wrong but not what uses it: it can keep a comment from being approved, and it never
rejects one by itself, for there is no clause to cite.
"""


NATURAL_RATE = 0.12
"""The share of comments under the news that are rejected, which probabilities are calibrated at."""


class Observation(msgspec.Struct, frozen=True, kw_only=True):
    """What one signal saw.

    `scores` maps clause ids to calibrated probabilities and may be partial; `*` stands for rejection under whatever
    clause. `covers` are the clauses that this signal can answer for: a clause that nobody covers is a person's. `facts`
    are small values that explain the scores. `failed` is empty or says in one word why the signal could not answer;
    then nothing else counts.
    """

    signal: str
    version: str
    scores: dict[str, float] = {}
    findings: tuple[Finding, ...] = ()
    covers: tuple[str, ...] = ()
    facts: dict[str, str | int | float | bool] = {}
    failed: str = ""


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the signals saw in one submission, enough to judge it again without running them."""

    language: str
    language_score: float
    observations: tuple[Observation, ...]


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a decision's trace: what was compared with what, and what came of it."""

    check: str
    outcome: str
    detail: str = ""


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """A verdict with its reasons.

    `scores` has every clause of the guidelines; None where no signal could answer for it. `score` is the probability
    that a moderator who applies the guidelines rejects the comment at all. `clauses` are the ones that are cited.
    `unchecked` names each signal and clause that could not be answered for. `guidelines`, `policy` and `model` are the
    versions that were applied.
    """

    verdict: Verdict
    language: str
    clauses: tuple[str, ...]
    scores: dict[str, float | None]
    score: float
    findings: tuple[Finding, ...]
    unchecked: tuple[str, ...]
    guidelines: str
    policy: str
    model: str
    trace: tuple[Step, ...] = ()


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A decision as it was kept: by whom, when, on which version of the comment, with what it was based on.

    `status` is what the comment became. `actor` is `machine`, `author` or the id of a person of the desk. A person's
    record cites `clauses`, may carry a `note`, and repeats the findings that it rests on. `undoes` names the record
    that this one takes back. `evidence` is there when the machine decided.
    """

    id: str
    site: str
    comment: str
    at: int
    actor: str
    verdict: Verdict
    status: str
    clauses: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    note: str = ""
    undoes: str | None = None
    decision: Decision | None = None
    submission: Submission | None = None
    evidence: Evidence | None = None


class AppealStatus(StrEnum):
    """Where an objection stands."""

    OPEN = "open"
    UPHELD = "upheld"
    OVERTURNED = "overturned"
    WITHDRAWN = "withdrawn"


class Appeal(msgspec.Struct, frozen=True, kw_only=True):
    """An author's objection to one rejection.

    `upheld` means that the rejection stands, `withdrawn` that the author took the comment back before anybody decided.
    """

    id: str
    site: str
    comment: str
    record: str
    reason: str
    at: int
    status: AppealStatus = AppealStatus.OPEN
    decided_by: str | None = None
    decided_at: int | None = None
    note: str = ""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A reader's notice that a published comment breaks a clause. A report never hides anything by itself."""

    id: str
    site: str
    comment: str
    clause: str
    reason: str
    reporter: str
    at: int
    open: bool = True


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """One clause of a statement of reasons, with the newsroom's own words and the reader's own words."""

    clause: str
    title: str
    text: str
    quotes: tuple[Finding, ...] = ()


class StatementOfReasons(msgspec.Struct, frozen=True, kw_only=True):
    """Why a comment was not published, for its author.

    The parts follow Article 17(3) of Regulation (EU) 2022/2065 (Digital Services Act): what was done, on what facts,
    whether by automated means, under which clause, and what can be done about it.
    """

    status: str
    at: int
    automated: bool
    reasons: tuple[Reason, ...]
    note: str
    guidelines: str
    redress: tuple[str, ...]
