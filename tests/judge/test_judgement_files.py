"""Files of `majlis judge`: what is read, what is refused in a sentence, what is written."""

from __future__ import annotations

import builtins
import csv
import io
import json
from typing import Any

import pyarrow as arrow
import pyarrow.parquet as parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from majlis.domain.decision import Submission
from majlis.errors import ExtraMissing, Unreadable
from majlis.interchange.judgement_line import MAX_LINE
from majlis.interchange.judgements import (
    BadLine,
    Judged,
    Kind,
    Line,
    decode,
    encode,
    kind_of,
    lines,
    read,
    render,
    write_parquet,
)
from tests.judge.judge_world import TEXT, decide, finding, observation, seen


def read_all(content: bytes, kind: Kind = Kind.JSONL) -> list[Line | BadLine]:
    return list(read(io.BytesIO(content), kind))


def bad(line: bytes) -> BadLine:
    outcome = decode(line)
    assert isinstance(outcome, BadLine)
    return outcome


def judged(id: str | None = "7") -> Judged:
    return render(id, decide(seen(observation({"promotion": 0.1234567}, finding("threat", 0.95, 5, 20)))))


def test_a_line_gives_all_that_the_judge_may_know() -> None:
    line = {
        "id": "7",
        "text": "بەڵێ",
        "language": None,
        "story": {"title": "T", "body": "B"},
        "parent": "P",
        "author": {"name": "Alice"},
    }
    assert decode(json.dumps(line).encode()) == Line(
        id="7", submission=Submission(text="بەڵێ", title="T", summary="B", parent="P", author="Alice")
    )


def test_only_the_text_is_required() -> None:
    assert decode(b'{"text": "hi"}') == Line(id=None, submission=Submission(text="hi"))


def test_the_text_is_kept_as_it_is() -> None:
    assert decode(b'{"text": "  a\\r\\n\\tb  "}') == Line(id=None, submission=Submission(text="  a\r\n\tb  "))


def test_a_number_as_id_is_given_back_as_text() -> None:
    assert decode(b'{"id": 12, "text": "hi"}').id == "12"


def test_fields_of_other_peoples_data_sets_are_passed_over_unless_a_request_has_to_be_exact() -> None:
    line = b'{"id": "7", "text": "hi", "label": NaN, "story": {"url": "x"}}'
    assert isinstance(decode(line), Line)
    assert decode(line, exact=True) == BadLine(
        id="7", error="The field 'label' is not known. Known are id, text, language, story, parent, author."
    )


@pytest.mark.parametrize(
    ("line", "id", "words"),
    [
        (b'{"id": "7"}', "7", "`text` is missing"),
        (b'{"id": "7", "text": null}', "7", "`text` is missing"),
        (b'{"id": "7", "text": " \\n"}', "7", "`text` is empty"),
        (b'{"id": "7", "text": 3}', "7", "`text` has to be text, not a number"),
        (b'{"id": "7", "text": "a\\u0000"}', "7", "null byte"),
        (b'{"id": "7", "text": "\\ud800"}', "7", "surrogate"),
        (b'{"id": "7", "text": "\xff"}', "7", "Byte 22 of the line is not UTF-8"),
        (b'{"id": "7", "text": "\xed\xa0\x80"}', "7", "not UTF-8"),
        (b'{"id": "7", "text": "cut', "7", "not JSON"),
        (b'{"id": "7", "text": "hi", "story": "T"}', "7", "`story` has to be an object, not something else"),
        (b'{"id": "7", "text": "hi", "author": {"name": ["x"]}}', "7", "`author.name` has to be text, not a list"),
        (b'{"id": "7", "text": "hi", "language": "Old English"}', "7", "`language` is not a language tag"),
        (b'{"id": true, "text": "hi"}', None, "`id` has to be text, not true or false"),
        (b'{"id": "\\ud800", "text": "hi"}', None, "`id` holds half of a surrogate pair"),
        (b'["hi"]', None, "not an object"),
        (b"hi", None, "not JSON"),
        (b"[" * 100_000, None, "nested too deeply"),
        (b'{"id": "7", "text": ' + b"9" * 5000 + b"}", "7", "number too large"),
        (b'{"id": "7", "text": "' + b"a" * MAX_LINE + b'"}', "7", "more than 1048576 bytes"),
    ],
)
def test_a_bad_line_says_why_and_keeps_its_id(line: bytes, id: str | None, words: str) -> None:
    assert bad(line).id == id
    assert words in bad(line).error


@given(st.binary(max_size=200))
def test_any_line_is_read_or_refused_in_a_line_that_can_be_written(line: bytes) -> None:
    outcome = decode(line)
    if isinstance(outcome, BadLine):
        assert json.loads(encode(outcome)) == {"id": outcome.id, "error": outcome.error}


@given(st.lists(st.sampled_from([b'{"text": "hi"}', b"", b"nonsense", b" ", b"\xff", b"{}"]), max_size=8))
def test_each_line_gives_one_outcome_in_order(parts: list[bytes]) -> None:
    content = b"".join(part + b"\n" for part in [*parts, b'{"id": "last", "text": "hi"}'])
    outcomes = read_all(content + b"\n\n")
    assert len(outcomes) == len(parts) + 1
    assert outcomes[-1].id == "last"
    for part, outcome in zip(parts, outcomes, strict=False):
        assert isinstance(outcome, Line) == (part == b'{"text": "hi"}')


def test_a_line_beyond_the_bound_does_not_harm_the_next() -> None:
    long = b'{"id": "1", "text": "' + b"a" * 3 * MAX_LINE + b'"}\n'
    first, second = read_all(long + b'{"id": "2", "text": "hi"}')
    assert first == BadLine(id="1", error="The line has more than 1048576 bytes.")
    assert second == Line(id="2", submission=Submission(text="hi"))


def test_a_byte_order_mark_and_windows_line_ends_are_no_part_of_a_line() -> None:
    content = b'\xef\xbb\xbf{"text": "a"}\r\n{"text": "b"}\r\n'
    assert [type(outcome) for outcome in read_all(content)] == [Line, Line]


def test_a_line_of_output_has_the_contracts_fields_in_order() -> None:
    assert encode(judged()).decode() == (
        '{"id":"7","verdict":"reject","language":"en",'
        '"scores":{"threat":0.95,"promotion":0.123457,"off-topic":0.0},"score":0.95,'
        '"findings":[{"clause":"threat","score":0.95,"quote":"I will find you","start":5,"end":20,"signal":"words"}],'
        f'"unchecked":[],"guidelines":"{judged().guidelines}","model":"words@1"}}\n'
    )


def test_output_is_one_line_each() -> None:
    written = b"".join(lines([judged(), BadLine(id=None, error="The line is empty.")]))
    assert written.count(b"\n") == 2
    assert json.loads(written.splitlines()[1]) == {"id": None, "error": "The line is empty."}


@pytest.mark.parametrize(
    ("name", "kind"),
    [("-", Kind.JSONL), ("a.jsonl", Kind.JSONL), ("A.CSV", Kind.CSV), ("b.parquet", Kind.PARQUET)],
)
def test_the_ending_says_the_format(name: str, kind: Kind) -> None:
    assert kind_of(name) is kind


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_csv_columns_may_have_any_order_case_and_divider(mark: str) -> None:
    header = mark.join(["Story_Title", "ID", " Text ", "label", "author"])
    row = mark.join(["T", "7", '"one\ntwo ""x"""', "1", "Bob"])
    assert read_all(f"\ufeff{header}\r\n{row}\r\n\r\n".encode(), Kind.CSV) == [
        Line(id="7", submission=Submission(text='one\ntwo "x"', title="T", author="Bob"))
    ]


def test_a_bad_csv_row_does_not_harm_the_next() -> None:
    rows = [
        b"id,text",
        b"1,one, two",
        b"2,caf\xff",
        b"3,",
        b'4,"open "quote',
        b"5," + b"a" * 2 * MAX_LINE,
        b"6,a\x00b",
        b"7,fine",
        b'8,"never closed',
    ]
    outcomes = read_all(b"\n".join(rows), Kind.CSV)
    assert [(outcome.id, getattr(outcome, "error", None)) for outcome in outcomes] == [
        ("1", "The row has 3 cells, the header has 2."),
        ("2", "The row is not UTF-8."),
        ("3", "`text` is missing."),
        (None, "The row is not CSV: ',' expected after '\"'."),
        (None, "The row has more than 1048576 bytes."),
        ("6", "`text` holds a null byte, which is not text."),
        ("7", None),
        (None, "The row is not CSV: unexpected end of data."),
    ]


def test_a_csv_row_that_grows_over_many_lines_is_one_bad_row() -> None:
    assert read_all(b'id,text\n1,"' + b'a ""line""\n' * 250_000 + b'"\n2,fine\n', Kind.CSV) == [
        BadLine(id=None, error="The row has more than 1048576 bytes."),
        Line(id="2", submission=Submission(text="fine")),
    ]


@pytest.mark.parametrize("content", [b"", b"\n", b"id,label\n1,2\n"])
def test_a_csv_file_needs_a_header_with_a_text(content: bytes) -> None:
    with pytest.raises(Unreadable):
        read_all(content, Kind.CSV)


def test_csv_output_can_be_read_again_and_runs_no_formula() -> None:
    outcomes: list[Judged | BadLine] = [judged("=1+1"), judged("-5"), BadLine(id="@x", error="`text` is missing.")]
    written = b"".join(lines(outcomes, Kind.CSV)).decode("utf-8-sig")
    first, second, third = csv.DictReader(io.StringIO(written, newline=""))
    assert first["id"] == "'=1+1"
    assert second["id"] == "-5"
    assert third["id"] == "'@x"
    assert third["error"] == "`text` is missing."
    assert first["verdict"] == "reject"
    assert json.loads(first["findings"])[0]["quote"] == TEXT[5:20]
    assert json.loads(first["scores"])["promotion"] == 0.123457


def test_parquet_rows_are_read_from_flat_and_nested_columns() -> None:
    table = arrow.table(
        {
            "id": [1, 2, 3],
            "Text": ["hi", None, "a\0"],
            "story": [{"title": "T", "body": "B"}, None, None],
            "author_name": ["Bob", None, None],
            "label": [0.5, 0.5, 0.5],
        }
    )
    stream = io.BytesIO()
    parquet.write_table(table, stream)
    assert read_all(stream.getvalue(), Kind.PARQUET) == [
        Line(id="1", submission=Submission(text="hi", title="T", summary="B", author="Bob")),
        BadLine(id="2", error="`text` is missing."),
        BadLine(id="3", error="`text` holds a null byte, which is not text."),
    ]


def test_parquet_output_can_be_read_again() -> None:
    stream = io.BytesIO()
    write_parquet([BadLine(id="1", error="`text` is missing."), judged("2")], stream)
    first, second = parquet.read_table(io.BytesIO(stream.getvalue())).to_pylist()
    assert (first["id"], first["error"], first["verdict"]) == ("1", "`text` is missing.", None)
    assert second["scores"] == {"threat": 0.95, "promotion": 0.123457, "off-topic": 0.0}
    assert second["findings"][0]["quote"] == TEXT[5:20]


def test_parquet_output_without_any_judgement_is_a_file_too() -> None:
    stream = io.BytesIO()
    write_parquet([BadLine(id="1", error="`text` is missing.")], stream)
    (row,) = parquet.read_table(io.BytesIO(stream.getvalue())).to_pylist()
    assert row["error"] == "`text` is missing."


def test_what_is_no_parquet_is_refused() -> None:
    with pytest.raises(Unreadable, match="Parquet"):
        read_all(b"id,text\n1,hi\n", Kind.PARQUET)


def test_parquet_without_its_part_of_the_installation_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    original = builtins.__import__

    def without_pyarrow(name: str, *rest: Any, **named: Any) -> Any:
        if name.startswith("pyarrow"):
            raise ImportError(name)
        return original(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", without_pyarrow)
    with pytest.raises(ExtraMissing, match=r"majlis\[parquet\]"):
        read_all(b"", Kind.PARQUET)
