"""What differs from page to page of one layout and means nothing: a reading must not move with it.

Each golden page is changed in one such way and read again; the changes are written once, for all layouts.
"""

import json
import re
from dataclasses import fields
from pathlib import Path

import pytest
from lxml import etree, html

from crawler.parsers import parse_page

PAGES = {
    "/".join(path.parts[-3:-1]): path for path in sorted(Path(__file__).parent.glob("pages/*/*/page.html"))
}
# Read as text first, not as a tree: a Markdown head, a block page.
PAGES = {name: path for name, path in PAGES.items() if not re.search("saved|blocked", name)}

MEANT = {"extractor", "content_hash", "broken_links"}
"""Fields that are allowed to move: where a value was found, and how a broken link is spelled."""


def addresses(tree):
    return tree.xpath("//a[@href][starts-with(@href, 'http')]")


def reverse_attributes(tree):
    """Markup is written by programs that order attributes as they like."""
    for element in tree.iter(etree.Element):
        told = list(element.attrib.items())
        element.attrib.clear()
        for name, value in reversed(told):
            element.set(name, value)


def hash_classes_anew(tree):
    """`css-1fanzo5`, `e1h9rw200`: another with each release."""
    for element in tree.xpath("//*[@class]"):
        element.set("class", re.sub(r"\bcss-\w+", "css-invented0 e0invented0", element.get("class")))


def wrap_the_page(tree):
    """A `<div id=app>` around all there is."""
    body = tree.find("body")
    box = etree.Element("div", id="app")
    box.text, body.text = body.text, None
    box.extend(list(body))
    body.append(box)


def wrap_words(tree):
    """The words of a paragraph inside of a `<span>`."""
    for paragraph in tree.xpath("//p[not(ancestor::header)]"):
        span = etree.Element("span")
        span.text, paragraph.text = paragraph.text, None
        span.extend(list(paragraph))
        paragraph.append(span)


def comment(tree):
    """React leaves `<!-- -->` between words."""
    for paragraph in tree.xpath("//p | //div[@class='article-paragraph']"):
        paragraph.append(etree.Comment(" "))


def script(tree):
    """Styles and scripts between paragraphs, and frames with their `<noscript>`."""
    for paragraph in tree.xpath("//p[not(ancestor::header)] | //div[@class='article-paragraph']"):
        for markup in (
            "<style>.a{}</style>",
            "<script>var a='<p>b</p>'</script>",
            "<div><iframe></iframe><noscript><p>Enable</p></noscript></div>",
        ):
            tail, paragraph.tail = paragraph.tail, None
            new = html.fragment_fromstring(markup)
            paragraph.addnext(new)
            new.tail = tail


def pass_links_on(tree):
    """What is added to a link by those who share it."""
    for anchor in addresses(tree):
        href, mark, fragment = anchor.get("href").partition("#")
        if "nytimes.com" in href:
            tracking = "smid=tw-share&partner=rss&utm_source=x&referrer=y&unlocked_article_code=1.a"
            anchor.set("href", f"{href}{'&' if '?' in href else '?'}{tracking}{mark}{fragment}")


def shout_hosts(tree):
    """Scheme and host in capitals."""
    for anchor in addresses(tree):
        anchor.set("href", re.sub(r"^[a-z]+://[\w.-]+", lambda start: start[0].upper(), anchor.get("href")))


def respell_hosts(tree):
    """http, no `www.`, the host for phones."""
    for anchor in addresses(tree):
        href = re.sub(r"^https?://cn\.nytimes\.com", "http://m.cn.nytimes.com", anchor.get("href"))
        anchor.set("href", re.sub(r"^https?://www\.nytimes\.com", "http://nytimes.com", href))


def leave_out_the_scheme(tree):
    """`//www.nytimes.com/…`."""
    for anchor in addresses(tree):
        if "nytimes.com" in anchor.get("href"):
            anchor.set("href", re.sub("^https?:", "", anchor.get("href")))


def leave_residue(tree):
    """A quotation mark and a space that were copied along."""
    for anchor in addresses(tree):
        if re.fullmatch(
            r"https?://(?:www|cn)\.nytimes\.com/[^?#]*(?:\.html|\d{8}/[\w-]+/)", anchor.get("href")
        ):
            anchor.set("href", f"{anchor.get('href')}%C2%A0”")


def drop(path):
    """A change that takes elements out."""

    def change(tree):
        for element in tree.xpath(path):
            element.drop_tree()

    return change


# What a page may lack: another part of it says the same.
LACKING = {
    "JSON-LD": drop("//script[contains(@type, 'ld+json')]"),
    "all scripts": drop("//script"),
    "og:": drop("//meta[starts-with(@property, 'og:') or starts-with(@name, 'twitter:')]"),
    "description": drop("//meta[@name='description']"),
    "canonical": drop("//link[@rel='canonical']"),
    "time": drop("//time"),
    "byl": drop("//meta[@name='byl']"),
    "title": drop("//title"),
}
WHOLE = ["cn.nytimes.com/modern", "www.nytimes.com/react-2019", "www.nytimes.com/react-2025"]

LINK = "https://www.nytimes.com/2020/01/01/us/elsewhere.html"
BOXES = {
    "cn.nytimes.com/modern": [
        '<div class="big_ad"><small>广告</small></div>',
        f'<div class="article-body-aside col-lg-3"><a href="{LINK}">别处</a></div>',
        '<div class="top_banner_ad"><p>广告</p></div>',
        f'<div id="subscribe_mobile_cont"><p>订阅<a href="{LINK}">简报</a></p></div>',
        '<div class="download"><p>下载应用</p></div>',
    ],
    "www.nytimes.com/react-2025": [
        '<div class="ad" id="story-ad-2-wrapper"><p>Advertisement</p></div>',
        f'<div data-testid="newsletter-signup"><p>Sign up <a href="{LINK}">here</a>.</p></div>',
        f'<aside aria-label="companion column"><a href="{LINK}"><h2>Elsewhere</h2></a></aside>',
        f'<section role="complementary"><p>Understand <a href="{LINK}">it</a>.</p></section>',
        f'<div data-testid="inline-message"><p>Try <a href="{LINK}">it</a>.</p></div>',
        f'<div data-testid="inline-interactive"><p>Label <a href="{LINK}">map</a></p></div>',
        '<div data-testid="share-tools"><a href="https://x.com/">Share</a></div>',
    ],
}


NEUTRAL = [
    *(reverse_attributes, hash_classes_anew, wrap_the_page, wrap_words, comment, script),
    *(pass_links_on, shout_hosts, respell_hosts, leave_out_the_scheme, leave_residue),
]


def read(path, change=None):
    item = json.loads(path.with_name("page.json").read_text(encoding="utf-8"))
    tree = html.document_fromstring(path.read_bytes(), parser=html.HTMLParser(encoding="utf-8"))
    if change is not None:
        change(tree)
    markup = etree.tostring(tree, method="html", encoding="unicode", doctype="<!DOCTYPE html>")
    return parse_page(item["url"], markup)


def told(page):
    return {field.name: getattr(page, field.name) for field in fields(page) if field.name not in MEANT}


@pytest.mark.parametrize("change", NEUTRAL, ids=lambda change: change.__name__)
def test_what_means_nothing_moves_nothing(change):
    """All fields of all golden pages stay as they were."""
    moved = {}
    for name, path in PAGES.items():
        before, after = told(read(path)), told(read(path, change))
        different = {key: (before[key], after[key]) for key in before if before[key] != after[key]}
        if different:
            moved[name] = different
    assert moved == {}


def essence(page):
    names = [author.name for author in page.authors]
    return page.headline, page.published_on, names, page.body, page.links, page.variant, page.in_language


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("lack", LACKING)
def test_a_page_that_lacks_something(name, lack):
    """Headline, day, names, text and links of the layouts of today stand in more than one place."""
    assert essence(read(PAGES[name], LACKING[lack])) == essence(read(PAGES[name]))


@pytest.mark.parametrize(("name", "box"), [(name, box) for name, boxes in BOXES.items() for box in boxes])
def test_boxes_between_paragraphs(name, box):
    """What is put between the paragraphs of today's pages is no part of any."""

    def change(tree):
        path = "//section[@name='articleBody']//p | //div[@class='article-paragraph']"
        for paragraph in tree.xpath(path)[:-1]:
            new = html.fragment_fromstring(box)
            paragraph.addnext(new)
            new.tail = None

    assert told(read(PAGES[name], change)) == told(read(PAGES[name]))
