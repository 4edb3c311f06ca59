"""Public link graphs to rank on: the real one of ../shared/graph, and FOLDOC, a hyperlinked dictionary.

FOLDOC, the Free On-line Dictionary of Computing, is in Debian's package dict-foldoc: 12,000 entries by many
hands, with links in their running text, as an article has them, dates and subjects, from 1993 to 2023.
"""

import datetime as dt
import gzip
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crawler.graph.facts import is_hub
from crawler.graph.text import distinctive, terms, title_words
from crawler.graph.workgraph import Citation, Node
from crawler.graph.works import Member, find_works
from crawler.urls import CN, canonicalize, page_type_of, published_on, readable_title, story_key

REAL = Path(__file__).parents[2] / "shared" / "graph" / "cn_articles_2025.jsonl"
FOLDOC = Path("/usr/share/dictd")
BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
FOLDOC_HUB = 50
"""An entry that one in so many link to is taken for a hub, as topic pages are: `Jargon File`, `Unix`, `C`."""


@dataclass(frozen=True, kw_only=True)
class LinkGraph:
    """A public graph: its works, who cites whom in which words, who is recommended with whom."""

    name: str
    nodes: list[Node]
    citations: list[Citation]
    anchors: dict[tuple[str, str], str]
    """The words that carry the links of a pair."""
    recommended: list[tuple[str, str]]
    texts: dict[str, str]
    """All that is known of each work's text, for the baseline."""
    titles: dict[str, str]


def foldoc(folder: Path = FOLDOC) -> LinkGraph:
    """Entries as works; a link leads to the entry that bears its words."""
    entries: dict[str, str] = {}
    for headword, body in _entries(folder):
        entries.setdefault(headword.lower(), "")
        entries[headword.lower()] += f"{body}\n\n"
    found = [link for name, body in entries.items() for link in _links(name, body) if link.target in entries]
    citing = Counter(link.target for link in {link._replace(paragraph=0) for link in found})
    hubs = {name for name, count in citing.items() if count * FOLDOC_HUB > len(entries)}
    return LinkGraph(
        name="FOLDOC",
        nodes=[_entry_node(name, body, name in hubs) for name, body in entries.items()],
        citations=found,
        anchors={(link.source, link.target): link.target for link in found},
        recommended=[],
        texts={name: f"{name} {body}" for name, body in entries.items()},
        titles={name: name for name in entries},
    )


def _entries(folder: Path) -> Iterator[tuple[str, str]]:
    text = gzip.decompress((folder / "foldoc.dict.dz").read_bytes())
    index = [line.split("\t") for line in (folder / "foldoc.index").read_text(encoding="utf-8").splitlines()]
    for start, length in sorted({(_number(o), _number(n)) for name, o, n in index if name[:2] != "00"}):
        headword, _, body = text[start : start + length].decode(errors="replace").partition("\n")
        yield headword.strip(), body.strip("\n")


def _number(digits: str) -> int:
    number = 0
    for digit in digits:
        number = number * 64 + BASE64.index(digit)
    return number


def _links(name: str, body: str) -> Iterator[Citation]:
    for paragraph, text in enumerate(re.split(r"\n\s*\n", body), 1):
        for anchor in re.findall(r"\{([^{}]+)\}", text):
            target = " ".join(anchor.split()).lower()
            if target != name:
                yield Citation(name, target, paragraph)


def _entry_node(name: str, body: str, hub: bool) -> Node:
    subject = re.search(r"<([^>]+)>", body)
    dated = re.findall(r"\((\d{4}-\d\d-\d\d)\)", body)
    return Node(
        id=name,
        is_hub=hub,
        day=_day(dated[-1]) if dated else None,
        topics=(subject[1].lower(),) if subject else (),
        terms=distinctive(name, body),
    )


def _day(date: str | None) -> int | None:
    try:
        return dt.date.fromisoformat(date or "").toordinal()
    except ValueError:
        return None


def real(path: Path = REAL) -> LinkGraph:
    """The 90 articles and all they link to, an English original and its translation as one work.

    The paragraph of a link is not known: its number among the article's links stands for it.
    """
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    articles = {row["url"]: row for row in rows}
    work = _work_of(articles)
    citations, anchors, recommended = [], {}, []
    labels: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for url, row in articles.items():
        for place, (role, target, text) in enumerate(_roles(row), 1):
            pair = work[url], work.get(target, target)
            labels[role][pair[0]].add(target)
            if role == "citation":
                citations.append(Citation(*pair, place))
                anchors[pair] = f"{anchors.get(pair, '')} {text}"
            elif role == "related":
                recommended.append(pair)
    return _real_graph(articles, work, citations, anchors, recommended, labels)


def _work_of(articles: dict[str, dict[str, Any]]) -> dict[str, str]:
    originals = {url: canonicalize(row["english_original"] or "") for url, row in articles.items()}
    pairs = [(url, original) for url, original in originals.items() if original]
    pages = {*articles, *(original for _, original in pairs)}
    for row in articles.values():
        pages |= {target for _, target, _ in _roles(row)}
    members = [
        Member(id=page, story_key=story_key(page)) for page in pages if page_type_of(page) != "external"
    ]
    return {page: found.id for found in find_works(members, pairs, set(articles)) for page in found.members}


def _roles(row: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(role, target, anchor text) of the article's own links; menus and lists of the popular are not."""
    for link in row["links"]:
        href = link["href"]
        target = canonicalize(f"https://{CN}{href}" if href.startswith("/") else href)
        if target is None or link.get("sub") not in (None, "related"):
            continue
        kind = page_type_of(target)
        if link["where"] == "body":
            yield "citation", target, link["text"]
        elif link.get("sub") == "related" or kind in {"author", "topic"}:
            yield link.get("sub") or kind, target, link["text"]


def _real_graph(articles, work, citations, anchors, recommended, labels) -> LinkGraph:
    pages: dict[str, list[str]] = defaultdict(list)
    for page in [*work, *(name for c in citations for name in (c.source, c.target))]:
        pages[work.get(page, page)].append(page)
    texts = {name: " ".join(_headlines(set(own), articles)) for name, own in pages.items()}
    degree = Counter(name for c in {c._replace(paragraph=0) for c in citations} for name in c[:2])
    nodes = [
        Node(
            id=name,
            is_hub=is_hub(page_type_of(name), degree[name]),
            day=min(filter(None, (_day(_date(page, articles)) for page in own)), default=None),
            authors=tuple(labels["author"][name]),
            topics=tuple(labels["topic"][name]),
            terms=tuple(dict.fromkeys(terms(texts[name]))),
        )
        for name, own in pages.items()
    ]
    titles = {name: texts[name] for name in pages}
    return LinkGraph(
        name="the real graph of 90 articles",
        nodes=nodes,
        citations=citations,
        anchors=anchors,
        recommended=recommended,
        texts=texts,
        titles=titles,
    )


def _headlines(pages: set[str], articles: dict[str, dict[str, Any]]) -> Iterator[str]:
    """The headline where it is known, and the address in words."""
    for page in sorted(pages):
        if page in articles:
            yield articles[page]["title"]
        yield title_words(readable_title(page))


def _date(page: str, articles: dict[str, dict[str, Any]]) -> str | None:
    return articles[page]["datetime"][:10] if page in articles else published_on(page)
