"""Puts the rooms together: settings in, an ASGI application out. It sees every room and makes no rule."""

from __future__ import annotations

import asyncio
import functools
import os
import secrets
import sys
import time
import webbrowser
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from majlis import errors
from majlis.config import Config
from majlis.domain.guidelines import Examples
from majlis.interchange import sample
from majlis.services import deliver
from majlis.services.limits import DEFAULT, Act, Limits, check_rates
from majlis.services.newsroom import Bounds, Hook, Newsroom
from majlis.services.opening import open_newsroom, read_examples, read_guidelines, read_policy
from majlis.services.review import sweep
from majlis.services.stories import revisions
from majlis.serving import reserve, run, run_workers, serve
from majlis.signals.remote import Endpoint, Remote
from majlis.signals.remote import connect as connect_remote
from majlis.store.database import Database, connect, sqlite_url
from majlis.web import compat, desk, embed, openapi, ops, page, receipts
from majlis.web.context import Web
from majlis.web.http import Guard, on_error
from majlis.web.live import Live
from majlis.web.ready import Ready
from majlis.web.static import Files
from majlis.web.threads import Threads
from majlis.web.words import Words

if TYPE_CHECKING:
    from majlis.signals.gather import Signals

PACKAGE = Path(__file__).parent
JUDGES = 2
"""Threads that run signals, so that judging never holds up reading."""

SWEEP_SECONDS = 5.0
SETTLED_MS = 10_000
"""A comment of this age that nobody has judged is not being judged any more."""

DEMO_URL = "http://localhost:8000"

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
    folder = Path(config.guidelines) if config.guidelines else None
    guidelines = read_guidelines(folder)
    if config.language not in guidelines:
        raise errors.ConfigInvalid(
            f"There are no guidelines in {config.language}, the language of the site.", field="language"
        )
    looking = signals_of(config, read_examples(folder, guidelines[config.language]), signals)
    live = Live()
    database: Database = await connect(config.database, serving=True, bus=config.bus)

    def announce(story: str) -> None:
        live.announce(story)
        database.tell(story)

    pool = ThreadPoolExecutor(JUDGES, thread_name_prefix="majlis-judge")
    asked = remote_of(config)
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
            signals=looking,
            database=database,
            limits=Limits(rates_of(config)),
            pool=pool,
            secret=config.secret.encode(),
            now=now,
            random=os.urandom,
            announce=announce,
            bounds=Bounds(body_characters=config.comment_characters),
            judging=config.judging,
            remote=asked,
            remote_from=config.remote_from / 100,
            hooks=hooks_of(config),
        )
        await open_newsroom(newsroom)
        yield newsroom, live
    finally:
        if asked is not None:
            await asked.client.aclose()
        pool.shutdown()
        await database.close()


def signals_of(config: Config, examples: Sequence[Examples], given: Signals | None = None) -> Callable[[], Signals]:
    """Return what gives the signals: read now where this process judges, else when another system first asks for them.

    Raises:
        errors.WeightsInvalid.
    """

    @functools.cache
    def signals() -> Signals:
        from majlis.signals.gather import load, taught  # with numpy and the lists, an eighth of what a process holds

        return taught(given or load(judging=config.judging), examples)

    if config.judging:
        signals()
    return signals


def remote_of(config: Config) -> Remote | None:
    """Return the remote judge of the settings, or None where they name none."""
    if not config.remote_url:
        return None
    endpoint = Endpoint(
        url=config.remote_url,
        model=config.remote_model,
        key=config.remote_key,
        seconds=config.remote_milliseconds / 1000,
        certainty=config.remote_certainty / 100,
        tokens=config.remote_tokens,
    )
    return connect_remote(endpoint)


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
                f"The rate {setting!r} cannot be used.",
                hint=f"Write it like comment=10/minute;60/hour. Known: {', '.join(Act)}.",
                field="rates",
            ) from error
    return rates


def hooks_of(config: Config) -> tuple[Hook, ...]:
    """Return who the settings say is told of comments."""
    networks = tuple(ip_network(network) for network in config.webhook_networks)
    described = (webhook.split() for webhook in config.webhooks)
    return tuple(Hook(url=url, secrets=tuple(secrets), networks=networks) for url, *secrets in described)


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
        coral_secrets=config.coral_secrets,
    )

    async def static(request: Request) -> Response:
        return files.respond(request, request.path_params["name"])

    async def photo(request: Request) -> Response:
        return media.respond(request, request.path_params["name"], cache="public, max-age=3600")

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        judging = (lambda: _warm(newsroom), lambda: _sweep_forever(newsroom)) if newsroom.judging else ()
        works: list[Callable[[], Awaitable[None]]] = [
            *judging,
            lambda: live.follow(functools.partial(revisions, newsroom)),
            lambda: newsroom.database.hear(live.announce),
            lambda: deliver.tidy_forever(newsroom),
            *(functools.partial(deliver.run, newsroom, hook) for hook in newsroom.hooks),
        ]
        tasks = [asyncio.create_task(_kept(work)) for work in works]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    routes = [
        *openapi.routes,
        *page.routes,
        *receipts.routes,
        *embed.routes,
        *desk.routes,
        *ops.routes,
        *compat.ROUTES,
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
    guarded = Guard(Threads(starlette, newsroom=newsroom), web=web, keyed=compat.PATHS)
    return ops.Measured(Ready(guarded, live=live), metrics=starlette.state.metrics)


def theme_of(config: Config) -> str:
    """Return the CSS that sets the newsroom's own colour and font."""
    lines = []
    if config.theme_accent:
        lines.append(f"--majlis-accent: {config.theme_accent};")
    if config.theme_font:
        lines.append(f"--majlis-font: {config.theme_font};")
    return f":root {{ {' '.join(lines)} }}\n" if lines else ""


async def _kept(work: Callable[[], Awaitable[None]]) -> None:
    """Begin work again that ended with an error, from time to time."""
    while True:
        try:
            await work()
        except Exception as error:
            log.error("work in the background failed", error=type(error).__name__)
            await asyncio.sleep(SWEEP_SECONDS)
        else:
            return


async def _warm(newsroom: Newsroom) -> None:
    """Make the judge ready beside the first requests: pages are served meanwhile."""
    await asyncio.get_running_loop().run_in_executor(newsroom.pool, newsroom.signals().warm)


async def _sweep_forever(newsroom: Newsroom) -> None:
    """Judge what a crash or an outage left unjudged, at start and from time to time."""
    settled = 0
    while True:
        try:
            swept = await sweep(newsroom, settled=settled)
            settled = SETTLED_MS
            if swept.judged:
                log.info("judged what was waiting", comments=swept.judged)
            for comment, error in swept.failures.items():
                log.error("a waiting comment cannot be judged", comment=comment, error=error)
        except errors.StoreUnavailable as away:
            log.warning("sweep failed", code=away.code)
        await asyncio.sleep(SWEEP_SECONDS)


def serve_site(config: Config) -> None:
    """Run the product with settings that were checked for production."""
    run(_site(config))


async def _site(config: Config) -> None:
    set_up_logs(config.log_level)
    async with newsroom_of(config) as (newsroom, live):
        log.info("open", public_url=config.public_url, site=config.site)
        await serve(build(config, newsroom, live), host=config.host, port=config.port, stopping=live.close)


def serve_by_workers(config: Config, count: int, work: Callable[[], None]) -> int:
    """Run the product in several processes that share its port, and return the exit code.

    Args:
        work: runs serve_site and says what is wrong, with exit code 2.

    Raises:
        errors.ConfigInvalid: the database is a file, or another program listens on the port.
    """
    if config.database.startswith("sqlite:"):
        raise errors.ConfigInvalid(
            f"{count} workers cannot serve one SQLite file; only one process may.",
            hint="Use one worker, or PostgreSQL.",
            field="database",
        )
    set_up_logs(config.log_level)
    with reserve(config.host, config.port):
        return run_workers(
            work, count, died=lambda pid, code: log.error("a worker ended and is begun again", pid=pid, code=code)
        )


def serve_demo(folder: Path, port: int, *, open_page: bool) -> None:
    """Run the sample newsroom on a folder of its own and print how to reach it."""
    run(_demo(folder, port, open_page))


async def _demo(folder: Path, port: int, open_page: bool) -> None:
    set_up_logs("warning")
    config = demo_config(folder, port)
    async with newsroom_of(config) as (newsroom, live):
        await sample.furnish(newsroom)
        token = await sample.admin_login(newsroom)
        page = f"{config.public_url}/"
        print(f"Page   {page}")
        print(f"Desk   {config.public_url}/desk")
        print(f"Login  {config.public_url}/desk/login?token={token}   (works once, as {sample.ADMIN})")
        print(f"Data   {folder}", flush=True)
        if open_page:
            webbrowser.open(page)
        await serve(build(config, newsroom, live), host=config.host, port=config.port, stopping=live.close)


def demo_config(folder: Path, port: int) -> Config:
    """Return the settings of the sample newsroom; its secret is made once and kept in its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    secret = folder / "secret"
    if not secret.exists():
        secret.touch(mode=0o600)
        secret.write_text(secrets.token_urlsafe(32), "utf-8")
    url = f"http://localhost:{port}"
    return Config(
        database=sqlite_url(folder),
        secret=secret.read_text("utf-8").strip(),
        public_url=url,
        port=port,
        name=sample.NAME,
        embed_origins=(url, f"http://127.0.0.1:{port}"),
    )


def set_up_logs(level: str) -> None:
    """Write one JSON line an event to stderr, from this level on."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
