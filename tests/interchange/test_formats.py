"""Each format's own shape, written here by hand: states, parents, authors, dates and likes arrive as they were."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import apsw
import pytest

from majlis import errors
from majlis.domain.comment import Comment, Status
from majlis.interchange.archive import moment
from tests.interchange.conftest import World

AT = "2021-10-28T12:50:15Z"
BASE = "https://news.example"


def states(found: dict[str, Comment]) -> dict[str, str]:
    """Return each comment's status by its words."""
    return {body: comment.status.value for body, comment in found.items()}


def wxr(*comments: str) -> str:
    """Return a WordPress export of one post."""
    return (
        '<?xml version="1.0" encoding="UTF-8" ?>\n<!-- a comment of the exporter -->\n'
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:wp="http://wordpress.org/export/1.2/"><channel><title>Spring</title><link>https://news.example</link>'
        "<wp:wxr_version>1.2</wp:wxr_version><wp:base_site_url>https://news.example</wp:base_site_url>"
        "<wp:base_blog_url>https://news.example/blog</wp:base_blog_url>"
        "<item><title>The bridge</title><link>https://news.example/bridge</link>"
        "<content:encoded><![CDATA[<p>Long.</p>]]></content:encoded><wp:post_id>5</wp:post_id>"
        "<wp:post_date_gmt>2021-10-27 08:00:00</wp:post_date_gmt><wp:comment_status>open</wp:comment_status>"
        "<wp:postmeta><wp:meta_key>_edit</wp:meta_key></wp:postmeta>"
        f"{''.join(comments)}</item></channel></rss>"
    )


def wp_comment(id: int, content: str, *, approved: str = "1", parent: int = 0, kind: str = "comment") -> str:
    """Return one comment of a WordPress export."""
    return (
        f"<wp:comment><wp:comment_id>{id}</wp:comment_id><wp:comment_author><![CDATA[alice]]></wp:comment_author>"
        "<wp:comment_author_email>alice@reader.example</wp:comment_author_email>"
        "<wp:comment_date>2021-10-28 14:50:15</wp:comment_date>"
        "<wp:comment_date_gmt>2021-10-28 12:50:15</wp:comment_date_gmt>"
        f"<wp:comment_content><![CDATA[{content}]]></wp:comment_content>"
        f"<wp:comment_approved>{approved}</wp:comment_approved><wp:comment_type>{kind}</wp:comment_type>"
        f"<wp:comment_parent>{parent}</wp:comment_parent><wp:comment_user_id>0</wp:comment_user_id></wp:comment>"
    )


async def test_wordpress(world: World) -> None:
    export = wxr(
        wp_comment(1, "First.\nSecond line."),
        wp_comment(2, 'See <a href="https://x.example">this</a>.\n\nAnd &amp; that.', parent=1),
        wp_comment(3, "Waiting.", approved="0"),
        wp_comment(4, "Spam.", approved="spam"),
        wp_comment(5, "Trash.", approved="trash"),
        wp_comment(6, "[...] a trackback", kind="pingback"),
    )

    report = await world.take("wordpress", world.file("export.xml", export))

    found = await world.by_body()
    assert states(found) == {
        "First.\nSecond line.": "approved",
        "See this.\n\nAnd & that.": "approved",
        "Waiting.": "pending",
        "Spam.": "rejected",
        "Trash.": "rejected",
    }
    assert found["See this.\n\nAnd & that."].parent == found["First.\nSecond line."].id
    assert found["Spam."].submitted_at == moment(AT)
    assert found["Spam."].author.email == "alice@reader.example"
    assert list(report.skipped) == ["it is a pingback, not a comment"]


def isso_file(folder: Path) -> Path:
    """Write an Isso database."""
    path = folder / "isso.db"
    database = apsw.Connection(str(path))
    database.execute(
        "CREATE TABLE threads (id INTEGER PRIMARY KEY, uri VARCHAR(256) UNIQUE, title VARCHAR(256));"
        "CREATE TABLE comments (tid REFERENCES threads(id), id INTEGER PRIMARY KEY, parent INTEGER, created FLOAT NOT "
        "NULL, modified FLOAT, mode INTEGER, remote_addr VARCHAR, text VARCHAR, author VARCHAR, email VARCHAR, "
        "website VARCHAR, likes INTEGER DEFAULT 0, dislikes INTEGER DEFAULT 0, voters BLOB NOT NULL, "
        "notification INTEGER DEFAULT 0);"
        "INSERT INTO threads VALUES (1, '/bridge', 'The bridge');"
        "INSERT INTO comments VALUES (1, 1, NULL, 1635425415.25, NULL, 1, '192.0.2.0', 'One *word* < two', 'alice', "
        "'alice@reader.example', NULL, 3, 1, x'00', 0);"
        "INSERT INTO comments VALUES (1, 2, 1, 1635425416, NULL, 4, '192.0.2.0', '', NULL, NULL, NULL, 0, 0, x'00', 0);"
        "INSERT INTO comments VALUES (1, 3, 2, 1635425417, NULL, 2, '192.0.2.0', 'Held', NULL, NULL, NULL, 0, 0, "
        "x'00', 0);"
    )
    database.close()
    return path


async def test_isso(world: World) -> None:
    path = isso_file(world.folder)

    with pytest.raises(errors.InvalidInput, match="--base"):
        await world.take("isso", path)
    await world.take("isso", path, base=BASE)

    found = await world.by_body()
    assert states(found) == {"One *word* < two": "approved", "": "withdrawn", "Held": "pending"}
    assert found["One *word* < two"].likes == 3
    assert found["One *word* < two"].submitted_at == 1_635_425_415_250
    assert found["Held"].root == found["One *word* < two"].id
    assert found["Held"].author.name == "Anonymous"


@pytest.mark.parametrize("content", [b"", b"not a database", b"SQLite format 3\0" + b"x" * 4_000])
async def test_isso_that_is_no_database(world: World, content: bytes) -> None:
    with pytest.raises((errors.ArchiveInvalid, errors.Unreadable)):
        await world.take("isso", world.file("isso.db", content), base=BASE)
    assert await world.stored() == []


def remark_comment(id: str, text: str, **more: object) -> dict[str, object]:
    """Return one comment of a Remark42 backup."""
    return {
        "id": id,
        "pid": "",
        "text": f"<p>{text}</p>\n",
        "user": {"name": "alice", "id": "anonymous_1", "picture": "", "ip": "x", "admin": False, "site_id": "spring"},
        "locator": {"site": "spring", "url": "https://news.example/bridge"},
        "score": 0,
        "votes": {},
        "time": "2021-10-28T12:50:15.123456789+00:00",
        "title": "The bridge",
    } | more


async def test_remark42(world: World) -> None:
    meta = {"version": 1, "users": [], "posts": [{"url": "https://news.example/bridge", "read_only": True}]}
    rows = [
        meta,
        remark_comment("a", "shown", orig="**typed**", votes={"u1": True, "u2": True, "u3": False}, pin=True),
        remark_comment("b", "only html", pid="a"),
        remark_comment("c", "", delete=True),
    ]
    backup = gzip.compress("\n".join(json.dumps(row) for row in rows).encode())

    report = await world.take("remark42", world.file("backup.gz", backup))

    found = await world.by_body()
    assert report.written == 3
    assert states(found) == {"**typed**": "approved", "only html": "approved", "": "withdrawn"}
    assert (found["**typed**"].likes, found["**typed**"].featured) == (2, True)
    assert found["only html"].parent == found["**typed**"].id


async def test_artalk(world: World) -> None:
    def artran(id: str, content: str, **more: str) -> dict[str, str]:
        return {
            "id": id,
            "rid": "0",
            "content": content,
            "created_at": "2021-10-28 20:50:15 +0800",
            "is_pending": "false",
            "vote_up": "6",
            "nick": "alice",
            "email": "alice@reader.example",
            "page_key": "/bridge",
            "page_title": "The bridge",
            "site_name": "Spring",
        } | more

    export = json.dumps([artran("1", "One"), artran("2", "Two", rid="1", is_pending="true")])

    await world.take("artalk", world.file("export.artrans", export), base=BASE)

    found = await world.by_body()
    assert states(found) == {"One": "approved", "Two": "pending"}
    assert found["One"].submitted_at == moment(AT)
    assert found["One"].likes == 6
    assert found["Two"].parent == found["One"].id


async def test_commento(world: World) -> None:
    def one(id: str, markdown: str, **more: object) -> dict[str, object]:
        return {
            "commentHex": id,
            "domain": "news.example",
            "url": "/bridge",
            "commenterHex": "c1",
            "markdown": markdown,
            "html": f"<p>{markdown}</p>",
            "parentHex": "root",
            "score": 2,
            "state": "approved",
            "creationDate": AT,
            "direction": 0,
        } | more

    export = {
        "version": 1,
        "comments": [
            one("1", "One"),
            one("2", "Two", parentHex="1", state="flagged", commenterHex="anonymous"),
            one("3", "Gone", deleted=True),
        ],
        "commenters": [{"commenterHex": "c1", "email": "alice@reader.example", "name": "alice"}],
    }

    await world.take("commento", world.file("commento.json.gz", gzip.compress(json.dumps(export).encode())), base=BASE)

    found = await world.by_body()
    assert states(found) == {"One": "approved", "Two": "pending", "Gone": "withdrawn"}
    assert (found["One"].author.name, found["Two"].author.name) == ("alice", "Anonymous")
    assert found["Two"].parent == found["One"].id


async def test_comentario(world: World) -> None:
    def one(id: str, markdown: str, **more: object) -> dict[str, object]:
        return {"id": id, "pageId": "p", "markdown": markdown, "createdTime": AT, "userCreated": "u"} | more

    export = {
        "version": 3,
        "pages": [{"id": "p", "path": "/bridge", "title": "The bridge", "isReadonly": True}],
        "comments": [
            one("1", "One", isApproved=True, isSticky=True),
            one("2", "Two", isPending=True, parentId="1"),
            one("3", "Three", isApproved=False),
            one("4", "Gone", isDeleted=True),
        ],
        "commenters": [{"id": "u", "name": "bob", "email": "bob@reader.example"}],
    }

    await world.take("commento", world.file("comentario.json", json.dumps(export)), base=BASE)

    found = await world.by_body()
    assert states(found) == {"One": "approved", "Two": "pending", "Three": "rejected", "Gone": "withdrawn"}
    assert found["One"].author.name == "bob"
    assert found["One"].featured


@pytest.mark.parametrize("shape", ["lines", "array"])
async def test_coral(world: World, shape: str) -> None:
    def one(id: str, body: str, status: str, **more: object) -> dict[str, object]:
        return {
            "_id": {"$oid": "0" * 24},
            "id": id,
            "tenantID": "t",
            "siteID": "s",
            "storyID": "s1",
            "authorID": "u1",
            "revisions": [{"id": "r0", "body": "old"}, {"id": "r1", "body": body}],
            "status": status,
            "actionCounts": {"REACTION": 4, "FLAG": 1},
            "tags": [],
            "createdAt": {"$date": AT},
        } | more

    def write(name: str, rows: list[dict[str, object]]) -> None:
        text = json.dumps(rows) if shape == "array" else "\n".join(json.dumps(row) for row in rows)
        world.file(name, text)

    story: dict[str, object] = {
        "id": "s1",
        "url": "https://news.example/bridge",
        "metadata": {"title": "The bridge"},
        "createdAt": AT,
    }
    write("stories.json", [story])
    write("users.json", [{"id": "u1", "username": "alice", "email": "alice@reader.example"}])
    write(
        "comments.json",
        [
            one("1", "<div>One<br></div>", "NONE", tags=[{"type": "FEATURED"}]),
            one("2", "Two", "REJECTED", parentID="1", createdAt={"$date": {"$numberLong": "1635425415000"}}),
            one("3", "Three", "PREMOD"),
            one("4", "Four", "SYSTEM_WITHHELD"),
            one("5", "", "APPROVED", revisions=[], deletedAt={"$date": AT}),
            one("6", "Six", "APPROVED", storyID="gone"),
        ],
    )

    report = await world.take("coral", world.folder)

    found = await world.by_body()
    assert states(found) == {
        "One": "approved",
        "Two": "rejected",
        "Three": "pending",
        "Four": "pending",
        "": "withdrawn",
    }
    assert (found["One"].likes, found["One"].featured, found["One"].author.name) == (4, True, "alice")
    assert found["Two"].parent == found["One"].id
    assert found["Two"].submitted_at == moment(AT)
    assert list(report.skipped) == ["its story is not in stories.json"]


@pytest.mark.parametrize("format", ["artalk", "commento", "remark42", "coral"])
@pytest.mark.parametrize(
    "content",
    [
        b'{"version": 1, "comments": [{"commentHex": "1"',
        b'[{"id": "1", "content": "cut',
        b'{"version": 1}\n{"id": ',
        b"[[[[",
        b"\xff\xfe\x00",
        b"[1, 2]",
        b'"text"',
        gzip.compress(b'[{"id": "1", "content": "' + b"x" * 90_000)[:-40],
    ],
)
async def test_broken_json_changes_nothing(world: World, format: str, content: bytes) -> None:
    for name in ("stories.json", "users.json"):
        world.file(name, "[]")
    path = world.file("comments.json", content)

    try:
        report = await world.take(format, path, base=BASE)
    except (errors.ArchiveInvalid, errors.Unreadable):
        report = None

    assert await world.stored() == []
    assert report is None or report.written == 0


@pytest.mark.parametrize("format", ["artalk", "commento", "remark42", "coral", "disqus", "wordpress"])
async def test_damaged_packing_changes_nothing(world: World, format: str) -> None:
    packed = bytearray(gzip.compress(bytes(range(256)) * 400))
    packed[12:60] = b"\xff" * 48
    for name in ("stories.json", "users.json"):
        world.file(name, "[]")

    with pytest.raises((errors.Unreadable, errors.ArchiveInvalid)):
        await world.take(format, world.file("comments.json", bytes(packed)), base=BASE)

    assert await world.stored() == []


async def test_values_of_other_kinds_are_skipped_or_harmless(world: World) -> None:
    """Hostile values: numbers for text, text for numbers, lists for objects."""
    rows: list[object] = [
        {"version": 1, "posts": "none"},
        remark_comment("a", "x", user=[], votes="many", score="high", locator={"url": 7}),
        remark_comment("b", "y", user={"name": 5}, votes=[], title=["t"], time=3),
        remark_comment("c", "z\u0000\u0007", user={"name": "\u202e\u0000"}, votes={"u": "yes"}, pid="c"),
    ]
    path = world.file("backup", "\n".join(json.dumps(row) for row in rows))

    report = await world.take("remark42", path)

    comment = (await world.by_body())["z"]
    assert (report.read, report.written, report.strayed) == (3, 1, 1)
    assert comment.status is Status.APPROVED
    assert await world.verify() == 2
