"""Files that are sent as they were written: read once, hashed, and kept by browsers for a year under their hash."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import brotli
from starlette.requests import Request
from starlette.responses import Response

FOREVER = "public, max-age=31536000, immutable"
_COMPRESSED = {"text/css", "text/javascript", "image/svg+xml"}


@dataclass(frozen=True, kw_only=True)
class File:
    """One file. `brotli` is None where compressing is not worth it."""

    body: bytes
    media_type: str
    brotli: bytes | None


class Files:
    """All files below some folders, by name. `url` gives the address that changes with the content."""

    def __init__(self, prefix: str, *folders: Path) -> None:
        self._prefix = prefix
        self._files: dict[str, File] = {}
        self._hashes: dict[str, str] = {}
        for folder in folders:
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    self.add(path.relative_to(folder).as_posix(), path.read_bytes())

    def add(self, name: str, body: bytes) -> None:
        """Add one file under a name."""
        media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        compressed = brotli.compress(body) if media_type in _COMPRESSED else None
        self._files[name] = File(body=body, media_type=media_type, brotli=compressed)
        self._hashes[name] = sha256(body).hexdigest()[:12]

    def url(self, name: str) -> str:
        """Return the address of a file, with its hash. Raises KeyError for a file that is not there."""
        return f"{self._prefix}/{self._hashes[name]}/{name}"

    def get(self, name: str) -> File | None:
        """Return a file by name."""
        return self._files.get(name)

    def respond(self, request: Request, name: str, *, cache: str = FOREVER) -> Response:
        """Answer a request for a file by name."""
        file = self._files.get(name)
        if file is None:
            return Response(status_code=404)
        headers = {"cache-control": cache, "vary": "accept-encoding"}
        if file.brotli is not None and "br" in request.headers.get("accept-encoding", ""):
            return Response(file.brotli, media_type=file.media_type, headers=headers | {"content-encoding": "br"})
        return Response(file.body, media_type=file.media_type, headers=headers)
