"""Keeping what a program says a judgement should have been: a labelled example, which never changes a decision."""

from __future__ import annotations

from collections.abc import Mapping

from majlis.services.newsroom import Newsroom
from majlis.store import feedback
from majlis.store.feedback import Feedback
from majlis.store.keys import Key


async def keep_feedback(
    newsroom: Newsroom,
    key: Key,
    *,
    protocol: str,
    text: str,
    labels: Mapping[str, float],
    language: str = "",
    reference: str = "",
    about: str = "",
) -> None:
    """Keep a text and what the sender says it is.

    Args:
        protocol: which one it came by; its names are the ones of the labels.
        labels: values from 0 (not so) to 1 (so).
        reference: what the sender calls the comment.
        about: what the comment answers.
    """
    said = Feedback(
        id=newsroom.new_id(),
        site=newsroom.site,
        at=newsroom.now(),
        key=key.id,
        sender=key.name,
        protocol=protocol,
        text=text,
        labels=dict(labels),
        language=language,
        reference=reference,
        about=about,
    )
    await newsroom.database.write(lambda tx: feedback.add_feedback(tx, said))
