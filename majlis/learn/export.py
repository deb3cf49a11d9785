"""Writes a trained network as it is shipped. It trains nothing and measures only what can be rounded how well."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray

from majlis.learn import graph, pretrained
from majlis.learn.network import Network
from majlis.learn.smooth import factors

Array = NDArray[np.float32]


def export(network: Network, out: Path, sample: Sequence[NDArray[np.int64]]) -> None:
    """Write the network as `learn.graph` draws it.

    Args:
        sample: ids (1, pieces) of comments, on which outliers are looked for.
    """
    network.eval()
    weights = {name: value.detach().float().numpy() for name, value in network.state_dict().items()}
    smooth = [
        factors(column, weights[f"encoder.encoder.layer.{number}.output.dense.weight"])
        for number, column in enumerate(_highest(network, sample))
    ]
    onnx.save(graph.draw(weights, smooth, heads=pretrained.HEADS), str(out))


def _highest(network: Network, sample: Sequence[NDArray[np.int64]]) -> list[Array]:
    """Return for each layer the largest absolute value of each column behind its activation, over all comments."""
    layers = network.encoder.encoder.layer
    found: list[list[Array]] = [[] for _ in layers]

    def watch(layer: Any, columns: list[Array]) -> Any:
        def seen(_: object, __: object, values: torch.Tensor) -> None:
            columns.append(values.abs().amax(dim=(0, 1)).float().numpy())

        return layer.intermediate.register_forward_hook(seen)

    watching = [watch(layer, columns) for layer, columns in zip(layers, found, strict=True)]
    with torch.no_grad():
        for ids in sample:
            network(torch.from_numpy(ids), torch.ones(ids.shape, dtype=torch.long))
    for one in watching:
        one.remove()
    return [np.max(columns, axis=0) for columns in found]
