"""The desk: where people of the newsroom decide. This file only gathers its addresses."""

from __future__ import annotations

from starlette.routing import BaseRoute

from majlis.web import desk_comment, desk_queue, desk_session, desk_staff, desk_webhooks

routes: list[BaseRoute] = [
    *desk_session.routes,
    *desk_queue.routes,
    *desk_comment.routes,
    *desk_staff.routes,
    *desk_webhooks.routes,
]
