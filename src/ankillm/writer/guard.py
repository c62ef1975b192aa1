"""What an answer over HTTP may do: be so long, take so long, and come from where we asked."""

import time
from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import urlsplit

import httpx2

from ankillm.writer.errors import ServerError

MOST_BYTES = 4 * 2**20
"""Of an answer; 10,000 cards have a half of it."""


class Guard:
    """Hooks of an HTTP client that refuse redirects to another host, packed answers, and those without end."""

    def __init__(self, url: str, timeout: float) -> None:
        self._origin, self._timeout = _origin(url), timeout

    async def request(self, request: httpx2.Request) -> None:
        """Refuse to follow a redirect to another host, before anything is sent there.

        :raises ServerError: if so.
        """
        if _origin(str(request.url)) != self._origin:
            host = "".join(sign for sign in request.url.host[:80] if sign.isprintable())
            raise ServerError(
                f"{self._origin[1]} sends us on to {host}; if that is meant, give its address to --server"
            )

    async def response(self, response: httpx2.Response) -> None:
        """Refuse an answer that is packed or too long, and see to it that no more than that is read.

        :raises ServerError: if so.
        """
        if response.headers.get("content-encoding", "identity").strip().lower() != "identity":
            raise ServerError(f"{self._origin[1]} packs its answers though it was asked not to")
        length = response.headers.get("content-length", "0")
        if length.isdecimal() and int(length[:20]) > MOST_BYTES:
            raise ServerError(_too_long(self._origin[1]))
        if isinstance(response.stream, httpx2.AsyncByteStream):
            response.stream = _Limited(response.stream, self._origin[1], self._timeout)


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, parts.hostname or "", parts.port or default


def _too_long(host: str) -> str:
    return f"{host} answers with more than {MOST_BYTES // 2**20} MiB"


class _Limited(httpx2.AsyncByteStream):
    """The bytes of an answer, no more than so many and no longer than so many seconds."""

    def __init__(self, stream: httpx2.AsyncByteStream, host: str, timeout: float) -> None:
        self._stream, self._host = stream, host
        self._end = time.monotonic() + timeout

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield the bytes as they come.

        :raises ServerError: if there are too many.
        :raises httpx2.ReadTimeout: if they come too slowly.
        """
        size = 0
        async for chunk in self._stream:
            size += len(chunk)
            if size > MOST_BYTES:
                raise ServerError(_too_long(self._host))
            if time.monotonic() > self._end:
                raise httpx2.ReadTimeout("too slow")
            yield chunk

    async def aclose(self) -> None:
        """Close the connection."""
        await self._stream.aclose()

    @property
    def elapsed(self) -> timedelta | None:
        """How long it took, as the client asks its own streams."""
        found: timedelta | None = getattr(self._stream, "elapsed", None)
        return found
