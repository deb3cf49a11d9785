"""Draws the network as it is shipped, and reads it back: ONNX for one comment at a time, its large products in 8 bits.

PyTorch's own export cannot know that there is one comment, so that nothing is masked, nor the operators of ONNX Runtime
that do at once what takes it ten. It needs no PyTorch, trains nothing, and opens no file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

_OPSET = 17
_RUNTIME = "com.microsoft"
"""The domain of operators that only ONNX Runtime has."""

_EPSILON = 1e-12
_EMBEDDINGS, _LAYER = "encoder.embeddings", "encoder.encoder.layer"
_HIGHEST = 64
"""The largest rounded weight. Two of them, each times what comes in in 8 bits, fit in 16 bits; a processor that adds
them there (x86 without VNNI) would cut off more, and the same comment would score otherwise on it."""

_NARROWED = np.linspace(0.7, 1, 13)
"""Steps that are tried, as shares of the one that cuts nothing off."""

_SCORES = frozenset({"mean.weight", "mean.bias", "tokens.bias", "marked", "centre", "spread"})
"""What is kept as it is, beside the parts of the layers that are no products."""

Array = NDArray[np.float32]


def draw(weights: Mapping[str, Array], factors: Mapping[str, Array], *, heads: int) -> onnx.ModelProto:
    """Return the network; input `ids` (1, pieces), outputs as `learn.network.Network.forward` returns them.

    Args:
        weights: by the names that they have in the network; of a product (outputs, inputs).
        factors: by the names of products, by what the columns (inputs,) that come into them are divided before they
            are rounded.
        heads: of the attention.
    """
    drawing = _Drawing(weights, factors)
    states = drawing.embedded()
    for name in _layers(weights):
        states = drawing.layer(name, states, heads)
    drawing.scores(states)
    wide, outputs = len(weights["centre"]), len(weights["tokens.bias"])
    graph = helper.make_graph(
        drawing.nodes,
        "majlis",
        [helper.make_tensor_value_info("ids", TensorProto.INT64, [1, "pieces"])],
        [
            helper.make_tensor_value_info("clauses", TensorProto.FLOAT, [1, outputs]),
            helper.make_tensor_value_info("tokens", TensorProto.FLOAT, [1, "pieces", outputs]),
            helper.make_tensor_value_info("mean", TensorProto.FLOAT, [1, wide]),
        ],
        drawing.constants,
    )
    opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_RUNTIME, 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8)


def weights_of(model: onnx.ModelProto) -> dict[str, Array]:
    """Return the weights of a network that `draw` drew, by the names that they had, as near as 8 bits keep them."""
    known = {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}
    own = {
        name: value for name, value in known.items() if name in _SCORES or name.endswith((".bias", "LayerNorm.weight"))
    }
    for name in (name.removesuffix(".step") for name in known if name.endswith(".step")):
        whole = known[f"{name}.weight"] * known[f"{name}.step"]
        if (divisor := known.get(f"{name}.divisor")) is not None:
            whole = whole * divisor[:, None]
        own[f"{name}.weight"] = whole.T
    places = known["places"]
    return {name: np.asarray(value, dtype=np.float32) for name, value in own.items()} | {
        "tokens.weight": known["tokens.weight"].T,
        f"{_EMBEDDINGS}.word_embeddings.weight": (known["pieces"] - np.float32(known["zero"])) * known["step"],
        f"{_EMBEDDINGS}.position_embeddings.weight": places,
        f"{_EMBEDDINGS}.token_type_embeddings.weight": np.zeros((2, places.shape[1]), dtype=np.float32),
    }


def _layers(weights: Mapping[str, Array]) -> Iterator[str]:
    for number in count():
        if f"{_LAYER}.{number}.output.dense.weight" not in weights:
            return
        yield f"{_LAYER}.{number}"


def _rounded(weights: Array) -> tuple[NDArray[np.int8], Array]:
    """Return weights (inputs, outputs) as whole numbers, and the step of each output: of those tried the one that
    changes its weights least."""
    widest = np.maximum(np.abs(weights).max(axis=0), np.finfo(np.float32).tiny) / np.float32(_HIGHEST)
    step, least = widest, np.full(len(widest), np.inf)
    for share in _NARROWED:
        tried = (widest * share).astype(np.float32)
        lost = ((_whole(weights, tried) * tried - weights) ** 2).sum(axis=0)
        step, least = np.where(lost < least, tried, step), np.minimum(lost, least)
    return _whole(weights, step).astype(np.int8), step


def _whole(weights: Array, step: Array) -> Array:
    return np.asarray(np.clip(np.round(weights / step), -_HIGHEST, _HIGHEST), dtype=np.float32)


class _Drawing:
    """Nodes and constants so far. A node is named for the one value that it makes."""

    def __init__(self, weights: Mapping[str, Array], factors: Mapping[str, Array]) -> None:
        self._weights, self._factors = weights, factors
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def embedded(self) -> str:
        """Draw what stands for each piece and its place."""
        table = self._weights[f"{_EMBEDDINGS}.word_embeddings.weight"]
        lowest = table.min()
        step = np.float32((table.max() - lowest) / 255)
        zero = np.uint8(np.round(-lowest / step))
        rounded = np.clip(np.round(table / step) + zero, 0, 255).astype(np.uint8)
        # A comment has no second sentence, so the mark of the first is part of each place.
        places = (
            self._weights[f"{_EMBEDDINGS}.position_embeddings.weight"]
            + self._weights[f"{_EMBEDDINGS}.token_type_embeddings.weight"][0]
        )
        picked = self._node("Gather", "picked", self._constant("pieces", rounded), "ids")
        read = self._node(
            "DequantizeLinear", "read", picked, self._constant("step", step), self._constant("zero", zero)
        )
        nought = self._constant("nought", np.array([0]))
        length = self._node("Shape", "length", "ids", start=1, end=2)
        placed = self._node("Slice", "placed", self._constant("places", places), nought, length, nought)
        return self._normal(f"{_EMBEDDINGS}.LayerNorm", read, placed)

    def layer(self, name: str, states: str, heads: int) -> str:
        """Draw one layer: attention, and a wide product with an activation, each added to what came in."""
        parts = [self._product(f"{name}.attention.self.{part}", states) for part in ("query", "key", "value")]
        seen = self._node("MultiHeadAttention", f"{name}.seen", *parts, domain=_RUNTIME, num_heads=heads)
        heard = self._product(f"{name}.attention.output.dense", seen)
        between = self._normal(f"{name}.attention.output.LayerNorm", heard, states)
        wide = self._product(f"{name}.intermediate.dense", between)
        active = self._node("Gelu", f"{name}.active", wide, domain=_RUNTIME)
        narrow = self._product(f"{name}.output.dense", active)
        return self._normal(f"{name}.output.LayerNorm", narrow, between)

    def scores(self, states: str) -> None:
        """Draw the outputs: the mean state, logits of the pieces, and logits of the clauses from both."""
        centred = self._node("Sub", "centred", states, self._own("centre"))
        scaled = self._node("Div", "scaled", centred, self._own("spread"))
        mean = self._node("ReduceMean", "mean", scaled, axes=[1], keepdims=0)
        turned = self._constant("tokens.weight", self._weights["tokens.weight"].T)
        pointing = self._node("MatMul", "pointing", scaled, turned)
        tokens = self._node("Add", "tokens", pointing, self._own("tokens.bias"))
        by_clause = self._node("Transpose", "by_clause", tokens, perm=[0, 2, 1])
        shares = self._node("Softmax", "shares", by_clause, axis=-1)
        pointed = self._node("MatMul", "pointed", shares, scaled)
        weighed = self._node("Mul", "weighed", pointed, self._own("marked"))
        marked = self._node("ReduceSum", "summed", weighed, self._constant("last", np.array([-1])), keepdims=0)
        whole = self._node("Gemm", "whole", mean, self._own("mean.weight"), self._own("mean.bias"), transB=1)
        self._node("Add", "clauses", whole, marked)

    def _product(self, name: str, states: str) -> str:
        """Draw a product with rounded weights, each output with a step of its own, and its bias."""
        weights = self._weights[f"{name}.weight"].T
        if (factor := self._factors.get(name)) is not None:
            divisor = self._constant(f"{name}.divisor", 1 / factor)
            states = self._node("Mul", f"{name}.smooth", states, divisor)
            weights = weights * factor[:, None]
        rounded, step = _rounded(weights)
        steps, bias = self._constant(f"{name}.step", step), self._own(f"{name}.bias")
        whole = self._constant(f"{name}.weight", rounded)
        return self._node("DynamicQuantizeMatMul", name, states, whole, steps, "", bias, domain=_RUNTIME)

    def _normal(self, name: str, one: str, other: str) -> str:
        added = self._node("Add", f"{name}.sum", one, other)
        scale, shift = self._own(f"{name}.weight"), self._own(f"{name}.bias")
        return self._node("LayerNormalization", name, added, scale, shift, axis=-1, epsilon=_EPSILON)

    def _own(self, name: str) -> str:
        return self._constant(name, self._weights[name])

    def _constant(self, name: str, value: NDArray[np.generic] | np.generic) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value).reshape(np.shape(value)), name))
        return name

    def _node(self, operator: str, name: str, *inputs: str, domain: str = "", **settings: Any) -> str:
        self.nodes.append(helper.make_node(operator, list(inputs), [name], name=name, domain=domain, **settings))
        return name
