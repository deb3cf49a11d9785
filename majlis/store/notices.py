"""Readers' notices: reports of published comments and appeals against rejections."""

from __future__ import annotations

import msgspec
from sqlalchemy import bindparam, func, literal_column, select, update

from majlis.domain.decision import Appeal, AppealStatus, Report
from majlis.store.database import Connection
from majlis.store.query import Query, Row, insert_new
from majlis.store.tables import appeals, comments, reports

_A = appeals.c
_P = reports.c

_ADD_REPORT = insert_new(reports, "comment", "reporter")
_COUNT_REPORT = Query(
    update(comments).where(comments.c.id == bindparam("old_id")).values(reports=comments.c.reports + 1)
)
_REPORTS_OF = Query(select(reports).where(_P.comment == bindparam("comment")).order_by(_P.at))
_CLOSE_REPORTS = Query(update(reports).where(_P.comment == bindparam("old_comment")).values(open=0))
_CLEAR_REPORTS = Query(update(comments).where(comments.c.id == bindparam("old_id")).values(reports=0))

_ADD_APPEAL = insert_new(appeals, "record")
_APPEAL = Query(select(appeals).where(_A.id == bindparam("id")))
_APPEALS_OF = Query(select(appeals).where(_A.comment == bindparam("comment")).order_by(_A.at))
_OPEN_APPEALS = Query(
    select(appeals)
    .where(_A.site == bindparam("site"), _A.status == literal_column("'open'"))
    .order_by(_A.at)
    .limit(bindparam("limit"))
)
_OPEN_COUNT = Query(
    select(func.count().label("n")).where(_A.site == bindparam("site"), _A.status == literal_column("'open'"))
)
_DECIDE_APPEAL = Query(
    update(appeals)
    .where(_A.id == bindparam("old_id"), _A.status == literal_column("'open'"))
    .values(
        status=bindparam("status"),
        decided_by=bindparam("decided_by"),
        decided_at=bindparam("decided_at"),
        note=bindparam("note"),
    )
)
_WITHDRAW_APPEALS = Query(
    update(appeals)
    .where(_A.comment == bindparam("old_comment"), _A.status == literal_column("'open'"))
    .values(status=AppealStatus.WITHDRAWN.value, decided_at=bindparam("decided_at"))
)


def _report(row: Row) -> Report:
    return Report(**(row | {"open": bool(row["open"])}))


def _appeal(row: Row) -> Appeal:
    return Appeal(**(row | {"status": AppealStatus(row["status"])}))


async def add_report(tx: Connection, report: Report) -> bool:
    """Store a report. False where the same reader has reported the same comment before."""
    values = msgspec.structs.asdict(report) | {"open": int(report.open)}
    if await tx.run(_ADD_REPORT, **values) == 0:
        return False
    await tx.run(_COUNT_REPORT, old_id=report.comment)
    return True


async def reports_of(tx: Connection, comment: str) -> list[Report]:
    """Return every report of a comment, oldest first."""
    return [_report(row) for row in await tx.all(_REPORTS_OF, comment=comment)]


async def close_reports(tx: Connection, comment: str) -> None:
    """Close the reports of a comment once somebody has looked at it."""
    await tx.run(_CLOSE_REPORTS, old_comment=comment)
    await tx.run(_CLEAR_REPORTS, old_id=comment)


async def add_appeal(tx: Connection, appeal: Appeal) -> bool:
    """Store an appeal. False where this decision has been appealed before."""
    values = msgspec.structs.asdict(appeal) | {"status": appeal.status.value}
    return await tx.run(_ADD_APPEAL, **values) == 1


async def get_appeal(tx: Connection, id: str) -> Appeal | None:
    """Return one appeal."""
    row = await tx.one(_APPEAL, id=id)
    return _appeal(row) if row else None


async def appeals_of(tx: Connection, comment: str) -> list[Appeal]:
    """Return every appeal of a comment's author, oldest first."""
    return [_appeal(row) for row in await tx.all(_APPEALS_OF, comment=comment)]


async def open_appeals(tx: Connection, *, site: str, limit: int) -> list[Appeal]:
    """Return the appeals that wait, oldest first."""
    return [_appeal(row) for row in await tx.all(_OPEN_APPEALS, site=site, limit=limit)]


async def count_open_appeals(tx: Connection, *, site: str) -> int:
    """Return how many appeals wait."""
    row = await tx.one(_OPEN_COUNT, site=site)
    return int(row["n"]) if row else 0


async def withdraw_appeals(tx: Connection, *, comment: str, now: int) -> None:
    """Close what is open of an author's objections, because the author took the comment back."""
    await tx.run(_WITHDRAW_APPEALS, old_comment=comment, decided_at=now)


async def decide_appeal(
    tx: Connection, *, id: str, status: AppealStatus, decided_by: str, decided_at: int, note: str
) -> bool:
    """Close an open appeal. False where somebody was first."""
    changed = await tx.run(
        _DECIDE_APPEAL, old_id=id, status=status.value, decided_by=decided_by, decided_at=decided_at, note=note
    )
    return changed == 1
