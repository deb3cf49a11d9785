"""What we ask of ourselves, beside what a run measured. It measures nothing."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence

from bench.results import Results, Round
from bench.target import (
    JUDGING,
    LARGE,
    PLAIN,
    POSTERS,
    READ_200,
    REMARK42,
    REMARK42_CACHED,
    UNCHANGED,
    posted,
)

Bar = tuple[str, str, bool]
"""What is asked, what was seen, and whether that is enough."""

_MOST = posted(POSTERS[-1])
Cases = Mapping[str, Mapping[str, Sequence[Round]]]


def bars(results: Results) -> Iterator[Bar]:
    """Yield the bars that a run has figures for."""
    cases = results.cases
    for name, least in ((REMARK42_CACHED, 3.0), (REMARK42, 40.0)):
        yield from _times(cases, READ_200, (PLAIN, name), least)
    if rounds := cases.get(READ_200, {}).get(PLAIN):
        late = statistics.median(one.load.p99 for one in rounds)
        yield f"{READ_200}: p99 of at most 10 ms", f"{late:.1f} ms", late <= 10
    if rounds := cases.get(UNCHANGED, {}).get(PLAIN):
        rate = _rate(rounds)
        yield f"{UNCHANGED}: at least 40,000 a second", f"{rate:,.0f}", rate >= 40_000
    yield from _times(cases, _MOST, (PLAIN, REMARK42), 5.0)
    yield from _times(cases, _MOST, (JUDGING, REMARK42), 1.0)
    if PLAIN in results.rss:
        most = max(results.rss[PLAIN])
        yield "memory of a process that does not judge: at most 110 MiB", f"{most:.0f} MiB", most <= 110
    for readers, told in results.live.items():
        if readers >= 5_000:
            late = statistics.median(one.milliseconds for one in told)
            yield f"the last of {readers:,} live readers is told within 150 ms", f"{late:.0f} ms", late <= 150
    for total, times in results.growth.items():
        if total >= LARGE:
            small = next(iter(results.growth.values()))
            ratio = statistics.median(times) / statistics.median(small)
            yield f"a page with {total:,} comments: at most 1.5 times its time", f"{ratio:.2f} times", ratio <= 1.5


def _times(cases: Cases, case: str, names: tuple[str, str], least: float) -> Iterator[Bar]:
    """Yield that the first system does a case at least so many times as often as the second."""
    measured = [cases.get(case, {}).get(name) for name in names]
    if measured[0] and measured[1]:
        ratio = _rate(measured[0]) / max(1.0, _rate(measured[1]))
        yield f"{case}: {names[0]} at least {least:g} times {names[1]}", f"{ratio:.1f} times", ratio >= least


def _rate(rounds: Sequence[Round]) -> float:
    return statistics.median(one.load.rate for one in rounds)
