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
    smooth = {name: factors(column, weights[f"{name}.weight"]) for name, column in _highest(network, sample).items()}
    onnx.save(graph.draw(weights, smooth, heads=pretrained.HEADS), str(out))


def _highest(network: Network, sample: Sequence[NDArray[np.int64]]) -> dict[str, Array]:
    """Return the largest absolute value of each column that comes into the products around each layer's activation, by
    their names, over all comments."""
    found: dict[str, list[Array]] = {
        f"encoder.encoder.layer.{number}.{part}.dense": []
        for number in range(len(network.encoder.encoder.layer))
        for part in ("intermediate", "output")
    }

    def watch(columns: list[Array]) -> Any:
        def seen(_: object, given: tuple[torch.Tensor]) -> None:
            columns.append(given[0].abs().amax(dim=(0, 1)).float().numpy())

        return seen

    watching = [network.get_submodule(name).register_forward_pre_hook(watch(one)) for name, one in found.items()]
    with torch.no_grad():
        for ids in sample:
            network(torch.from_numpy(ids), torch.ones(ids.shape, dtype=torch.long))
    for one in watching:
        one.remove()
    return {name: np.max(columns, axis=0) for name, columns in found.items()}
