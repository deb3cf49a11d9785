"""Writes a trained network as it is shipped: ONNX, its weights in 8 bits. It trains and measures nothing."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnxruntime.quantization import QuantType, quantize_dynamic

from majlis.learn.network import Network
from majlis.learn.smooth import smooth

_OPSET = 17
_ROUGH = "/output/dense/MatMul"
"""How the names of the products end whose inputs have outliers: those after the activation."""


def export(network: Network, out: Path, sample: Sequence[NDArray[np.int64]]) -> None:
    """Write the network; inputs `ids` and `mask` (comments, pieces), outputs as `Network.forward` returns them.

    Args:
        sample: ids (1, pieces) of comments, on which outliers are looked for.
    """
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
        model = onnx.load(str(whole))
        smooth(model, [node.name for node in model.graph.node if _is_rough(node.name)], sample)
        onnx.save(model, str(whole))
        quantize_dynamic(
            whole, out, weight_type=QuantType.QInt8, per_channel=True, op_types_to_quantize=["MatMul", "Gather"]
        )


def _is_rough(name: str) -> bool:
    return name.endswith(_ROUGH) and "attention" not in name
