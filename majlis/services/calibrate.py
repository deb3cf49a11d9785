"""What a newsroom's own decisions prove about the machine: a certificate for each lane, language and section.

It reads decisions and changes nothing; whoever runs the newsroom decides what follows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from majlis.domain.decision import Verdict
from majlis.judge.certificate import Case, Certificate, LaneName, certify, languages
from majlis.store import records
from majlis.store.database import Database

PAGE = 500
VALID = 90 * 86_400_000
"""How long a certificate counts (ms): readers, stories and guidelines change."""


async def cases(database: Database, *, site: str, page: int = PAGE) -> list[Case]:
    """Return every comment of a site that a person approved or rejected after the machine had read it.

    The machine's last reading counts. What it could not score is left out.
    """
    found: dict[str, Case] = {}
    after = ""
    while True:
        read = await _page(database, site, after, page)
        for one in read:
            if one.verdict is not Verdict.REFER:
                found[one.comment] = Case(
                    score=one.decision.score,
                    rejected=one.verdict is Verdict.REJECT,
                    language=one.decision.language,
                    section=one.section,
                )
        if len(read) < page:
            return list(found.values())
        # The page may end among the readings of one comment, so its last one is read again, unless it fills the page.
        after = max((one.comment for one in read if one.comment != read[-1].comment), default=read[-1].comment)


async def _page(database: Database, site: str, after: str, limit: int) -> list[records.Decided]:
    return await database.read(lambda tx: records.decided_by_people(tx, site=site, after=after, limit=limit))


def certificates(
    found: Sequence[Case], *, approve: float, reject: float, confidence: float, now: int
) -> Iterator[Certificate]:
    """Yield the certificates of both lanes for each language, and for each section of it that has a name."""
    for language in languages(found):
        own = [case for case in found if case.language == language]
        sections = ["", *sorted({case.section for case in own} - {""})]
        for section in sections:
            inside = [case for case in own if section in {"", case.section}]
            for lane, risk in ((LaneName.APPROVE, approve), (LaneName.REJECT, reject)):
                yield certify(
                    inside,
                    lane=lane,
                    language=language,
                    section=section,
                    risk=risk,
                    confidence=confidence,
                    until=now + VALID,
                )
