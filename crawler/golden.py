"""Golden pages: the structure of a real page around invented prose, for the tests to read. Pure."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Collection, Iterator
from functools import cache
from typing import Any

from lxml import etree

from crawler.items import PAGE, Page
from crawler.parsers import FORMS, OTHERWISE, SITES, parse_page
from crawler.parsers.document import Document, Element
from crawler.parsers.saved_article import read_head
from crawler.parsers.text import chinese_script, fold

SHINGLE = 12
"""Characters in a row that a golden page may share with the prose it was made from: fewer than that."""

# What no layout reads, and what is not structure but content.
_DROPPED_TAGS = (
    *("audio", "base", "button", "canvas", "embed", "form", "iframe", "input", "link", "map", "object"),
    *("script", "select", "style", "svg", "template", "textarea", "video"),
)
_INLINE_TAGS = {"a", "abbr", "b", "em", "font", "i", "mark", "q", "s", "strong", "sub", "sup", "u"}
_KEPT_LINKS = {"alternate", "canonical", "amphtml"}
_ATTRIBUTES = {
    *("charset", "class", "content", "data-original", "data-src", "data-url", "datetime", "href", "hreflang"),
    *("itemid", "itemprop", "itemtype", "lang", "name", "property", "pudate", "rel", "role", "src", "type"),
    "value",
}
# An initial letter that is a picture, a time that is not shown.
_SMALL = {"alt": re.compile(r"\w"), "title": re.compile(r"[\dTZ:.+-]+")}
_USELESS_METAS = re.compile(
    r"(?i)viewport|apple-|msapplication|al:|fb:|google|csrf|p:domain|bt:|slack|theme-color|twitter:(?!title|desc)"
    r"|.*verif"
)
# Facts, not prose, however many words they have.
_FACT_METAS = re.compile(
    r"(?i)robots|(?:.*:)?section|byl|author|.*:author|P?ST|S?CG|PT|WT\..*|(?:.*:)?content_tier"
)

# Words of the site itself that the layouts hold on to: none is as long as a shingle.
_WORDS_HELD = r"""
    (?:欢迎|歡迎)?(?:点击|點擊) | 此[处處] | 订阅 | 訂閱 | 感[谢謝] | cn\.letters@nytimes\.com
    | (?:翻译|翻譯|编译|編譯)(?=\s*[:：]) | 查看(?:本文英文版|更多) | 英文(?:版|原文) | English\ version
    | (?:报道|報道|報導|研究)[贡貢][献獻] | (?:相关|相關)(?:报道|報道|報導) | 广告 | 廣告 | 获取更多RSS
    | (?:访问|訪問)的(?:页面|頁面)(?:未找到|不存在) | 纽约时报中文网 | 紐約時報中文網 | 国际纵览
    | \b(?:Page\ Not\ Found|The\ New\ York\ Times|NYTimes\.com|Advertisement|Opinion(?=\ \|))\b
    | \b(?:Credit|Image|Video|By|Por|and)\b | \((?:Published\ \d{4}|Page\ \d+\ of\ \d+)\)
"""
_DATES_HELD = r"\d{4}-\d\d-\d\d(?:[T ][\d:.]+(?:Z|[+-]\d\d:?\d\d)?)? | \d{4}年\d{1,2}月\d{1,2}日"
_WHOLE_DATE = re.compile(
    r"(?:[A-Z][a-z]+,? )?(?:[A-Z][a-z]{2,8}\.? \d{1,2}, \d{4}|\d{1,2} [A-Z][a-z]{2,8} \d{4})(?:,? .{0,30})?"
)
# One stands for another of its length, so that sentences still end where they did.
_ABBREVIATIONS = {
    2: ("Dr", "Ft", "Ga", "Jr", "Lt", "Mr", "Ms", "Mt", "No", "Pa", "Sr", "St", "Va"),
    3: (
        "Adm",
        "Ala",
        "Col",
        "Fla",
        "Gen",
        "Gov",
        "Ill",
        "Ind",
        "Maj",
        "Mrs",
        "Rep",
        "Rev",
        "Sen",
        "Sgt",
        "Wis",
    ),
    4: ("Ariz", "Capt", "Colo", "Conn", "Mass", "Mich", "Minn", "Okla", "Prof", "Sept", "Tenn", "Wash"),
}
_SHORT = "|".join(
    (*(word for words in _ABBREVIATIONS.values() for word in words), "Jan|Feb|Mar|Apr|Aug|Oct|Nov|Dec")
)
_TOKEN = re.compile(
    rf"(?P<short>\b(?:{_SHORT})(?=\.))|(?P<letter>(?<![^\W\d_])[A-Za-z](?![^\W\d_]))"
    r"|(?P<han>[\u3400-\u9fff\uf900-\ufaff]+)|(?P<number>\d+)|(?P<word>[A-Za-z\u00c0-\u024f]+)|(?P<other>[^\W\d_]+)"
)
_PROSE = {
    "zh-Hans": "这段文字是虚构的只为测试而写没有任何一句话来自报纸它的长短与原来那一页相同"
    "但内容全部由程序填入读者请勿当真",
    "zh-Hant": "這段文字是虛構的只為測試而寫沒有任何一句話來自報紙它的長短與原來那一頁相同"
    "但內容全部由程式填入讀者請勿當真",
}
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]")
_CONSONANTS, _VOWELS = "bdfgklmnprstv", "aeiou"


def rebuild(url: str, html: str) -> str:
    """The page in its structure, every word of prose replaced; it says so in a comment.

    Kept are the elements, classes, addresses, names, dates and counts that layouts read: words and characters
    are as many as before, sentences end where they did, and what was equal stays equal.
    """
    head = read_head(html)
    page = parse_page(url, html)
    prose = _Prose(page)
    article = html.removeprefix("\ufeff")[head.end() :] if head else html
    document = Document.read(url, article)
    data = document.article_data
    _strip(document.root, {post.slug for post in page.posts})
    _replace(document.root, prose)
    notice = f"<!-- The structure of {url.replace('--', '-')}; all prose in it is invented. -->"
    if head:
        feed = f"<!--{head['feed']}-->\n" if head["feed"] else ""
        body = "".join(_inner(body) for body in document.root.iter("body"))
        return f"{feed}[{prose.invent(head['title'])}]({head['url']})\n------\n\n{body}\n{notice}\n"
    if data:
        _add_data(document.root, prose.invent_data(data))
    return f"<!DOCTYPE html>\n{notice}\n{_markup(document.root)}\n"


def to_json(page: Page) -> str:
    """The item as page.json has it: what differs from a bare page."""
    item = PAGE.dump_python(page, mode="json", exclude_defaults=True)
    return json.dumps(item, ensure_ascii=False, indent=2) + "\n"


def differences(original: Page, rebuilt: Page) -> list[str]:
    """In what a rebuilt page is read otherwise than the original."""
    before, after = _shape(original), _shape(rebuilt)
    return [f"{name} {before[name]} -> {after[name]}" for name in before if before[name] != after[name]]


def prose_left(original: Page, html: str) -> str | None:
    """The first SHINGLE characters of the original's prose in a rebuilt page; None where there are none."""
    held = _Prose(original).held
    text = held.sub("\n", fold(" ".join(_words(Document.read("", html)))))
    there = set(_shingles(text))
    passages = (part for prose in _passages(original) for part in held.split(prose))
    shingles = (shingle for passage in passages for shingle in _shingles(passage))
    return next((s for s in shingles if s in there and sum(map(str.isalpha, s)) > SHINGLE / 2), None)


def _shingles(text: str) -> Iterator[str]:
    return (text[i : i + SHINGLE] for i in range(len(text) - SHINGLE + 1))


def _words(document: Document) -> Iterator[str]:
    """All text of a page that is prose, or might be."""
    yield from (text for element in document.root.iter() for text in (element.text, element.tail) if text)
    for meta in document.root.iter("meta"):
        yield from (
            text for name, text in meta.attrib.items() if name in {"content", "value"} and not _is_fact(text)
        )


def _passages(page: Page) -> Iterator[str]:
    texts = (page.headline, page.alternative_headline, page.description, page.body)
    captions = (image.caption for image in page.images)
    posts = (text for post in page.posts for text in (post.headline, post.body))
    links = (link.anchor_text for link in page.links if not _is_fact(link.anchor_text))
    yield from filter(None, (*texts, *captions, *posts, *links))
    yield from (row.text_en for row in page.paragraphs if row.text_en)


def _shape(page: Page) -> dict[str, Any]:
    return {
        "layout": page.extractor and page.extractor.layout,
        "paragraphs": page.body.count("\n\n") + 1 if page.body else 0,
        "aligned paragraphs": [row.text_en is not None for row in page.paragraphs],
        "links": [(link.target, link.role, link.paragraph) for link in page.links],
        "broken links": [link.href for link in page.broken_links],
        "authors": page.authors,
        "translators": page.translators,
        "date": (page.date_published, page.date_precision, page.date_published_raw, page.date_modified),
        "images": [(image.url, bool(image.caption), bool(image.credit)) for image in page.images],
        "headlines": (bool(page.headline), bool(page.alternative_headline), bool(page.description)),
        "posts": [(post.slug, len(post.authors), post.body.count("\n\n")) for post in page.posts],
        "times of posts": [post.date_published for post in page.posts],
        "language": page.in_language,
        "length": (page.word_count, page.character_count),
        "translations": (page.translation_of, page.translations),
        "truncated": page.is_truncated,
    }


# Words


class _Prose:
    """Invents text for one page: names that its item has stay, and so does the script it is written in."""

    def __init__(self, page: Page) -> None:
        authors = (*page.authors, *(author for post in page.posts for author in post.authors))
        names = {*(author.name for author in authors), *page.translators}
        names |= {*(image.credit for image in page.images if image.credit)}
        alternatives = [
            re.escape(name).replace(r"\ ", r"\s+") for name in sorted(names, key=len, reverse=True)
        ]
        verbatim = "|".join(rf"(?<!\w){name}(?!\w)" if name.isascii() else name for name in alternatives)
        self.held = re.compile(f"{verbatim or '(?!)'}|(?x:{_WORDS_HELD}|{_DATES_HELD})", re.IGNORECASE)
        self.script = chinese_script(f"{page.headline} {page.body}") or page.in_language

    def invent(self, text: str) -> str:
        """A text of the same shape: words for words of their length, sentences for sentences."""
        if _WHOLE_DATE.fullmatch(fold(text)):
            return text
        pieces, end = [], 0
        for held in self.held.finditer(text):
            pieces += [self._replaced(text[end : held.start()]), held[0]]
            end = held.end()
        return "".join((*pieces, self._replaced(text[end:])))

    def _replaced(self, text: str) -> str:
        return _TOKEN.sub(
            lambda token: _invented(token, _PROSE.get(self.script or "", _PROSE["zh-Hans"])), text
        )

    def invent_data(self, value: Any) -> Any:
        """JSON of the same shape."""
        if isinstance(value, dict):
            return {key: self.invent_data(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.invent_data(item) for item in value]
        return value if not isinstance(value, str) or _is_fact(value) else self.invent(value)


def _is_fact(text: str) -> bool:
    """An address, a date, a name of a type: one piece without a space."""
    return text.isascii() and not re.search(r"\s", text)


def _invented(token: re.Match[str], chinese: str) -> str:
    """By the token alone, so that equal texts stay equal."""
    text, kind = token[0], token.lastgroup
    seeds = hashlib.shake_128(text.casefold().encode("utf-8", "replace")).digest(len(text) + 1)
    if kind == "letter":
        return text
    if kind == "short":
        others = [word for word in _ABBREVIATIONS[len(text)] if word != text]
        return others[seeds[0] % len(others)]
    if kind == "han":
        return "".join(chinese[(seeds[0] + i) % len(chinese)] for i in range(len(text)))
    if kind == "number":
        return "".join(str(1 + seed % 9) for seed in seeds[:-1])
    if kind == "other":
        return "".join(map(_neighbour, text, seeds))
    start = seeds[-1]
    letters = ((_CONSONANTS, _VOWELS)[(start + i) % 2] for i in range(len(text)))
    word = (row[seed % len(row)] for row, seed in zip(letters, seeds, strict=False))
    return "".join(new.upper() if old.isupper() else new for old, new in zip(text, word, strict=True))


def _neighbour(letter: str, seed: int) -> str:
    """A letter of the same kind, from the same part of the alphabet."""
    first = ord(letter) & ~31
    kind = unicodedata.category(letter)
    near = [chr(n) for n in range(first, first + 32) if unicodedata.category(chr(n)) == kind]
    return near[seed % len(near)]


# Structure


@cache
def _held_by_layouts() -> tuple[frozenset[str], re.Pattern[str]]:
    """Attributes and ids that selectors of the layouts name."""
    layouts = (*FORMS, *OTHERWISE, *(layout for layouts in SITES.values() for layout in layouts))
    values = (value for layout in layouts for base in layout.__mro__ for value in vars(base).values())
    selectors = " ".join(value for value in values if isinstance(value, str))
    ids = [rf"{re.escape(name)}$" for name in re.findall(r"#([\w-]+)", selectors)]
    patterns = {"^": "{}", "$": ".*{}$", "*": ".*{}", "": "{}$"}
    for operator, name in re.findall(r"\[id([\^$*]?)=[\"']?([\w-]+)", selectors):
        ids.append(patterns[operator].format(re.escape(name)))
    return frozenset(re.findall(r"\[([\w-]+)", selectors)) - {"id", "style"}, re.compile(
        "|".join(ids) or "(?!)"
    )


def _strip(root: Element, names: Collection[str]) -> None:
    """Takes out what is neither structure nor a fact; `names` are ids that say something."""
    for element in list(root.iter(*_DROPPED_TAGS, "meta", "noscript")):
        if not _is_kept(element):
            _remove(element)
    for element in root.iter():
        for name, value in element.attrib.items():
            if not (_is_held(name, value) or (name == "id" and value in names)):
                del element.attrib[name]


def _is_held(name: str, value: str) -> bool:
    """Whether a layout may hold on to an attribute; the picture itself in place of its address is none."""
    attributes, ids = _held_by_layouts()
    if name in _SMALL:
        return bool(_SMALL[name].fullmatch(value))
    held = name in _ATTRIBUTES or name in attributes or (name == "id" and ids.match(value))
    return bool(held) and not value.startswith("data:")


def _is_kept(element: Element) -> bool:
    if element.tag == "link":
        return element.get("rel") in _KEPT_LINKS and element.get("type") is None
    if element.tag == "meta":
        name = element.get("property") or element.get("name") or element.get("itemprop")
        return bool(name) and not _USELESS_METAS.match(name or "")
    return element.tag == "noscript" and next(element.iter("img"), None) is not None


def _remove(element: Element) -> None:
    """Takes an element out, and leaves the text behind it."""
    parent, before = element.getparent(), element.getprevious()
    if parent is None:
        return
    if before is not None:
        before.tail = (before.tail or "") + (element.tail or "") or None
    else:
        parent.text = (parent.text or "") + (element.tail or "") or None
    parent.remove(element)


def _replace(root: Element, prose: _Prose) -> None:
    """Invents the text of all elements and meta tags."""
    for passage in list(_text_nodes(root)):
        invented, end = prose.invent("".join(text for _, _, text in passage)), 0
        for element, place, text in passage:  # as long as before, all in all and piece by piece
            setattr(element, place, _plain(invented[end : end + len(text)]))
            end += len(text)
    for element in root.iter("meta"):
        name = element.get("property") or element.get("name") or ""
        for attribute in ("content", "value"):
            text = element.get(attribute, "")
            if not (_is_fact(text) or _FACT_METAS.fullmatch(name)):
                element.set(attribute, _plain(prose.invent(text)))


def _text_nodes(root: Element) -> Iterator[list[tuple[Element, str, str]]]:
    """Text nodes that only inline tags part: a word may go on in the next."""
    passage: list[tuple[Element, str, str]] = []
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if element.tag not in _INLINE_TAGS:
            yield passage
            passage = []
        place = "text" if event == "start" else "tail"
        text = getattr(element, place)
        if text:
            passage.append((element, place, text))
    yield passage


def _plain(text: str) -> str:
    """Of white space only whether there is any, and whether a line breaks in it; no control characters."""
    text = re.sub(r"\s+", lambda run: "\n" if "\n" in run[0] else " ", text)
    return _CONTROLS.sub("", text)


def _add_data(root: Element, data: Any) -> None:
    head = root.find("head")
    script = etree.SubElement(root if head is None else head, "script", type="application/ld+json")
    script.text = json.dumps(data, ensure_ascii=False).replace("</", "<\\/")


def _inner(element: Element) -> str:
    return (element.text or "") + "".join(_markup(child) for child in element)


def _markup(element: Element) -> str:
    return etree.tostring(element, encoding="unicode", method="html")
