"""Writes a trained network as it is shipped: ONNX, most weights in 8 bits. It trains and measures nothing."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

from majlis.learn.network import Network

_OPSET = 17
_ROUGH = "/output/dense/MatMul"
"""How the names of the products end whose inputs have outliers that 8 bits cannot hold: those after the activation."""


def export(network: Network, out: Path) -> None:
    """Write the network; inputs `ids` and `mask` (comments, pieces), outputs as `Network.forward` returns them."""
    network.eval()
    ids = torch.ones(2, 8, dtype=torch.long)
    comments = {0: "comments", 1: "pieces"}
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole.onnx"
        torch.onnx.export(
            network,
            (ids, ids),
            str(whole),
            input_names=["ids", "mask"],
            output_names=["clauses", "tokens", "mean"],
            dynamic_axes={"ids": comments, "mask": comments, "clauses": {0: "comments"}, "tokens": comments}
            | {"mean": {0: "comments"}},
            opset_version=_OPSET,
            dynamo=False,
        )
        rough = [node.name for node in onnx.load(str(whole)).graph.node if _is_rough(node.name)]
        quantize_dynamic(
            whole,
            out,
            weight_type=QuantType.QInt8,
            per_channel=True,
            op_types_to_quantize=["MatMul", "Gather"],
            nodes_to_exclude=rough,
        )
    _halve(out, rough)


def _is_rough(name: str) -> bool:
    return name.endswith(_ROUGH) and "attention" not in name


def _halve(path: Path, rough: list[str]) -> None:
    """Store the weights of these products in 16 bits; they are widened once, when the file is loaded."""
    model = onnx.load(str(path))
    graph = model.graph
    constants = {one.name: one for one in graph.initializer}
    widened = []
    for node in graph.node:
        if node.name in rough:
            wide = constants[node.input[1]]
            narrow = numpy_helper.from_array(numpy_helper.to_array(wide).astype(np.float16), f"{wide.name}_half")
            graph.initializer.remove(wide)
            graph.initializer.append(narrow)
            widened.append(helper.make_node("Cast", [narrow.name], [wide.name], to=onnx.TensorProto.FLOAT))
    for number, node in enumerate(widened):
        graph.node.insert(number, node)
    onnx.save(model, str(path))
