"""Keeps a training that is not finished in a file, so that one that was stopped goes on where it was.

It knows nothing of what is trained. A file of another training is not read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import torch
from torch import nn


class Unfinished:
    """The file of one training, which `of` tells from others: its rows, plan, seed and first weights as text."""

    def __init__(self, path: Path, of: Iterable[object]) -> None:
        self._path = path
        digest = hashlib.sha256()
        for one in of:
            digest.update(repr(one).encode("utf-8", "replace") + b"\0")
        self._of = digest.hexdigest()

    def load(self, network: nn.Module, optimiser: torch.optim.Optimizer) -> int:
        """Put both as they were and return how many steps were done; 0 where nothing of this training is kept."""
        if not self._path.exists():
            return 0
        kept = torch.load(self._path, weights_only=True)
        if kept["of"] != self._of:
            return 0
        network.load_state_dict(kept["network"])
        optimiser.load_state_dict(kept["optimiser"])
        return int(kept["done"])

    def save(self, network: nn.Module, optimiser: torch.optim.Optimizer, done: int) -> None:
        """Keep both as they are after so many steps, in place of what was kept before."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        new = self._path.with_suffix(".new")
        kept = {"of": self._of, "network": network.state_dict(), "optimiser": optimiser.state_dict(), "done": done}
        torch.save(kept, new)
        new.replace(self._path)

    def forget(self) -> None:
        """Take the file away: the training is finished."""
        self._path.unlink(missing_ok=True)
