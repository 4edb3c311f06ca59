"""Golden pages: the structure of a real page around invented prose, for the tests to read. Pure."""

import json

from crawler.golden.comparison import SHINGLE, differences, prose_left
from crawler.golden.structure import add_data, inner, markup, replace_prose, strip
from crawler.golden.words import Prose
from crawler.items import PAGE, Page
from crawler.parsers import parse_page
from crawler.parsers.document import Document
from crawler.parsers.saved_article import read_head

__all__ = ["SHINGLE", "differences", "prose_left", "rebuild", "to_json"]


def rebuild(url: str, html: str) -> str:
    """The page in its structure, every word of prose replaced; it says so in a comment.

    Kept are the elements, classes, addresses, names, dates and counts that layouts read: words and characters
    are as many as before, sentences end where they did, and what was equal stays equal.
    """
    head = read_head(html)
    page = parse_page(url, html)
    prose = Prose(page)
    article = html.removeprefix("\ufeff")[head.end() :] if head else html
    document = Document.read(url, article)
    data = document.json_ld
    strip(document.root, {post.slug for post in page.posts})
    replace_prose(document.root, prose)
    notice = f"<!-- The structure of {url.replace('--', '-')}; all prose in it is invented. -->"
    if head:
        feed = f"<!--{head['feed']}-->\n" if head["feed"] else ""
        body = "".join(inner(body) for body in document.root.iter("body"))
        return f"{feed}[{prose.invent(head['title'])}]({head['url']})\n------\n\n{body}\n{notice}\n"
    add_data(document.root, prose.invent_data(data))
    return f"<!DOCTYPE html>\n{notice}\n{markup(document.root)}\n"


def to_json(page: Page) -> str:
    """The item as page.json has it: what differs from a bare page."""
    item = PAGE.dump_python(page, mode="json", exclude_defaults=True)
    return json.dumps(item, ensure_ascii=False, indent=2) + "\n"
