"""The reader API as outsiders call it: the contract's names, clear problems, and nothing that leaks."""

from __future__ import annotations

import base64
import gzip
import json

import brotli
import httpx
import pytest
from altcha import v1

from majlis.domain.site import Story
from majlis.services import keys, moderate, staff
from majlis.services.limits import PLACES
from majlis.services.newsroom import Newsroom
from tests.conftest import NOON, Desk
from tests.web.sending import API, sent


async def proof_for(client: httpx.AsyncClient) -> str:
    """Ask for a challenge and solve it, as a reader's program does."""
    asked = (await client.get(f"{API}/challenge")).json()
    solved = v1.solve_challenge(asked["challenge"], asked["salt"], asked["algorithm"], asked["maxnumber"])
    assert solved is not None
    answer = {name: asked[name] for name in ("algorithm", "challenge", "salt", "signature")}
    return base64.b64encode(json.dumps(answer | {"number": solved.number}).encode()).decode()


@pytest.fixture
async def desk(newsroom: Newsroom, story: Story) -> Desk:
    from majlis.domain.site import Role

    alice = await staff.add_staff(
        newsroom.database, site="main", name="alice", role=Role.MODERATOR, now=NOON, random=b"0123456789"
    )
    return Desk(newsroom, story, alice)


async def test_a_comment_is_taken_with_a_proof_of_work(client: httpx.AsyncClient, story: Story) -> None:
    answer = await client.post(f"{API}/comments", json=sent(story, proof=await proof_for(client)))

    assert answer.status_code == 201
    body = answer.json()
    assert set(body) == {"id", "status", "receipt", "decision"}
    assert body["status"] in {"approved", "pending", "rejected"}
    assert (body["decision"] is None) == (body["status"] == "pending")


async def test_a_proof_is_taken_once(client: httpx.AsyncClient, story: Story) -> None:
    proof = await proof_for(client)
    await client.post(f"{API}/comments", json=sent(story, proof=proof))

    again = await client.post(f"{API}/comments", json=sent(story, proof=proof, body="A second one"))

    assert (again.status_code, again.json()["code"]) == (422, "proof-invalid")


@pytest.mark.parametrize("proof", [None, "", "nonsense", "e30=", base64.b64encode(b'{"salt": 3}').decode()])
async def test_without_a_proof_nothing_is_taken(client: httpx.AsyncClient, story: Story, proof: str | None) -> None:
    answer = await client.post(f"{API}/comments", json=sent(story, proof=proof))

    assert (answer.status_code, answer.json()["code"]) == (422, "proof-invalid")
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_write_key_needs_no_proof(client: httpx.AsyncClient, story: Story, key: str) -> None:
    answer = await client.post(f"{API}/comments", json=sent(story), headers={"authorization": f"Bearer {key}"})

    assert answer.status_code == 201


async def test_a_wrong_key_and_a_small_scope_are_refused(
    client: httpx.AsyncClient, story: Story, newsroom: Newsroom
) -> None:
    small = await keys.create_key(
        newsroom.database, site="main", name="x", scope=keys.Scope.JUDGE, now=NOON, random=bytes(42)
    )
    for key, status in (("wrong", 401), (small, 403)):
        answer = await client.post(f"{API}/comments", json=sent(story), headers={"authorization": f"Bearer {key}"})
        assert answer.status_code == status


async def test_a_full_server_says_when_to_come_again(
    client: httpx.AsyncClient, newsroom: Newsroom, story: Story, key: str
) -> None:
    write = {"authorization": f"Bearer {key}"}
    newsroom.limits.busy = PLACES
    refused = await client.post(f"{API}/comments", json=sent(story), headers=write)
    newsroom.limits.busy = 0
    taken = await client.post(f"{API}/comments", json=sent(story), headers=write)

    assert (refused.status_code, refused.headers["retry-after"], refused.json()["code"]) == (503, "5", "overloaded")
    assert taken.status_code == 201


async def test_the_same_idempotency_key_gives_the_same_answer(
    client: httpx.AsyncClient, story: Story, key: str, newsroom: Newsroom
) -> None:
    headers = {"authorization": f"Bearer {key}", "idempotency-key": "one"}
    first = await client.post(f"{API}/comments", json=sent(story), headers=headers)
    second = await client.post(f"{API}/comments", json=sent(story), headers=headers)
    other = await client.post(f"{API}/comments", json=sent(story, body="Other words"), headers=headers)

    assert first.json() == second.json()
    assert (other.status_code, other.json()["code"]) == (409, "idempotency-conflict")


async def test_an_idempotency_key_is_its_senders_own(
    client: httpx.AsyncClient, story: Story, key: str, newsroom: Newsroom
) -> None:
    other = await keys.create_key(
        newsroom.database, site="main", name="app", scope=keys.Scope.WRITE, now=NOON, random=bytes(42)
    )
    posted = [
        await client.post(
            f"{API}/comments",
            json=sent(story, body=f"From {sender[:6]}", language="EN"),
            headers={"authorization": f"Bearer {sender}", "idempotency-key": "1"},
        )
        for sender in (key, other)
    ]
    empty = await client.post(
        f"{API}/comments", json=sent(story), headers={"authorization": f"Bearer {key}", "idempotency-key": ""}
    )

    assert [answer.status_code for answer in posted] == [201, 201]
    assert posted[0].json()["id"] != posted[1].json()["id"]
    assert empty.status_code == 422


async def test_a_thread_has_the_fields_of_the_contract(client: httpx.AsyncClient, desk: Desk) -> None:
    comment = await desk.publish()

    answer = await client.get(f"{API}/threads", params={"story": desk.story.url})

    thread = answer.json()
    assert thread["story"] == {
        "url": desk.story.url,
        "title": desk.story.title,
        "comments": 1,
        "revision": thread["story"]["revision"],
        "open": True,
    }
    assert thread["next"] is None
    assert thread["comments"] == [
        {
            "id": comment.id,
            "parent": None,
            "author": {"name": "charlie"},
            "body": comment.body,
            "language": "en",
            "dir": "ltr",
            "submitted_at": "2026-05-28T20:26:40.000Z",
            "published_at": "2026-05-28T20:26:40.000Z",
            "replies": 0,
            "likes": 0,
            "featured": False,
        }
    ]


async def test_only_approved_comments_are_ever_shown(client: httpx.AsyncClient, desk: Desk) -> None:
    await desk.reject()
    waiting = await desk.post("Nonsense nonsense, who are you people, what is this?")

    shown = (await client.get(f"{API}/threads", params={"story": desk.story.url})).json()["comments"]

    assert all(comment["id"] != waiting.id for comment in shown) or waiting.status == "approved"
    assert "Idiots" not in json.dumps(shown)


async def test_a_thread_is_compressed_cached_and_never_stale(client: httpx.AsyncClient, desk: Desk) -> None:
    await desk.publish()
    address = f"{API}/threads?story={desk.story.url}"
    plain = await client.get(address, headers={"accept-encoding": "identity"})
    async with client.stream("GET", address, headers={"accept-encoding": "br"}) as answer:
        assert answer.headers["content-encoding"] == "br"
        assert brotli.decompress(b"".join([part async for part in answer.aiter_raw()])) == plain.content
    async with client.stream("GET", address, headers={"accept-encoding": "gzip, br;q=0"}) as answer:
        assert answer.headers["content-encoding"] == "gzip"
        assert gzip.decompress(b"".join([part async for part in answer.aiter_raw()])) == plain.content

    same = await client.get(address, headers={"if-none-match": plain.headers["etag"]})
    await desk.publish("Another comment about the bridge.")
    newer = await client.get(address, headers={"if-none-match": plain.headers["etag"]})

    assert (same.status_code, same.content) == (304, b"")
    assert newer.status_code == 200
    assert len(newer.json()["comments"]) == 2


async def test_counts_and_the_latest(client: httpx.AsyncClient, desk: Desk) -> None:
    await desk.publish()

    counts = (await client.get(f"{API}/counts", params={"story": [desk.story.url, "http://x.example/"]})).json()
    latest = (await client.get(f"{API}/stories", params={"limit": 1})).json()

    assert counts == {desk.story.url: 1, "http://x.example/": 0}
    assert set(latest[0]) == {
        "url", "title", "lang", "dir", "published_at", "teaser", "image", "credit", "comments", "open",
    }  # fmt: skip


async def test_a_receipt_shows_where_a_comment_stands_and_takes_an_objection(
    client: httpx.AsyncClient, desk: Desk, story: Story, key: str, newsroom: Newsroom
) -> None:
    headers = {"authorization": f"Bearer {key}"}
    posted = (await client.post(f"{API}/comments", json=sent(story, body="Off topic"), headers=headers)).json()
    token = posted["receipt"].rsplit("/", 1)[1]
    from majlis.domain.decision import Verdict

    told = (await client.get(f"{API}/receipts/{token}")).json()
    version = 1 if told["status"] != "pending" else 0
    await moderate.rule(
        newsroom,
        desk.moderator,
        moderate.Ruling(comment=posted["id"], seen=version, verdict=Verdict.REJECT, clauses=("off-topic",)),
    )
    told = (await client.get(f"{API}/receipts/{token}")).json()

    assert told["status"] == "rejected"
    assert told["decision"]["automated"] is False
    assert [clause["clause"] for clause in told["decision"]["clauses"]] == ["off-topic"]
    appeal = await client.post(f"{API}/receipts/{token}/appeal", json={"reason": "It is not."})
    assert (appeal.status_code, appeal.json()["status"]) == (201, "open")
    again = await client.post(f"{API}/receipts/{token}/appeal", json={"reason": "It is not."})
    assert again.status_code == 409
    withdrawn = await client.post(f"{API}/receipts/{token}/withdrawal")
    assert withdrawn.json()["status"] == "withdrawn"
    assert (await client.get(f"{API}/receipts/{token}x")).status_code == 404


async def test_likes_and_reports(client: httpx.AsyncClient, desk: Desk) -> None:
    comment = await desk.publish()
    reader = {"reader": "a-random-value"}

    liked = await client.put(f"{API}/comments/{comment.id}/like", json=reader)
    taken_back = await client.request("DELETE", f"{API}/comments/{comment.id}/like", json=reader)
    report = await client.post(f"{API}/comments/{comment.id}/reports", json={"clause": "threat"})
    unknown = await client.post(f"{API}/comments/{comment.id}/reports", json={"clause": "nothing"})

    assert (liked.json(), taken_back.json()) == ({"likes": 1}, {"likes": 0})
    assert (report.status_code, unknown.status_code) == (202, 422)


async def test_guidelines_come_in_the_language_that_was_asked_for(client: httpx.AsyncClient) -> None:
    answer = (await client.get(f"{API}/guidelines", params={"lang": "ckb"})).json()

    assert (answer["language"], answer["dir"]) == ("ckb", "rtl")
    assert answer["version"].startswith("sha256:")
    assert answer["clauses"][0]["id"] == "profanity"


async def test_a_judgement_needs_a_key_and_stores_nothing(
    client: httpx.AsyncClient, key: str, newsroom: Newsroom
) -> None:
    line = {"id": "7", "text": "I will kill you."}

    refused = await client.post(f"{API}/judgements", json=line)
    answer = await client.post(f"{API}/judgements", json=line, headers={"authorization": f"Bearer {key}"})

    assert refused.status_code == 401
    judged = answer.json()
    assert list(judged) == [
        "id", "verdict", "language", "scores", "score", "findings", "unchecked", "guidelines", "model",
    ]  # fmt: skip
    assert judged["id"] == "7"
    assert judged["verdict"] != "approve"


async def test_health_and_metrics_hold_no_words(client: httpx.AsyncClient, desk: Desk) -> None:
    await desk.publish("A sentence that nobody else would write about a bridge.")

    assert (await client.get("/healthz")).status_code == 200
    assert (await client.get("/readyz")).status_code == 200
    metrics = (await client.get("/metrics")).text
    assert "majlis_waiting_comments" in metrics
    assert "nobody else" not in metrics
