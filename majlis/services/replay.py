"""Judging an old decision again from what was kept: words, guidelines, policy and evidence of that day."""

from __future__ import annotations

import msgspec

from majlis import errors
from majlis.domain.decision import Decision, Record
from majlis.judge import guidelines, policy
from majlis.judge.judge import judge
from majlis.services.status import load_comment
from majlis.store import records
from majlis.store.database import Connection, Database


async def replay(database: Database, record: Record) -> Decision:
    """Return the decision that the machine would make today from the same evidence under the same rules.

    Raises:
        errors.NotFound: this record was not made by the machine, or a version that it names was not kept.
    """
    return await database.read(lambda tx: _replay(tx, record))


async def _replay(tx: Connection, record: Record) -> Decision:
    if record.decision is None or record.submission is None or record.evidence is None:
        raise errors.NotFound("A person made this decision; there is nothing to judge again.")
    rules = await records.guidelines_source(tx, record.decision.guidelines)
    lanes = await records.policy_source(tx, record.decision.policy)
    if rules is None or lanes is None:
        raise errors.NotFound("The guidelines or the policy of this decision were not kept.")
    comment = await load_comment(tx, site=record.site, id=record.comment)
    submission = msgspec.structs.replace(record.submission, text=comment.body)
    return judge(submission, guidelines.parse(rules), record.evidence, policy.parse(lanes))
