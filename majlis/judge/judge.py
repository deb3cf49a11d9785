"""The judge: evidence, guidelines and a policy in, one decision with its trace out.

It knows no signal by name, reads no text for meaning and decides only by comparing scores with the policy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain

import msgspec

from majlis.domain.decision import ANY, Decision, Evidence, Finding, Observation, Step, Submission, Verdict
from majlis.domain.guidelines import Guidelines
from majlis.domain.site import LANGUAGES
from majlis.judge.policy import Policy

_CERTAIN = 0.98
"""As how certain another signal's finding counts at most."""

_SUREST = 0.03
"""How likely a rejection is at least before a certain finding of another signal counts, and a weaker one in proportion:
nobody is so sure that a listed word passes unseen."""

_FAR_LESS = 0.8
"""Words below this part of the score of others that overlap them are not shown beside those."""


def judge(submission: Submission, guidelines: Guidelines, evidence: Evidence, policy: Policy) -> Decision:
    """Return the decision that follows from what was seen. The same arguments always give the same decision.

    A clause's score is the strongest that any signal gave it. The signals read the same words, so they are
    not independent, and multiplying their doubts (noisy-or) would count one word several times and push a
    calibrated score up; the strongest keeps the meaning of the signal that gave it.

    A signal that answers for `ANY`, for being rejected at all, has weighed the whole comment under the clauses
    that it scores. The doubt that another signal leaves of words that it cites under those clauses divides the
    odds that the comment is fine, and no such clause is likelier than what comes of it, all lowered alike: words
    of a list may stand in a sentence that is fine. Every other clause, and what a signal saw that cites no
    words, is a reason of its own, and the overall score is the probability of either.

    A signal that covers a clause and says nothing of it gives it 0. A signal that does not cover a clause can
    speak against the comment, but its silence counts for nothing: the clause stays unchecked.

    The machine decides nothing where the language is not one of Majlis' or not certain, or a signal failed.
    It rejects under the clauses that reach their lane with exact words that reach it too. It approves where
    nothing is unchecked and every score is within its lane. Everything else goes to a person.

    `clauses` of the decision are, for a rejection, the ones that it is based on; for a referral, the ones
    whose score keeps it from being approved.
    """
    heard = tuple(_hear(observation, submission.text) for observation in evidence.observations)
    findings = _findings(heard, guidelines, policy.visible)
    weighed, rejected = _weighed(heard)
    scores = _scores(heard, guidelines, weighed, rejected)
    own = [score for clause, score in scores.items() if score and (clause not in weighed or score > rejected)]
    other = max(own, default=0.0)
    overall = rejected + other - rejected * other
    broken, signal_steps = _broken(heard)
    doubts, language_steps = _language_doubts(evidence, policy)
    uncovered = tuple(f"clause:{clause}" for clause in _uncovered(heard, guidelines))
    unchecked = tuple(dict.fromkeys((*doubts, *broken, *uncovered)))
    raised, rejecting, clause_steps = _compare(scores, findings, evidence.language, policy)
    bound = policy.approvable(evidence.language)
    calm = not raised and rejected <= bound
    verdict, clauses, why = _verdict(
        bool(doubts or broken),
        bool(unchecked),
        calm,
        raised,
        rejecting,
    )
    return Decision(
        verdict=verdict,
        language=evidence.language,
        clauses=clauses,
        scores=scores,
        score=overall,
        findings=findings,
        unchecked=unchecked,
        guidelines=guidelines.version,
        policy=policy.version,
        model=" ".join(dict.fromkeys(f"{one.signal}@{one.version}" for one in evidence.observations)),
        trace=(
            *language_steps,
            *signal_steps,
            *clause_steps,
            Step(
                check="overall",
                outcome="approve" if rejected <= bound else "refer",
                detail=f"{rejected:.3f} {'≤' if rejected <= bound else '>'} {bound:g}",
            ),
            Step(check="verdict", outcome=verdict, detail=why),
        ),
    )


def quotes(finding: Finding, text: str) -> bool:
    """Return whether the finding's quote is exactly the words that it points at, at least one code point."""
    inside = 0 <= finding.start < finding.end <= len(text)
    return inside and text[finding.start : finding.end] == finding.quote


class _Heard(msgspec.Struct, frozen=True, kw_only=True):
    """One observation without what cannot be true. `fault` says why its signal is unchecked; or is empty."""

    signal: str
    scores: Mapping[str, float]
    findings: tuple[Finding, ...]
    covers: frozenset[str]
    fault: str


def _hear(observation: Observation, text: str) -> _Heard:
    if observation.failed:
        return _Heard(signal=observation.signal, scores={}, findings=(), covers=frozenset(), fault=observation.failed)
    scores = {clause: score for clause, score in observation.scores.items() if 0 <= score <= 1}
    findings = tuple(finding for finding in observation.findings if quotes(finding, text) and 0 <= finding.score <= 1)
    fault = ""
    if len(scores) < len(observation.scores):
        fault = "a score is not a probability"
    elif len(findings) < len(observation.findings):
        fault = "a finding does not quote the text or its score is not a probability"
    return _Heard(
        signal=observation.signal,
        scores=scores,
        findings=findings,
        covers=frozenset(observation.covers),
        fault=fault,
    )


def _findings(heard: Iterable[_Heard], guidelines: Guidelines, visible: float) -> tuple[Finding, ...]:
    """All visible findings for clauses that the guidelines hold, in the order of the text, each once.

    Words are left out where words that overlap them break the same clause far more likely: a point within an address
    that was found whole tells a reader nothing.
    """
    order = {clause.id: place for place, clause in enumerate(guidelines.clauses)}
    kept = dict.fromkeys(
        finding for one in heard for finding in one.findings if finding.clause in order and finding.score >= visible
    )
    length = max((finding.end for finding in kept), default=0)
    highest = {clause: [0.0] * length for clause in {finding.clause for finding in kept}}
    for one in sorted(kept, key=lambda f: f.score):
        highest[one.clause][one.start : one.end] = [one.score] * (one.end - one.start)
    told = (one for one in kept if one.score >= _FAR_LESS * max(highest[one.clause][one.start : one.end]))
    return tuple(sorted(told, key=lambda f: (f.start, f.end, order[f.clause], f.signal, -f.score)))


def _given(heard: Iterable[_Heard], clause: str) -> Iterable[float]:
    """Every score that a signal or one of its findings gave to a clause; 0 from a signal that covers it silently."""
    for one in heard:
        if clause in one.scores:
            yield one.scores[clause]
        elif clause in one.covers:
            yield 0.0
        yield from (finding.score for finding in one.findings if finding.clause == clause)


def _weighed(heard: tuple[_Heard, ...]) -> tuple[frozenset[str], float]:
    """Return the clauses that signals which answer for `ANY` have weighed, and how likely a rejection under them is."""
    answering = tuple(one for one in heard if ANY in one.scores)
    clauses = frozenset(chain.from_iterable(one.scores for one in answering)) - {ANY}
    citing = tuple(one for one in heard if ANY not in one.scores and one.findings)
    found = max((score for clause in clauses for score in _given(citing, clause)), default=0.0)
    chance = max(_given(heard, ANY), default=0.0)
    if not found or chance >= 1:
        return clauses, chance
    odds = max(chance, _SUREST * found) / (1 - chance) / (1 - min(found, _CERTAIN))
    return clauses, odds / (1 + odds)


def _scores(
    heard: tuple[_Heard, ...], guidelines: Guidelines, weighed: frozenset[str], rejected: float
) -> dict[str, float | None]:
    """Return each clause's score; words make those that were weighed at most as likely as a rejection is.

    They are lowered alike, so that the likeliest clause stays the likeliest.
    """
    bound = tuple(one for one in heard if ANY in one.scores or one.findings)
    apart = tuple(one for one in heard if ANY not in one.scores and not one.findings)
    highest = max((score for clause in weighed for score in _given(bound, clause)), default=0.0)
    share = rejected / highest if highest > rejected else 1.0
    scores: dict[str, float | None] = {}
    for clause in (clause.id for clause in guidelines.clauses):
        lowered = share if clause in weighed else 1.0
        given = (score * lowered for score in _given(bound, clause))
        scores[clause] = max(chain(given, _given(apart, clause)), default=None)
    return scores


def _uncovered(heard: tuple[_Heard, ...], guidelines: Guidelines) -> tuple[str, ...]:
    covered = frozenset(chain.from_iterable(one.covers for one in heard))
    return tuple(clause.id for clause in guidelines.clauses if clause.id not in covered)


def _broken(heard: tuple[_Heard, ...]) -> tuple[tuple[str, ...], tuple[Step, ...]]:
    steps = tuple(
        Step(check=f"signal:{one.signal}", outcome="unchecked" if one.fault else "heard", detail=one.fault)
        for one in heard
    )
    return tuple(one.signal for one in heard if one.fault), steps


def _language_doubts(evidence: Evidence, policy: Policy) -> tuple[tuple[str, ...], tuple[Step, ...]]:
    known = evidence.language in LANGUAGES
    certain = evidence.language_score >= policy.certain
    compared = f"{evidence.language_score:.3f} {'≥' if certain else '<'} {policy.certain:g}"
    steps = (
        Step(
            check="language",
            outcome="known" if known else "refer",
            detail=f"{evidence.language} is {'one' if known else 'none'} of {', '.join(LANGUAGES)}",
        ),
        Step(check="language-score", outcome="certain" if certain else "refer", detail=compared),
    )
    return () if known and certain else ("language",), steps


def _compare(
    scores: Mapping[str, float | None], findings: tuple[Finding, ...], language: str, policy: Policy
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[Step, ...]]:
    """Put each clause into its lane: the clauses above `approve`, those that reject, and the trace."""
    raised, rejecting, steps = [], [], []
    for clause, score in scores.items():
        check = f"clause:{clause}"
        if score is None:
            steps.append(Step(check=check, outcome="unchecked", detail="no signal answers for it"))
            continue
        lane = policy.lane(clause, language)
        quoted = max((finding.score for finding in findings if finding.clause == clause), default=0.0)
        if score > lane.approve:
            raised.append(clause)
        if score <= lane.approve:
            steps.append(Step(check=check, outcome="approve", detail=f"{score:.3f} ≤ {lane.approve:g}"))
        elif score < lane.reject:
            detail = f"{lane.approve:g} < {score:.3f} < {lane.reject:g}"
            steps.append(Step(check=check, outcome="refer", detail=detail))
        elif quoted < lane.reject:
            detail = f"{score:.3f} ≥ {lane.reject:g}, but exact words reach only {quoted:.3f}"
            steps.append(Step(check=check, outcome="refer", detail=detail))
        else:
            rejecting.append(clause)
            detail = f"{score:.3f} ≥ {lane.reject:g}, exact words {quoted:.3f}"
            steps.append(Step(check=check, outcome="reject", detail=detail))
    return tuple(raised), tuple(rejecting), tuple(steps)


def _verdict(
    handed_over: bool,
    unchecked: bool,
    calm: bool,
    raised: tuple[str, ...],
    rejecting: tuple[str, ...],
) -> tuple[Verdict, tuple[str, ...], str]:
    if handed_over:
        return Verdict.REFER, raised, "the language is in doubt or a signal could not answer"
    if rejecting:
        return Verdict.REJECT, rejecting, "exact words reach the reject lane of a clause"
    if unchecked:
        return Verdict.REFER, raised, "a clause is unchecked"
    if not calm:
        return Verdict.REFER, raised, "a score is above its approve lane"
    return Verdict.APPROVE, (), "nothing is unchecked and every score is within its approve lane"
