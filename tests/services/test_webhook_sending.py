"""Sending one webhook: what counts as delivered, which addresses are dialled, which settings are refused."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import httpx
import pytest
import trustme
from starlette.responses import RedirectResponse, Response

from majlis import errors
from majlis.config import read
from majlis.services import deliver
from majlis.services.newsroom import Hook
from tests.receiver import SECRET, Receiver, receiver


@pytest.fixture
def there() -> Receiver:
    """The newsroom's own system, not up yet."""
    return receiver()


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with deliver.connect() as made:
        yield made


async def send(client: httpx.AsyncClient, url: str) -> deliver.Answer:
    """Send a message that tells of nothing to an address on this machine."""
    hook = Hook(url=url, secrets=(SECRET,), networks=(ip_network("127.0.0.0/8"),))
    return await deliver.send(client, hook, id="1", body="{}", now=0)


@pytest.mark.parametrize("status", [300, 301, 400, 404, 429, 500, 503])
async def test_only_success_is_success(there: Receiver, client: httpx.AsyncClient, status: int) -> None:
    there.answers = [Response(status_code=status)]
    async with there.up():
        answer = await send(client, there.url)

    assert (answer.error, answer.gone) == (str(status), False)


async def test_a_redirect_is_not_followed(there: Receiver, client: httpx.AsyncClient) -> None:
    there.answers = [RedirectResponse(there.url, 307)]
    async with there.up():
        assert (await send(client, there.url)).error == "307"

    assert len(there.heard) == 1


async def test_every_answer_that_is_no_answer_is_a_failed_attempt(client: httpx.AsyncClient) -> None:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n{}")
        writer.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(speak, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        answer = await send(client, f"http://127.0.0.1:{port}/")

    assert answer.error == "RemoteProtocolError"


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://localhost/",
        "https://10.1.2.3/",
        "https://169.254.169.254/latest/meta-data/",
        "https://100.64.0.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "https://[fd00::1]/",
        "https://[fe80::1]/",
        "https://224.0.0.1/",
        "https://0.0.0.0/",
        "https://2130706433/",
        "http://192.0.9.1/",
    ],
)
async def test_nothing_goes_into_a_network_that_the_settings_do_not_name(client: httpx.AsyncClient, url: str) -> None:
    answer = await deliver.send(client, Hook(url=url, secrets=(SECRET,)), id="1", body="{}", now=0)

    assert answer.error == "address-refused"


async def test_a_name_that_nobody_knows_is_a_failed_attempt(client: httpx.AsyncClient) -> None:
    hook = Hook(url="https://nobody.invalid/", secrets=(SECRET,))

    assert (await deliver.send(client, hook, id="1", body="{}", now=0)).error == "unknown-host"


async def test_a_certificate_is_checked_against_the_name_although_the_address_is_dialled(there: Receiver) -> None:
    authority = trustme.CA()
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(served)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    networks = (ip_network("127.0.0.0/8"), ip_network("::1"))
    known = Hook(url=f"https://localhost:{there.port}/", secrets=(SECRET,), networks=networks)
    other = replace(known, url=f"https://127.0.0.1:{there.port}/")

    async with there.up(served), httpx.AsyncClient(verify=trusting, trust_env=False) as client:
        right = await deliver.send(client, known, id="1", body="{}", now=0)
        wrong = await deliver.send(client, other, id="2", body="{}", now=0)
        async with deliver.connect() as doubting:
            unknown = await deliver.send(doubting, known, id="3", body="{}", now=0)

    assert (right.error, wrong.error, unknown.error) == ("", "ConnectError", "ConnectError")
    assert [message.headers["host"] for message in there.heard] == [f"localhost:{there.port}"]


@pytest.mark.parametrize(
    "webhook",
    [
        "",
        "https://cms.example",
        f"ftp://cms.example {SECRET}",
        f"https://alice:secret@cms.example/ {SECRET}",
        f"https://cms.example:99999/ {SECRET}",
        "https://cms.example whsec_c2hvcnQ=",
        f"{SECRET} https://cms.example",
    ],
)
def test_settings_that_cannot_work_are_refused_without_a_word_of_the_secret(webhook: str, tmp_path: Path) -> None:
    file = tmp_path / "majlis.toml"
    file.write_text(f'webhooks = ["{webhook}"]', "utf-8")

    with pytest.raises(errors.ConfigInvalid) as refused:
        read({}, file)

    assert refused.value.field == "webhooks"
    assert not {SECRET, "whsec_c2hvcnQ="} & set(str(refused.value).split())
