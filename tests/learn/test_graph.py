"""The network that is shipped computes what the trained one does, as far as 8 bits can."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import numpy_helper

from majlis import errors
from majlis.learn import graph
from majlis.learn.smooth import factors
from majlis.signals.encoder import OUTPUTS, Encoder
from majlis.signals.pieces import Pieces, load

WIDE, INNER, HEADS, LAYERS, CLAUSES, VOCABULARY = 32, 128, 4, 2, 11, 300
ROOT = Path(__file__).parents[2]

Array = NDArray[np.float32]


def network(seed: int) -> dict[str, Array]:
    """Return the weights of a small network that nothing trained, by the names of the trained one."""
    random = np.random.default_rng(seed)

    def some(*shape: int) -> Array:
        return random.normal(0, 0.2, shape).astype(np.float32)

    weights = {
        "encoder.embeddings.word_embeddings.weight": some(VOCABULARY, WIDE),
        "encoder.embeddings.position_embeddings.weight": some(64, WIDE),
        "encoder.embeddings.token_type_embeddings.weight": some(2, WIDE),
        "mean.weight": some(CLAUSES, WIDE),
        "mean.bias": some(CLAUSES),
        "tokens.weight": some(CLAUSES, WIDE),
        "tokens.bias": some(CLAUSES),
        "marked": some(CLAUSES, WIDE),
        "centre": some(WIDE),
        "spread": 1 + some(WIDE) ** 2,
    }
    normals = ["encoder.embeddings.LayerNorm"]
    products: dict[str, tuple[int, int]] = {}
    for number in range(LAYERS):
        layer = f"encoder.encoder.layer.{number}"
        normals += [f"{layer}.attention.output.LayerNorm", f"{layer}.output.LayerNorm"]
        products |= {f"{layer}.attention.self.{part}": (WIDE, WIDE) for part in ("query", "key", "value")}
        products |= {f"{layer}.attention.output.dense": (WIDE, WIDE)}
        products |= {f"{layer}.intermediate.dense": (INNER, WIDE), f"{layer}.output.dense": (WIDE, INNER)}
    for name in normals:
        weights |= {f"{name}.weight": 1 + some(WIDE), f"{name}.bias": some(WIDE)}
    for name, shape in products.items():
        weights |= {f"{name}.weight": some(*shape), f"{name}.bias": some(shape[0])}
    return weights


def computed(weights: Mapping[str, Array], ids: list[int]) -> tuple[dict[str, Array], dict[str, Array]]:
    """Return the outputs of a network in full precision, and what comes into each product, by its name."""
    came: dict[str, Array] = {}

    def product(name: str, states: Array) -> Array:
        came[name] = states
        return np.asarray(states @ weights[f"{name}.weight"].T + weights[f"{name}.bias"], dtype=np.float32)

    def normal(name: str, states: Array) -> Array:
        moved = states - states.mean(axis=-1, keepdims=True)
        scaled = moved / np.sqrt((moved**2).mean(axis=-1, keepdims=True) + 1e-12)
        return np.asarray(scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"], dtype=np.float32)

    def shares(scores: Array, axis: int) -> Array:
        raised = np.exp(scores - scores.max(axis=axis, keepdims=True))
        return np.asarray(raised / raised.sum(axis=axis, keepdims=True), dtype=np.float32)

    states = weights["encoder.embeddings.word_embeddings.weight"][ids]
    states = states + weights["encoder.embeddings.position_embeddings.weight"][: len(ids)]
    states = normal(
        "encoder.embeddings.LayerNorm", states + weights["encoder.embeddings.token_type_embeddings.weight"][0]
    )
    for number in range(LAYERS):
        layer = f"encoder.encoder.layer.{number}"
        query, key, value = (
            product(f"{layer}.attention.self.{part}", states).reshape(len(ids), HEADS, -1).transpose(1, 0, 2)
            for part in ("query", "key", "value")
        )
        likeness = query @ key.transpose(0, 2, 1) / math.sqrt(WIDE // HEADS)
        heard = (shares(likeness, 2) @ value).transpose(1, 0, 2).reshape(len(ids), WIDE)
        heard = product(f"{layer}.attention.output.dense", heard)
        states = normal(f"{layer}.attention.output.LayerNorm", heard + states)
        wide = product(f"{layer}.intermediate.dense", states)
        wide = wide * (1 + np.vectorize(math.erf)(wide / math.sqrt(2)).astype(np.float32)) / 2
        states = normal(f"{layer}.output.LayerNorm", product(f"{layer}.output.dense", wide) + states)
    scaled = (states - weights["centre"]) / weights["spread"]
    mean = scaled.mean(axis=0)
    tokens = product("tokens", scaled)
    pointed = shares(tokens, 0).T @ scaled
    clauses = product("mean", mean) + (pointed * weights["marked"]).sum(axis=1)
    return {"clauses": clauses, "tokens": tokens, "mean": mean}, came


@pytest.fixture(scope="module")
def vocabulary() -> Pieces:
    return load(ROOT / "majlis" / "signals" / "weights" / "encoder.model")


def drawn(weights: Mapping[str, Array], smooth: Mapping[str, Array], file: Path, vocabulary: Pieces) -> Encoder:
    onnx.save(graph.draw(weights, smooth, heads=HEADS), str(file))
    return Encoder(file, vocabulary)


def run(encoder: Encoder, ids: list[int]) -> dict[str, Array]:
    found = encoder._session.run(list(OUTPUTS), {"ids": np.array([ids])})
    return {name: one[0] for name, one in zip(OUTPUTS, found, strict=True)}


@pytest.mark.parametrize("length", [1, 7, 60])
def test_the_drawn_network_computes_what_the_whole_one_does(length: int, tmp_path: Path, vocabulary: Pieces) -> None:
    weights = network(1)
    ids = np.random.default_rng(2).integers(0, VOCABULARY, length).tolist()
    expected, _ = computed(weights, ids)
    encoder = drawn(weights, {}, tmp_path / "small.onnx", vocabulary)
    found = run(encoder, ids)
    for name, value in expected.items():
        assert found[name].shape == value.shape
        assert np.abs(found[name] - value).max() < 0.05 * max(1.0, float(np.abs(value).max())), name


@pytest.mark.parametrize("part", ["intermediate", "output"])
def test_outliers_around_the_activation_are_rounded_well_once_they_are_moved(
    part: str, tmp_path: Path, vocabulary: Pieces
) -> None:
    weights = network(3)
    for number in range(LAYERS):
        layer = f"encoder.encoder.layer.{number}"
        raised = "attention.output.LayerNorm" if part == "intermediate" else "intermediate.dense"
        weights[f"{layer}.{raised}.bias"][:3] = 40
        weights[f"{layer}.{part}.dense.weight"][:, :3] *= 0.02
    ids = np.random.default_rng(4).integers(0, VOCABULARY, 30).tolist()
    expected, came = computed(weights, ids)
    names = [f"encoder.encoder.layer.{number}.{part}.dense" for number in range(LAYERS)]
    smooth = {name: factors(np.abs(came[name]).max(axis=0), weights[f"{name}.weight"]) for name in names}
    off = {}
    for moved in ({}, smooth):
        found = run(drawn(weights, moved, tmp_path / f"{len(moved)}.onnx", vocabulary), ids)
        off[len(moved)] = float(np.abs(found["mean"] - expected["mean"]).mean())
    assert off[LAYERS] < off[0] / 2


def test_no_two_products_of_the_shipped_network_add_up_to_more_than_16_bits_hold() -> None:
    model = onnx.load(str(ROOT / "majlis" / "signals" / "weights" / "encoder.onnx"))
    rounded = {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}
    products = [node.input[1] for node in model.graph.node if node.op_type == "DynamicQuantizeMatMul"]
    assert len(products) == 48
    for name in products:
        assert 2 * 255 * int(np.abs(rounded[name].astype(np.int32)).max()) < 2**15, name


def test_a_network_that_was_drawn_can_be_read_back_and_drawn_again() -> None:
    weights = network(7)
    names = [f"encoder.encoder.layer.{number}.output.dense" for number in range(LAYERS)]
    smooth = {name: np.random.default_rng(8).uniform(0.5, 2, INNER).astype(np.float32) for name in names}
    model = graph.draw(weights, smooth, heads=HEADS)
    found = graph.weights_of(model)
    again = graph.weights_of(graph.draw(found, smooth, heads=HEADS))

    assert found.keys() == weights.keys()
    first = weights["encoder.embeddings.token_type_embeddings.weight"][0]
    weights["encoder.embeddings.position_embeddings.weight"] += first
    weights["encoder.embeddings.token_type_embeddings.weight"] = np.zeros((2, WIDE), dtype=np.float32)
    for name, value in weights.items():
        assert found[name].shape == value.shape, name
        assert np.abs(found[name] - value).max() < 0.03 * max(1.0, float(np.abs(value).max())), name
        assert np.allclose(again[name], found[name], atol=1e-5), name


def test_factors_change_no_scale_as_a_whole() -> None:
    random = np.random.default_rng(5)
    found = factors(random.uniform(0, 40, 64).astype(np.float32), random.normal(size=(16, 64)).astype(np.float32))
    assert math.isclose(float(np.log(found).mean()), 0, abs_tol=1e-5)


def test_a_network_of_another_kind_is_refused(tmp_path: Path, vocabulary: Pieces) -> None:
    model = graph.draw(network(6), {}, heads=HEADS)
    for node in model.graph.node:
        node.input[:] = ["other" if name == "ids" else name for name in node.input]
    model.graph.input[0].name = "other"
    onnx.save(model, str(tmp_path / "other.onnx"))
    with pytest.raises(errors.WeightsInvalid, match="asks for other"):
        Encoder(tmp_path / "other.onnx", vocabulary)
