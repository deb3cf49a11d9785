"""A first picture of what the corpus teaches: a linear probe on the untouched encoder, by language and kind.

    python3 corpus/probe.py --base WHEELS > corpus/probe.md     (needs majlis[train]; minutes on two cores)

The probe learns from `train` and is read on `test`: can a weighted sum of what the encoder already knows tell
violations from fair comments? It is no judge, and nothing of it is shipped.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from rules import LANGUAGES
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from majlis.domain.decision import ANY
from majlis.learn import pretrained, tune
from majlis.learn import rows as sets
from majlis.learn.rows import Row
from majlis.signals.classifier import HEADS
from majlis.signals.pieces import Pieces

CORPUS = Path(__file__).resolve().parent
FEWEST = 12
"""Kinds with fewer test rows are not shown: a share of so few says nothing."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--base", type=Path, required=True, help="folder with the encoder's wheels")
    rows = [row for row in sets.corpus(CORPUS) if ANY in row.labels]
    base = pretrained.load(parser.parse_args().base, [row.text for row in rows])
    states = tune.means(tune.start(base, len(HEADS)), Pieces(base.vocabulary), rows, HEADS).numpy()
    learned = np.array([row.split == "train" for row in rows])
    broken = np.array([row.labels[ANY] > 0.5 for row in rows])
    centre, spread = states[learned].mean(axis=0), states[learned].std(axis=0)
    scaled = (states - centre) / spread
    probe = LogisticRegression(C=0.005, max_iter=500).fit(scaled[learned], broken[learned])
    scores = probe.decision_function(scaled)
    tested = [(row, float(score)) for row, score in zip(rows, scores, strict=True) if row.split == "test"]
    print("\n".join(page(tested, int(learned.sum()))))


def page(tested: Sequence[tuple[Row, float]], learned: int) -> Iterator[str]:
    """Yield the lines of the page."""
    yield "# What a linear probe learns from the corpus\n"
    yield f"Made by `probe.py`: the encoder untouched, a linear head trained on {learned} rows of `train`, read on"
    yield f"{len(tested)} rows of `test`. Rows that are only off-topic are left out.\n"
    yield "| language | test rows | area under the curve |\n|---|--:|--:|"
    for language in (*LANGUAGES, "all"):
        own = [(row, score) for row, score in tested if language in {row.language, "all"}]
        area = roc_auc_score([row.labels[ANY] > 0.5 for row, _ in own], [score for _, score in own])
        yield f"| {language} | {len(own)} | {area:.2f} |"
    yield "\nBy kind, the share on the right side of the probe's middle, all languages:\n"
    yield "| kind | test rows | right |\n|---|--:|--:|"
    kinds: dict[str, list[bool]] = defaultdict(list)
    for row, score in tested:
        kinds[row.kind].append((score > 0) == (row.labels[ANY] > 0.5))
    for kind, right in sorted(kinds.items(), key=lambda item: sum(item[1]) / len(item[1])):
        if len(right) >= FEWEST:
            yield f"| {kind} | {len(right)} | {sum(right) / len(right):.2f} |"


if __name__ == "__main__":
    main()
