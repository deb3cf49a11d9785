"""What training reads: each row as often as the plan says, pairs together, and the same again when it goes on."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from itertools import islice

from hypothesis import given, settings
from hypothesis import strategies as st

from majlis.domain.decision import ANY
from majlis.learn.batches import Drawn, Plan
from majlis.learn.join import LETTERS, joined
from majlis.learn.rows import Row

PLAN = Plan(rounds=((2, 1, 5), (1, 0, 5)), batch=8, join=0.0)


def rows(name: str, count: int, *, pairs: int = 0) -> list[Row]:
    """Rows of different lengths, every other one a violation, the first of them in pairs."""
    return [
        Row(
            text=f"{name}{number} " + "word " * (number % 7),
            labels={ANY: float(number % 2)},
            source=name,
            language="en",
            batch=name,
            clauses=("threat",) if number % 2 else (),
            pair=f"p{number // 2}" if number < 2 * pairs else "",
        )
        for number in range(count)
    ]


@settings(max_examples=30)
@given(st.integers(0, 40), st.integers(0, 15), st.integers(0, 12), st.integers(0, 99))
def test_every_row_is_read_as_often_as_the_plan_says(corpus: int, judged: int, public: int, seed: int) -> None:
    drawn = Drawn(rows("own", corpus), rows("judged", judged), rows("public", public))
    batches = list(drawn.batches(PLAN, seed))
    read = Counter(row.text for batch in batches for row in batch)

    assert {read[row.text] for row in drawn.corpus} <= {3}
    assert {read[row.text] for row in drawn.judged} <= {1}
    assert max((read[row.text] for row in drawn.public), default=0) <= 2
    assert read.total() == drawn.comments(PLAN)
    assert all(len(batch) <= PLAN.batch for batch in batches)


def test_both_comments_of_a_pair_are_read_in_one_step() -> None:
    drawn = Drawn(rows("own", 60, pairs=20), [], [])
    for batch in drawn.batches(PLAN, seed=1):
        assert all(count % 2 == 0 for count in Counter(row.pair for row in batch if row.pair).values())


def test_a_training_that_goes_on_finds_the_batches_that_it_would_have_read() -> None:
    drawn = Drawn(rows("own", 60, pairs=20), rows("judged", 30), rows("public", 30))
    plan = replace(PLAN, join=0.5)
    first, again = (list(drawn.batches(plan, seed=7)) for _ in range(2))

    assert first == again
    assert list(islice(drawn.batches(plan, seed=7), 5, None)) == first[5:]
    assert first != list(drawn.batches(plan, seed=8))


def test_what_is_put_around_a_comment_is_fair_and_leaves_its_label() -> None:
    drawn = Drawn(rows("own", 60), [], [])
    longer = [row for batch in drawn.batches(replace(PLAN, join=1.0), seed=3) for row in batch]

    assert all(row.text.count("own") > 1 for row in longer)
    assert Counter(row.labels[ANY] for row in longer) == {0.0: 90, 1.0: 90}


@given(st.integers(0, 9_999), st.integers(1, 900))
def test_a_comment_among_many_stays_what_it_is_and_where_its_marks_say(seed: int, size: int) -> None:
    row = Row(
        text="x" * size + " fool",
        labels={},
        source="",
        language="en",
        batch="",
        marks={ANY: [(size + 1, size + 5, 1.0)]},
    )
    longer = joined(row, {"en": ["fair " * 20, "kind " * 40]}, random.Random(seed))

    assert row.text in longer.text
    assert len(longer.text) <= max(LETTERS + 10, size + 5 + 2 * 204)
    assert [longer.text[first:last] for first, last, _ in longer.marks[ANY]] == ["fool"]
