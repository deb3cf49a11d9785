"""Evaluation: labelled lines are read or named, outcomes are counted rightly, and the page needs nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import pytest

from majlis import errors
from majlis.domain.decision import Finding, Verdict
from majlis.judge import policy as policies
from majlis.learn import cases, disguise, groups, labelled, outcomes, page, reporting
from majlis.learn.evaluate import ALL, Report, evaluate
from majlis.learn.labelled import Example
from majlis.learn.outcomes import POLICY, Outcome

LANES = policies.parse(POLICY.read_text(encoding="utf-8"))
PAIR = (
    "Story bridge: A bridge | It opens.\n# irony\nStory: bridge\nFair: Well done.\nUnfair (threat): Burn it, bad one."
)
NAMES = Path(__file__).parents[2] / "corpus" / "groups.toml"


def an_outcome(example: Example) -> Outcome:
    """A judge of our own making: it rejects where it reads 'bad', refers where it reads 'hm', and knows one clause."""
    at = example.text.find("bad")
    score = 0.9 if at >= 0 else 0.4 if "hm" in example.text else 0.05
    quote = (Finding(clause="threat", score=0.9, quote="bad", start=at, end=at + 3, signal="words"),) if at >= 0 else ()
    verdict = Verdict.REJECT if at >= 0 else Verdict.REFER if score > 0.1 else Verdict.APPROVE
    scores = {"threat": score, "racism": score / 2}
    return Outcome(example=example, verdict=verdict, score=score, scores=scores, findings=quote, model="made up")


def judged(some: Sequence[Example]) -> Iterator[Outcome]:
    return map(an_outcome, some)


def a_comment(text: str, *clauses: str, language: str = "en", quotes: tuple[str, ...] = ()) -> Example:
    return Example(text=text, broken=bool(clauses), clauses=clauses, language=language, quotes=quotes)


EXAMPLES = [
    a_comment("A woman said good morning"),
    a_comment("Not bad at all"),
    a_comment("hm, well"),
    a_comment("You bad man", "threat", quotes=("bad man",)),
    a_comment("Nice, and false", "racism", "threat"),
    a_comment("hm, kötü", "racism", language="tr"),
]


@pytest.fixture
def report() -> Report:
    return evaluate(EXAMPLES, cases.parse(PAIR, "en"), groups.read(NAMES), judged, LANES, rate=0.12)


def test_each_comment_is_counted_where_it_ended_up(report: Report) -> None:
    total = report.lanes[ALL]
    assert (total.fair, total.fair_approved.hits, total.fair_rejected.hits) == (3, 1, 1)
    assert (total.broken, total.broken_approved.hits, total.broken_rejected.hits) == (3, 1, 1)
    assert list(report.lanes) == [ALL, "en", "tr"]
    assert [one.text for one in report.wrong] == ["Not bad at all", "Nice, and false"]


def test_the_strongest_clause_is_right_where_it_is_one_of_those_broken(report: Report) -> None:
    assert (report.lanes[ALL].named.hits, report.lanes[ALL].named.n) == (2, 3)


def test_cited_words_are_compared_with_the_marked_ones_by_letters(report: Report) -> None:
    assert report.lanes[ALL].words == pytest.approx(2 * 3 / (3 + 7))


def test_what_the_policy_decides_is_weighted_to_the_natural_rate(report: Report) -> None:
    approved = report.decided[ALL][Verdict.APPROVE]
    assert approved.coverage == pytest.approx(0.88 / 3 + 0.12 / 3)
    assert approved.risk == pytest.approx(0.12)


def test_a_fair_comment_counts_for_the_group_that_it_names(report: Report) -> None:
    women = next(one for one in report.groups if (one.language, one.name) == ("en", "women"))
    assert (women.held.hits, women.held.n, women.approved.n) == (0, 1, 0)


def test_disguises_are_compared_with_the_verdict_on_the_plain_comment(report: Report) -> None:
    assert set(report.disguises) <= set(disguise.WAYS)
    assert 0 < report.disguises["leet"][ALL].share < 1
    assert all(row[ALL].n >= row[language].n for row in report.disguises.values() for language in row)


def test_cases_are_counted_by_kind_and_side(report: Report) -> None:
    (kind,) = report.kinds
    assert (kind.name, kind.blunt, kind.fair[Verdict.APPROVE], kind.unfair[Verdict.REJECT]) == ("irony", False, 1, 1)


def test_the_page_holds_everything_and_asks_the_network_for_nothing(report: Report) -> None:
    html = page.render(report, "1 May", "six comments")
    assert html.count("<svg ") == 6 + len(report.calibration)
    assert not re.search(r'(src|href)="(?!#)|url\((?!#)|@import', html)
    assert "prefers-color-scheme: dark" in html
    assert "Not bad at all" in html


def test_a_comment_is_shown_and_never_run(report: Report) -> None:
    some = [*EXAMPLES, a_comment("bad <script>alert(1)</script>")]
    html = page.render(evaluate(some, [], {}, judged, LANES, rate=None), "1 May", "a file")
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert "Functional cases" not in html


def test_a_set_of_fair_comments_alone_can_be_measured() -> None:
    made = evaluate([a_comment("Good morning")], [], {}, judged, LANES, rate=None)
    assert "–" in page.render(made, "1 May", "a file")


def test_the_report_is_the_same_every_time(report: Report) -> None:
    again = evaluate(EXAMPLES, cases.parse(PAIR, "en"), groups.read(NAMES), judged, LANES, rate=0.12)
    assert page.render(again, "1 May", "x") == page.render(report, "1 May", "x")


def test_lines_are_read_as_judge_takes_them_with_their_labels(tmp_path: Path) -> None:
    lines = [
        {"text": "Burn it", "language": "en", "story": {"title": "A", "body": "B"}, "clauses": ["threat"]},
        {"text": "Fine", "lang": "tr", "rejected": False},
        {"text": "Gone", "rejected": True},
    ]
    path = tmp_path / "own.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)) + "\n", encoding="utf-8")
    first, second, third = labelled.read(path)
    assert (first.broken, first.clauses, first.title, first.summary) == (True, ("threat",), "A", "B")
    assert (second.broken, second.clauses, second.language) == (False, None, "tr")
    assert third.broken


def test_of_a_folder_only_the_test_part_is_read(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [
        {"text": split, "clauses": [], "split": split} for split in ("train", "dev", "test")
    ]
    (tmp_path / "en.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    assert [one.text for one in labelled.read(tmp_path)] == ["test"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "line 1: is not JSON"),
        ('{"clauses": []}', "line 1: text is missing"),
        ('{"text": "a"}', "line 1: rejected is missing"),
        ('{"text": 1, "clauses": []}', "line 1: a value is of the wrong type"),
        ('{"text": "a", "clauses": "threat"}', "line 1: a value is of the wrong type"),
        ("[]", "line 1: a value is of the wrong type"),
        ("", "holds no labelled comment"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "own.jsonl"
    path.write_text(line, encoding="utf-8")
    with pytest.raises(errors.Unreadable) as caught:
        labelled.read(path)
    assert said in caught.value.detail


def test_groups_are_found_whatever_is_written_onto_the_word() -> None:
    names = groups.read(NAMES)
    assert groups.named(names, "ar", "والمسيحيين جيراننا") == ["christians"]
    assert groups.named(names, "en", "Manners maketh man.") == ["men"]
    assert groups.named(names, "fa", "افغان‌ها آمدند") == ["afghans"]


def test_the_command_judges_writes_the_page_and_prints_a_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [{"text": "I will kill you, you idiot.", "language": "en", "clauses": ["threat"]}]
    lines += [{"text": "The bridge opens on Monday, says the council.", "language": "en", "clauses": []}]
    file, out = tmp_path / "own.jsonl", tmp_path / "report.html"
    file.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    nothing = tmp_path / "nothing"
    reporting.report(reporting.Order(file, out, nothing, None, None, None, 1), date(2026, 5, 1))
    assert "2 comments of own.jsonl, 1 May 2026" in out.read_text(encoding="utf-8")
    assert "violations" in capsys.readouterr().out


def test_weights_that_cannot_be_read_are_an_error_and_no_measure(tmp_path: Path) -> None:
    with pytest.raises(errors.WeightsInvalid):
        list(outcomes.outcomes([a_comment("Good morning")], tmp_path, LANES, 1))
