"""The forms in which people save pages, told by their content: HTML, SingleFile, MHTML, saved article."""

import datetime as dt
import email
import email.utils
import re
from collections.abc import Callable
from email.message import Message
from enum import StrEnum
from typing import NamedTuple

from crawler.parsers import address_of, decode
from crawler.parsers.document import Document
from crawler.parsers.saved_article import read_head
from crawler.urls import STORY_TYPES, canonicalize, page_type_of

HEAD = 4096
"""Bytes that tell what a file is."""


class Form(StrEnum):
    """What a file is."""

    ARCHIVE = "WARC"
    WACZ = "WACZ"
    MHTML = "MHTML"
    SAVED_ARTICLE = "saved article"
    SINGLE_FILE = "SingleFile"
    HTML = "HTML"
    URLS = "list of URLs"


class Copy(NamedTuple):
    """A saved page: its text, and what the copy says of itself."""

    form: Form
    html: str
    url: str | None
    """As the copy gives it; None where it tells none."""
    saved_at: dt.datetime | None
    """UTC."""


class NoPage(Exception):  # noqa: N818 - it tells what was found
    """A file that holds no page; the message says what it is instead."""


_CONTROLS = bytes(set(range(32)) - set(b"\t\n\f\r"))
_MHTML = re.compile(rb"(?im)^(?:mime-version|content-type|snapshot-content-location|from|subject|date)\s*:")
_MARKUP = re.compile(rb"<(?:!doctype\s+html|html|head|body|title|meta|article|div|p|h1)\b", re.IGNORECASE)
_ARTICLE = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*(?:<!--\s*\d{10,14}\s*-->\s*)?\[")
_SINGLE_FILE = re.compile(
    r"<!--\s*Page saved with SingleFile\s*\n\s*url:\s*(?P<url>\S+)(?:\s*\n\s*saved date:\s*(?P<date>[^\n]*))?"
)
_SAVED_FROM = re.compile(r"<!--\s*saved from url=(?:\(\d+\))?(?P<url>https?://\S+?)\s*-->", re.IGNORECASE)
_WAYBACK = re.compile(r"https?://web\.archive\.org/web/\d+[a-z_]*/(?P<url>https?:/.*)", re.IGNORECASE)
_JAVASCRIPT_DATE = "%a %b %d %Y %H:%M:%S GMT%z"


def form_of(start: bytes) -> Form | None:
    """What a file is, by its first HEAD bytes; None for anything that is no page and no archive."""
    if start.startswith((b"\x1f\x8b\x08", b"WARC/")):
        return Form.ARCHIVE
    if start.startswith(b"PK\x03\x04"):
        return Form.WACZ
    if _MHTML.match(start) and b"multipart/" in start.lower():
        return Form.MHTML
    if _ARTICLE.match(start) and read_head(start.decode("utf-8", "replace")):
        return Form.SAVED_ARTICLE
    if b"Page saved with SingleFile" in start:
        return Form.SINGLE_FILE
    wide = start.startswith((b"\xff\xfe", b"\xfe\xff"))
    text = start.replace(b"\0", b"") if wide else start
    is_text = len(text.translate(None, _CONTROLS)) >= 0.98 * len(text)
    return Form.HTML if is_text and _MARKUP.search(text) else None


def read_copy(data: bytes) -> Copy:
    """The page in a file. Raises NoPage."""
    if not data.strip():
        raise NoPage("empty")
    form = form_of(data[:HEAD])
    if form not in _READERS:
        raise NoPage("not a web page")
    return _READERS[form](data)


def _mhtml(data: bytes) -> Copy:
    message = email.message_from_bytes(data)
    part = next((part for part in message.walk() if part.get_content_type() == "text/html"), None)
    if part is None:
        raise NoPage("an MHTML file without a page in it")
    body = part.get_payload(decode=True)
    if not isinstance(body, bytes) or not body.strip():
        raise NoPage("an MHTML file whose page is empty")
    html = decode(body, str(part.get("Content-Type", "")))
    url = _header(message, "Snapshot-Content-Location") or _header(part, "Content-Location")
    return Copy(Form.MHTML, html, _address(html, url), _mail_date(_header(message, "Date")))


def _header(message: Message, name: str) -> str | None:
    value = message.get(name)
    return "".join(str(value).split()) if value and name != "Date" else value


def _mail_date(text: str | None) -> dt.datetime | None:
    try:
        moment = email.utils.parsedate_to_datetime(str(text))
    except (ValueError, TypeError):
        return None
    return moment.astimezone(dt.UTC) if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def _saved_article(data: bytes) -> Copy:
    text = decode(data)
    head = read_head(text)
    if head is None:
        raise NoPage("not a web page")
    feed = int(head["feed"]) / 1000 if head["feed"] else None
    saved_at = dt.datetime.fromtimestamp(feed, dt.UTC) if feed is not None and feed < 1e11 else None
    return Copy(Form.SAVED_ARTICLE, text, head["url"], saved_at)


def _html(data: bytes) -> Copy:
    html = decode(data)
    start = html[:HEAD]
    single = _SINGLE_FILE.search(start)
    if single:
        return Copy(
            Form.SINGLE_FILE, html, _address(html, single["url"]), _javascript_date(single["date"] or "")
        )
    comment = _SAVED_FROM.search(start)
    return Copy(Form.HTML, html, _address(html, comment["url"] if comment else None), None)


def _javascript_date(text: str) -> dt.datetime | None:
    try:
        return dt.datetime.strptime(text.partition("(")[0].strip(), _JAVASCRIPT_DATE).astimezone(dt.UTC)
    except ValueError:
        return None


def _address(html: str, saved_from: str | None) -> str | None:
    """The publisher's word for it, else where it was saved from, else og:url where that names a story."""
    for url in (address_of(html), saved_from):
        if found := canonicalize(unwrapped(url or "")):
            return found
    told = Document.read("", html).meta("og:url")
    url = canonicalize(unwrapped(told.value)) if told else None
    # On section fronts og:url is the home page's.
    return url if url and page_type_of(url) in STORY_TYPES else None


def unwrapped(url: str) -> str:
    """The address of the page itself, where a copy comes from the Wayback Machine."""
    wrapped = _WAYBACK.match(url)
    return wrapped["url"] if wrapped else url


_READERS: dict[Form | None, Callable[[bytes], Copy]] = {
    Form.MHTML: _mhtml,
    Form.SAVED_ARTICLE: _saved_article,
    Form.SINGLE_FILE: _html,
    Form.HTML: _html,
}
