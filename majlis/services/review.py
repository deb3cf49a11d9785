"""The machine's review of one stored comment: signals, judge, and what follows, or nothing at all if that fails.

A comment that cannot be judged stays pending, which is where the desk and the next sweep find it.
"""

from __future__ import annotations

import asyncio
import functools

import msgspec

from majlis import errors
from majlis.domain.comment import Actor, Comment, Status
from majlis.domain.decision import Decision, Evidence, Record, Submission, Verdict
from majlis.domain.site import Story, direction
from majlis.judge.judge import judge
from majlis.services.newsroom import Newsroom
from majlis.services.status import change_status, keep, load_comment
from majlis.signals import remote
from majlis.signals.repetition import Recent
from majlis.store import comments, records, stories
from majlis.store.database import Connection

MACHINE = "machine"
OF_AUTHOR = 20
OF_STORY = 200
SWEEP = 100

_STATUS = {Verdict.APPROVE: Status.APPROVED, Verdict.REJECT: Status.REJECTED, Verdict.REFER: Status.PENDING}


class _Case(msgspec.Struct, frozen=True):
    """What the review of a comment is based on."""

    submission: Submission
    recent: tuple[Recent, ...]
    story_language: str


async def review(newsroom: Newsroom, comment: Comment) -> tuple[Comment, Record | None]:
    """Judge a pending comment and act on the verdict. Return it as it now stands, with the machine's record.

    Where somebody decided meanwhile, their decision stands and the record is None.
    """
    from majlis.signals.gather import gather  # and numpy, which only a process that judges is to hold

    case = await newsroom.database.read(lambda tx: _case(tx, comment, newsroom.now()))
    loop = asyncio.get_running_loop()
    evidence = await loop.run_in_executor(newsroom.pool, gather, newsroom.signals(), case.submission, case.recent)
    guidelines = newsroom.guidelines_for(case.story_language)
    decision = judge(case.submission, guidelines, evidence, newsroom.policy)
    if newsroom.remote is not None and _in_doubt(decision, newsroom.remote_from):
        heard = await remote.observe(newsroom.remote, case.submission, guidelines, newsroom.now())
        evidence = msgspec.structs.replace(evidence, observations=(*evidence.observations, heard))
        decision = judge(case.submission, guidelines, evidence, newsroom.policy)
    record = _record(newsroom, comment, decision, case.submission, evidence)
    try:
        after, kept = await newsroom.database.write(lambda tx: _apply(tx, newsroom, comment, record, decision))
    except errors.Stale:
        after, kept = await newsroom.database.read(lambda tx: load_comment(tx, site=comment.site, id=comment.id)), False
    if after.status is Status.APPROVED and kept:
        newsroom.announce(after.story)
    return after, record if kept else None


def _in_doubt(decision: Decision, least: float) -> bool:
    """Return whether asking further can change anything: referred, by its words, and not because of a failure."""
    own = all(reason.startswith("clause:") for reason in decision.unchecked)
    return decision.verdict is Verdict.REFER and own and (decision.score >= least or bool(decision.unchecked))


class Swept(msgspec.Struct, frozen=True):
    """How many comments were judged, and the kind of error by the id of each that could not be."""

    judged: int
    failures: dict[str, str]


async def sweep(newsroom: Newsroom, *, settled: int = 0) -> Swept:
    """Judge everything that was stored and never judged, as after a crash. One that cannot be judged stops no other.

    Args:
        settled: comments younger than so many ms are left to whoever took them.

    Raises:
        errors.StoreUnavailable: the database is away.
    """
    judged = 0
    failures: dict[str, str] = {}
    after: Comment | None = None
    while True:
        waiting = await newsroom.database.read(functools.partial(_unjudged, newsroom=newsroom, after=after))
        for comment in waiting:
            if 0 <= newsroom.now() - comment.submitted_at < settled:
                continue
            try:
                await review(newsroom, comment)
                judged += 1
            except errors.StoreUnavailable:
                raise
            except Exception as error:
                failures[comment.id] = type(error).__name__
        if len(waiting) < SWEEP:
            return Swept(judged, failures)
        after = waiting[-1]


async def _unjudged(tx: Connection, *, newsroom: Newsroom, after: Comment | None) -> list[Comment]:
    return await comments.unjudged(tx, site=newsroom.site, limit=SWEEP, after=after)


async def _case(tx: Connection, comment: Comment, now: int) -> _Case:
    story = await stories.get_story(tx, comment.story)
    assert story is not None
    parent = await comments.get_comment(tx, comment.parent) if comment.parent else None
    return _Case(_submission(comment, story, parent), await _recent(tx, comment, now), story.language)


def _submission(comment: Comment, story: Story, parent: Comment | None) -> Submission:
    return Submission(
        text=comment.body,
        language=comment.language or None,
        title=story.title,
        summary=story.teaser,
        parent=parent.body if parent else "",
        author=comment.author.name,
    )


async def _recent(tx: Connection, comment: Comment, now: int) -> tuple[Recent, ...]:
    of_author = await comments.recent_of_author(tx, site=comment.site, author_key=comment.author.key, limit=OF_AUTHOR)
    of_story = await comments.recent_of_story(tx, story=comment.story, limit=OF_STORY)
    own = {digest.comment for digest in of_author}
    both = [*of_author, *(digest for digest in of_story if digest.comment not in own)]
    return tuple(
        Recent(digest=digest.digest, age=max(0, now - digest.submitted_at), own=digest.comment in own)
        for digest in both
        if digest.comment != comment.id
    )


def _record(
    newsroom: Newsroom, comment: Comment, decision: Decision, submission: Submission, evidence: Evidence
) -> Record:
    return Record(
        id=newsroom.new_id(),
        site=comment.site,
        comment=comment.id,
        at=newsroom.now(),
        actor=MACHINE,
        verdict=decision.verdict,
        status=_STATUS[decision.verdict].value,
        clauses=decision.clauses,
        findings=decision.findings,
        decision=decision,
        # The words are the comment's own row; a second copy could only disagree with it.
        submission=msgspec.structs.replace(submission, text=""),
        evidence=evidence,
    )


async def _apply(
    tx: Connection, newsroom: Newsroom, comment: Comment, record: Record, decision: Decision
) -> tuple[Comment, bool]:
    now_stored = await comments.get_comment(tx, comment.id)
    assert now_stored is not None
    if now_stored.status is not Status.PENDING or now_stored.risk is not None:
        return now_stored, False
    await _keep_versions(tx, newsroom, record)
    flags = tuple(dict.fromkeys((*decision.clauses, *(finding.clause for finding in decision.findings))))
    language = decision.language or comment.language
    await comments.set_judged(
        tx, id=comment.id, risk=decision.score, flags=flags, language=language, direction=direction(language)
    )
    judged = msgspec.structs.replace(now_stored, risk=decision.score, language=language, direction=direction(language))
    if decision.verdict is Verdict.REFER:
        await keep(tx, record, kind="referred", extra={"unchecked": list(decision.unchecked)})
        return judged, True
    return await change_status(tx, newsroom, judged, actor=Actor.MACHINE, record=record), True


async def _keep_versions(tx: Connection, newsroom: Newsroom, record: Record) -> None:
    for guidelines in newsroom.guidelines.values():
        if record.decision is not None and guidelines.version == record.decision.guidelines:
            await records.keep_guidelines(
                tx,
                version=guidelines.version,
                language=guidelines.language,
                source=guidelines.source,
                now=record.at,
            )
    await records.keep_policy(tx, version=newsroom.policy.version, source=newsroom.policy_source, now=record.at)
