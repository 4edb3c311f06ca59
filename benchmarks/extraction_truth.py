"""What is known of the articles of the corpus, and how a reading is judged by it."""

import json
import re
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from extraction_systems import NEW_YORK, NOT_READ, Reading, day_in, text_of
from lxml import html as lxml_html

from crawler.urls import canonicalize

NYT = re.compile(r"https?://(?:[\w-]+\.)*nytimes\.com/")
SUFFIX = re.compile(r" - (?:The New York Times|NYTimes\.com|(?:纽约时报|紐約時報)中文[网網].*)$")
LABEL = re.compile(r"^.*\S \| ")
BY, NAMES = re.compile(r"^by\b\s*"), re.compile(r"(?:[,;]|\s+and\b)\s*(?:and\b\s*)?")
URL_DAY = re.compile(r"/(\d{4})/?(\d\d)/?(\d\d)/")
WORD = re.compile(r"[\u4e00-\u9fff]|[^\W\u4e00-\u9fff]+")
FRAME = "ancestor::figure or ancestor::header or ancestor::footer or ancestor::aside"
PROSE = f"//*[self::p or self::h2 or self::h3][not({FRAME})]"
QUOTES = str.maketrans("‘’“”", "''\"\"")
BEIJING = ZoneInfo("Asia/Shanghai")
BODY_GOAL = 0.98


class Truth(NamedTuple):
    """What is known of a page; empty where nothing is."""

    headline: set[str]
    day: str | None
    byline: set[str]
    listed: set[str]
    in_text: set[str]
    body: str | None
    hdl: set[str]
    body_text: str | None


class Seen(NamedTuple):
    """What was looked at in the corpus, and is no text although its records say so."""

    links: frozenset[str] = frozenset()
    frame: re.Pattern[str] = re.compile("(?!)")


def seen_in_corpus() -> Seen:
    """As tests/test_corpus.py has it."""
    try:
        from test_corpus import FRAME, NOT_IN_TEXT
    except ModuleNotFoundError as error:
        print(f"P*, R* and body* are P, R and body: {error.name} is missing", file=sys.stderr)
        return Seen()
    return Seen(frozenset(NOT_IN_TEXT), FRAME)


def truth_of(fact: dict[str, Any], html: str, folder: Path, seen: Seen) -> Truth:
    """What facts.jsonl and expected/ tell of a page."""
    url, dated = fact["url"], URL_DAY.search(fact["url"])
    day = day_in(fact["published"], BEIJING if "//cn." in url else NEW_YORK) if fact["published"] else None
    listed = _targets(fact["in_text_link_list"], url)
    texts = (_expected(folder / name) for name in fact["expected"])
    body = next(filter(None, texts), [])
    return Truth(
        headline={_plain(text) for text in _headlines(fact["title"], html)},
        day=day or ("-".join(dated.groups()) if dated else None),
        byline=_names(fact["byline_meta"] or ""),
        listed=listed,
        in_text={link for link in listed if link.partition("?")[0] not in seen.links},
        body="\n".join(body) or None,
        hdl={_plain(text) for text in _parse(html).xpath("//meta[@name='hdl']/@content")},
        body_text="\n".join(text for text in body if not seen.frame.search(text)) or None,
    )


def _parse(html: str) -> Any:
    return lxml_html.fromstring(html.encode(), parser=lxml_html.HTMLParser(encoding="utf-8"))


def _headlines(title: str, html: str) -> list[str]:
    bare = SUFFIX.sub("", title)
    root = _parse(html)
    og_titles = root.xpath("//meta[@*='og:title']/@*[name()='content' or name()='value']")
    heads = (" ".join(text_of(h1).split()) for h1 in root.iter("h1"))
    longest = max((head for head in heads if not title.endswith(head)), key=len, default=bare)
    return [bare, LABEL.sub("", bare), *og_titles, longest]


def _expected(path: Path) -> list[str]:
    """Paragraphs."""
    texts: Iterable[str] = ()
    if path.suffix == ".html":
        texts = map(text_of, lxml_html.fromstring(path.read_text(encoding="utf-8")).xpath(PROSE))
    elif path.name.endswith("truth.json"):
        truth = next(iter(json.loads(path.read_text(encoding="utf-8")).values()))
        texts = truth["articleBody"].split("\n")
    return [" ".join(text.split()) for text in texts]


def shingle_f1(text: str, expected: str, size: int = 4) -> float:
    """F1 of two texts as multisets of word shingles; a Chinese character is a word."""
    words = [WORD.findall(_plain(each)) for each in (text, expected)]
    one, other = (Counter(zip(*(each[n:] for n in range(size)), strict=False)) for each in words)
    return 2 * (one & other).total() / max(one.total() + other.total(), 1)


def score(reading: Reading, truth: Truth, url: str) -> dict[str, Any]:
    """Counts, F1 and misses of one reading."""
    links, names, headline = (
        _targets(reading.links, url),
        _names(reading.byline),
        _plain(reading.headline or ""),
    )
    got = {"headline": headline, "day": reading.day, "byline": sorted(names)}
    right = (headline in truth.headline, reading.day == truth.day, names == truth.byline)
    known = [name for name in got if getattr(truth, name) and got[name] != NOT_READ]
    good = {name for name, verdict in zip(got, right, strict=True) if verdict and name in known}
    counts = Counter([*known, *(f"{name} right" for name in good)])
    counts["headline* right"] = headline in truth.headline | truth.hdl
    counts.update({"P": len(links & truth.listed), "found": len(links), "listed": len(truth.listed)})
    counts.update({"P*": len(links & truth.in_text), "in text": len(truth.in_text)})
    expected = {"body": truth.body, "body*": truth.body_text}
    bodies = {name: shingle_f1(reading.body, text) for name, text in expected.items() if text}
    misses: dict[str, Any] = {name: got[name] for name in known if name not in good}
    misses |= {name: f"{f1:.3f}" for name, f1 in bodies.items() if f1 < BODY_GOAL}
    differences = {"links missing": truth.in_text - links, "links too many": links - truth.in_text}
    misses |= {name: sorted(each) for name, each in differences.items() if each}
    return {"counts": counts, "bodies": bodies, "misses": misses}


def _plain(text: str) -> str:
    return " ".join(text.translate(QUOTES).split())


def _names(byline: str) -> set[str]:
    return {name for name in NAMES.split(BY.sub("", byline.casefold().replace(".", ""))) if name}


def _targets(hrefs: Iterable[str], url: str) -> set[str]:
    found = {canonicalize(urljoin(url, href)) for href in hrefs} - {canonicalize(url), None}
    return {target for target in found if NYT.match(target)}
