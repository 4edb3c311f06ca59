"""Evidence that any site may give: meta tags, JSON-LD, the URL, the script of the text."""

import datetime as dt
import re
from collections.abc import Iterable

from crawler.directives import METAS, meta_forbids_copies
from crawler.items import Author, DatePrecision
from crawler.parsers import dates
from crawler.parsers.document import Document, Fact, first
from crawler.parsers.languages import by_script, by_words
from crawler.parsers.text import fold
from crawler.urls import canonicalize, published_on

_TITLE_SUFFIX = re.compile(
    r"(?:\s\(Published \d{4}\))?"
    r"(?:(?:\s[-–—]\s[^-–—|]{1,40} Blog)?\s[-–—|]\s(?:The New York Times[^-–—|]*|New York Times|NYTimes\.com"
    r"|The Athletic|International Herald Tribune|(?:纽约时报中文网|紐約時報中文網)[^-–—|]*))?$"
)
_TITLE_PREFIX = re.compile(r"^Opinion \| ")
# What follows a name with a comma and is none: Jr., M.D.
_SUFFIX = r"(?:Jr|Sr|II|III|IV|M\.?\s?D|Ph\.?\s?D|D\.?V\.?M|R\.?N|Esq)\b"
_NAMES = re.compile(
    rf"[,，、;；](?!\s*{_SUFFIX})(?:\s*(?:and|with)\s)?|\s(?:and|with|&|as told to)\s", re.IGNORECASE
)
_SPANISH_NAMES = re.compile(r",(?:\s*[ye]\s)?|\s[ye]\s")
_BY = re.compile(
    r"^(?:(?:(?:Written(?: and (?:Photographed|Illustrated))?|Text|Interviews?|Compiled|Reported|Reporting"
    r"|Reviewed) )?By"
    r"|As told to|(Por))(?:\s|$)",
    re.IGNORECASE,
)
# Who did something else, behind who wrote: `By A; Photographs and Video by B`.
_ROLE = r"(?:Photograph(?:s|y|ed)?|Photos?|Pictures|Illustrat(?:ions?|ed)|Videos?|Visuals|Graphics|Produced)"
_OTHERS = re.compile(
    rf"(?:[,;.]\s*)?(?:\band\s)?(?<!Written and )\b{_ROLE}(?:(?:\sand|,|\s&)\s(?:Text|{_ROLE}))*\sby\s",
    re.IGNORECASE,
)
_SPECIAL = re.compile(r"Special to\b", re.IGNORECASE)  # … The New York Times: no name, but by wire
# Of a blog and of The Athletic what follows the date is the slug, and the last that there is.
_SECTION = re.compile(r"//cn\.nytimes\.com/(?:article/)?([a-z-]+)/\d{4}|/\d{4}/\d\d/\d\d/([a-z-]+)/[^/?]")


def split_names(byline: str) -> tuple[str, ...]:
    """Names of a byline, as published: `By A, B and C`, `Por A y B`, `甲、乙`; who wrote, if that is told."""
    said = _OTHERS.split(fold(byline))
    text = next((part.strip(" ,;") for part in said if part.strip(" ,;")), "")
    by = _BY.match(text)
    parts = (_SPANISH_NAMES if by and by[1] else _NAMES).split(text[by.end() :] if by else text)
    names = [name for part in parts if (name := _BY.sub("", part.strip()))]
    return tuple(name for name in names if not _SPECIAL.match(name))


def plain_title(title: str) -> str:
    """A title without what the site adds to it."""
    return _TITLE_PREFIX.sub("", _TITLE_SUFFIX.sub("", title, count=1)).strip()


def og_title(document: Document) -> Fact[str] | None:
    """The headline for other sites."""
    return plain(document.meta("og:title"))


def page_title(document: Document) -> Fact[str] | None:
    """<title>."""
    return plain(document.text("title"))


def plain(fact: Fact[str] | None) -> Fact[str] | None:
    """A title found, without what the site adds to it; None where nothing is left."""
    title = plain_title(fact.value) if fact else ""
    return Fact(title, fact.rule) if fact and title else None


def authors(document: Document) -> Fact[tuple[Author, ...]] | None:
    """Names from the head of the page; from JSON-LD, which has the addresses, where both name the same."""
    meta, data = _authors_in_meta(document), _authors_in_data(document)
    agreed = meta and data and [one.name for one in meta.value] == [one.name for one in data.value]
    return data if agreed else first(meta, data)


def _authors_in_meta(document: Document) -> Fact[tuple[Author, ...]] | None:
    fact = document.meta("byl", "author")
    names = split_names(fact.value) if fact and "://" not in fact.value else ()
    if fact is None or not names:
        return None
    pages = [canonicalize(url) for url in document.metas.get("article:author", ())]
    if len(pages) != len(names):  # then nobody can tell whose they are
        pages = [None] * len(names)
    people = (Author(name=name, url=page) for name, page in zip(names, pages, strict=True))
    return Fact(tuple(people), fact.rule)


def _authors_in_data(document: Document) -> Fact[tuple[Author, ...]] | None:
    people = [person for person in document.data_list("author") if isinstance(person, dict)]
    named = ((person.get("name"), person.get("url")) for person in people)
    found = tuple(
        Author(name=fold(name), url=canonicalize(url) if isinstance(url, str) else None)
        for name, url in named
        if isinstance(name, str) and fold(name)
    )
    return Fact(found, "json-ld author") if found else None


def published(document: Document, zone: str) -> Fact[dates.Stamp] | None:
    """A time with its offset, from the head of the page, else the day of one that has none."""
    facts = (
        document.meta("article:published_time"),
        document.meta("article:published"),
        document.data("datePublished"),
    )
    read = ((fact.rule, dates.exact(fact.value, zone)) for fact in facts if fact)
    found = [Fact(stamp, rule) for rule, stamp in read if stamp]
    exact = (fact for fact in found if fact.value.precision is DatePrecision.MINUTE)
    return first(next(exact, None), *found)


def published_in_url(url: str, zone: str) -> Fact[dates.Stamp] | None:
    """The day in the URL."""
    day = published_on(url)
    stamp = dates.day(day, zone) if day else None
    return Fact(stamp, "url") if stamp else None


def modified(document: Document) -> Fact[dt.datetime] | None:
    """When last changed."""
    facts = (document.meta("article:modified_time", "article:modified"), document.data("dateModified"))
    moments = ((fact.rule, dates.utc(fact.value)) for fact in facts if fact)
    return next((Fact(moment, rule) for rule, moment in moments if moment), None)


def section_in_url(url: str) -> Fact[str] | None:
    """The section's name in the path."""
    found = _SECTION.search(url)
    return Fact(found[1] or found[2], "url") if found else None


def keywords(document: Document) -> Fact[tuple[str, ...]] | None:
    """Tags, given one by one or in a list."""
    listed = document.meta("news_keywords", "keywords")
    words = dict.fromkeys(map(str.strip, re.split("[,;，；]", listed.value))) if listed else {}
    tags = tuple(word for word in words if word not in {"", "null"})
    return first(document.meta_list("article:tag"), Fact(tags, listed.rule) if listed and tags else None)


def is_accessible_for_free(document: Document) -> Fact[bool] | None:
    """What the publisher says; no sign of truncation."""
    value = document.article_data.get("isAccessibleForFree")
    said = Fact(str(value), "json-ld isAccessibleForFree") if value is not None else None
    fact = first(said, document.meta("itemprop=isAccessibleForFree"))
    return Fact(fact.value.lower() == "true", fact.rule) if fact else None


def archive_policy(document: Document) -> Fact[str] | None:
    """`noarchive` where the page asks for it."""
    metas = [fact for name in METAS if (fact := document.meta_list(name))]
    asking = (fact.rule for fact in metas if any(map(meta_forbids_copies, fact.value)))
    return next((Fact("noarchive", rule) for rule in asking), None)


def language(document: Document, text: str, variant: str | None) -> Fact[str] | None:
    """BCP 47, by the text itself; what is too short to tell is in the language that the page declares.

    `variant` is the language version that the address names. None where nothing tells.
    """
    script = by_script(text)
    if script == "zh":
        named = variant if variant == "zh-Hant" else "zh-Hans"
        return first(_chinese(_declared(document)), Fact(named, "url"))
    words = None if script else by_words(text)
    tags = (Fact(_primary(fact.value), fact.rule) for fact in _declared(document))
    # A page of a Chinese site may have no Chinese on it, and still declare it.
    other = (fact for fact in tags if re.fullmatch("[a-z]{2,3}", fact.value) and fact.value != "zh")
    return first(
        Fact(script, "script of the text") if script else None,
        Fact(words, "words of the text") if words else None,
        next(other, None),
        Fact("en", "url") if variant == "en" and text else None,
    )


def _declared(document: Document) -> list[Fact[str]]:
    lang = document.root.get("lang")
    facts = (
        Fact(lang, "html @lang") if lang else None,
        document.meta("itemprop=inLanguage", "LANG", "og:locale"),
        document.data("inLanguage"),
    )
    return [fact for fact in facts if fact]


def _primary(tag: str) -> str:
    return re.split("[-_]", tag)[0].lower()


def _chinese(declared: Iterable[Fact[str]]) -> Fact[str] | None:
    for fact in declared:
        found = re.match("zh[-_]?(?:(hant|tw|hk|mo)|(hans|cn|sg))", fact.value.lower())
        if found:
            return Fact("zh-Hant" if found[1] else "zh-Hans", fact.rule)
    return None
