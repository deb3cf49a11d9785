"""Domain values as the reader API shows them. An e-mail address, a score or a staff name never leaves through here."""

from __future__ import annotations

from majlis.domain.comment import Comment, Status
from majlis.domain.decision import Appeal, Record
from majlis.domain.guidelines import Guidelines
from majlis.domain.moment import iso
from majlis.domain.site import Story, direction
from majlis.judge.reasons import statement
from majlis.services.author import Receipt
from majlis.services.review import MACHINE
from majlis.web import types


def comment_out(comment: Comment) -> types.CommentOut:
    """Return a published comment."""
    return types.CommentOut(
        id=comment.id,
        parent=comment.parent,
        author=types.AuthorOut(name=comment.author.name),
        body=comment.body,
        language=comment.language,
        dir=comment.direction,
        submitted_at=iso(comment.submitted_at),
        published_at=iso(comment.published_at or comment.submitted_at),
        replies=comment.replies,
        likes=comment.likes,
        featured=comment.featured,
    )


def story_out(story: Story) -> types.StoryOut:
    """Return the story of a thread."""
    return types.StoryOut(
        url=story.url, title=story.title, comments=story.comments, revision=story.revision, open=story.open
    )


def latest_out(story: Story, public_url: str) -> types.LatestStory:
    """Return a story of The Latest, its photo as a whole address."""
    photo = story.photo
    if photo is not None and "://" not in photo:
        photo = f"{public_url}/media/{photo}"
    return types.LatestStory(
        url=story.url,
        title=story.title,
        lang=story.language,
        dir=direction(story.language),
        published_at=iso(story.published_at),
        teaser=story.teaser,
        image=photo,
        credit=story.credit,
        comments=story.comments,
        open=story.open,
    )


def decision_out(record: Record | None, comment: Comment, guidelines: Guidelines) -> types.DecisionOut | None:
    """Return what was decided; None while the comment is pending."""
    if record is None or comment.status is Status.PENDING:
        return None
    told = statement(record, guidelines, ())
    return types.DecisionOut(
        status=record.status,
        decided_at=iso(record.at),
        automated=record.actor == MACHINE,
        clauses=[
            types.CitedClause(
                clause=reason.clause,
                title=reason.title,
                text=reason.text,
                quotes=[types.Quote(quote=quote.quote, start=quote.start, end=quote.end) for quote in reason.quotes],
            )
            for reason in told.reasons
        ],
        note=told.note,
        guidelines=told.guidelines,
    )


def appeal_out(appeal: Appeal) -> types.AppealOut:
    """Return an objection."""
    return types.AppealOut(
        id=appeal.id,
        status=appeal.status.value,
        submitted_at=iso(appeal.at),
        decided_at=iso(appeal.decided_at) if appeal.decided_at else None,
        note=appeal.note,
    )


def receipt_out(receipt: Receipt, guidelines: Guidelines, address: str) -> types.ReceiptOut:
    """Return what an author sees; `address` is the receipt's own address in the API."""
    comment = receipt.comment
    return types.ReceiptOut(
        id=comment.id,
        status=comment.status.value,
        story=types.StoryRef(url=receipt.story_url, title=receipt.story_title),
        body=comment.body,
        submitted_at=iso(comment.submitted_at),
        published_at=iso(comment.published_at) if comment.published_at else None,
        decision=decision_out(receipt.record, comment, guidelines),
        appeals=[appeal_out(appeal) for appeal in receipt.appeals],
        appeal=f"{address}/appeal" if receipt.can_appeal else None,
        withdrawal=f"{address}/withdrawal" if receipt.can_withdraw else None,
    )


def guidelines_out(guidelines: Guidelines) -> types.GuidelinesOut:
    """Return the written guidelines."""
    return types.GuidelinesOut(
        language=guidelines.language,
        dir=direction(guidelines.language),
        title=guidelines.title,
        introduction=guidelines.introduction,
        clauses=[types.ClauseOut(id=clause.id, title=clause.title, text=clause.text) for clause in guidelines.clauses],
        version=guidelines.version,
    )
