"""A thread in its three places: the news page, the frame, the part that scripts put into a page. It changes nothing."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from majlis import errors
from majlis.domain.comment import Comment
from majlis.domain.decision import Finding
from majlis.domain.ids import is_id
from majlis.domain.site import Story
from majlis.judge.reasons import segments
from majlis.services import author, proof
from majlis.services.permalink import answered, conversation
from majlis.services.stories import look_up
from majlis.services.thread import latest, published_comment, read_sort, story_with_id, thread_page
from majlis.web.context import Web, web_of
from majlis.web.form import Sent
from majlis.web.http import content_policy, html
from majlis.web.thread_view import Form, Kind, Thread, View, trees

PAGE = 40
"""Comments of one page."""

LATEST = 6
PART = "x-majlis-part"
SIZES = ("s", "m", "l", "xl", "xxl")
SIZE_COOKIE, SENT_COOKIE, READER_COOKIE, LIKED_COOKIE = (
    "majlis_size",
    "majlis_sent",
    "majlis_reader",
    "majlis_liked",
)
FRESH = {"cache-control": "no-store", "vary": PART}
_TITLE = 500


def photo_of(story: Story) -> str | None:
    """Return the address of a story's photo."""
    if story.photo and not story.photo.startswith(("http://", "https://")):
        return f"/media/{story.photo}"
    return story.photo


def outermost(quotes: tuple[Finding, ...]) -> list[Finding]:
    """Return the quotes that do not stand inside another one."""
    kept: list[Finding] = []
    for quote in sorted(quotes, key=lambda one: (one.start, -one.end)):
        if not kept or quote.end > kept[-1].end:
            kept.append(quote)
    return kept


TOOLS: dict[str, Any] = {"photo_of": photo_of, "segments": segments, "outermost": outermost, "sizes": SIZES}
"""What templates call."""


def size_of(request: Request) -> str:
    """Return the text size that this reader chose."""
    size = request.cookies.get(SIZE_COOKIE, "m")
    return size if size in SIZES else "m"


def language_of(request: Request, fallback: str) -> str:
    """Return the language that a request asks for, if the interface has it, or the fallback's, or the site's."""
    web = web_of(request)
    asked = web.words.known(request.query_params.get("lang"))
    return asked or web.words.known(fallback) or web.newsroom.language


def page_view(web: Web, story: Story) -> View:
    """Return our own news page of a story."""
    language = web.words.known(story.language) or web.newsroom.language
    return View(kind=Kind.PAGE, story=story, language=language, origin=web.public_origin)


def foreign_view(web: Web, story: Story, kind: Kind, *, lang: str, title: str, theme: str) -> View:
    """Return a thread in somebody else's page."""
    return View(
        kind=kind,
        story=story,
        language=web.words.known(lang) or web.words.known(story.language) or web.newsroom.language,
        origin=web.public_origin,
        title=title[:_TITLE],
        theme=theme if theme in {"light", "dark"} else "",
    )


async def sent_view(web: Web, sent: Sent, id: str) -> View:
    """Return the place that a form came from. Raises errors.StoryNotFound, errors.InvalidInput."""
    kind = Kind(sent.view) if sent.view in set(Kind) else Kind.PAGE
    story = await look_up(web.newsroom, sent.story) if sent.story else await story_with_id(web.newsroom, id)
    if story.id != id:
        raise errors.StoryNotFound("The form is for another story.")
    if kind is Kind.PAGE:
        return page_view(web, story)
    return foreign_view(web, story, kind, lang=sent.lang, title=sent.title, theme=sent.theme)


async def blank_form(web: Web, view: View, reply: str | None = None) -> Form:
    """Return the form that nobody has filled in yet, to answer a comment if one is named."""
    parent: Comment | None = None
    problems: dict[str, str] = {}
    if reply:
        parent = await _answerable(web, view, reply)
        if parent is None:
            problems = {"": web.words.say(view.language, "The comment you reply to is no longer there.")}
    return Form(token=proof.form_token(web.newsroom, view.story.id), parent=parent, problems=problems)


async def filled_form(web: Web, view: View, sent: Sent, *, token: str, problems: dict[str, str]) -> Form:
    """Return the form as it was sent, with what is wrong with it."""
    return Form(
        token=token or proof.form_token(web.newsroom, view.story.id),
        name=sent.name,
        email=sent.email,
        body=sent.body,
        website=sent.website,
        parent=await _answerable(web, view, sent.parent) if sent.parent else None,
        problems=problems,
    )


async def _answerable(web: Web, view: View, id: str) -> Comment | None:
    if not is_id(id):
        return None
    try:
        comment = await published_comment(web.newsroom, id)
    except errors.CommentNotFound:
        return None
    return comment if comment.story == view.story.id else None


async def thread_of(request: Request, view: View, form: Form, *, sent: str = "") -> Thread:
    """Return the thread that a request asks for: its order, its page, or the conversation of one comment.

    Raises:
        errors.InvalidInput, errors.BadCursor: what is asked for does not exist.
    """
    web = web_of(request)
    query = request.query_params
    sort = read_sort(query.get("sort") or "newest")
    after = query.get("after") or None
    one = await _answerable(web, view, query.get("at") or "")
    if one is not None:
        found, following = await conversation(web.newsroom, one), None
    else:
        page = await thread_page(web.newsroom, story=view.story.id, sort=sort, limit=PAGE, after=after)
        found, following = page.comments, page.next
    return Thread(
        view=view,
        nodes=trees(found, await answered(web.newsroom, found)),
        sort=sort.value,
        after=following,
        part=bool(after or one),
        form=form,
        sent=await _sent(web, view, sent),
        sent_token=sent,
        liked=liked_by(request),
    )


def liked_by(request: Request) -> frozenset[str]:
    """Return the ids of the comments that this browser has liked here, the last few dozen."""
    return frozenset(id for id in request.cookies.get(LIKED_COOKIE, "").split(".") if is_id(id))


async def _sent(web: Web, view: View, token: str) -> author.Receipt | None:
    if not token:
        return None
    try:
        receipt = await author.receipt(web.newsroom, token)
    except (errors.ReceiptInvalid, errors.CommentNotFound):
        return None
    return receipt if receipt.comment.story == view.story.id else None


async def respond(request: Request, view: View, form: Form, *, sent: str = "", status: int = 200) -> Response:
    """Return the thread in its place, or the part of it that a script asks for.

    Parts are `thread` (all of it) and `form` (the form, or what became of the comment).
    """
    web = web_of(request)
    part = request.headers.get(PART, "")
    thread = await thread_of(request, view, form, sent=sent)
    values = TOOLS | {
        "web": web,
        "view": view,
        "thread": thread,
        "guidelines": web.newsroom.guidelines_for(view.language),
    }
    headers = FRESH | {"content-language": view.language}
    if part in {"thread", "form"}:
        return html(web.words.render(view.language, f"parts/{part}.html", **values), status, headers)
    if view.kind is Kind.PAGE:
        values |= {"story": view.story, "latest": await _latest(web, view.story), "size": size_of(request)}
        return html(web.words.render(view.language, "story.html", **values), status, headers)
    headers["content-security-policy"] = content_policy(web, framed_by=web.embed_origins)
    return html(web.words.render(view.language, "frame.html", **values), status, headers)


async def _latest(web: Web, story: Story) -> list[Story]:
    """Return the newest stories in the language of this one, or in any where there are hardly others."""
    for language in (story.language, None):
        found = await latest(web.newsroom, language=language, limit=LATEST + 1)
        others = [one for one in found if one.id != story.id][:LATEST]
        if len(others) > 1:
            break
    return others
