"""Writes what was measured as a page of Markdown. It measures nothing."""

from __future__ import annotations

import os
import platform
import statistics
import time
from pathlib import Path

from bench.bars import bars
from bench.load import GENERATOR
from bench.results import Results, Round
from bench.soak import PARTS, Soaked
from bench.target import CASES, LARGE


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
    if found := list(bars(results)):
        lines += ["## What we ask of ourselves", "", "| | measured | |", "|---|---|---|"]
        lines += [
            f"| {asked[0].upper()}{asked[1:]} | {seen} | {'yes' if met else '**no**'} |" for asked, seen, met in found
        ]
        lines.append("")
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
    if results.soak:
        lines += _soak(results.soak, results.soak_seconds)
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
    lines += [] if large >= LARGE else ["`make bench LARGE=10000000` measures ten million (4 GB of disk)."]
    lines += ["", "| comments | ms |", "|---|---|"]
    for total, times in growth.items():
        lines.append(f"| {total:,} | {statistics.median(times):.2f} ({min(times):.2f} to {max(times):.2f}) |")
    return [*lines, ""]


def _soak(soak: dict[str, Soaked], seconds: float) -> list[str]:
    minutes = seconds / 60
    lines = [
        "## Soak",
        "",
        (
            f"{minutes:.0f} minutes of readers, posters, readers who watch live and leave, and visitors who break off, "
            "all servers at once. MiB and open files of the process tree, medians of each sixth of the time."
        ),
        "",
        "| after minutes | " + " | ".join(f"{minutes * part / PARTS:.0f}" for part in range(1, PARTS + 1)) + " |",
        "|---" * (PARTS + 1) + "|",
    ]
    for name, soaked in soak.items():
        parts = soaked.parts()
        lines.append(f"| {name}, MiB | " + " | ".join(f"{rss:.0f}" for rss, _ in parts) + " |")
        lines.append(f"| {name}, files | " + " | ".join(f"{files:.0f}" for _, files in parts) + " |")
    lines.append("")
    for name, soaked in soak.items():
        lines.append(f"{name}: {soaked.read:,} read, {soaked.posted:,} posted, {soaked.watched:,} live events.")
    return [*lines, ""]
