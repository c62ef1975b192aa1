"""What an answer over HTTP may do: be so long, take so long, and come from where we asked."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx2

from ankillm.writer.errors import ServerError
from ankillm.writer.key import without_key
from ankillm.writer.verifier import one_line

MOST_BYTES = 4 * 2**20
"""Of an answer; 10,000 cards have a half of it."""


class PatientClient(httpx2.AsyncClient):
    """A client whose requests end in time, redirects, headers and all: its own limits are of the wait for each byte."""

    def __init__(self, patience: float, **settings: Any) -> None:  # noqa: ANN401  (those of the client)
        super().__init__(**settings)
        self._patience = patience

    async def send(self, request: httpx2.Request, **settings: Any) -> httpx2.Response:  # noqa: ANN401  (likewise)
        """Send a request and read its answer.

        :raises httpx2.ReadTimeout: if that takes longer than it may.
        """
        try:
            async with asyncio.timeout(self._patience):
                return await super().send(request, **settings)
        except TimeoutError:
            raise httpx2.ReadTimeout("too slow", request=request) from None


class Guard:
    """Hooks of an HTTP client that refuse redirects to another host, packed answers, and those without end."""

    def __init__(self, url: str) -> None:
        self._origin = _origin(url)

    async def request(self, request: httpx2.Request) -> None:
        """Refuse to follow a redirect to another host, before anything is sent there.

        :raises ServerError: if so.
        """
        if _origin(str(request.url)) != self._origin:
            port = f":{request.url.port}" if request.url.port else ""
            place = one_line(without_key(f"{request.url.scheme}://{request.url.host}{port}"), 80)
            raise ServerError(
                f"{self._origin[1]} sends us on to {place}; if that is meant, give its address to --server"
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
            response.stream = _Limited(response.stream, self._origin[1])


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, parts.hostname or "", parts.port or default


def _too_long(host: str) -> str:
    return f"{host} answers with more than {MOST_BYTES // 2**20} MiB"


class _Limited(httpx2.AsyncByteStream):
    """The bytes of an answer, no more than so many."""

    def __init__(self, stream: httpx2.AsyncByteStream, host: str) -> None:
        self._stream, self._host = stream, host

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield the bytes as they come.

        :raises ServerError: if there are too many.
        """
        size = 0
        async for chunk in self._stream:
            size += len(chunk)
            if size > MOST_BYTES:
                raise ServerError(_too_long(self._host))
            yield chunk

    async def aclose(self) -> None:
        """Close the connection."""
        await self._stream.aclose()

    @property
    def elapsed(self) -> timedelta | None:
        """How long it took, as the client asks its own streams."""
        found: timedelta | None = getattr(self._stream, "elapsed", None)
        return found
