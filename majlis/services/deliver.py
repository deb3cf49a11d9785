"""Sending what the outbox holds to the newsroom's other systems: signed, over a connection to an address that was
checked, again when it fails, and given up in the end. What is told, and to whom, is not decided here.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import asyncio
import socket
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import httpx
import msgspec
import structlog
from standardwebhooks import Webhook

from majlis import __version__, errors
from majlis.domain.moment import iso
from majlis.services import outbox
from majlis.services.newsroom import Hook, Newsroom
from majlis.services.outbox import KIND
from majlis.store import jobs
from majlis.store.database import Connection
from majlis.store.jobs import Job

SECONDS = 10.0
"""How long one attempt may take, from looking up the name to the status line."""

LEASE_MS = 60_000
"""How long a node keeps a job to itself. It has to outlast an attempt and the writing down of how it went."""

ATTEMPTS = 12
AT_ONCE = 8
POLL_SECONDS = 1.0
TIDY_SECONDS = 3_600
KEPT_MS = 30 * 86_400_000
"""How long a message that was given up can be sent again."""

_FIRST_MS, _FACTOR, _LONGEST_MS = 5_000, 4, 12 * 3_600_000
_GONE = 410
_EMBEDDING = (ip_network("64:ff9b::/96"), ip_network("2002::/16"))
"""IPv6 networks whose addresses lead to an IPv4 address that stands in them (RFC 6052, RFC 3056)."""

NOT_IN_SETTINGS = "not-in-settings"

log = structlog.get_logger()


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """How an attempt went. `error` is empty where the message was taken; `wait` is in ms, as the receiver asked."""

    error: str = ""
    gone: bool = False
    wait: int = 0


def connect() -> httpx.AsyncClient:
    """Return a client that goes where it is told and nowhere else. Whoever calls it closes it.

    No connection is kept: it would be kept under an IP address, which two receivers may share.
    """
    return httpx.AsyncClient(
        headers={"user-agent": f"majlis/{__version__}", "content-type": "application/json"},
        timeout=None,
        follow_redirects=False,
        trust_env=False,
        limits=httpx.Limits(max_keepalive_connections=0),
    )


def backoff(attempts: int, jitter: float) -> int:
    """Return how long to wait after so many failed attempts, in ms: 5 s, 20 s, 80 s … 12 h, and up to half more.

    Args:
        jitter: from 0 to 1, so that not everything that failed together is tried again together.
    """
    plain: int = min(_FIRST_MS * _FACTOR ** (attempts - 1), _LONGEST_MS)
    return plain + int(plain / 2 * jitter)


async def run(newsroom: Newsroom, hook: Hook) -> None:
    """Send what is due to one receiver until cancelled. One that is slow holds up no other."""
    async with connect() as client:
        while True:
            if not await deliver_due(newsroom, hook, client):
                await asyncio.sleep(POLL_SECONDS)


async def deliver_due(newsroom: Newsroom, hook: Hook, client: httpx.AsyncClient) -> int:
    """Take some of what is due to one receiver and send it. Return how much was taken.

    Raises:
        errors.StoreUnavailable: the database is away. What was taken is due again when its lease has passed.
    """
    now = newsroom.now()
    place = {"site": newsroom.site, "kind": KIND, "target": hook.url}
    if not await newsroom.database.read(lambda tx: jobs.any_due(tx, **place, now=now)):
        return 0

    async def take(tx: Connection) -> list[Job]:
        if hook.url in await jobs.stopped_targets(tx, site=newsroom.site, kind=KIND):
            await jobs.bury_all(tx, **place, dead_at=now, error=str(_GONE))
            return []
        return await jobs.take(tx, **place, now=now, until=now + LEASE_MS, limit=AT_ONCE)

    taken = await newsroom.database.write(take)
    await asyncio.gather(*(_deliver(newsroom, hook, client, job) for job in taken))
    return len(taken)


async def _deliver(newsroom: Newsroom, hook: Hook, client: httpx.AsyncClient, job: Job) -> None:
    try:
        body = await newsroom.database.read(lambda tx: outbox.message(tx, job))
        answer = await send(client, hook, id=job.id, body=body, now=newsroom.now())
    except errors.StoreUnavailable:
        raise
    except Exception as error:  # one that cannot be sent must not keep the others from being sent
        answer = Answer(error=type(error).__name__)
    await newsroom.database.write(lambda tx: _settle(tx, newsroom, job, answer))
    if answer.error:
        log.warning("a webhook failed", host=httpx.URL(hook.url).host, error=answer.error, attempt=job.attempts)


async def _settle(tx: Connection, newsroom: Newsroom, job: Job, answer: Answer) -> None:
    now = newsroom.now()
    if not answer.error:
        await jobs.finish(tx, job)
    elif answer.gone:
        await jobs.stop(tx, site=job.site, kind=job.kind, target=job.target, now=now)
        await jobs.bury_all(tx, site=job.site, kind=job.kind, target=job.target, dead_at=now, error=answer.error)
    elif job.attempts >= ATTEMPTS:
        await jobs.bury(tx, job, dead_at=now, error=answer.error)
    else:
        jitter = int.from_bytes(newsroom.random(4), "big") / 2**32
        await jobs.put_back(tx, job, due_at=now + max(answer.wait, backoff(job.attempts, jitter)), error=answer.error)


async def tidy_forever(newsroom: Newsroom) -> None:
    """Give up what is for receivers that the settings name no more, and forget what was given up long ago."""
    await newsroom.database.write(lambda tx: _give_up_strangers(tx, newsroom))
    while True:
        await newsroom.database.write(lambda tx: _forget(tx, newsroom))
        await asyncio.sleep(TIDY_SECONDS)


async def _forget(tx: Connection, newsroom: Newsroom) -> None:
    await jobs.forget(tx, site=newsroom.site, kind=KIND, before=newsroom.now() - KEPT_MS)


async def _give_up_strangers(tx: Connection, newsroom: Newsroom) -> None:
    known = {hook.url for hook in newsroom.hooks}
    for target, tally in (await jobs.tally(tx, site=newsroom.site, kind=KIND)).items():
        if target not in known and tally.waiting:
            await jobs.bury_all(
                tx, site=newsroom.site, kind=KIND, target=target, dead_at=newsroom.now(), error=NOT_IN_SETTINGS
            )


async def send_test(hook: Hook, *, id: str, now: int) -> Answer:
    """Send one receiver a message that tells of nothing."""
    body = msgspec.json.encode({"type": "majlis.test", "timestamp": iso(now), "data": {}}).decode()
    async with connect() as client:
        return await send(client, hook, id=id, body=body, now=now)


async def send(client: httpx.AsyncClient, hook: Hook, *, id: str, body: str, now: int) -> Answer:
    """Send a message once. Whatever the network or the receiver does becomes an answer."""
    try:
        async with asyncio.timeout(SECONDS):
            return await _send(client, hook, id=id, body=body, now=now)
    except TimeoutError:
        return Answer(error="timeout")
    except socket.gaierror:
        return Answer(error="unknown-host")
    except httpx.HTTPError as error:
        return Answer(error=type(error).__name__)


async def _send(client: httpx.AsyncClient, hook: Hook, *, id: str, body: str, now: int) -> Answer:
    """Connect to an address that was checked itself; a second look-up of the name could give another one."""
    url = httpx.URL(hook.url)
    headers = _signed(hook, id=id, body=body, now=now) | {"host": url.netloc.decode("ascii")}
    addresses = [address for address in await _look_up(url) if _allowed(address, hook, secure=url.scheme == "https")]
    for left in reversed(range(len(addresses))):
        there = url.copy_with(host=str(addresses[-1 - left]))
        try:
            async with client.stream(
                "POST",
                there,
                content=body,
                headers=headers,
                extensions={"sni_hostname": url.raw_host.decode("ascii")},
            ) as answer:
                return _read(answer)
        except httpx.ConnectError:
            if not left:
                raise
    return Answer(error="address-refused")


async def _look_up(url: httpx.URL) -> list[IPv4Address | IPv6Address]:
    """Return the addresses of a host, each once, in the order in which the system prefers them."""
    port = url.port or {"http": 80, "https": 443}[url.scheme]
    found = await asyncio.get_running_loop().getaddrinfo(
        url.raw_host.decode("ascii"), port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP
    )
    addresses = (ip_address(place[0]) for *_, place in found)
    return list(dict.fromkeys(getattr(address, "ipv4_mapped", None) or address for address in addresses))


def _allowed(address: IPv4Address | IPv6Address, hook: Hook, *, secure: bool) -> bool:
    """Return whether a message may go to an address: a public one with TLS, or one that the settings allow."""
    if any(address in network for network in hook.networks):
        return True
    public = address.is_global and not address.is_multicast and not any(address in one for one in _EMBEDDING)
    return secure and public


def _signed(hook: Hook, *, id: str, body: str, now: int) -> dict[str, str]:
    moment = datetime.fromtimestamp(now // 1000, UTC)
    signatures = (Webhook(secret).sign(id, moment, body) for secret in hook.secrets)
    return {
        "webhook-id": id,
        "webhook-timestamp": str(now // 1000),
        "webhook-signature": " ".join(signatures),
    }


def _read(answer: httpx.Response) -> Answer:
    """Read the status and how long to wait; the body is nobody's business and may have no end."""
    if answer.is_success:
        return Answer()
    asked = answer.headers.get("retry-after", "")
    wait = min(int(asked) * 1000, _LONGEST_MS) if asked.isascii() and asked.isdigit() and len(asked) < 8 else 0
    return Answer(error=str(answer.status_code), gone=answer.status_code == _GONE, wait=wait)
