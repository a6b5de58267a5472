"""A web server that costs next to nothing: canned answers, written whole. Run as a process of its own."""

import asyncio
import multiprocessing
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.connection import Connection


class _Canned(asyncio.Protocol):
    def __init__(self, answers: Mapping[bytes, bytes], unchanged: bool) -> None:
        self._answers, self._unchanged = answers, unchanged
        self._waiting = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._waiting += data
        while (end := self._waiting.find(b"\r\n\r\n")) >= 0:
            head, self._waiting = self._waiting[:end], self._waiting[end + 4 :]
            if self._unchanged and b"\r\nif-none-match:" in head.lower():
                answer = b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n'
            else:
                path = head.split(b" ", 2)[1]
                answer = self._answers.get(path, b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            self._transport.write(answer)  # type: ignore[attr-defined]


def _serve(answers: Mapping[bytes, bytes], unchanged: bool, host: str, ready: Connection) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: _Canned(answers, unchanged), host, 0, backlog=1_000)
        ready.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(main())


def answer(body: bytes, content_type: str) -> bytes:
    """A whole HTTP answer, with an ETag."""
    head = f'HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\nETag: "1"\r\n\r\n'
    return head.encode() + body


@contextmanager
def serving(answers: Mapping[str, bytes], *, unchanged: bool = False, host: str = "127.0.0.1") -> Iterator[str]:
    """Serve path → answer on loopback; the base URL. With `unchanged`, every conditional request gets a 304; with the
    host 0.0.0.0, all of 127.0.0.0/8 answers."""
    receive, send = multiprocessing.Pipe(duplex=False)
    encoded = {path.encode(): body for path, body in answers.items()}
    process = multiprocessing.get_context("fork").Process(
        target=_serve, args=(encoded, unchanged, host, send), daemon=True
    )
    process.start()
    try:
        yield f"http://127.0.0.1:{receive.recv()}"
    finally:
        process.terminate()
        process.join()


def rss(title: str, items: list[tuple[str, str]]) -> bytes:
    """An RSS 2.0 feed of (headline, link)."""
    date = "<pubDate>Tue, 19 Nov 2019 12:00:00 GMT</pubDate>"
    listed = "".join(f"<item><title>{name}</title><link>{link}</link>{date}</item>" for name, link in items)
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>{title}</title>{listed}</channel></rss>'.encode()
