"""The command line as an operator meets it: which database a command touches, what is printed, how it ends."""

from __future__ import annotations

import os
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import apsw
import pytest
from standardwebhooks import Webhook

from tests.receiver import SECRET

SETTINGS = """
public_url = "https://comments.news.example"
site = "spring"
language = "ar"
"""
FEED = """<rss version="2.0"><channel><item><title>{title}</title><link>https://news.example/{name}</link>
<description>Words</description></item></channel></rss>"""


def majlis(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder whose user has no data and no settings yet."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MAJLIS_")}
    environment = kept | {"XDG_DATA_HOME": str(folder / "home")}
    return subprocess.run(
        [sys.executable, "-c", "from majlis.cli import main; main()", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def newsroom_folder(tmp_path: Path) -> Path:
    """A folder with a majlis.toml, as docs/start.md has it."""
    address = f'database = "sqlite:///{tmp_path / "newsroom.db"}"'
    (tmp_path / "majlis.toml").write_text(address + SETTINGS, "utf-8")
    return tmp_path


def rows(file: Path, query: str) -> list[tuple[object, ...]]:
    return list(apsw.Connection(str(file)).execute(query))


def test_every_command_touches_the_database_of_the_majlis_toml_of_its_folder(newsroom_folder: Path) -> None:
    added = majlis(newsroom_folder, "staff", "add", "Dilan", "--role", "admin")
    assert added.stdout.startswith("https://comments.news.example/desk/login?token=")
    key = majlis(newsroom_folder, "keys", "create", "cms", "--scope", "write")
    assert key.returncode == 0
    assert len(key.stdout.splitlines()) == 1
    (newsroom_folder / "feed.xml").write_text(FEED.format(title="A bridge", name="bridge"), "utf-8")
    assert majlis(newsroom_folder, "import", "feed", "feed.xml").stdout == "read 1, written 1, skipped 0\n"
    assert majlis(newsroom_folder, "verify").stdout.startswith("spring: ")
    file = newsroom_folder / "newsroom.db"
    assert rows(file, "SELECT site, name FROM staff") == [("spring", "Dilan")]
    assert rows(file, "SELECT site, language FROM stories") == [("spring", "ar")]
    assert not (newsroom_folder / "home").exists()


def test_a_folder_that_is_named_comes_before_the_settings(newsroom_folder: Path) -> None:
    assert majlis(newsroom_folder, "keys", "create", "cms", "--scope", "read", "--data", "other").returncode == 0
    assert (newsroom_folder / "other" / "majlis.db").exists()
    assert not (newsroom_folder / "newsroom.db").exists()


def test_a_database_that_is_not_there_is_not_found_to_be_in_order(tmp_path: Path) -> None:
    answer = majlis(tmp_path, "verify", "--data", "nowhere")
    assert answer.returncode == 2
    assert "There is no database file" in answer.stderr
    assert not (tmp_path / "nowhere").exists()


def test_a_feed_without_dates_that_is_taken_in_twice_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "feed.xml").write_text(FEED.format(title="5 &gt; 4 &amp; 3", name="sum"), "utf-8")
    assert majlis(tmp_path, "import", "feed", "feed.xml", "--data", "d").stdout == "read 1, written 1, skipped 0\n"
    assert majlis(tmp_path, "import", "feed", "feed.xml", "--data", "d").stdout == "read 1, written 0, skipped 0\n"
    assert rows(tmp_path / "d" / "majlis.db", "SELECT title FROM stories") == [("5 > 4 & 3",)]


class Taking(BaseHTTPRequestHandler):
    """A system of the newsroom's own that checks the signature."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        told = Webhook(SECRET).verify(body, dict(self.headers))
        self.send_response(204 if told["type"] == "majlis.test" else 400)
        self.end_headers()


def test_a_test_message_says_which_of_your_systems_takes_it(tmp_path: Path) -> None:
    with HTTPServer(("127.0.0.1", 0), Taking) as server:
        Thread(target=server.handle_request, daemon=True).start()
        up, down = f"http://127.0.0.1:{server.server_port}/hook", "http://192.0.2.1/hook"
        hooks = f'webhooks = ["{up} {SECRET}", "{down} {SECRET}"]\nwebhook_networks = ["127.0.0.1"]\n'
        (tmp_path / "majlis.toml").write_text(hooks, "utf-8")
        answer = majlis(tmp_path, "hooks", "test")
    assert answer.stdout.splitlines() == [f"{up}: ok", f"{down}: address-refused"]
    assert answer.returncode == 1
