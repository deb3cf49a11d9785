"""What operators ask: is it alive, is it ready, what has it done. No comment, name or address is in any answer."""

from __future__ import annotations

import time

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from majlis import errors
from majlis.services.outbox import KIND
from majlis.store import jobs, notices, queues
from majlis.store.database import Connection
from majlis.store.jobs import Tally
from majlis.store.queues import Backlog
from majlis.web.context import web_of
from majlis.web.http import json

NO_STORE = {"cache-control": "no-store"}


class Metrics:
    """Counters of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "majlis_requests", "Requests by method and status.", ("method", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "majlis_request_seconds", "Time to the first byte of an answer.", registry=self.registry
        )
        self._told: dict[tuple[str, int], Counter] = {}
        self.watchers = Gauge("majlis_live_readers", "Readers who watch a thread.", registry=self.registry)
        self.waiting = Gauge("majlis_waiting_comments", "Comments that wait for a person.", registry=self.registry)
        self.oldest = Gauge(
            "majlis_oldest_waiting_seconds", "Age of the oldest waiting comment.", registry=self.registry
        )
        self.appeals = Gauge("majlis_open_appeals", "Objections that wait.", registry=self.registry)
        self.untold = Gauge("majlis_waiting_webhooks", "Webhooks that wait to be sent.", registry=self.registry)
        self.given_up = Gauge("majlis_dead_webhooks", "Webhooks that were given up.", registry=self.registry)

    def count(self, method: str, status: int, seconds: float) -> None:
        """Count one answer. Looking its counter up by labels costs more than the counting, so it is kept."""
        told = self._told.get((method, status))
        if told is None:
            told = self._told[method, status] = self.requests.labels(method, str(status))
        told.inc()
        self.seconds.observe(seconds)


class Measured:
    """Counts every request that passes."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = time.perf_counter()

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._metrics.count(scope["method"], message["status"], time.perf_counter() - begun)
            await send(message)

        await self._app(scope, receive, counted)


async def healthz(_: Request) -> Response:
    """Answer whenever the process runs."""
    return json({"status": "ok"}, headers=NO_STORE)


async def readyz(request: Request) -> Response:
    """Answer 200 when the database answers and every signal is loaded, else 503 with what is missing."""
    newsroom = web_of(request).newsroom
    missing = ["classifier"] if newsroom.judging and newsroom.signals().broken else []
    try:
        await newsroom.database.read(lambda tx: queues.backlog(tx, site=newsroom.site))
    except errors.StoreUnavailable:
        missing.append("database")
    ready = "database" not in missing
    return json(
        {"status": "ok" if not missing else "degraded" if ready else "unavailable", "missing": missing},
        200 if ready else 503,
        NO_STORE,
    )


async def metrics(request: Request) -> Response:
    """Return the counters in Prometheus' text format."""
    web = web_of(request)
    newsroom = web.newsroom
    counted: Metrics = request.app.state.metrics

    async def read(tx: Connection) -> tuple[Backlog, int, list[Tally]]:
        backlog = await queues.backlog(tx, site=newsroom.site)
        appeals = await notices.count_open_appeals(tx, site=newsroom.site)
        return backlog, appeals, list((await jobs.tally(tx, site=newsroom.site, kind=KIND)).values())

    backlog, appeals, webhooks = await newsroom.database.read(read)
    counted.watchers.set(web.live.count)
    counted.waiting.set(backlog.waiting)
    counted.oldest.set((newsroom.now() - backlog.oldest) / 1000 if backlog.oldest else 0)
    counted.appeals.set(appeals)
    counted.untold.set(sum(tally.waiting for tally in webhooks))
    counted.given_up.set(sum(tally.dead for tally in webhooks))
    return Response(generate_latest(counted.registry), headers={"content-type": CONTENT_TYPE_LATEST, **NO_STORE})


routes = [
    Route("/healthz", healthz),
    Route("/readyz", readyz),
    Route("/metrics", metrics),
]
