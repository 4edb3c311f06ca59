"""The pages a crawl starts from, as known before any request: seed facts and saved documents."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

from crawler.items import Extractor, Link, Page, Provenance, Via
from crawler.parsers import address_of, decode, new_page, parse_page
from crawler.seeds import Seed, SeedError, named_seed, seed_for_url
from crawler.urls import canonicalize, in_scope, is_fetchable


def chosen_seed(url: str | None, seed: str | None, document: Page | None, *, default: str | None) -> Seed:
    """The seed that the arguments of a crawl name, else the default one; SeedError where there is none."""
    if url and seed:
        raise SeedError("give either url or seed, not both")
    if seed:
        return named_seed(seed)
    if document or url:
        return seed_for_url(document.id if document else str(url))
    if default:
        return named_seed(default)
    raise SeedError("nothing to crawl: give -a url=…, -a seed=NAME or -a document=FILE")


def known_links(seed: Seed) -> tuple[Link, ...]:
    """The links of the seed's first page that the seed file gives as facts."""
    targets = [(canonicalize(link.url), link) for link in seed.links]
    return tuple(
        Link(target=target, role=link.role, anchor_text=link.anchor_text, paragraph=link.paragraph)
        for target, link in targets
        if target
    )


def start_pages(seed: Seed) -> list[Page]:
    """One page for each start URL, never fetched; the first with the facts of the seed file."""
    first, *others = (new_page(url) for url in seed.urls)
    if seed.headline:
        first = replace(
            first,
            headline=seed.headline,
            display_title=seed.headline,
            display_title_source="headline",
            published_on=seed.published_on or first.published_on,
        )
    if seed.links:
        first = replace(first, links=known_links(seed), extractor=Extractor(name="seed", layout="facts"))
    return [first, *others]


def known_urls(seed: Seed, document: Page | None) -> list[str]:
    """What the seed file or document alone leads to, on a database that has not seen this seed."""
    links = document.links if document else known_links(seed)
    followed = [link.target for link in links if link.role in seed.roles]
    known = followed if document else [*seed.urls, *followed]
    return [url for url in dict.fromkeys(known) if in_scope(url, seed.sites) and is_fetchable(url)]


def read_document(file: str, url: str | None) -> Page:
    """The page of a saved article or HTML file. Raises SeedError where none can be read."""
    try:
        html = decode(Path(file).read_bytes())
    except OSError as error:
        raise SeedError(f"{file} can't be read: {error.strerror}") from None
    address = canonicalize(url or address_of(html) or "")
    if address is None:
        raise SeedError(f"{file} does not say its own address: give it with -a url=…")
    page = parse_page(address, html)
    if page.headline is None or not page.body:
        raise SeedError(f"{file} is no article: no headline or no body in it")
    return replace(
        page, fetched_at=dt.datetime.now(dt.UTC), fetched_via=Via.IMPORT, provenance=Provenance.IMPORT
    )
