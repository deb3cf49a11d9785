"""Moves outliers of what comes into a product into its weights, so that 8 bits can hold both.

Behind the activation a few columns are forty times as large as the others. Each column is divided by a factor and the
weights that it meets are multiplied by it, which changes nothing but how well both can be rounded.

Source: Xiao et al., "SmoothQuant", 2022 (arXiv:2211.10438). It trains nothing and rounds nothing.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

SHARE = 0.7
"""How much of an outlier goes into the weights: at .5 the area fell by .006, from .7 to .9 it did not change."""

Array = NDArray[np.float32]


def smooth(model: onnx.ModelProto, products: Sequence[str], sample: Sequence[NDArray[np.int64]]) -> None:
    """Change a network in place.

    Args:
        model: has the inputs `ids` and `mask`.
        products: names of matrix products whose second input is a constant (columns, hidden).
        sample: ids (1, pieces) of comments on which the columns are measured.
    """
    graph = model.graph
    nodes = [node for node in graph.node if node.name in set(products)]
    highest = _highest(model, [node.input[0] for node in nodes], sample)
    constants = {one.name: one for one in graph.initializer}
    for number, node in enumerate(nodes):
        weights = numpy_helper.to_array(constants[node.input[1]]).astype(np.float32)
        factor = _factor(highest[node.input[0]], np.abs(weights).max(axis=1))
        graph.initializer.remove(constants[node.input[1]])
        graph.initializer.append(numpy_helper.from_array(weights * factor[:, None], node.input[1]))
        names = f"smooth_{number}_factor", f"smooth_{number}"
        graph.initializer.append(numpy_helper.from_array(1 / factor, names[0]))
        place = next(at for at, one in enumerate(graph.node) if one.name == node.name)
        graph.node.insert(place, helper.make_node("Mul", [node.input[0], names[0]], [names[1]], name=names[1]))
        graph.node[place + 1].input[0] = names[1]


def _highest(model: onnx.ModelProto, names: Sequence[str], sample: Sequence[NDArray[np.int64]]) -> dict[str, Array]:
    """Return the largest absolute value of each column of these values over all comments."""
    probe = copy.deepcopy(model)
    probe.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names)
    session = onnxruntime.InferenceSession(probe.SerializeToString(), providers=["CPUExecutionProvider"])
    found: dict[str, Array] = {}
    for ids in sample:
        values = session.run(list(names), {"ids": ids, "mask": np.ones_like(ids)})
        for name, value in zip(names, values, strict=True):
            column = np.abs(value).max(axis=(0, 1))
            found[name] = np.maximum(found.get(name, column), column)
    return found


def _factor(column: Array, weights: Array) -> Array:
    """Return the factor of each column (columns,), their geometric mean 1."""
    raised = np.maximum(column, 1e-3) ** SHARE / np.maximum(weights, 1e-4) ** (1 - SHARE)
    return np.asarray(raised / np.exp(np.log(raised).mean()), dtype=np.float32)
