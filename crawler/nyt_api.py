"""The Article Search API of The New York Times: what it says of one www URL. The key stays in here.

Documented at https://developer.nytimes.com: `fq=web_url:("URL")` finds one article; a JSON object with
`response.docs`; 401 for a key that is refused, 429 where a limit of the minute or day is passed.
"""

import http.client
import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import unescape
from typing import Any
from urllib.parse import urlencode

from crawler.items import Author, Extractor, Page
from crawler.parsers import dates, new_page
from crawler.parsers.evidence import split_names
from crawler.parsers.text import fold
from crawler.urls import canonicalize

NAME = "nyt_api"
LAYOUT = "articlesearch_v2"
TIMEOUT = 30.0
LARGEST = 5_000_000
"""Bytes of an answer; ten documents have some hundred thousand."""

_KEY = re.compile(r"[A-Za-z0-9_-]{8,200}")


class KeyRefused(Exception):  # noqa: N818 - it tells what happened
    """No answer will come with this key."""


class QuotaSpent(Exception):  # noqa: N818 - as above
    """The API asks to wait; `seconds` is for how long, where it says so."""

    def __init__(self, seconds: float | None) -> None:
        super().__init__("the API answers 429: its limit of the minute or day is passed")
        self.seconds = seconds


class NoAnswer(Exception):  # noqa: N818 - as above
    """Nothing that can be read came; another time it may."""


@dataclass(frozen=True, slots=True)
class Client:
    """Asks the API at `address`, with a key that neither its name nor its errors show."""

    address: str
    user_agent: str
    _key: str

    @classmethod
    def of(cls, address: str, user_agent: str, key: str) -> "Client":
        """Raises KeyRefused for what can't be a key."""
        if not _KEY.fullmatch(key.strip()):
            raise KeyRefused("NYT_API_KEY does not look like a key: copy it again from developer.nytimes.com")
        return cls(address, user_agent, key.strip())

    def __repr__(self) -> str:
        return f"Client({self.address!r})"

    def ask(self, url: str) -> bytes:
        """What the API says of a URL. Raises KeyRefused, QuotaSpent, NoAnswer."""
        query = urlencode({"fq": f'web_url:("{url}")', "api-key": self._key})
        request = urllib.request.Request(  # the address is a setting, http or https
            f"{self.address}?{query}", headers={"User-Agent": self.user_agent, "Accept": "application/json"}
        )
        try:
            with _OPENER.open(request, timeout=TIMEOUT) as answer:
                body: bytes = answer.read(LARGEST + 1)
        except urllib.error.HTTPError as error:
            error.close()
            raise _refusal(error) from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            # Not the error itself: some tell the URL they were given.
            raise NoAnswer(f"the API can't be reached: {_told(error)}") from None
        if len(body) > LARGEST:
            raise NoAnswer(f"the API sends more than {LARGEST:,} bytes")
        return body


class _Stay(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the key to another address."""

    def redirect_request(self, *_: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_Stay)


def _refusal(error: urllib.error.HTTPError) -> Exception:
    if error.code in {401, 403}:
        return KeyRefused(f"the API refuses the key in NYT_API_KEY (HTTP {error.code})")
    if error.code == 429:
        return QuotaSpent(_seconds(error.headers.get("Retry-After")))
    return NoAnswer(f"the API answers HTTP {error.code}")


def _seconds(text: str | None) -> float | None:
    return float(text) if text and text.strip().isdigit() else None


def _told(error: Exception) -> str:
    reason = getattr(error, "reason", error)
    return str(getattr(reason, "strerror", None) or type(reason).__name__)


def read_answer(body: bytes, page_id: str) -> Page | None:
    """The page as the API describes it; None where it does not know that very address. Raises NoAnswer."""
    try:
        docs = json.loads(body)["response"]["docs"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise NoAnswer("the API sends something that is not its JSON") from None
    if not isinstance(docs, list | None):
        raise NoAnswer("the API sends something that is not its JSON")
    same = (doc for doc in docs or () if isinstance(doc, dict) and _is(doc, page_id))
    doc = next(same, None)
    return _page(doc, page_id) if doc else None


def _is(doc: dict[str, Any], page_id: str) -> bool:
    """Whether a document is about this page: the search may bring others."""
    url = doc.get("web_url")
    return isinstance(url, str) and canonicalize(url) == page_id


def _page(doc: dict[str, Any], page_id: str) -> Page | None:
    facts = dict(_facts(doc))
    if "headline" not in facts:
        return None
    stamp = dates.exact(_text(doc.get("pub_date")), dates.NEW_YORK)
    rule = {name: rule for name, (_, rule) in facts.items()} | (
        {"date_published": "pub_date"} if stamp else {}
    )
    page = replace(
        new_page(page_id),
        **{name: value for name, (value, _) in facts.items()},
        display_title=facts["headline"][0],
        display_title_source="api",
        extractor=Extractor(name=NAME, layout=LAYOUT, rule=rule),
    )
    if stamp is None:
        return page
    return replace(
        page,
        date_published=stamp.moment,
        published_on=stamp.day,
        published_tz=stamp.zone,
        date_published_raw=stamp.raw,
        date_precision=stamp.precision,
    )


def _facts(doc: dict[str, Any]) -> Iterator[tuple[str, tuple[Any, str]]]:
    """Field to value and rule, for what the document tells."""
    headline, byline = doc.get("headline"), doc.get("byline")
    told: list[tuple[str, Any, str]] = [
        (
            "headline",
            _text(headline.get("main") if isinstance(headline, dict) else headline),
            "headline.main",
        ),
        ("authors", _authors(byline), "byline.original"),
        ("article_section", _text(doc.get("section_name")), "section_name"),
        ("description", _text(doc.get("abstract")) or _text(doc.get("snippet")), "abstract"),
        ("keywords", _keywords(doc.get("keywords")), "keywords"),
        ("publisher", _text(doc.get("source")), "source"),
    ]
    return ((name, (value, rule)) for name, value, rule in told if value)


def _text(value: Any) -> str:
    """Text on one line; half surrogate pairs, which JSON may hold and no database takes, replaced."""
    text = fold(unescape(value)) if isinstance(value, str) else ""
    return text.encode("utf-8", "replace").decode()


def _authors(byline: Any) -> tuple[Author, ...]:
    original = byline.get("original") if isinstance(byline, dict) else byline
    return tuple(Author(name=name) for name in split_names(_text(original)))


def _keywords(keywords: Any) -> tuple[str, ...]:
    """In the order of their rank."""
    listed = [word for word in keywords if isinstance(word, dict)] if isinstance(keywords, list) else []
    ranked = sorted(
        listed, key=lambda word: word["rank"] if isinstance(word.get("rank"), int) else len(listed)
    )
    values = (_text(word.get("value")) for word in ranked)
    return tuple(dict.fromkeys(filter(None, values)))
