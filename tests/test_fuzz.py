"""Damaged pages: every real and every golden page, hurt in every way, is read, in time."""

import itertools
import json
import random
import re
import time
from functools import cache
from pathlib import Path

import pytest
from crawling import PROJECT

from crawler.items import PAGE, Role
from crawler.parsers import address_of, parse_page
from crawler.parsers.document import Document
from crawler.urls import canonicalize

LONGEST = 2.0
"""Seconds of processor time that a page may take."""

CORPUS = PROJECT.parent / "shared" / "corpus"
FACTS = CORPUS / "facts.jsonl"
RECORDS = (
    [json.loads(line) for line in FACTS.read_text(encoding="utf-8").splitlines()] if FACTS.exists() else []
)
REAL = {
    CORPUS / "pages" / record["file"]: record["url"] or "https://www.nytimes.com/1977/05/26/movies/x.html"
    for record in RECORDS
    if record["kind"] != "robots"
}
GOLDEN = {
    path: json.loads(path.with_name("page.json").read_text(encoding="utf-8"))["url"]
    for path in sorted((Path(__file__).parent / "pages").glob("*/*/page.html"))
}
PAGES = REAL | GOLDEN


@cache
def load(path):
    return path.read_bytes()


def text_of(path):
    return load(path).decode("utf-8", "replace")


def name(path):
    return path.stem[:50] if path in REAL else "/".join(path.parts[-3:-1])


every_page = pytest.mark.parametrize("path", PAGES, ids=name)


def read(url, html):
    """The page, read within LONGEST, and fit to be stored."""
    before = time.process_time()
    page = parse_page(url, html)
    assert time.process_time() - before < LONGEST
    json.dumps(PAGE.dump_python(page, mode="json"), ensure_ascii=False).encode("utf-8")
    return page


# What may happen to a page: (random, text) -> text


def cut_off(chance, html):
    return html[: chance.randrange(len(html) + 1)]


def beheaded(chance, html):
    return html[chance.randrange(len(html) + 1) :]


def gutted(chance, html):
    start, end = sorted(chance.randrange(len(html) + 1) for _ in range(2))
    return html[:start] + html[end:]


def doubled(chance, html):
    return html + html


def shuffled(chance, html):
    parts = re.split("(?=<)", html)
    chance.shuffle(parts)
    return "".join(parts)


def unclosed(chance, html):
    return re.sub("</[^>]*>", lambda tag: tag[0] if chance.random() < 0.7 else "", html)


def nested(chance, html):
    tag = chance.choice(["div", "p", "a href=/x", "table", "section name=articleBody", "article", "li", "b"])
    return html.replace("<p", f"<{tag}><p")


def with_nulls(chance, html):
    return "".join(c + "\0" if chance.random() < 0.01 else c for c in html)


def without_brackets(chance, html):
    return "".join(c for c in html if c not in "<>\"'" or chance.random() < 0.98)


def renamed(chance, html):
    tags = ["p", "div", "a", "section", "figure", "table", "svg", "template", "noscript", "textarea", "title"]
    return re.sub(
        "<(/?)([a-z]+)", lambda m: f"<{m[1]}{chance.choice(tags) if chance.random() < 0.05 else m[2]}", html
    )


DAMAGES = [
    *(cut_off, beheaded, gutted, doubled, shuffled, unclosed, nested, with_nulls, without_brackets),
    renamed,
]


@every_page
def test_a_damaged_page_is_read(path):
    """Whatever is cut, doubled, shuffled or lost: a page comes out, in time, that a database takes."""
    for damage in DAMAGES:
        html = damage(random.Random(f"{name(path)} {damage.__name__}"), text_of(path))
        assert read(PAGES[path], html).id == canonicalize(PAGES[path]), damage.__name__
        assert address_of(html) is None or isinstance(address_of(html), str)


@every_page
def test_damaged_bytes_are_read(path):
    """Flipped bytes, and bytes decoded as what they are not."""
    chance = random.Random(name(path))
    content = bytearray(load(path))
    for _ in range(len(content) // 50):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    read(PAGES[path], content.decode("utf-8", "replace"))
    charset = chance.choice(["gb18030", "big5", "utf-16", "latin-1", "shift_jis", "utf-7"])
    read(PAGES[path], load(path).decode(charset, "replace"))


@every_page
def test_a_wrong_charset_declared_changes_nothing(path):
    """The text has been decoded by then: what the page says of its bytes is of no matter."""
    html = text_of(path)
    charset = random.Random(name(path)).choice(["gb18030", "utf-16", "no-such-charset"])
    lie = f'<meta charset="{charset}"><meta http-equiv="Content-Type" content="text/html; charset={charset}">'
    lied = re.sub("(?i)<head[^>]*>", lambda head: head[0] + lie, html, count=1)
    assert read(PAGES[path], lied) == parse_page(PAGES[path], html)


def test_random_bytes_are_read():
    """Noise of any kind and length: no error, no content."""
    chance = random.Random(1)
    for url in dict.fromkeys(PAGES.values()):
        noise = chance.randbytes(chance.randrange(20_000))
        assert read(url, noise.decode(chance.choice(["utf-8", "latin-1", "gb18030"]), "replace")).links == ()


# Sizes


def swollen(html, what):
    """`what` put in front of the first paragraph, or of the first closing tag of a page without one."""
    place = re.search("<p[ >]|class=.?article-paragraph|</", html)
    start = html.rfind("<", 0, place.start() + 1) if place else 0
    return html[:start] + what + html[start:]


SIZES = {
    "5,000 deep": "<div>" * 5_000,
    "5,000 deep inline": "<b><i>" * 2_500,
    "5,000 deep links": "<p><a href='/2025/01/01/us/x.html'>" * 2_500,
    "100,000 anchors": "<a href='/2025/01/01/us/x.html'>y</a>" * 100_000,
    "45,000 paragraphs": "<p>x<br>" * 45_000,
    "a paragraph of 800,000 characters": "文字。“" * 200_000,
}


@pytest.mark.parametrize(
    ("path", "size"),
    list(zip(GOLDEN, itertools.cycle(SIZES), strict=False)),
    ids=lambda value: value if value in SIZES else name(value),
)
def test_a_swollen_page_is_read_in_time(path, size):
    """Depth and size are bounded in every layout; the pages take turns with the sizes."""
    read(GOLDEN[path], swollen(text_of(path), SIZES[size]))


@pytest.mark.parametrize("path", REAL, ids=name)
def test_a_swollen_real_page_is_read_in_time(path):
    """Each of the corpus with what the worst pages have."""
    for size in ("100,000 anchors", "5,000 deep"):
        read(REAL[path], swollen(text_of(path), SIZES[size]))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("tag", ["title", "h1", "address", "time", "section", "a href=/x"])
def test_a_tag_left_open_is_read_in_time(tag, size):
    """All of a page in its title, its headline, its byline: no rule reads that far."""
    html = f'<meta property="og:title" content="{"x - " * 200_000}"><{tag} class="article-body">{SIZES[size]}'
    read("https://cn.nytimes.com/china/20250205/invented/", html)


# What can be read is read

ANCHOR = re.compile(r"""<a\s[^>]*?href=["']?([^"'\s>]+)[^>]*>.*?</a>""", re.DOTALL | re.IGNORECASE)


def citations(page):
    return {link.target for link in page.links if link.role is Role.CITATION}


def ends_of_anchors(url, html):
    """For each page linked to, where its last anchor ends."""
    resolve = Document.read(url, "").resolve
    return {canonicalize(resolve(anchor[1]) or ""): anchor.end() for anchor in ANCHOR.finditer(html)}


def test_a_page_cut_in_its_last_third_keeps_what_came_before():
    """Its headline, and in the same layout every citation whose anchor ends before the cut."""
    same = 0
    for path, url in PAGES.items():
        html = text_of(path)
        end = random.Random(name(path)).randrange(len(html) * 2 // 3, len(html))
        whole, cut = parse_page(url, html), read(url, html[:end])
        assert bool(cut.headline) == bool(whole.headline), name(path)
        if cut.extractor.layout == whole.extractor.layout:
            same += 1
            ends = ends_of_anchors(url, html)
            before = {target for target in citations(whole) if ends.get(target, len(html)) < end}
            assert before <= citations(cut), name(path)
            assert cut.headline == whole.headline, name(path)
    assert same > len(PAGES) * 0.8
