"""A piece of web on loopback: real sockets and real TLS for any host name, reached as a proxy.

The crawler runs as it would live, with `https_proxy` pointing here; what it asked for, and when, is kept.
"""

import asyncio
import contextlib
import datetime as dt
import ssl
import threading
import time
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NOT_FOUND = "<html><title>not here</title></html>"


@dataclass
class Reply:
    """An answer to one URL."""

    body: str | bytes = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    cut: int | None = None
    """Close the connection after so many bytes of the body."""
    drip: float | None = None
    """Seconds between two bytes of the body."""
    then: "Reply | None" = None
    """What is answered from the second time on."""

    def content(self) -> bytes:
        return self.body.encode() if isinstance(self.body, str) else self.body


@dataclass
class Asked:
    """A request as it came in."""

    at: float
    url: str
    headers: dict[str, str]


class Web:
    """Serves `pages` (URL -> Reply or text) as long as the context is open; anything else is a 404."""

    def __init__(self, pages, directory):
        self.pages = {
            url: reply if isinstance(reply, Reply) else Reply(reply) for url, reply in pages.items()
        }
        self.asked: list[Asked] = []
        self._tls = self_signed(directory)
        self._up = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    def __enter__(self):
        self._thread.start()
        self._up.wait(5)
        return self

    def __exit__(self, *error):
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(5)

    async def _run(self):
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.proxy = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        self._up.set()
        await self._end.wait()
        server.close()
        serving = asyncio.all_tasks() - {asyncio.current_task()}
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)
        await asyncio.sleep(0.05)  # transports close a turn of the loop later

    def urls(self, *, robots=False):
        """What was asked for, in order."""
        return [asked.url for asked in self.asked if robots or not asked.url.endswith("/robots.txt")]

    async def _serve(self, reader, writer):
        lost = (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError, ssl.SSLError)
        with contextlib.closing(writer), contextlib.suppress(*lost):
            origin = None
            while line := await reader.readline():
                method, target, _ = line.decode("latin-1").split(" ", 2)
                headers = await _headers(reader)
                if method == "CONNECT":
                    writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                    await writer.start_tls(self._tls)
                    origin = f"https://{target.removesuffix(':443')}"
                else:
                    await self._answer(writer, origin + target if origin else target, headers)

    async def _answer(self, writer, url, headers):
        self.asked.append(Asked(time.monotonic(), url, headers))
        reply = self.pages.get(url) or Reply(NOT_FOUND, 404)
        if reply.then:
            self.pages[url] = reply.then
        tag = reply.headers.get("ETag")
        if tag and headers.get("if-none-match") == tag:
            reply = Reply("", 304)
        await asyncio.sleep(reply.delay)
        content = reply.content()
        fields = {
            "Content-Type": "text/html; charset=utf-8",
            "Content-Length": str(len(content)),
            **reply.headers,
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        writer.write(f"HTTP/1.1 {reply.status} Status\r\n{head}\r\n".encode("latin-1"))
        if reply.drip is not None:
            for byte in content:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(reply.drip)
            return
        writer.write(content[: reply.cut])
        await writer.drain()
        if reply.cut is not None:
            raise ConnectionAbortedError


async def _headers(reader):
    headers = {}
    while (line := await reader.readline()).strip():
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    return headers


def self_signed(directory):
    """A TLS context with a certificate nobody vouches for: the crawl is told not to ask."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    today = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - dt.timedelta(days=1))
        .not_valid_after(today + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = directory / "loopback.pem"
    no_password = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, no_password)
    pem.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context
