"""A newsroom's own decisions as proof: only people's decisions count, on comments that the machine had read."""

from __future__ import annotations

from majlis.domain.comment import Status
from majlis.domain.decision import Verdict
from majlis.judge.certificate import LaneName
from majlis.services import calibrate, moderate
from majlis.services.newsroom import Newsroom
from tests.conftest import NOON, Desk

DISPUTED = "What a foolish lot you are, and I said so last year."


async def test_only_what_a_person_decided_is_proof(newsroom: Newsroom, desk: Desk) -> None:
    mine = await desk.post("When does the bridge open again?")
    disputed = await desk.post(DISPUTED)
    verdict = Verdict.APPROVE if disputed.status is not Status.APPROVED else Verdict.REJECT
    clauses = ("personal-attack",) if verdict is Verdict.REJECT else ()
    ruling = moderate.Ruling(comment=disputed.id, seen=disputed.version, verdict=verdict, clauses=clauses)
    await moderate.rule(newsroom, desk.moderator, ruling)

    found = await calibrate.cases(newsroom.database, site=newsroom.site)

    assert mine.status is Status.APPROVED
    assert [(case.rejected, case.language) for case in found] == [(verdict is Verdict.REJECT, "en")]
    assert 0 <= found[0].score <= 1


async def test_with_few_decisions_it_says_how_many_are_missing(newsroom: Newsroom, desk: Desk) -> None:
    await desk.reject(DISPUTED)

    found = await calibrate.cases(newsroom.database, site=newsroom.site)
    approve, reject = calibrate.certificates(found, approve=0.02, reject=0.05, confidence=0.95, now=NOON)

    assert (approve.lane, approve.language, approve.threshold, approve.missing) == (LaneName.APPROVE, "en", None, 148)
    assert (reject.lane, reject.threshold, reject.missing) == (LaneName.REJECT, None, 58)


async def test_cases_are_found_on_every_page(newsroom: Newsroom, desk: Desk) -> None:
    for number in range(5):
        waiting = await desk.post(f"{DISPUTED} Alice told me, {number} times.")
        if waiting.status is Status.PENDING:
            ruling = moderate.Ruling(comment=waiting.id, seen=waiting.version, verdict=Verdict.APPROVE)
            await moderate.rule(newsroom, desk.moderator, ruling)
    whole = await calibrate.cases(newsroom.database, site=newsroom.site)
    paged = await calibrate.cases(newsroom.database, site=newsroom.site, page=2)
    assert paged == whole
