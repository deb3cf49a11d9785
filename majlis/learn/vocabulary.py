"""Makes the encoder's vocabulary: a SentencePiece model from the pieces of a published tokenizer.

It changes no piece and no score; it only leaves pieces out.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Sequence
from typing import Any

from sentencepiece import sentencepiece_model_pb2 as proto

from majlis.signals.pieces import Pieces

SPECIAL = 4
"""The first pieces: start, padding, end, unknown."""

_LETTERS = re.compile("^▁?[a-zA-ZçÇêÊîÎûÛşŞğĞıİöÖüÜ]+$")
_OURS = re.compile("[çÇêÊîÎûÛşŞğĞıİöÖüÜ]")


def kept(table: dict[str, Any], texts: Iterable[str]) -> list[int]:
    """Return the ids of the pieces that stay: Arabic script, marks, our Latin letters, and whatever the texts use."""
    everything = table["model"]["vocab"]
    whole = Pieces(model(table, range(len(everything))))
    used = {number for text in texts for number in whole.cut(text).ids}
    return [number for number, (piece, _) in enumerate(everything) if number < SPECIAL or number in used or ours(piece)]


def model(table: dict[str, Any], keep: Sequence[int]) -> bytes:
    """Return the SentencePiece model with only those pieces, numbered anew in their order."""
    made = proto.ModelProto()
    kinds = proto.ModelProto.SentencePiece
    for place, number in enumerate(keep):
        piece, score = table["model"]["vocab"][number]
        special = kinds.UNKNOWN if place == SPECIAL - 1 else kinds.CONTROL
        made.pieces.add(piece=piece, score=score, type=special if place < SPECIAL else kinds.NORMAL)
    made.trainer_spec.model_type = proto.TrainerSpec.UNIGRAM
    made.trainer_spec.vocab_size = len(keep)
    made.trainer_spec.bos_id, made.trainer_spec.pad_id, made.trainer_spec.eos_id, made.trainer_spec.unk_id = range(4)
    made.normalizer_spec.precompiled_charsmap = _charsmap(table["normalizer"])
    made.normalizer_spec.add_dummy_prefix = True
    made.normalizer_spec.remove_extra_whitespaces = True
    made.normalizer_spec.escape_whitespaces = True
    return made.SerializeToString()


def ours(piece: str) -> bool:
    """Return whether a piece belongs to a script or an alphabet of the six languages."""
    bare = piece.replace("▁", "")
    if not any(char.isalpha() for char in bare):
        return len(piece) <= 4
    if all(_arabic(char) or not char.isalpha() for char in bare):
        return True
    if len(bare) == 1:
        return ord(bare) < 0x250
    return bool(_LETTERS.match(piece) and _OURS.search(piece))


def _arabic(char: str) -> bool:
    return any(low <= ord(char) <= high for low, high in ((0x600, 0x6FF), (0x750, 0x77F), (0xFB50, 0xFEFF)))


def _charsmap(normalizer: dict[str, Any]) -> bytes:
    steps = normalizer.get("normalizers", [normalizer])
    [packed] = [step["precompiled_charsmap"] for step in steps if step["type"] == "Precompiled"]
    return base64.b64decode(packed)
