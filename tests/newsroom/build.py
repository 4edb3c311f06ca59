"""Builds the sample archives in seeds/ from seeds/newsroom.jsonl, the same records every time.

newsroom.warc.gz is the first day; newsroom-day2.warc.gz holds what was another on the second.
Run from the repository root: python tests/newsroom/build.py [DIRECTORY]
"""

import datetime as dt
import hashlib
import json
import sys
import uuid
import zlib
from email.utils import format_datetime
from html import escape
from http.client import responses
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from newsroom import pages  # noqa: E402 - found beside this file
from newsroom.reach import FACTS, UNREAD, site  # noqa: E402

from crawler.warc import ArchiveWriter, http_message  # noqa: E402

ARCHIVE = ROOT / "seeds" / "newsroom.warc.gz"
FEED = "https://cn.nytimes.com/rss/"
DAY_TWO = ROOT / "seeds" / "newsroom-day2.warc.gz"
MORNINGS = (dt.datetime(2025, 2, 15, 8, tzinfo=dt.UTC), dt.datetime(2025, 2, 16, 8, tzinfo=dt.UTC))
SHORT_NAV = {"nav": [["/world/?utm_source=nav-footer", "国际"], ["//?utm_source=nav-footer", "更多"]]}


def main(directory=ARCHIVE.parent):
    facts = [json.loads(line) for line in FACTS.read_text(encoding="utf-8").splitlines()]
    chrome = next(fact for fact in facts if fact["kind"] == "chrome")
    never = UNREAD | {"absent", "robots_refused"}
    first = [fact for fact in facts if fact["kind"] not in never]
    second = [fact for fact in facts if fact["kind"] == "revision"]
    days = [
        [(fact["url"], response(fact, chrome, morning)) for fact in day]
        for day, morning in zip((first, second), MORNINGS, strict=True)
    ]
    days[0].append((FEED, feed([fact for fact in first if fact["kind"] == "article"])))
    archive(Path(directory) / ARCHIVE.name, days[0], MORNINGS[0], "newsroom")
    archive(Path(directory) / DAY_TWO.name, days[1], MORNINGS[1], "newsroom day 2")


def archive(target, messages, morning, name):
    """Writes one archive."""
    target.unlink(missing_ok=True)  # a writer only ever appends
    writer = ArchiveWriter(
        target,
        provenance="sample",
        now=lambda: morning,
        new_id=lambda record: uuid.uuid5(uuid.NAMESPACE_URL, f"{name} {record}"),
    )
    for url, message in messages:
        writer.write(url, None, message)  # nobody ever asked for it
    writer.close()


def feed(articles):
    """The site's RSS feed as it might have stood on day one: every article, none of its text."""
    items = "".join(
        f"<item><title>{escape(fact['headline'])}</title><link>{fact['url']}?utm_source=RSS</link>"
        f"<pubDate>{fed_at(fact)}</pubDate></item>"
        for fact in sorted(articles, key=lambda fact: -fact["feed_ms"])
    )
    body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>SAMPLE</title>{items}</channel></rss>'
    content = body.encode()
    headers = [
        ("Content-Type", "application/rss+xml; charset=utf-8"),
        ("ETag", f'"{hashlib.sha1(content, usedforsecurity=False).hexdigest()[:16]}"'),
        ("Content-Length", str(len(content))),
    ]
    return http_message("HTTP/1.1 200 OK", headers, content)


def response(fact, chrome, morning):
    """One response; about every third compressed, most with validators."""
    status = fact.get("status") or 200
    number = int(hashlib.sha1(fact["url"].encode(), usedforsecurity=False).hexdigest()[:8], 16)
    body = content(fact, chrome).encode()
    kind = "text/plain" if fact["kind"] == "robots" else "text/html"
    headers = [("Date", format_datetime(morning, usegmt=True)), ("Content-Type", f"{kind}; charset=utf-8")]
    headers += validators(fact, body) if status == 200 and number % 8 else []
    headers += [("Location", fact["location"])] if "location" in fact else []
    headers += [("X-DataDome", "protected")] if fact["kind"] == "blocked" else []
    if number % 3 == 0:
        body = gzipped(body)
        headers.append(("Content-Encoding", "gzip"))
    headers.append(("Content-Length", str(len(body))))
    return http_message(f"HTTP/1.1 {status} {responses[status]}", headers, body)


def fed_at(fact):
    return format_datetime(dt.datetime.fromtimestamp(fact["feed_ms"] / 1000, dt.UTC))


def gzipped(body):
    """Stored, not squeezed: the archive does that, and so the bytes do not hang on the version of zlib."""
    compressor = zlib.compressobj(0, zlib.DEFLATED, zlib.MAX_WBITS + 16)
    return compressor.compress(body) + compressor.flush()


def validators(fact, body):
    day = fact.get("datetime", fact.get("published", "2025-02-14"))[:10]
    modified = dt.datetime.combine(dt.date.fromisoformat(day), dt.time(12), dt.UTC)
    etag = hashlib.sha1(body, usedforsecurity=False).hexdigest()[:16]
    return [("ETag", f'"{etag}"'), ("Last-Modified", format_datetime(modified, usegmt=True))]


def content(fact, chrome):
    """The page in its site's layout, as text."""
    special = {
        "robots": lambda: "\n".join(fact["rules"]) + "\n",
        "redirect": lambda: "",
        "blocked": lambda: pages.BLOCK_PAGE,
        "not_found": lambda: pages.not_found(chrome["popular"]),
    }
    if fact["kind"] in special:
        return special[fact["kind"]]()
    if site(fact["url"]) == "www.nytimes.com":
        return pages.www_article(fact)
    if fact["url"].endswith("/dual/"):
        return pages.cn_dual(fact, SHORT_NAV)
    return pages.cn_article(fact, chrome if fact["kind"] in {"article", "revision"} else SHORT_NAV)


if __name__ == "__main__":
    main(*sys.argv[1:])
