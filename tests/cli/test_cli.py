"""The command line as the contract has it: what is printed, in which order, with which exit code."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import apsw
import pytest

import majlis

MAJLIS = str(Path(sys.executable).with_name("majlis"))
GUIDELINES = Path(majlis.__file__).parent / "guidelines"


def run(*arguments: str, given: str | bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run the installed command."""
    content = given.encode() if isinstance(given, str) else given
    clean = {key: value for key, value in os.environ.items() if not key.startswith("MAJLIS_")}
    return subprocess.run(
        [MAJLIS, *arguments], input=content, capture_output=True, env=clean | environment, check=False
    )


def test_judge_answers_each_line_in_order() -> None:
    lines: list[dict[str, Any]] = [
        {"id": "7", "text": "You idiot, I will kill you."},
        {"id": 8, "text": "سوپاس بۆ ئەم هەواڵە"},
        {"text": "Danke, ein schöner Bericht über die Brücke und den Fluss."},
    ]

    done = run("judge", given="\n".join(json.dumps(line) for line in lines))

    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert [answer["id"] for answer in answers] == ["7", "8", None]
    assert answers[0]["verdict"] == "reject"
    assert [answer["language"] for answer in answers[:2]] == ["en", "ckb"]
    assert answers[2]["verdict"] == "refer"
    for answer, line in zip(answers, lines, strict=True):
        assert set(answer["scores"]) >= {"profanity", "threat", "off-topic"}
        assert answer["score"] >= max(score for score in answer["scores"].values() if score is not None)
        for finding in answer["findings"]:
            assert line["text"][finding["start"] : finding["end"]] == finding["quote"]


def test_a_bad_line_is_answered_and_the_run_goes_on() -> None:
    done = run("judge", given=b'{"id": "1", "text": "fine"}\nnonsense\n{"id": "3"}\n{"id": "4", "text": "fine"}\n')

    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    assert [("error" in answer, answer["id"]) for answer in answers] == [
        (False, "1"),
        (True, None),
        (True, "3"),
        (False, "4"),
    ]


def test_several_processes_give_the_same_answers(tmp_path: Path) -> None:
    file = tmp_path / "many.jsonl"
    file.write_text(
        "".join(json.dumps({"id": str(n), "text": f"Comment {n} on the bridge"}) + "\n" for n in range(200))
    )

    assert run("judge", str(file)).stdout == run("judge", str(file), "--jobs", "2").stdout


def test_own_guidelines_decide_which_clauses_there_are(tmp_path: Path) -> None:
    file = tmp_path / "own.md"
    file.write_text(
        "# Our rules {lang=en}\n\nBe kind.\n\n## No threats {#threat}\n\nNone.\n\n"
        "## No spoilers {#no-spoilers}\n\nNone.\n"
    )

    checked = run("guidelines", "check", str(file))
    judged = json.loads(run("judge", "--guidelines", str(file), given='{"text": "A lovely film."}').stdout)

    assert checked.returncode == 0
    assert b"no signal knows the clause no-spoilers" in checked.stdout
    assert set(judged["scores"]) == {"threat", "no-spoilers"}
    assert judged["scores"]["no-spoilers"] is None
    assert judged["verdict"] == "refer"
    assert "clause:no-spoilers" in judged["unchecked"]


def test_own_lanes_decide_what_the_machine_may_do(tmp_path: Path) -> None:
    lanes = tmp_path / "lanes.toml"
    lanes.write_text(
        'visible = 0.3\ncertain = 0.5\noverall = { "*" = 0 }\nlanes = { "*" = { "*" = { approve = 0, reject = 1 } } }\n'
    )
    given = '{"text": "You idiot, I will kill you."}\n{"text": "Thank you for this report."}'

    judged = run("judge", "--policy", str(lanes), given=given)
    missing = run("judge", "--policy", str(tmp_path / "none.toml"), given=given)

    assert [json.loads(line)["verdict"] for line in judged.stdout.splitlines()] == ["refer", "refer"]
    assert missing.returncode == 2
    assert missing.stderr.startswith(b"majlis: The policy")


def test_guidelines_that_cannot_be_used_name_the_line(tmp_path: Path) -> None:
    file = tmp_path / "broken.md"
    file.write_text("# Our rules {lang=en}\n\nBe kind.\n\n## No id here\n\nNone.\n")

    done = run("guidelines", "check", str(file))

    assert done.returncode == 1
    assert b"5" in done.stderr
    assert done.stdout == b""


@pytest.mark.parametrize("language", ["en", "ar", "ckb", "kmr", "tr", "fa"])
def test_the_default_guidelines_are_fine(language: str) -> None:
    done = run("guidelines", "check", str(GUIDELINES / f"{language}.md"))

    assert done.returncode == 0
    assert f"language: {language}".encode() in done.stdout
    assert b"note:" not in done.stdout


def test_a_key_is_the_only_thing_printed(tmp_path: Path) -> None:
    done = run("keys", "create", "cms", "--scope", "write", "--data", str(tmp_path))

    key = done.stdout.decode()
    assert re.fullmatch("[0-9a-f]{48}\n", key)
    stored = apsw.Connection(str(tmp_path / "majlis.db")).execute("SELECT name, scope, hash FROM keys").fetchall()
    assert [(name, scope) for name, scope, _ in stored] == [("cms", "write")]
    assert key.strip() not in str(stored)


def test_keys_are_listed_and_revoked(tmp_path: Path) -> None:
    run("keys", "create", "cms", "--scope", "judge", "--rate", "60/minute", "--data", str(tmp_path))

    listed = run("keys", "list", "--data", str(tmp_path)).stdout.decode()
    id = listed.split()[0]
    assert listed.split()[1:3] + listed.split()[4:] == ["judge", "60/minute", "cms"]
    assert run("keys", "revoke", id, "--data", str(tmp_path)).returncode == 0
    assert run("keys", "list", "--data", str(tmp_path)).stdout == b""
    assert run("keys", "revoke", id, "--data", str(tmp_path)).returncode == 2


def test_commands_find_the_database_in_the_settings_that_they_are_given(tmp_path: Path) -> None:
    settings = tmp_path / "ours.toml"
    settings.write_text(f'database = "sqlite:///{tmp_path / "ours" / "majlis.db"}"\nsite = "ours"\n', "utf-8")
    given = ("--config", str(settings))

    assert run("keys", "create", "cms", "--scope", "write", *given).returncode == 0
    assert run("staff", "add", "alice", "--role", "editor", *given).returncode == 0

    assert b"cms" in run("keys", "list", *given).stdout
    assert run("verify", *given).returncode == 0
    assert run("export", "jsonl", str(tmp_path / "all.jsonl"), *given).returncode == 0
    assert run("verify", "--archive", str(tmp_path / "all.jsonl")).returncode == 0


def test_staff_get_a_login_once_and_a_name_once(tmp_path: Path) -> None:
    first = run("staff", "add", "alice", "--role", "editor", "--data", str(tmp_path))
    second = run("staff", "add", "alice", "--role", "admin", "--data", str(tmp_path))

    assert b"/desk/login?token=" in first.stdout
    assert second.returncode == 2
    assert b"alice" in second.stderr


def test_staff_are_listed_get_another_role_and_are_removed(tmp_path: Path) -> None:
    here = ("--data", str(tmp_path))
    for name, role in (("alice", "admin"), ("bob", "moderator")):
        run("staff", "add", name, "--role", role, *here)

    assert run("staff", "role", "bob", "--role", "editor", *here).returncode == 0
    listed = [line.split() for line in run("staff", "list", *here).stdout.decode().splitlines()]
    assert [(role, name) for _, role, _, name in listed] == [("admin", "alice"), ("editor", "bob")]
    assert run("staff", "remove", "bob", *here).returncode == 0
    assert run("staff", "list", *here).stdout.split()[-1:] == [b"alice"]
    again = run("staff", "remove", "bob", *here)
    assert (again.returncode, b"nobody called 'bob'" in again.stderr, b"staff list" in again.stderr) == (2, True, True)
    back = run("staff", "add", "bob", "--role", "moderator", *here)
    assert (b"/desk/login?token=" in back.stdout, b"'bob' was at the desk before" in back.stderr) == (True, True)
    assert b"main: 3 entries checked" in run("verify", *here).stdout


def test_the_last_admin_stays_and_the_command_says_what_to_do(tmp_path: Path) -> None:
    here = ("--data", str(tmp_path))
    run("staff", "add", "alice", "--role", "admin", *here)

    for refused in (run("staff", "remove", "alice", *here), run("staff", "role", "alice", "--role", "editor", *here)):
        assert refused.returncode == 2
        assert b"'alice' is the only admin of the desk 'main'" in refused.stderr
        assert b"Make somebody else an admin first." in refused.stderr


def test_verify_says_what_it_checked_and_finds_tampering(tmp_path: Path) -> None:
    feed = b"<feed xmlns='http://www.w3.org/2005/Atom'><title>x</title></feed>"
    run("import", "feed", "-", "--data", str(tmp_path), given=feed)

    done = run("verify", "--data", str(tmp_path))
    apsw.Connection(str(tmp_path / "majlis.db")).execute("UPDATE sites SET log_seq = 3")
    broken = run("verify", "--data", str(tmp_path))

    assert (done.returncode, done.stdout) == (0, b"main: 0 entries checked, nothing changed\n")
    assert broken.returncode == 1
    assert b"broken at entry 1" in broken.stdout


def test_verify_prints_the_hash_of_the_last_entry_and_of_one_that_was_noted(tmp_path: Path) -> None:
    comment = {"id": "1", "page_key": "https://news.example/1", "nick": "bob", "content": "When?"}
    archive = tmp_path / "artrans.json"
    archive.write_text(json.dumps([comment | {"created_at": "2026-05-01T10:00:00Z"}]), "utf-8")
    run("import", "artalk", str(archive), "--data", str(tmp_path))
    log = apsw.Connection(str(tmp_path / "majlis.db")).execute("SELECT hash FROM log ORDER BY seq")
    first, last = (row[0] for row in log)

    done = run("verify", "--entry", "1", "--data", str(tmp_path))
    beyond = run("verify", "--entry", "3", "--data", str(tmp_path))

    assert done.stdout.decode().splitlines() == [
        f"main: 2 entries checked, nothing changed; the last has the hash {last}",
        f"main: entry 1 has the hash {first}",
    ]
    assert done.returncode == 0
    assert beyond.stdout.splitlines()[1:] == [b"main: there is no entry 3"]
    assert beyond.returncode == 1


FEED = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="ckb">
  <title>Example</title>
  <entry>
    <title>پردەکە دەکرێتەوە</title><link href="https://news.example/1"/>
    <updated>2026-05-01T10:00:00Z</updated><summary>کورتە</summary>
    <content type="html">&lt;p onclick="x()"&gt;دەق&lt;script&gt;alert(1)&lt;/script&gt;&lt;/p&gt;</content>
  </entry>
  <entry><title>No address</title><updated>2026-05-01T10:00:00Z</updated></entry>
</feed>
"""


def test_a_feed_becomes_stories_once(tmp_path: Path) -> None:
    file = tmp_path / "feed.xml"
    file.write_text(FEED, "utf-8")

    first = run("import", "feed", str(file), "--data", str(tmp_path))
    second = run("import", "feed", str(file), "--data", str(tmp_path))

    assert first.stdout.splitlines()[0] == b"read 2, written 1, skipped 1"
    assert second.stdout.splitlines()[0] == b"read 2, written 0, skipped 1"
    rows = apsw.Connection(str(tmp_path / "majlis.db")).execute("SELECT language, title, body FROM stories").fetchall()
    assert rows == [("ckb", "پردەکە دەکرێتەوە", "<p>دەق</p>")]


@pytest.mark.parametrize(
    "feed",
    [b"", b"not xml", b"<html><body>no</body></html>", b'<!DOCTYPE x [<!ENTITY a "b">]><rss><channel/></rss>'],
    ids=["empty", "text", "html", "entities"],
)
def test_what_is_no_feed_is_refused(tmp_path: Path, feed: bytes) -> None:
    done = run("import", "feed", "-", "--data", str(tmp_path), given=feed)

    assert done.returncode == 2
    assert done.stderr.startswith(b"majlis: ")


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, b"database"),
        ({"MAJLIS_SURPRISE": "1"}, b"surprise"),
        ({"MAJLIS_PORT": "many"}, b"port"),
        ({"MAJLIS_LANGUAGE": "xx"}, b"language"),
        (
            {"MAJLIS_DATABASE": "sqlite:///x.db", "MAJLIS_PUBLIC_URL": "https://x.example", "MAJLIS_SECRET": "secret"},
            b"secret",
        ),
    ],
    ids=["nothing", "unknown", "number", "language", "short secret"],
)
def test_settings_that_cannot_be_are_named(tmp_path: Path, environment: dict[str, str], said: bytes) -> None:
    done = run("serve", **environment)

    assert done.returncode == 2
    assert said in done.stderr
    assert b"Traceback" not in done.stderr


def test_help_names_every_command() -> None:
    done = run("--help")

    for command in (b"demo", b"serve", b"judge", b"guidelines", b"verify", b"import", b"staff", b"keys", b"train"):
        assert command in done.stdout
