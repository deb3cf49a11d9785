"""Puts the rooms together: settings in, an ASGI application out. It sees every room and makes no rule."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from majlis import errors
from majlis.config import Config
from majlis.services.limits import DEFAULT, Act, Limits, check_rates
from majlis.services.newsroom import Bounds, Newsroom
from majlis.services.opening import open_newsroom, read_guidelines, read_policy
from majlis.services.review import sweep
from majlis.signals.gather import Signals, load
from majlis.store.database import Database, connect
from majlis.web import desk, embed, openapi, ops, page, receipts
from majlis.web.context import Web
from majlis.web.http import Guard, on_error
from majlis.web.live import Live
from majlis.web.static import Files
from majlis.web.threads import Threads
from majlis.web.words import Words

PACKAGE = Path(__file__).parent
JUDGES = 2
"""Threads that run signals, so that judging never holds up reading."""

SWEEP_SECONDS = 5.0

log = structlog.get_logger()


def clock() -> int:
    """Return milliseconds since 1970 UTC."""
    return time.time_ns() // 1_000_000


@asynccontextmanager
async def newsroom_of(
    config: Config, *, now: Callable[[], int] = clock, signals: Signals | None = None
) -> AsyncIterator[tuple[Newsroom, Live]]:
    """Open the newsroom that the settings describe, and close it at the end.

    Raises:
        errors.ConfigInvalid, errors.GuidelinesInvalid, errors.StoreUnavailable, errors.WeightsInvalid.
    """
    policy, policy_source = read_policy(Path(config.policy) if config.policy else None)
    guidelines = read_guidelines(Path(config.guidelines) if config.guidelines else None)
    if config.language not in guidelines:
        raise errors.ConfigInvalid(
            f"There are no guidelines in {config.language}, the language of the site.", field="language"
        )
    live = Live()
    database: Database = await connect(config.database)
    pool = ThreadPoolExecutor(JUDGES, thread_name_prefix="majlis-judge")
    try:
        newsroom = Newsroom(
            site=config.site,
            name=config.name,
            language=config.language,
            public_url=config.public_url,
            origins=tuple(origin.lower() for origin in config.story_origins),
            email_required=config.email_required,
            guidelines=guidelines,
            policy=policy,
            policy_source=policy_source,
            signals=signals or load(),
            database=database,
            limits=Limits(rates_of(config)),
            pool=pool,
            secret=config.secret.encode(),
            now=now,
            random=os.urandom,
            announce=live.announce,
            bounds=Bounds(body_characters=config.comment_characters),
        )
        await open_newsroom(newsroom)
        yield newsroom, live
    finally:
        pool.shutdown()
        await database.close()


def rates_of(config: Config) -> dict[Act, str]:
    """Return the rate limits, the newsroom's own over the defaults. Raises errors.ConfigInvalid."""
    rates = dict(DEFAULT)
    for setting in config.rates:
        name, _, rate = setting.partition("=")
        try:
            check_rates(rate)
            rates[Act(name)] = rate
        except ValueError as error:
            raise errors.ConfigInvalid(
                f"The rate {setting!r} cannot be used.", hint="Write it like comment=10/minute;60/hour.", field="rates"
            ) from error
    return rates


def build(config: Config, newsroom: Newsroom, live: Live) -> ASGIApp:
    """Return the application that serves an open newsroom."""
    files = Files("/static", PACKAGE / "web" / "static")
    media = Files("/media", PACKAGE / "demo" / "photos")
    web = Web(
        newsroom=newsroom,
        words=Words(PACKAGE / "web" / "locale", PACKAGE / "web" / "templates"),
        files=files,
        live=live,
        public_origin=config.public_url,
        embed_origins=config.embed_origins,
        image_origins=config.image_origins,
        proxies=config.proxies,
        theme=theme_of(config),
    )

    async def static(request: Request) -> Response:
        return files.respond(request, request.path_params["name"])

    async def photo(request: Request) -> Response:
        return media.respond(request, request.path_params["name"], cache="public, max-age=3600")

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        task = asyncio.create_task(_sweep_forever(newsroom))
        yield
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    routes = [
        *openapi.routes,
        *page.routes,
        *receipts.routes,
        *embed.routes,
        *desk.routes,
        *ops.routes,
        Route("/static/{hash}/{name:path}", static),
        Route("/media/{name}", photo),
    ]
    starlette = Starlette(
        routes=routes,
        lifespan=lifespan,
        exception_handlers={errors.MajlisError: on_error, HTTPException: on_error, Exception: on_error},
    )
    starlette.state.web = web
    starlette.state.metrics = ops.Metrics()
    starlette.state.openapi = openapi.document(config.public_url)
    guarded = Guard(Threads(starlette, newsroom=newsroom), web=web)
    return ops.Measured(guarded, metrics=starlette.state.metrics)


def theme_of(config: Config) -> str:
    """Return the CSS that sets the newsroom's own colour and font."""
    lines = []
    if config.theme_accent:
        lines.append(f"--majlis-accent: {config.theme_accent};")
    if config.theme_font:
        lines.append(f"--majlis-font: {config.theme_font};")
    return f":root {{ {' '.join(lines)} }}\n" if lines else ""


async def _sweep_forever(newsroom: Newsroom) -> None:
    """Judge what a crash or an outage left unjudged, at start and from time to time."""
    while True:
        try:
            judged = await sweep(newsroom)
            if judged:
                log.info("judged what was waiting", comments=judged)
        except errors.MajlisError as error:
            log.warning("sweep failed", code=error.code)
        except Exception as error:
            log.error("sweep failed", error=type(error).__name__)
        await asyncio.sleep(SWEEP_SECONDS)
