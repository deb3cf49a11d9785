"""What every page and address needs beside the request: the newsroom, its words, its files and who listens live."""

from __future__ import annotations

from dataclasses import dataclass, field

from starlette.requests import Request

from majlis.services.elsewhere import Lately
from majlis.services.newsroom import Newsroom
from majlis.web.live import Live
from majlis.web.static import Files
from majlis.web.words import Words


@dataclass(frozen=True, kw_only=True)
class Web:
    """Made once by app and reached from every request by `web_of`.

    Attributes:
        public_origin: the origin of this server as readers see it.
        embed_origins: origins of pages that may embed the comments and call the reader API.
        image_origins: origins from which photos are shown.
        proxies: how many proxies stand in front.
        coral_secrets: with which Coral signs its requests.
        lately: what other systems had judged shortly before.
        theme: CSS that sets the newsroom's own variables; may be empty.
    """

    newsroom: Newsroom
    words: Words
    files: Files
    live: Live
    public_origin: str
    embed_origins: tuple[str, ...] = ()
    image_origins: tuple[str, ...] = ()
    proxies: int = 0
    theme: str = ""
    coral_secrets: tuple[str, ...] = ()
    lately: Lately = field(default_factory=Lately)


def web_of(request: Request) -> Web:
    """Return the context of the application that got this request."""
    web: Web = request.app.state.web
    return web


def address_of(request: Request) -> str:
    """Return the network address of the sender: the one that the outermost of our own proxies saw."""
    hops = [part.strip() for part in request.headers.get("x-forwarded-for", "").split(",") if part.strip()]
    proxies = web_of(request).proxies
    if proxies and len(hops) >= proxies:
        return hops[-proxies]
    return request.client.host if request.client else ""
