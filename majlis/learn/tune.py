"""Trains the network on the corpus and the public sets, and keeps it near the encoder that it came from.

The same rows, seed and machine give the same weights. It measures nothing and writes no file.
"""

from __future__ import annotations

import functools
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from torch import Tensor

from majlis.learn import graph
from majlis.learn.batches import Drawn, Plan
from majlis.learn.disguise import disguised
from majlis.learn.network import DEPTH, Network, agreement_loss, clause_loss, pair_loss, token_loss
from majlis.learn.pretrained import HIDDEN, Pretrained
from majlis.learn.rows import Row
from majlis.learn.unfinished import Unfinished
from majlis.signals import pieces
from majlis.signals.encoder import WINDOW
from majlis.signals.pieces import Pieces
from majlis.signals.spelling import Spelling
from majlis.signals.text import read
from majlis.signals.view import View, view

LONGEST = WINDOW
"""Pieces of a comment that are read in training, as many as at run time; the frame comes on top."""

FROZEN = 2
"""Layers, from the bottom, that stay as they are: they know letters and languages, and a fifth of the work is saved."""

PROBED = 5_000
"""Rows that the heads first learn from as a linear probe; more make it little better."""


def start(base: Pretrained, heads: int, depth: int = DEPTH) -> Network:
    """Return a network with the pretrained layers and heads that know nothing yet."""
    network = Network(len(base.tensors["embeddings.word_embeddings.weight"]), heads, depth)
    known = {name: torch.from_numpy(value.copy()) for name, value in base.tensors.items()}
    network.encoder.load_state_dict({name: known[name] for name in network.encoder.state_dict() if name in known})
    drawn = torch.Generator().manual_seed(0)
    for layer in (network.mean, network.tokens):
        torch.nn.init.normal_(layer.weight, std=0.01, generator=drawn)
        torch.nn.init.constant_(layer.bias, -2.0)
    return network


def shipped(file: Path, heads: int, depth: int = DEPTH) -> Network:
    """Return the network of a file, as `learn.graph` wrote it, with heads that know what they knew."""
    known = graph.weights_of(onnx.load(str(file)))
    network = Network(len(known["encoder.embeddings.word_embeddings.weight"]), heads, depth)
    network.load_state_dict({name: torch.from_numpy(value.copy()) for name, value in known.items()})
    return network


def tune(
    network: Network,
    vocabulary: Pieces,
    spelling: Spelling,
    drawn: Drawn,
    heads: Sequence[str],
    plan: Plan,
    seed: int,
    told: Callable[[str], None],
    unfinished: Unfinished,
    *,
    fresh: bool = True,
) -> None:
    """Train in place, from the step on that is kept as unfinished.

    Args:
        told: hears a line now and then.
        fresh: whether the heads know nothing yet.
    """
    for part in (network.encoder.embeddings, *network.encoder.encoder.layer[:FROZEN]):
        part.requires_grad_(False)
    anchor = {name: value.detach().clone() for name, value in network.encoder.named_parameters()}
    optimiser = torch.optim.AdamW(_groups(network, plan), weight_decay=0.01)
    if first := unfinished.load(network, optimiser):
        told(f"This training goes on after step {first}.")
    elif fresh:
        probe(network, vocabulary, spelling, [*drawn.corpus, *drawn.judged], heads, seed)
    total, halved = drawn.comments(plan) // plan.batch + 1, _halved()
    began, mean = time.monotonic(), 0.0
    network.train()
    for done, rows in enumerate(drawn.batches(plan, seed, lambda text: len(vocabulary.cut(text).ids)), start=1):
        if done <= first:
            continue
        rng = random.Random(f"{seed} {done}")
        torch.manual_seed(seed + done)
        for group in optimiser.param_groups:
            group["lr"] = group["highest"] * _pace(done / total)
        batch = encode(rows * 2 if plan.agree else rows, vocabulary, spelling, heads, rng, plan.disguise)
        with torch.autocast("cpu", torch.bfloat16, enabled=halved):
            clauses, tokens, _ = network(batch.ids, batch.mask)
        loss = clause_loss(clauses.float(), batch.labels, batch.weights)
        loss = loss + 0.5 * token_loss(tokens.float(), batch.tokens)
        loss = loss + 0.2 * pair_loss(clauses[:, 0].float(), batch.pairs)
        if plan.agree:
            loss = loss + plan.agree * agreement_loss(clauses.float())
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        _pull(network, anchor, plan.near * _pace(done / total))
        mean = 0.98 * mean + 0.02 * float(loss.detach()) if done > first + 1 else float(loss.detach())
        if done % 50 == 0:
            speed = (done - first) * plan.batch / (time.monotonic() - began)
            told(f"step {done} of {total}, loss {mean:.3f}, {speed:.0f} comments/s")
            unfinished.save(network, optimiser, done)
    network.eval()


@torch.no_grad()
def means(
    network: Network, vocabulary: Pieces, spelling: Spelling, rows: Sequence[Row], heads: Sequence[str]
) -> Tensor:
    """Return the mean state of each comment as it is typed (rows, hidden), without the noise of training."""
    network.eval()
    out, halved = torch.zeros(len(rows), HIDDEN), _halved()
    order = sorted(range(len(rows)), key=lambda number: len(rows[number].text))
    for first in range(0, len(order), 64):
        part = order[first : first + 64]
        batch = encode([rows[number] for number in part], vocabulary, spelling, heads, random.Random(0), 0.0)
        with torch.autocast("cpu", torch.bfloat16, enabled=halved):
            states = network.states(batch.ids, batch.mask)
        seen = batch.mask.unsqueeze(-1).float()
        out[part] = (states * seen).sum(1) / seen.sum(1)
    return out


@torch.no_grad()
def probe(
    network: Network, vocabulary: Pieces, spelling: Spelling, rows: Sequence[Row], heads: Sequence[str], seed: int
) -> None:
    """Centre and scale the states and give the clause heads what a linear probe of the untouched encoder learns.

    Training that begins with heads that know nothing first spoils what the encoder knows (Kumar et al. 2022,
    arXiv:2202.10054).
    """
    seen = random.Random(seed).sample(list(rows), min(PROBED, len(rows)))
    found, known = means(network, vocabulary, spelling, seen, heads), torch.from_numpy(_labels(seen, heads))
    network.centre.copy_(found.mean(0))
    network.spread.copy_(found.std(0))
    scaled = ((found - network.centre) / network.spread).numpy()
    for head in range(len(heads)):
        asked = ~torch.isnan(known[:, head]).numpy()
        learned = LogisticRegression(C=0.005, max_iter=500)
        learned.fit(scaled[asked], known[:, head].numpy()[asked] > 0.5)
        network.mean.weight[head] = torch.from_numpy(learned.coef_[0]).float()
        network.mean.bias[head] = float(learned.intercept_[0])


@dataclass(frozen=True, slots=True)
class Batch:
    """Tensors of one step. `pairs` has the places of (violating, fair) comments that form a minimal pair."""

    ids: Tensor
    mask: Tensor
    labels: Tensor
    weights: Tensor
    tokens: Tensor
    pairs: Tensor


def encode(
    rows: Sequence[Row],
    vocabulary: Pieces,
    spelling: Spelling,
    heads: Sequence[str],
    rng: random.Random,
    disguise: float,
) -> Batch:
    """Return a batch; a share of the comments is disguised, and keeps its labels but not its marked words."""
    typed = [disguised(row.text, row.language, rng) if rng.random() < disguise else row.text for row in rows]
    views = [view(read(text), spelling.of(text, row.language)) for row, text in zip(rows, typed, strict=True)]
    cuts = [vocabulary.cut(one.text) for one in views]
    head = vocabulary.head
    size = len(head) + 1 + min(LONGEST, max(len(cut.ids) for cut in cuts))
    ids = np.full((len(rows), size), pieces.PAD, dtype=np.int64)
    tokens = np.full((len(rows), size, len(heads)), np.nan, dtype=np.float32)
    for place, (row, cut, text, seen) in enumerate(zip(rows, cuts, typed, views, strict=True)):
        framed = vocabulary.framed(cut.ids[:LONGEST])
        ids[place, : len(framed)] = framed
        if text == row.text:
            tokens[place, len(head) : len(framed) - 1] = _marks(row, seen, cut.spans[:LONGEST], heads)
    mask = ids != pieces.PAD
    return Batch(
        torch.from_numpy(ids),
        torch.from_numpy(mask).long(),
        torch.from_numpy(_labels(rows, heads)),
        torch.tensor([row.weight for row in rows]),
        torch.from_numpy(tokens),
        _pairs(rows),
    )


def _labels(rows: Sequence[Row], heads: Sequence[str]) -> NDArray[np.float32]:
    """Return the labels (rows, heads); not a number where one is unknown."""
    return np.array([[row.labels.get(head, np.nan) for head in heads] for row in rows], dtype=np.float32)


def _marks(row: Row, seen: View, spans: Sequence[tuple[int, int]], heads: Sequence[str]) -> NDArray[np.float32]:
    """Return the share of readers who marked each piece, by head; not a number where nobody was asked."""
    out = np.full((len(spans), len(heads)), np.nan, dtype=np.float32)
    for name, marked in row.marks.items():
        for place, (first, last) in enumerate(spans):
            low, high = seen.original(first, last)
            share = max((share for a, b, share in marked if a < high and low < b), default=0.0)
            out[place, heads.index(name)] = share
    return out


def _pairs(rows: Sequence[Row]) -> Tensor:
    places: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        if row.pair:
            places.setdefault(row.pair, []).append(place)
    found = []
    for two in places.values():
        bad = [place for place in two if rows[place].labels.get("*", 0) > 0.5]
        good = [place for place in two if rows[place].labels.get("*", 1) < 0.5]
        if bad and good:
            found.append((bad[0], good[0]))
    return torch.tensor(found, dtype=torch.long).reshape(-1, 2)


@functools.cache
def _halved() -> bool:
    """Return whether products in 16 bits are faster here. Some processors have no operators for them and take eighty
    times as long; some with AVX-512 take twice as long; with AMX they take less than half."""
    return _seconds(torch.bfloat16) < _seconds(torch.float32)


def _seconds(kind: torch.dtype) -> float:
    """Return how long a product of such numbers takes, at best of a few."""
    states, weights = torch.ones(512, HIDDEN, dtype=kind), torch.ones(HIDDEN, HIDDEN, dtype=kind)
    took = []
    for _ in range(8):
        began = time.perf_counter()
        states @ weights
        took.append(time.perf_counter() - began)
    return min(took)


def _groups(network: Network, plan: Plan) -> list[dict[str, object]]:
    """Return the parameters with their highest learning rate, which fades from the top layer to the frozen ones."""
    depth = len(network.encoder.encoder.layer)
    heads = [*network.mean.parameters(), *network.tokens.parameters(), network.marked]
    groups: list[dict[str, object]] = [{"params": heads, "highest": plan.rate * 5}]
    for layer in range(FROZEN, depth):
        parameters = list(network.encoder.encoder.layer[layer].parameters())
        groups.append({"params": parameters, "highest": plan.rate * plan.fade ** (depth - 1 - layer)})
    return groups


def _pace(share: float) -> float:
    """Return the learning rate's part of its highest after this share of the training: up in haste, down in a line."""
    return min(share / 0.06, 1.0) * max(0.02, 1 - share)


@torch.no_grad()
def _pull(network: Network, anchor: dict[str, Tensor], strength: float) -> None:
    """Move the encoder a little back towards where it came from (L2-SP; Li et al. 2018, arXiv:1802.01483)."""
    for name, value in network.encoder.named_parameters():
        if value.requires_grad:
            value.lerp_(anchor[name], strength)
