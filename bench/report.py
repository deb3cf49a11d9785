"""Writes what was measured as a page of Markdown. It measures nothing."""

from __future__ import annotations

import os
import platform
import statistics
import time
from dataclasses import dataclass, field
from pathlib import Path

from bench.live import Told
from bench.load import GENERATOR, Load
from bench.target import CASES


@dataclass(frozen=True)
class Round:
    """One case of one target in one round. `cpu` is µs of the server's process tree for each request."""

    load: Load
    cpu: float
    foreign: float
    """The share of the machine that neither the server nor the load took."""


@dataclass
class Results:
    """Everything of one run. `pace` is how long this machine takes to add up a million numbers in Python, in ms."""

    command: str
    seconds: float
    rounds: int
    pace: list[float] = field(default_factory=list)
    cases: dict[str, dict[str, list[Round]]] = field(default_factory=dict)
    rss: dict[str, tuple[float, float]] = field(default_factory=dict)
    live: dict[int, list[Told]] = field(default_factory=dict)
    growth: dict[int, list[float]] = field(default_factory=dict)


def pace() -> float:
    """Return how long this machine takes for a million additions, in ms of processor time: what else runs slows it."""
    begun = time.process_time()
    sum(range(1_000_000))
    for number in range(1_000_000):
        number += 1
    return 1000 * (time.process_time() - begun)


def _model() -> str:
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines() if Path("/proc/cpuinfo").exists() else []
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


def _spread(values: list[float]) -> str:
    return f"{statistics.median(values):,.0f} ({min(values):,.0f} to {max(values):,.0f})"


def _head(results: Results) -> str:
    return (
        f"`{results.command}`, {time.strftime('%Y-%m-%d')}. {os.cpu_count()} cores ({_model()}), Python "
        f"{platform.python_version()}, load by {GENERATOR} on the same cores.\n\n"
        f"Medians of {results.rounds} rounds of {results.seconds:g} s, systems and cases taking turns; in brackets "
        "the lowest and the highest round. CPU is µs of the server's whole process tree for each request."
    )


def _noise(results: Results) -> str:
    foreign = [one.foreign for targets in results.cases.values() for rounds in targets.values() for one in rounds]
    return (
        f"Noise: other work took {statistics.median(foreign):.0%} of the machine (median of all measurements; "
        f"{min(foreign):.0%} to {max(foreign):.0%}), and a million additions in Python took {_spread(results.pace)} ms "
        "of processor time. Compare within this run; figures of another run need these two beside them."
    )


def page(results: Results) -> str:
    """Return the page."""
    lines = ["# Benchmarks", "", _head(results), ""]
    lines += [_noise(results), ""] if results.cases else []
    for case in CASES:
        lines += _case(case, results.cases[case]) if results.cases.get(case) else []
    if results.rss:
        lines += [
            "## Memory",
            "",
            "Resident MiB of the process tree.",
            "",
            "| | at start | after all |",
            "|---|---|---|",
        ]
        lines += [f"| {name} | {first:.0f} | {last:.0f} |" for name, (first, last) in results.rss.items()]
        lines.append("")
    if results.live:
        lines += ["## Live readers", "", "From sending a like to the last reader's being told; one server process.", ""]
        lines += ["| readers | last told after, ms | MiB for 1,000 readers |", "|---|---|---|"]
        for readers, told in results.live.items():
            memory = statistics.median(one.rss for one in told)
            lines.append(f"| {readers:,} | {_spread([one.milliseconds for one in told])} | {memory:.0f} |")
        lines.append("")
    if results.growth:
        lines += _growth(results.growth)
    return "\n".join(lines)


def _case(name: str, targets: dict[str, list[Round]]) -> list[str]:
    lines = [
        f"## {name[0].upper()}{name[1:]}",
        "",
        "| | requests/s | p50 ms | p99 ms | CPU µs |",
        "|---|---|---|---|---|",
    ]
    for target, rounds in targets.items():
        p50 = statistics.median(one.load.p50 for one in rounds)
        p99 = statistics.median(one.load.p99 for one in rounds)
        cpu = statistics.median(one.cpu for one in rounds)
        rate = _spread([one.load.rate for one in rounds])
        lines.append(f"| {target} | {rate} | {p50:.2f} | {p99:.2f} | {cpu:,.0f} |")
    return [*lines, ""]


def _growth(growth: dict[int, list[float]]) -> list[str]:
    small, large = growth
    ratio = statistics.median(growth[large]) / statistics.median(growth[small])
    lines = [
        "## Growth",
        "",
        (
            "A page of 200 comments from anywhere in a thread, read from SQLite past every cache. With "
            f"{large:,} comments it takes {ratio:.2f} times what it takes with {small:,}."
        ),
    ]
    lines += [] if large >= 10_000_000 else ["`make bench LARGE=10000000` measures ten million (4 GB of disk)."]
    lines += ["", "| comments | ms |", "|---|---|"]
    for total, times in growth.items():
        lines.append(f"| {total:,} | {statistics.median(times):.2f} ({min(times):.2f} to {max(times):.2f}) |")
    return [*lines, ""]
