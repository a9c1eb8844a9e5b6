"""Serves the console's built files.

All files are listed once at the start: a request gets an entry of the list or 404, whatever its path says.
"""

import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.types import Receive, Scope, Send

ENCODINGS = {"br": ".br", "gzip": ".gz"}
"""The compressed forms that the build makes, the smallest first."""

FOREVER = "public, max-age=31536000, immutable"

mimetypes.add_type("font/woff2", ".woff2")
mimetypes.add_type("text/javascript", ".js")


@dataclass(frozen=True, slots=True)
class Asset:
    """One built file and its compressed copies."""

    path: Path
    media_type: str
    copies: Mapping[str, Path]

    def response(self, accepted: str) -> Response:
        encoding = next((name for name in self.copies if name in accepted), None)
        headers = {"cache-control": FOREVER, "vary": "accept-encoding"}
        if encoding:
            headers["content-encoding"] = encoding
        return FileResponse(
            self.copies.get(encoding or "", self.path), headers=headers, media_type=self.media_type
        )


class Assets:
    """Serves the files of a folder whose names hold a hash of their content."""

    def __init__(self, folder: Path) -> None:
        files = [
            path for path in folder.glob("*") if path.is_file() and path.suffix not in ENCODINGS.values()
        ]
        self._assets = {path.name: _asset(path) for path in files}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asset = self._assets.get(scope["path_params"]["name"])
        if scope["method"] not in ("GET", "HEAD"):
            response = Response(status_code=HTTPStatus.METHOD_NOT_ALLOWED, headers={"allow": "GET, HEAD"})
        elif asset is None:
            response = Response("Not Found", HTTPStatus.NOT_FOUND, media_type="text/plain")
        else:
            response = asset.response(Headers(scope=scope).get("accept-encoding", ""))
        await response(scope, receive, send)


def _asset(path: Path) -> Asset:
    copies = {name: path.with_name(path.name + suffix) for name, suffix in ENCODINGS.items()}
    return Asset(
        path=path,
        media_type=mimetypes.guess_type(path.name)[0] or "application/octet-stream",
        copies={name: copy for name, copy in copies.items() if copy.exists()},
    )
