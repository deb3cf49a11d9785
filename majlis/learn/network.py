"""The network: the first layers of a pretrained encoder, a score for each clause, and a score for each of its words.

Only its shape and its losses; what it is trained on and how long stands in tune.py.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from transformers import BertConfig, BertModel

from majlis.learn import pretrained

DEPTH = 8
"""Layers that are kept, from the bottom: on our corpus a linear probe reads layers 7 to 9 best, and 8 are fast."""


class Dropout(nn.Module):
    """Drops a tenth (26 in 256) in training. It draws a byte for each value: PyTorch's own draws values one by one on a
    CPU, which took longer than all products of a layer."""

    def forward(self, values: Tensor) -> Tensor:
        """Return the values, of any shape, with some at nought and the others raised to keep the mean."""
        if not self.training:
            return values
        drawn = torch.empty((values.numel() + 7) // 8, dtype=torch.int64).random_(-(2**63), None)
        kept = drawn.view(torch.uint8)[: values.numel()].view(values.shape) >= 26
        return values * (kept * (256 / 230)).to(values.dtype)


class Network(nn.Module):
    """Reads token ids of shape (comments, tokens) and their mask; see `forward`."""

    def __init__(self, vocabulary: int, heads: int, depth: int = DEPTH) -> None:
        super().__init__()
        self.encoder = BertModel(
            BertConfig(
                vocab_size=vocabulary,
                hidden_size=pretrained.HIDDEN,
                num_hidden_layers=depth,
                num_attention_heads=pretrained.HEADS,
                intermediate_size=pretrained.INNER,
                max_position_embeddings=512,
                layer_norm_eps=1e-12,
                pad_token_id=1,
                attention_probs_dropout_prob=0.0,
                # On a CPU the fused attention takes twice as long as the whole step does with the plain one.
                attn_implementation="eager",
            ),
            add_pooling_layer=False,
        )
        for part in self.encoder.modules():
            if isinstance(getattr(part, "dropout", None), nn.Dropout) and hasattr(part, "LayerNorm"):
                part.dropout = Dropout()
        self.mean = nn.Linear(pretrained.HIDDEN, heads)
        self.tokens = nn.Linear(pretrained.HIDDEN, heads)
        self.marked = nn.Parameter(torch.zeros(heads, pretrained.HIDDEN))
        self.centre = nn.Buffer(torch.zeros(pretrained.HIDDEN))
        self.spread = nn.Buffer(torch.ones(pretrained.HIDDEN))

    def forward(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return logits of the clauses (comments, heads), of the tokens (comments, tokens, heads), and the mean
        state (comments, hidden).

        The encoder's states differ little from text to text, so they are first centred and scaled. A clause is scored
        from the mean of all states and from the states that its own token scores point at, so that one phrase in a
        long comment counts, and the words that are cited are the words that counted.
        """
        states = (self.states(ids, mask) - self.centre) / self.spread
        seen = mask.unsqueeze(-1).float()
        mean = (states * seen).sum(1) / seen.sum(1).clamp(min=1)
        tokens = self.tokens(states)
        weights = torch.softmax(tokens + (1 - seen) * -1e4, dim=1)
        pointed = torch.einsum("bth,btd->bhd", weights, states)
        clauses = self.mean(mean) + (pointed * self.marked).sum(-1)
        return cast(Tensor, clauses), cast(Tensor, tokens), mean

    def states(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Return the encoder's own states (comments, tokens, hidden)."""
        return cast(Tensor, self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state.float())


def clause_loss(logits: Tensor, labels: Tensor, weights: Tensor) -> Tensor:
    """Return the cross-entropy of known labels (comments, heads); a label that is not a number is unknown.

    The first head, *rejected at all*, counts double: lanes are compared with it more than with any clause.
    """
    share = ~torch.isnan(labels) * weights.unsqueeze(1)
    share[:, 0] *= 2
    loss = nn.functional.binary_cross_entropy_with_logits(logits, labels.nan_to_num(0.0), reduction="none")
    return (loss * share).sum() / share.sum().clamp(min=1e-6)


def token_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the cross-entropy of known token labels (comments, tokens, heads), marked words counting double."""
    known = ~torch.isnan(labels)
    target = labels.nan_to_num(0.0)
    loss = nn.functional.binary_cross_entropy_with_logits(logits, target, reduction="none") * (1 + target)
    return (loss * known).sum() / known.sum().clamp(min=1)


def pair_loss(logits: Tensor, pairs: Tensor) -> Tensor:
    """Return how far the violating comment of each pair (pairs, 2: violating, fair) is from a margin of two logits."""
    if not len(pairs):
        return logits.sum() * 0
    return nn.functional.softplus(2 - (logits[pairs[:, 0]] - logits[pairs[:, 1]])).mean()


def agreement_loss(logits: Tensor) -> Tensor:
    """Return how much two readings of the same comments differ (2 x comments, heads; the second readings follow the
    first): the divergence of their probabilities, both ways (R-Drop; Wu et al. 2021, arXiv:2106.14448)."""
    first, second = logits.chunk(2)
    return ((torch.sigmoid(first) - torch.sigmoid(second)) * (first - second)).mean()
