"""Examples of a newsroom's own clause: read as they are written, refused with the line, found beside the guidelines."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from majlis import errors
from majlis.cli import cli
from majlis.judge import examples

BROKEN = "".join(f"- He dies in part {number}.\n" for number in range(5))
FINE = "".join(f"+ I liked part {number}.\n" for number in range(5))
RULES = "# House rules {lang=en}\n\nBe kind.\n\n## Spoilers {#spoilers}\n\nNone.\n\n## Threats {#threat}\n\nNone.\n"
OWN = Path(__file__).parents[1] / "signals" / "own" / "spoilers.txt"


def test_a_file_holds_both_sorts_notes_and_empty_lines() -> None:
    found = examples.parse(f"\ufeff# Films\r\n\r\n{BROKEN}\n{FINE}", "spoilers")
    assert (found.clause, len(found.broken), found.fine[0]) == ("spoilers", 5, "I liked part 0.")


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("He dies.", 1, "'He dies.' is no example"),
        ("-", 1, "'-' is no example"),
        (f"{BROKEN}+ He dies in part 3.", 6, "stands on line 4 already"),
        (f"- {'a' * 2001}", 1, "2001 letters"),
        (BROKEN, 0, "It has 0 comments that do not"),
        (f"- He dies.\n{FINE}", 0, "It has 1 comments that break it"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_its_line(text: str, line: int, said: str) -> None:
    with pytest.raises(errors.GuidelinesInvalid) as caught:
        examples.parse(text, "spoilers")
    assert caught.value.line == line
    assert said in caught.value.detail
    assert caught.value.hint


def check(folder: Path) -> tuple[int, str]:
    (folder / "house.md").write_text(RULES, encoding="utf-8")
    done = CliRunner().invoke(cli, ["guidelines", "check", str(folder / "house.md")])
    return done.exit_code, done.output


def test_the_check_says_how_well_a_clause_is_learned(tmp_path: Path) -> None:
    (tmp_path / "spoilers.txt").write_text(OWN.read_text(encoding="utf-8"), encoding="utf-8")
    code, said = check(tmp_path)
    assert code == 0
    assert "learned:  spoilers from 15 + 15 examples, area" in said


def test_the_check_says_that_people_decide_where_examples_prove_too_little(tmp_path: Path) -> None:
    (tmp_path / "spoilers.txt").write_text(BROKEN + FINE, encoding="utf-8")
    code, said = check(tmp_path)
    assert code == 0
    assert "note:     spoilers is not learned from 5 + 5 examples" in said


def test_the_check_refuses_examples_of_a_clause_that_the_machine_knows(tmp_path: Path) -> None:
    (tmp_path / "threat.txt").write_text(BROKEN + FINE, encoding="utf-8")
    code, said = check(tmp_path)
    assert code == 1
    assert "knows by itself" in said


def test_other_files_beside_the_guidelines_mean_nothing(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("call the printer", encoding="utf-8")
    code, said = check(tmp_path)
    assert code == 0
    assert "no signal knows the clause spoilers" in said
