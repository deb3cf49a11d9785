"""What one run of the benchmarks found. It measures nothing and writes nothing."""

from __future__ import annotations

from dataclasses import dataclass, field

from bench.live import Told
from bench.load import Load
from bench.soak import Soaked


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
    soak: dict[str, Soaked] = field(default_factory=dict)
    soak_seconds: float = 0
