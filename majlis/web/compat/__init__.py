"""Other systems' protocols, a file each with its own types and errors. They call the same services as everybody."""

from __future__ import annotations

from starlette.routing import Route

from majlis.web.compat import akismet, coral, openai, perspective

ROUTES: list[Route] = [*perspective.routes, *openai.routes, *akismet.routes, *coral.routes]
PATHS = (*perspective.PATHS, *openai.PATHS, *akismet.PATHS, *coral.PATHS)
"""What stands below these is answered in another system's shape, errors included."""
