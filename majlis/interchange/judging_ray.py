"""Runs `majlis judge` on a Ray cluster, for archives that are too large for one machine. Needs the extra `majlis[ray]`.

The judge is the one of `judging`, loaded once in each process. Where RAY_ADDRESS names no cluster, Ray begins one on
this machine, and nothing else is different.
"""

from __future__ import annotations

import io
import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from majlis import errors
from majlis.interchange import judgement_parquet, judgements
from majlis.interchange.judgements import BadLine, Kind, Line
from majlis.interchange.judging import BATCH, Judge, Rules

LINE = "line"
"""The one column of a table of JSON lines."""

_BESIDE = {"num_cpus": 0}
"""What reads and writes asks Ray for no core of its own: judges hold one each, and may hold all that there are."""


class TableJudge:
    """Judges an Arrow table, rows of Parquet or lines of JSON, and returns one of outcomes."""

    def __init__(self, rules: Rules) -> None:
        self._judge = Judge(rules)
        self._clauses = tuple(clause.id for clause in next(iter(rules.guidelines.values())).clauses)

    def __call__(self, table: Any) -> Any:
        lines: Iterator[Line | BadLine]
        if table.column_names == [LINE]:
            lines = map(judgements.json_line, table.column(LINE).to_pylist())
        else:
            lines = itertools.chain.from_iterable(map(judgement_parquet.lines_of, table.to_batches()))
        return judgement_parquet.table_of(map(self._judge, lines), self._clauses)


def split(table: Any) -> Iterator[dict[str, list[bytes]]]:
    """Cut whole JSONL files into tables of lines, as `judgements` cuts them: Ray's own reader cuts at U+2028 too."""
    for content in table.column("bytes").to_pylist():
        lines = judgements.json_lines(io.BytesIO(content))
        while part := list(itertools.islice(lines, BATCH)):
            yield {LINE: part}


def judge_on_ray(source: str, target: str, rules: Rules, jobs: int) -> int:
    """Judge files into Parquet files, in the same order. Return 1 if a row was bad, else 0.

    Args:
        source: a Parquet or JSONL file, or a folder of them whose name ends likewise; a path, or such as `s3://…`.
            Each JSONL file has to fit into memory.
        target: the folder for the output: a path, or such as `s3://…`.
        jobs: how many processes judge at the same time.

    Raises:
        errors.Unreadable, errors.ExtraMissing.
    """
    _check(source)
    data = _ray_data(jobs)
    rows = _read(data, source)
    judged = rows.map_batches(
        TableJudge, fn_constructor_args=(rules,), batch_size=BATCH, batch_format="pyarrow", concurrency=jobs
    )
    judged.write_parquet(target, ray_remote_args=_BESIDE)
    bad = data.read_parquet(target, columns=["error"]).filter(expr="error is not None").count()
    return 1 if bad else 0


def _check(source: str) -> None:
    """Refuse what can be refused before a cluster is waited for."""
    if judgements.kind_of(source) is Kind.CSV:
        raise errors.Unreadable("CSV is not read with Ray.", hint="Leave --ray out, or make it Parquet.")
    if "://" not in source and not Path(source).exists():
        raise errors.Unreadable(f"{source} cannot be read: there is nothing.", hint="Check the path.")


def _read(data: Any, source: str) -> Any:
    if judgements.kind_of(source) is Kind.JSONL:
        files = data.read_binary_files(source, ray_remote_args=_BESIDE)
        return files.map_batches(split, batch_size=1, batch_format="pyarrow")
    rows = data.read_parquet(source, ray_remote_args=_BESIDE)
    judgement_parquet.check_columns(rows.schema().base_schema)
    return rows


def _ray_data(jobs: int) -> Any:
    # Ray reports its use to its makers unless it is told not to.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
        import ray.data
    except ImportError:
        raise errors.ExtraMissing("Ray is not installed.", hint="Run: pip install 'majlis[ray]'") from None
    if not ray.is_initialized():
        cores = max(jobs, os.cpu_count() or 1)
        here = {} if os.environ.get("RAY_ADDRESS") else {"include_dashboard": False, "num_cpus": cores}
        ray.init(log_to_driver=False, **here)
    context = ray.data.DataContext.get_current()
    context.execution_options.preserve_order = True
    context.enable_progress_bars = False
    return ray.data
