"""The newsroom's own stories from an Atom or RSS feed (RFC 4287; RSS 2.0). It fetches nothing.

The HTML of a feed is cleaned before it becomes a story, even though it is the newsroom's own.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from hashlib import sha256
from html import unescape
from typing import Any

import feedparser
import msgspec
import nh3

from majlis import errors
from majlis.domain.site import LANGUAGES, Story
from majlis.services.opening import ensure_site
from majlis.services.stories import check_url, take_story
from majlis.store.database import Database

MAX_BYTES = 16 * 1024 * 1024
TAGS = {"p", "h2", "h3", "ul", "ol", "li", "blockquote", "em", "strong", "i", "b", "a", "br"}
_SPACES = re.compile(r"\s+")
TEASER = 300
FIRST_NEWSPAPER = -11_500_000_000_000
"""1605, in ms: a date before it is an error of the feed."""

YEAR_MS = 366 * 24 * 3600 * 1000


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What an import did: entries read, stories written, and why each of the others was skipped."""

    read: int
    written: int
    skipped: tuple[str, ...]


async def take_in(database: Database, content: bytes, *, site: str, language: str, now: int) -> Report:
    """Store the stories of a feed; one that is known is renewed. Raises errors.FeedInvalid, StoreUnavailable."""
    await ensure_site(database, site=site, name="Newsroom", now=now)
    found = list(read(content, site=site, language=language, now=now))
    skipped = tuple(error.detail for error in found if isinstance(error, errors.MajlisError))
    written = 0
    for story in found:
        if isinstance(story, Story):
            written += await take_story(database, story, dated=story.published_at != now)
    return Report(read=len(found), written=written, skipped=skipped)


def read(content: bytes, *, site: str, language: str, now: int) -> Iterator[Story | errors.MajlisError]:
    """Yield the stories of a feed, and an error for each entry that cannot be one.

    Args:
        language: used where the feed names none.
        now: used where an entry has no date, in ms.

    Raises:
        errors.FeedInvalid: the content is no feed at all.
    """
    if len(content) > MAX_BYTES:
        raise errors.FeedInvalid(f"The feed has {len(content)} bytes; at most {MAX_BYTES} are read.")
    # Without the null bytes that UTF-16 puts between its letters.
    if b"<!ENTITY" in content.replace(b"\0", b"").upper():
        raise errors.FeedInvalid("The feed declares XML entities, which are not read.", hint="Remove its DOCTYPE.")
    parsed = feedparser.parse(content, sanitize_html=False, resolve_relative_uris=False)
    if not parsed.get("version") and not parsed.entries:
        raise errors.FeedInvalid("The content is neither Atom nor RSS.", hint="Give the file or address of a feed.")
    spoken = _language(str(parsed.feed.get("language", "")), language)
    for entry in parsed.entries:
        try:
            yield _story(entry, site=site, language=_language(_entry_language(entry), spoken), now=now)
        except errors.MajlisError as error:
            name = _plain(str(entry.get("title") or entry.get("id") or ""))[:80]
            yield errors.FeedInvalid(f"The entry {name!r}: {error.detail}")


def _language(tag: str, default: str) -> str:
    base = tag.split("-")[0].lower()
    base = {"ku": "kmr", "sdh": "ckb"}.get(base, base)
    return base if base in LANGUAGES else default


def _entry_language(entry: Any) -> str:
    return str(entry.get("language") or (entry.get("title_detail") or {}).get("language") or "")


def _plain(markup: str) -> str:
    return _SPACES.sub(" ", unescape(nh3.clean(markup, tags=set()))).strip()


def _story(entry: Any, *, site: str, language: str, now: int) -> Story:
    url = check_url(str(entry.get("link") or ""))
    title = _plain(str(entry.get("title") or ""))
    if not title:
        raise errors.FeedInvalid(f"{url[:200]} has no title.")
    summary = str(entry.get("summary") or "")
    content = "".join(str(part.get("value", "")) for part in entry.get("content") or ()) or summary
    photo, credit = _photo(entry)
    return Story(
        id=sha256(f"{site}\0{url}".encode()).hexdigest()[:32],
        site=site,
        url=url,
        title=title[:500],
        language=language,
        published_at=_published(entry, now),
        section=_plain(str((entry.get("tags") or [{}])[0].get("term") or ""))[:80],
        teaser=_plain(summary)[:TEASER],
        body=nh3.clean(content, tags=TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https"}),
        photo=photo,
        credit=credit,
    )


def _published(entry: Any, now: int) -> int:
    """Return when an entry was published, in ms; now where it names no date, or one that no newspaper can have."""
    when = entry.get("published_parsed") or entry.get("updated_parsed")
    at = calendar.timegm(when) * 1000 if when else now
    return at if FIRST_NEWSPAPER <= at <= now + YEAR_MS else now


def _photo(entry: Any) -> tuple[str | None, str]:
    media = [
        *(entry.get("media_content") or ()),
        *(entry.get("media_thumbnail") or ()),
        *(link for link in entry.get("links") or () if str(link.get("type", "")).startswith("image/")),
    ]
    credits = entry.get("media_credit") or ()
    credit = _plain(str(credits[0].get("content", "")))[:200] if credits else ""
    for item in media:
        address = str(item.get("url") or item.get("href") or "")
        if address.startswith(("https://", "http://")):
            return address, credit
    return None, credit
