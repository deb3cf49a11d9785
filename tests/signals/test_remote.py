"""The remote judge: it speaks against a comment with exact words, twice, or changes nothing, whatever it answers."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from majlis.domain.comment import Status
from majlis.domain.decision import Submission, Verdict
from majlis.domain.site import Story
from majlis.services.newsroom import Newsroom
from majlis.services.opening import read_guidelines
from majlis.services.submit import Draft, submit
from majlis.signals import remote
from majlis.signals.remote import Endpoint, Remote
from majlis.store import records
from tests.conftest import NOON

GUIDELINES = read_guidelines(None)["en"]
DOUBT = Submission(text="People like the author should not be surprised if something happens to them at night.")
QUOTE = "if something happens to them at night"

Answer = Callable[[dict[str, Any]], Response]


def completion(content: object, **more: object) -> Response:
    said = content if isinstance(content, str) else json.dumps(content)
    body = {"choices": [{"message": {"role": "assistant", "content": said}}], **more}
    return Response(json.dumps(body), media_type="application/json")


def names(clause: str, quote: str = QUOTE, **more: object) -> Answer:
    return lambda _: completion({"clause": clause, "quote": quote}, **more)


@dataclasses.dataclass
class Model:
    """A server that answers as it is told and remembers what it was asked."""

    url: str
    answer: Answer
    asked: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    keys: list[str] = dataclasses.field(default_factory=list)


@pytest.fixture
async def model() -> AsyncIterator[Model]:
    made = Model("", names("threat"))

    async def complete(request: Request) -> Response:
        made.asked.append(json.loads(await request.body()))
        made.keys.append(request.headers.get("authorization", ""))
        return made.answer(made.asked[-1])

    app = Starlette(routes=[Route("/v1/chat/completions", complete, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", lifespan="off"))
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0)
    made.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/v1"
    yield made
    server.should_exit = server.force_exit = True
    await running


@asynccontextmanager
async def asking(model: Model, **changes: Any) -> AsyncIterator[Remote]:
    endpoint = Endpoint(url=model.url, model="guard", key="k", seconds=5, certainty=0.97, tokens=10_000)
    made = remote.connect(dataclasses.replace(endpoint, **changes))
    try:
        yield made
    finally:
        await made.client.aclose()


async def test_a_violation_that_is_named_twice_is_quoted_exactly_and_asked_with_the_clauses_turned(
    model: Model,
) -> None:
    async with asking(model) as elsewhere:
        seen = await remote.observe(elsewhere, DOUBT, GUIDELINES, NOON)
    (finding,) = seen.findings
    assert (finding.clause, finding.quote, finding.score) == ("threat", QUOTE, 0.97)
    assert DOUBT.text[finding.start : finding.end] == QUOTE
    assert seen.covers == ()
    enums = [asked["response_format"]["json_schema"]["schema"]["properties"]["clause"]["enum"] for asked in model.asked]
    assert enums[0] == [*(clause.id for clause in GUIDELINES.clauses), "none"]
    assert enums[1][:-1] == enums[0][:-1][::-1]
    assert model.keys == ["Bearer k", "Bearer k"]


async def test_the_newsrooms_own_words_are_the_task_and_the_comment_is_data_only(model: Model) -> None:
    async with asking(model) as elsewhere:
        await remote.observe(elsewhere, DOUBT, GUIDELINES, NOON)
    task, data = (message["content"] for message in model.asked[0]["messages"])
    assert all(clause.text in task for clause in GUIDELINES.clauses)
    assert DOUBT.text not in task
    assert json.loads(data)["comment"] == DOUBT.text


@pytest.mark.parametrize(
    "answer",
    [
        names("none", ""),
        names("threat", "words that nobody wrote"),
        lambda asked: completion(
            {"clause": asked["response_format"]["json_schema"]["schema"]["properties"]["clause"]["enum"][0]}
            | {"quote": QUOTE}
        ),
    ],
    ids=["none", "invented words", "whatever stands first"],
)
async def test_what_is_not_sure_twice_with_exact_words_counts_for_nothing(model: Model, answer: Answer) -> None:
    model.answer = answer
    async with asking(model) as elsewhere:
        seen = await remote.observe(elsewhere, DOUBT, GUIDELINES, NOON)
    assert (seen.findings, seen.scores, seen.covers, seen.failed) == ((), {}, (), "")


def endless(_: dict[str, Any]) -> Response:
    async def forever() -> AsyncIterator[bytes]:
        while True:
            yield b" " * 65_536
            await asyncio.sleep(0)

    return StreamingResponse(forever())


def silent(_: dict[str, Any]) -> Response:
    async def never() -> AsyncIterator[bytes]:
        await asyncio.Event().wait()
        yield b""

    return StreamingResponse(never())


@pytest.mark.parametrize(
    ("answer", "failed"),
    [
        (names("not-a-clause"), "remote-invalid"),
        (names("threat", " "), "remote-invalid"),
        (lambda _: completion("Sure! The clause is threat."), "remote-invalid"),
        (lambda _: completion({"clause": ["threat"], "quote": {}}), "remote-invalid"),
        (lambda _: Response('{"choices":[]}'), "remote-invalid"),
        (lambda _: Response("[" * 50_000), "remote-invalid"),
        (lambda _: Response(b"\xff\xfe\x00"), "remote-invalid"),
        (lambda _: Response("null"), "remote-invalid"),
        (lambda _: Response("busy", 500), "remote-invalid"),
        (lambda _: RedirectResponse("http://127.0.0.1:9/v1/chat/completions", 307), "remote-invalid"),
        (endless, "remote-invalid"),
        (silent, "timeout"),
    ],
)
async def test_a_broken_or_hostile_endpoint_is_said_in_a_word_and_changes_nothing(
    model: Model, answer: Answer, failed: str
) -> None:
    model.answer = answer
    async with asking(model, seconds=0.5 if failed == "timeout" else 5) as elsewhere:
        seen = await remote.observe(elsewhere, DOUBT, GUIDELINES, NOON)
    assert (seen.failed, seen.findings, seen.scores) == (failed, (), {})


async def test_an_endpoint_that_is_not_there_is_said_too(model: Model) -> None:
    async with asking(model, url="http://127.0.0.1:9/v1") as elsewhere:
        assert (await remote.observe(elsewhere, DOUBT, GUIDELINES, NOON)).failed == "ConnectError"


async def test_the_same_question_is_asked_once_and_another_version_of_the_guidelines_anew(model: Model) -> None:
    other = read_guidelines(None)["tr"]
    async with asking(model) as elsewhere:
        first = await remote.observe(elsewhere, DOUBT, GUIDELINES, NOON)
        assert await remote.observe(elsewhere, DOUBT, GUIDELINES, NOON) == first
        assert len(model.asked) == 2
        await remote.observe(elsewhere, DOUBT, other, NOON)
    assert len(model.asked) == 4


async def test_no_more_is_spent_in_a_day_than_is_allowed_and_the_next_day_goes_on(model: Model) -> None:
    model.answer = names("threat", usage={"total_tokens": 600})
    async with asking(model, tokens=1_000) as elsewhere:
        first = Submission(text=DOUBT.text + " One")
        await remote.observe(elsewhere, first, GUIDELINES, NOON)
        assert (await remote.observe(elsewhere, DOUBT, GUIDELINES, NOON)).failed == "budget-spent"
        assert (await remote.observe(elsewhere, DOUBT, GUIDELINES, NOON + 86_400_000)).findings


DOUBTFUL = "Somebody ought to visit the author at night and explain what happens to liars."


@pytest.mark.parametrize(
    ("answer", "status"),
    [(names("none", ""), Status.PENDING), (names("threat", "Somebody ought to visit"), Status.REJECTED)],
)
async def test_it_makes_a_referral_a_rejection_or_leaves_it_and_its_words_are_kept(
    model: Model, newsroom: Newsroom, story: Story, answer: Answer, status: Status
) -> None:
    model.answer = answer
    async with asking(model) as elsewhere:
        asked = dataclasses.replace(newsroom, remote=elsewhere, remote_from=0.0)
        outcome = await submit(asked, Draft(url=story.url, body=DOUBTFUL, name="charlie"))
    assert model.asked
    assert outcome.comment.status is status
    (record,) = await newsroom.database.read(lambda tx: records.of_comment(tx, outcome.comment.id))
    assert record.evidence is not None
    assert record.evidence.observations[-1].signal == remote.NAME
    assert record.decision is not None
    assert ("threat" in record.decision.clauses and record.verdict is Verdict.REJECT) == (status is Status.REJECTED)


@pytest.mark.parametrize("body", ["Thank you for this report.", "ok", "🙂", "Fuck you, you stupid piece of shit."])
async def test_what_the_machine_has_decided_or_cannot_read_is_not_sent_anywhere(
    model: Model, newsroom: Newsroom, story: Story, body: str
) -> None:
    async with asking(model) as elsewhere:
        asked = dataclasses.replace(newsroom, remote=elsewhere, remote_from=0.99)
        await submit(asked, Draft(url=story.url, body=body, name="charlie"))
    assert model.asked == []


async def test_a_failing_endpoint_leaves_the_comment_with_a_person(
    model: Model, newsroom: Newsroom, story: Story
) -> None:
    model.answer = lambda _: Response("", 503)
    async with asking(model) as elsewhere:
        asked = dataclasses.replace(newsroom, remote=elsewhere, remote_from=0.0)
        outcome = await submit(asked, Draft(url=story.url, body=DOUBTFUL, name="charlie"))
    assert outcome.comment.status is Status.PENDING
