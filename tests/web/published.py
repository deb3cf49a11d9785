"""A short way to have comments on the page, whatever the machine thinks of them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from majlis.domain.comment import Comment, Status
from majlis.domain.decision import Verdict
from majlis.domain.site import Staff, Story
from majlis.services import author, moderate
from majlis.services.newsroom import Newsroom
from majlis.services.submit import Draft, submit


@dataclass
class Published:
    """Alice of the desk publishes what is said under a story."""

    newsroom: Newsroom
    story: Story
    alice: Staff

    async def say(self, body: str, *, parent: str | None = None) -> str:
        """Have charlie say something and alice publish it; return its id."""
        draft = Draft(url=self.story.url, body=body, name="charlie", address="192.0.2.7", parent=parent)
        return (await self._publish((await submit(self.newsroom, draft)).comment)).id

    async def sent(self, page: str) -> None:
        """Publish the comment whose receipt a page names."""
        token = re.search(r"/receipts/([^\"?]+)", page)
        assert token is not None
        await self._publish((await author.receipt(self.newsroom, token[1])).comment)

    async def take_down(self, id: str) -> None:
        """Reject a published comment."""
        ruling = moderate.Ruling(comment=id, seen=1, verdict=Verdict.REJECT, clauses=("off-topic",))
        await moderate.rule(self.newsroom, self.alice, ruling)

    async def _publish(self, comment: Comment) -> Comment:
        if comment.status is Status.APPROVED:
            return comment
        ruling = moderate.Ruling(comment=comment.id, seen=comment.version, verdict=Verdict.APPROVE)
        return (await moderate.rule(self.newsroom, self.alice, ruling))[0]
