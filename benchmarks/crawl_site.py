"""A site on loopback, made for measuring: as many articles as wanted in the structure of www.nytimes.com.

    python benchmarks/crawl_site.py PAGES KILOBYTES [HOSTS]   # prints its proxy's address, serves until
                                                              # stdin ends

Article n has six in-text links: to articles 5n + 1 … 5n + 5, so that a crawl from article 0 finds all of them
within a few hops, and back to its parent. Its prose is invented; what fills it up to its size is what fills
the real ones: mostly a script, some styles, menus. Served over TLS through CONNECT, as live pages come.
With several hosts the articles are dealt out to them in turn.
"""

import asyncio
import contextlib
import random
import ssl
import sys
import tempfile
from pathlib import Path

HOST = "www.nytimes.com"
CHILDREN = 5
PARAGRAPHS = 24
WORDS = ("an", "invented", "sample", "of", "text", "that", "says", "nothing", "about", "any", "event")
STYLE_SHARE = 0.15
MENU = "".join(f'<li class="css-{n:x}"><a href="/section/s{n}">Section {n}</a></li>' for n in range(40))
NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
ROBOTS = b"User-agent: *\nDisallow: /search\n"


def host(number, hosts=1):
    """Where an article is."""
    return HOST if hosts == 1 else f"h{number % hosts}.example"


def url(number, hosts=1):
    """The address of an article."""
    return f"https://{host(number, hosts)}/2026/01/{1 + number % 28:02d}/world/story-{number}.html"


def links(number, pages):
    """The articles that an article cites: its children, and its parent."""
    children = range(CHILDREN * number + 1, CHILDREN * number + 1 + CHILDREN)
    parent = [(number - 1) // CHILDREN] if number else []
    return [n for n in children if n < pages] + parent


def sentence(words):
    """Invented."""
    return " ".join(words.choices(WORDS, k=18)).capitalize() + "."


def article(number, pages, size, hosts=1):
    """An article of about `size` bytes, the same every time."""
    words = random.Random(number)
    cited = {place: url(n, hosts) for place, n in enumerate(links(number, pages), 2)}
    paragraphs = []
    for index in range(PARAGRAPHS):
        text = " ".join(sentence(words) for _ in range(3))
        if index in cited:
            text += f' It was <a class="css-yywogo" href="{cited[index]}">told before</a> at length.'
        paragraphs.append(
            '<div class="css-s99gbd StoryBodyCompanionColumn"><div>'
            f'<p class="css-at9mc1">{text}</p></div></div>'
        )
    head, body = _head(number, words, url(number, hosts)), _body(number, "".join(paragraphs))
    return _filled(head, body, size)


def _head(number, words, address):
    day = f"2026-01-{1 + number % 28:02d}"
    return (
        f'<meta charset="utf-8"><title>Story {number} - The New York Times</title>'
        f'<meta data-rh="true" name="description" content="{sentence(words)}">'
        f'<meta data-rh="true" property="og:title" content="Story {number}">'
        f'<meta data-rh="true" property="article:published_time" content="{day}T10:00:00.000Z">'
        '<meta data-rh="true" property="article:section" content="World">'
        '<meta name="byl" content="By A. Sample">'
        f'<link data-rh="true" rel="canonical" href="{address}"><script type="application/ld+json">'
        f'{{"@context":"https://schema.org","@type":"NewsArticle","headline":"Story {number}",'
        f'"datePublished":"{day}T10:00:00.000Z","author":[{{"@type":"Person","name":"A. Sample"}}]}}</script>'
    )


def _body(number, paragraphs):
    return (
        f'<nav><ul>{MENU}</ul></nav><article id="story" class="css-1vxca1d"><header>'
        f'<h1 data-testid="headline">Story {number}</h1><p class="css-4anu6l">By <span itemprop="name" '
        'class="last-byline">A. Sample</span></p></header><section name="articleBody" class="meteredContent">'
        f'{paragraphs}</section></article><footer><a href="https://help.nytimes.com/">Help</a></footer>'
    )


def _filled(head, body, size):
    """With styles and a script as large as it takes."""
    missing = max(0, size - len(head) - len(body) - 200)
    rule = ".css-s99gbd{display:block;margin:0 auto;width:100%}"
    style = rule * int(missing * STYLE_SHARE / len(rule))
    state = '{"__typename":"Paragraph","text":"An invented sample.","id":"x"},'
    script = state * ((missing - len(style)) // len(state))
    return (
        f'<!DOCTYPE html><html lang="en"><head>{head}<style>{style}</style></head><body>{body}'
        f"<script>window.__preloadedData = [{script}undefined];</script></body></html>"
    ).encode()


class Site:
    """Answers CONNECT, then GET over TLS; every article has an ETag, and 304 answers who knows it."""

    def __init__(self, pages, size, hosts, directory):
        sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "tests")]
        from loopback import self_signed  # not above: who only names the pages need not load it

        self.numbers = {url(n).partition(HOST)[2].encode(): n for n in range(pages)}
        self.pages, self.size, self.hosts = pages, size, hosts
        self.tls = self_signed(directory)

    async def serve(self, reader, writer):
        """One connection."""
        lost = (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError, ssl.SSLError)
        with contextlib.closing(writer), contextlib.suppress(*lost):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await writer.start_tls(self.tls)
            while True:
                request = await reader.readuntil(b"\r\n\r\n")
                writer.write(self.answer(request.split(b" ", 2)[1], request))
                await writer.drain()

    def answer(self, path, request):
        """The response to one request."""
        if path == b"/robots.txt":
            return self._response(b"text/plain", ROBOTS, b"robots")
        number = self.numbers.get(path)
        if number is None:
            return NOT_FOUND
        etag = b"%d-%d" % (number, self.size)
        if b'"' + etag + b'"' in request:
            return b'HTTP/1.1 304 Not Modified\r\nETag: "' + etag + b'"\r\n\r\n'
        page = article(number, self.pages, self.size, self.hosts)
        return self._response(b"text/html; charset=utf-8", page, etag)

    @staticmethod
    def _response(kind, body, etag):
        head = b'HTTP/1.1 200 OK\r\nContent-Type: %b\r\nETag: "%b"\r\nContent-Length: %d\r\n\r\n'
        return head % (kind, etag, len(body)) + body


async def main(pages, kilobytes, hosts=1):
    """Serve until nobody holds stdin any more."""
    with tempfile.TemporaryDirectory() as directory:
        site = Site(pages, kilobytes * 1000, hosts, Path(directory))
    server = await asyncio.start_server(site.serve, "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
