"""One comment at the desk: its place, what was seen in it, its history, and what a person decides. Never its words."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.responses import Response
from starlette.routing import Route

from majlis import errors
from majlis.domain.comment import Comment, Status
from majlis.domain.decision import Appeal, AppealStatus, Verdict
from majlis.domain.ids import is_id
from majlis.domain.site import Role
from majlis.services import appeal, desk, moderate, stories
from majlis.services.thread import story_with_id
from majlis.web.desk_queue import View, lead_on, read_view
from majlis.web.desk_visit import Visit, desk_page, see
from majlis.web.http import read_form

CLAUSE = "clause-"
"""What the names of the clauses' boxes begin with; the rest is the clause's id."""

_REFUSED = (errors.Stale, errors.Claimed, errors.IllegalMove, errors.SamePerson, errors.InvalidInput)


class Typed(msgspec.Struct, frozen=True, kw_only=True):
    """What a moderator had chosen and typed when a decision was refused."""

    clauses: tuple[str, ...] = ()
    note: str = ""


async def get_comment(visit: Visit) -> Response:
    """Return one comment in its place."""
    return await _page(visit, visit.request.path_params["id"], read_view(visit.request.query_params))


async def _page(
    visit: Visit,
    id: str,
    view: View,
    *,
    typed: Typed | None = None,
    error: errors.MajlisError | None = None,
) -> Response:
    newsroom = visit.web.newsroom
    case = await desk.case(newsroom, id)
    objection = _objection(case)
    mine = objection is not None and case.records[objection.record].actor == visit.staff.id
    holder = _holder(case.comment, visit)
    values: dict[str, Any] = {
        "view": view,
        "query": view.query(),
        "case": case,
        "contents": {entry.seq: msgspec.json.decode(entry.content, type=dict[str, Any]) for entry in case.entries},
        "objection": objection,
        "mine": mine,
        "holder": holder,
        "reports": [report for report in case.reports if report.open],
        "blind": objection.record if objection and not mine else None,
        "decides": _decides(case.comment, visit, holder, objection),
        "typed": typed or Typed(),
        "error": error,
    }
    return await visit.page("comment.html", error.status if error else 200, **values)


def _objection(case: desk.Case) -> Appeal | None:
    """Return the open objection to the decision that stands."""
    for found in case.appeals:
        if found.status is AppealStatus.OPEN and found.record == case.comment.decision:
            return found
    return None


def _holder(comment: Comment, visit: Visit) -> str | None:
    """Return who else holds the comment."""
    holder = comment.holder(visit.web.newsroom.now())
    return holder if holder != visit.staff.id else None


def _decides(comment: Comment, visit: Visit, holder: str | None, objection: Appeal | None) -> bool:
    """Whether the visitor is offered the ordinary decision: a waiting comment has to be taken first."""
    if comment.status is Status.WITHDRAWN or holder or objection:
        return False
    return comment.status is not Status.PENDING or comment.claimed_by == visit.staff.id


async def post_decision(visit: Visit) -> Response:
    """Approve or reject, and go on to the next comment."""
    id: str = visit.request.path_params["id"]
    fields = await read_form(visit.request)
    view = read_view(fields)
    clauses = tuple(name.removeprefix(CLAUSE) for name in fields if name.startswith(CLAUSE))
    note = fields.get("note", "").replace("\r\n", "\n").strip()
    verdict = Verdict.APPROVE if fields.get("verdict") == Verdict.APPROVE else Verdict.REJECT
    ruling = moderate.Ruling(comment=id, seen=_seen(fields), verdict=verdict, clauses=clauses, note=note)
    try:
        after, _ = await moderate.rule(visit.web.newsroom, visit.staff, ruling)
    except _REFUSED as error:
        return await _page(visit, id, view, typed=Typed(clauses=clauses, note=note), error=error)
    return await lead_on(visit, view, at=id, done=after.status.value)


def _seen(fields: dict[str, str]) -> int:
    value = fields.get("seen", "")
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise errors.InvalidInput("The form does not say which version it is about.", field="seen")
    return int(value)


async def post_undo(visit: Visit) -> Response:
    """Take the last decision back by a new one, and show the comment again."""
    view = read_view(await read_form(visit.request))
    try:
        after, _ = await moderate.undo(visit.web.newsroom, visit.staff)
    except (errors.Stale, errors.IllegalMove):
        return see(f"/desk{view.query(done='nothing')}")
    if after.status is Status.PENDING:
        await moderate.claim(visit.web.newsroom, visit.staff, after.id)
    return see(f"/desk/comments/{after.id}{view.query(done='undone')}")


async def post_pick(visit: Visit) -> Response:
    """Mark or unmark the editor's pick."""
    id: str = visit.request.path_params["id"]
    fields = await read_form(visit.request)
    view = read_view(fields)
    featured = fields.get("featured") == "yes"
    try:
        await moderate.set_featured(visit.web.newsroom, visit.staff, comment=id, seen=_seen(fields), featured=featured)
    except _REFUSED as error:
        return await _page(visit, id, view, error=error)
    return see(f"/desk/comments/{id}{view.query(done='picked' if featured else 'unpicked')}")


async def post_dismissal(visit: Visit) -> Response:
    """Close the reports of a comment that stays published, and go on."""
    id: str = visit.request.path_params["id"]
    view = read_view(await read_form(visit.request))
    await moderate.dismiss_reports(visit.web.newsroom, visit.staff, id)
    return await lead_on(visit, view, at=id, done="dismissed")


async def get_appeals(visit: Visit) -> Response:
    """Return the objections that wait."""
    return await visit.page("appeals.html", found=await desk.appeals(visit.web.newsroom, visit.staff))


async def post_appeal(visit: Visit) -> Response:
    """Decide an objection."""
    fields = await read_form(visit.request)
    note = fields.get("note", "").replace("\r\n", "\n").strip()
    id: str = visit.request.path_params["id"]
    if not is_id(id):
        raise errors.NotFound("There is no objection with this id.")
    overturn = fields.get("outcome") == "overturn"
    try:
        await appeal.decide(visit.web.newsroom, visit.staff, appeal=id, overturn=overturn, note=note)
    except _REFUSED as error:
        comment = fields.get("comment", "")
        return await _page(visit, comment, View(), typed=Typed(note=note), error=error)
    return see(f"/desk/appeals?done={'overturned' if overturn else 'upheld'}")


async def post_story(visit: Visit) -> Response:
    """Open or close a story for comments."""
    fields = await read_form(visit.request)
    story = await story_with_id(visit.web.newsroom, visit.request.path_params["id"])
    await stories.set_open(visit.web.newsroom, story=story.id, open=fields.get("open") == "yes")
    at = fields.get("at", "")
    path = f"/desk/comments/{at}" if at.isalnum() else "/desk"
    return see(path + read_view(fields).query(done="opened" if fields.get("open") == "yes" else "closed"))


routes: list[Route] = [
    Route("/desk/comments/{id}", desk_page(get_comment), methods=["GET"]),
    Route("/desk/comments/{id}/decision", desk_page(post_decision), methods=["POST"]),
    Route("/desk/comments/{id}/pick", desk_page(post_pick, Role.EDITOR), methods=["POST"]),
    Route("/desk/comments/{id}/reports/dismissal", desk_page(post_dismissal), methods=["POST"]),
    Route("/desk/undo", desk_page(post_undo), methods=["POST"]),
    Route("/desk/appeals", desk_page(get_appeals), methods=["GET"]),
    Route("/desk/appeals/{id}", desk_page(post_appeal), methods=["POST"]),
    Route("/desk/stories/{id}", desk_page(post_story, Role.EDITOR), methods=["POST"]),
]
