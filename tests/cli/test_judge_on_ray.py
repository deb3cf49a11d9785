"""`majlis judge --ray` gives what `majlis judge` gives, on a real Ray cluster of this machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as arrow
import pyarrow.parquet as parquet
import pytest

from majlis import errors
from majlis.interchange.judging import rules_of
from majlis.interchange.judging_ray import LINE, TableJudge, judge_on_ray, split
from tests.cli.test_cli import run

LINES: list[dict[str, Any]] = [
    {"id": "1", "text": "When does the bridge open again?"},
    {"id": "2", "text": "You are an idiot,\u2028and so is your mother.", "language": "en"},
    {"id": "3"},
    {"id": "4", "text": "پل کەی دەکرێتەوە؟", "story": {"title": "پردەکە"}},
]


PATIENT = {"RAY_raylet_start_wait_time_s": "240"}
"""Starting Ray's own processes takes a busy machine longer than Ray waits by itself."""

pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "archive.jsonl"
    made.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in LINES), "utf-8")
    return made


def rows(folder: Path) -> list[dict[str, object]]:
    """Return the rows of a folder of Parquet files, in order."""
    return [row for part in sorted(folder.glob("*.parquet")) for row in parquet.read_table(part).to_pylist()]


def test_ray_judges_as_one_process_does(file: Path, tmp_path: Path) -> None:
    pytest.importorskip("ray", reason="340 MB that only this test would need; install majlis[ray] to run it")
    done = run("judge", str(file), "--ray", str(tmp_path / "judged"), "--jobs", "2", **PATIENT)
    alone = [json.loads(line) for line in run("judge", str(file)).stdout.splitlines()]

    assert done.returncode == 1, done.stderr.decode()
    found = rows(tmp_path / "judged")
    assert [row["id"] for row in found] == ["1", "2", "3", "4"]
    assert [row["verdict"] for row in found] == [line.get("verdict") for line in alone]
    assert [row["score"] for row in found] == [line.get("score") for line in alone]
    assert [row["error"] for row in found] == [line.get("error") for line in alone]


def test_lines_are_cut_as_they_are_without_ray(file: Path) -> None:
    content = file.read_bytes() + b"\n\n\xff\n\n"
    table = arrow.table({"bytes": [content]})

    cut = [line for part in split(table) for line in part[LINE]]

    assert cut == [*file.read_bytes().split(b"\n"), b"", b"\xff"]


def test_a_table_of_rows_is_judged_as_lines_are(file: Path) -> None:
    judge = TableJudge(rules_of())
    lines = arrow.table({LINE: file.read_bytes().split(b"\n")})
    rows = arrow.table({"id": ["1", "2"], "text": [LINES[0]["text"], LINES[1]["text"]], "language": [None, "en"]})

    of_lines, of_rows = judge(lines).to_pylist(), judge(rows).to_pylist()

    assert of_lines[:2] == of_rows
    assert of_lines[2]["error"] is not None


def test_csv_and_missing_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(errors.Unreadable, match="CSV"):
        judge_on_ray("archive.csv", str(tmp_path), rules_of(), 1)
    with pytest.raises(errors.Unreadable, match="cannot be read"):
        judge_on_ray(str(tmp_path / "none.parquet"), str(tmp_path), rules_of(), 1)
