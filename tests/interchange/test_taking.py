"""Archives of other systems come in whole, once, with their decisions; what is broken changes nothing."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from majlis import errors
from majlis.domain.comment import Status
from majlis.interchange.archive import moment, typed
from majlis.interchange.commands import Order, run_import
from majlis.services.newsroom import Newsroom
from majlis.services.review import sweep
from majlis.store import comments
from tests.conftest import NOON
from tests.interchange.conftest import World, disqus, post

BRIDGE = "https://news.example/bridge"


async def test_a_thread_keeps_its_shape_dates_and_states(world: World) -> None:
    path = world.file(
        "export.xml",
        disqus(
            [
                post("1", "<p>First.</p>"),
                post("2", "<p>Gone.</p>", parent="1", deleted=True, at="2019-01-02T09:01:00Z"),
                post("3", "<p>An answer.</p>", parent="2", at="2019-01-02T09:02:00Z", name="bob"),
                post("4", "<p>Buy now.</p>", spam=True, at="2019-01-02T09:03:00Z"),
                post("5", "<p>Another answer.</p>", parent="1", at="2019-01-02T09:04:00Z"),
            ]
        ),
    )

    report = await world.take("disqus", path)

    found = await world.by_body()
    assert (report.read, report.written, report.known, report.skipped, report.short) == (5, 5, 0, {}, [])
    assert {body: comment.status for body, comment in found.items()} == {
        "First.": Status.APPROVED,
        "Gone.": Status.WITHDRAWN,
        "An answer.": Status.APPROVED,
        "Buy now.": Status.REJECTED,
        "Another answer.": Status.APPROVED,
    }
    first = found["First."]
    assert first.submitted_at == first.published_at == moment("2019-01-02T09:00:00Z")
    assert first.replies == 1
    assert found["An answer."].parent == found["Gone."].id
    assert found["An answer."].root == first.id
    assert found["An answer."].author.name == "bob"
    assert await world.verify() == 10


async def test_importing_twice_adds_nothing(world: World) -> None:
    path = world.file("export.xml", disqus([post("1", "One."), post("2", "Two.", parent="1")]))
    await world.take("disqus", path)
    before = await world.stored()

    again = await world.take("disqus", path)

    assert (again.written, again.known) == (0, 2)
    assert await world.stored() == before
    assert await world.verify() == 4


async def test_what_is_skipped_late_in_a_long_archive_is_named_too(world: World) -> None:
    posts = [post(str(number), f"Number {number}") for number in range(1, 1_501)]
    posts[99], posts[699] = post("100", "<p> </p>"), post("700", "<p> </p>")
    posts[1_199] = post("1200", "Early.", at="1970-01-01T00:00:00Z")
    path = world.file("export.xml", disqus(posts))

    report = await world.take("disqus", path)

    places = {reason: [place.rpartition(" ")[2] for place in one.places] for reason, one in report.skipped.items()}
    assert (report.read, report.written) == (1_500, 1_497)
    assert places == {"It has no text.": ["100", "700"], "Its date is before 1990 or in the future.": ["1200"]}


async def test_an_answer_that_comes_before_its_question_finds_it(world: World) -> None:
    posts = [post(str(number), f"Number {number}", parent=str(number - 1)) for number in range(2_500, 1, -1)]
    path = world.file("export.xml", disqus([*posts, post("1", "Number 1")]))

    report = await world.take("disqus", path)

    assert (report.written, report.strayed) == (2_500, 0)
    assert {comment.root for comment in await world.stored()} == {(await world.by_body())["Number 1"].id}


async def test_an_answer_to_nothing_stands_alone_and_the_report_says_so(world: World) -> None:
    path = world.file("export.xml", disqus([post("1", "One."), post("2", "To nobody.", parent="404")]))

    report = await world.take("disqus", path)

    assert report.strayed == 1
    assert (await world.by_body())["To nobody."].parent is None


async def test_what_cannot_be_taken_is_skipped_with_its_reason_and_place(world: World) -> None:
    path = world.file(
        "export.xml",
        disqus(
            [
                post("1", "Fine."),
                post("2", "  <p> </p> "),
                post("3", "When?", at="yesterday"),
                post("4", "Too early.", at="1066-10-14T09:00:00Z"),
                post("5", "Of no thread.", thread="404"),
            ]
        ),
    )

    report = await world.take("disqus", path)

    assert (report.read, report.written) == (5, 1)
    assert {reason: entry.count for reason, entry in report.skipped.items()} == {
        "It has no text.": 1,
        "its date cannot be read": 1,
        "Its date is before 1990 or in the future.": 1,
        "its thread is not in the file or has no address": 1,
    }
    assert "post 2" in report.skipped["It has no text."].places[0]


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (disqus([post("1", "One.")])[:-40], "line"),
        (disqus([post("1", "One.")]).replace("</thread>", "</thred>"), "line 4"),
        (disqus([post("1", "One.")], head='<!DOCTYPE d [<!ENTITY x "y">]>\n'), "DOCTYPE"),
        (disqus([post("1", "One.")], head='<!DOCTYPE d SYSTEM "http://192.0.2.1/evil.dtd">\n'), "DOCTYPE"),
        ("<rss></rss>", "<rss>"),
        ("", "line"),
        ("{}", "line 1"),
        (b"\x1f\x8b broken", "unpacked"),
        (gzip.compress(disqus([post("1", "One.")]).encode())[:-30], "unpacked"),
    ],
    ids=["cut off", "broken", "entities", "network", "another format", "empty", "json", "no gzip", "cut gzip"],
)
async def test_a_broken_archive_changes_nothing(world: World, content: str | bytes, place: str) -> None:
    path = world.file("export.xml", content)

    with pytest.raises((errors.ArchiveInvalid, errors.Unreadable), match=place):
        await world.take("disqus", path)

    assert await world.stored() == []


async def test_an_error_about_a_broken_archive_repeats_no_words_of_it(world: World) -> None:
    path = world.file("export.xml", disqus([post("1", "Charlie lives at the old mill")]).partition(" mill")[0])

    with pytest.raises(errors.ArchiveInvalid) as broken:
        await world.take("disqus", path)

    assert "Charlie" not in str(broken.value)
    assert str(broken.value).count("line ") == 1


async def test_html_becomes_what_was_typed_and_stays_beside_it(world: World) -> None:
    await world.take("disqus", world.file("export.xml", disqus([post("1", "<p>Why &amp; <b>who</b>?<br>Say.</p>")])))

    assert [comment.body for comment in await world.stored()] == ["Why & who?\nSay."]
    assert await world.verify() == 2


async def test_nothing_is_judged_again_not_even_what_was_waiting(newsroom: Newsroom, tmp_path: Path) -> None:
    world = World(newsroom.database, tmp_path)
    export = disqus([post("1", "Waiting.")]).replace("<isSpam>", "<isApproved>false</isApproved><isSpam>")
    await world.take("disqus", world.file("export.xml", export))

    assert (await sweep(newsroom)).judged == 0

    [comment] = await world.stored()
    assert comment.status is Status.PENDING
    assert comment.risk is None


async def test_the_judge_looks_back_under_the_newsrooms_own_guidelines_and_changes_nothing(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    path = world.file("export.xml", disqus([post("1", "You idiot, I will kill you.")]))
    rules = world.file("en.md", "# Rules {lang=en}\n\n## Threats {#threat}\nNo threats at all.\n").parent
    order = Order(
        format="disqus",
        file=str(path),
        site="main",
        language="en",
        base="",
        judge=True,
        secret=b"",
        guidelines=rules,
    )

    assert await run_import(world.database, order, NOON) == 0

    [comment] = await world.stored()
    told = capsys.readouterr().out
    assert "judged 1: approved there, reject here" in told
    assert f"{comment.id}: approved there, reject here (threat)" in told
    assert (comment.status, comment.risk) == (Status.APPROVED, None)


async def test_a_comment_that_was_decided_anew_is_left_as_it_is(world: World) -> None:
    path = world.file("export.xml", disqus([post("1", "One.")]))
    await world.take("disqus", path)
    [comment] = await world.stored()
    await world.database.write(lambda tx: comments.set_featured(tx, id=comment.id, seen=comment.version, featured=True))

    await world.take("disqus", path)

    assert [one.featured for one in await world.stored()] == [True]


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("plain", "plain"),
        ("<p>one</p><p>two<br/>three</p>", "one\n\ntwo\nthree"),
        ("un<b>believ</b>able", "unbelievable"),
        ("a &lt;b&gt; c", "a <b> c"),
        ("a<script>alert(1)</script><style>p{}</style>b", "ab"),
        ('<a href="https://news.example/long/path">https://news.example/lo...</a>', "https://news.example/long/path"),
        ('<a href="https://evil.example/">https://news.example/lo...</a>', "https://news.example/lo..."),
        ("<p>می\u200cخواهم</p>", "می\u200cخواهم"),
        ("<!-- nothing -->", ""),
    ],
)
def test_typed(markup: str, text: str) -> None:
    assert typed(markup) == text


@given(st.text(alphabet="<>&;/abp =\"'\n\u200cس", max_size=60))
def test_any_markup_becomes_some_text(markup: str) -> None:
    assert isinstance(typed(markup), str)


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("2021-10-28 20:50:15 +0800", 1_635_425_415_000),
        ("2021-10-28 20:50:15 +0800 CST", 1_635_425_415_000),
        ("2021-10-28T12:50:15Z", 1_635_425_415_000),
        ("2021-10-28T12:50:15.123456789Z", 1_635_425_415_123),
        ("2021-10-28 12:50:15", 1_635_425_415_000),
        ("0000-00-00 00:00:00", None),
        ("soon", None),
    ],
)
def test_dates(written: str, at: int | None) -> None:
    assert moment(written) == at
