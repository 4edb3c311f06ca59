"""What the Chinese pages share in every form: their footer, their promotion, their bylines."""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import islice
from typing import ClassVar

from crawler.items import Author, Link, Role
from crawler.parsers import dates
from crawler.parsers.base import Layout
from crawler.parsers.blocks import Piece, Place, read_card
from crawler.parsers.document import Element, Fact
from crawler.parsers.evidence import split_names
from crawler.parsers.inline import NOTHING, Block
from crawler.parsers.text import fold
from crawler.urls import canonicalize, page_type_of, story_key

_PROMOTION = re.compile(
    r"[（(\[【]\s*(?:欢迎|歡迎)(?:点击|點擊)[^（(\[【）)\]】]*(?:订阅|訂閱)[^）)\]】]*[）)\]】]"
    r"|^(?:欢迎|歡迎)(?:点击|點擊)此[处處].*(?:订阅|訂閱).*$"
    r"|^\W?(?:欢迎|歡迎|(?:点击|點擊)此[处處])(?:订阅|訂閱).{0,40}$"
    r"|^感[谢謝].*cn\.letters@nytimes\.com\W*$"
)
_LABELS = {"广告", "廣告", "Advertisement"}
_FEED_ADVERT = re.compile(r"^获取更多RSS|^https?://feedx\.")
_FOOTER_LINE = re.compile(
    r"^(?:翻译|翻譯|编译|編譯|译者|譯者|更正)\s*[:：]|(?:点击|點擊)(?:此[处處])?查看(?:本文英文版|更多)|(?:报道|報道|報導|研究)[贡貢][献獻]"
)
_TRANSLATORS = re.compile(
    r"(?:翻译|翻譯|编译|編譯|译者|譯者)\s*[:：]\s*([^。；;]+?)\s*(?=点击|點擊|校[对對]|审校|審校|[。；;]|$)"
)
# What a byline says beside names: 本报记者 甲 · 撰文：甲 · 甲 报道.
_OFFICE = re.compile(
    r"^(?:本[报報])?(?:特[约約])?(?:记者|記者)[\s:：]*|^(?:撰文|作者|采写|採寫|文|记者|記者)\s*[:：/／|]\s*"
    r"|\s*(?:报道|報道|報導)$"
)
# Names of two to four Han characters that only a space or an `and` parts.
_HAN_NAMES = re.compile(r"[\u3400-\u9fff]{2,4}(?:(?:\s+|\s*[和与與]\s*)[\u3400-\u9fff]{2,4})+")
_BETWEEN = re.compile(r"\s+|\s*[和与與]\s*")
_VARIANT_LIMIT = 100
_RELATED_HEADINGS = {"相关报道", "相關報道", "相關報導"}


class ChineseLayout(Layout):
    """A page of cn.nytimes.com, or a copy of one."""

    zone: ClassVar[str] = dates.BEIJING
    publisher_name: ClassVar[str | None] = "纽约时报中文网"

    def byline(self) -> Fact[str] | None:
        """The names in one text."""
        raise NotImplementedError

    def authors(self) -> Fact[tuple[Author, ...]] | None:
        """The byline, each name with its page where the footer links to it."""
        byline = self.byline()
        names = names_of(byline.value) if byline else ()
        if byline is None or not names:
            return super().authors()
        return Fact(
            tuple(Author(name=name, url=self._author_url(name, len(names))) for name in names), byline.rule
        )

    def _author_url(self, name: str, names: int) -> str | None:
        """Where a line of the footer that begins with the name leads; else by the link's words or address."""
        told = next((b for b in self.reading.of(Place.FOOTER) if b.text.startswith(name)), NOTHING)
        targets = (canonicalize(self.document.resolve(anchor.href) or "") for anchor in told.anchors)
        if page := next((target for target in targets if target and page_type_of(target) == "author"), None):
            return page
        links = [link for link in self.links if isinstance(link, Link) and link.role is Role.AUTHOR]
        slug = re.sub(r"[^a-z]+", "-", name.lower()).strip("-")
        named = (a for a in links if a.anchor_text == name or (slug and a.target.endswith(f"/by/{slug}")))
        pages = {link.target for link in links}
        alone = next(iter(pages)) if names == len(pages) == 1 else None
        return next((link.target for link in named), alone)

    def translators(self) -> Fact[tuple[str, ...]] | None:
        """Who is credited in the footer."""
        footers = (_TRANSLATORS.search(block.text) for block in self.reading.of(Place.FOOTER))
        names = (split_names(credit[1]) for credit in footers if credit)
        return next((Fact(found, "footer 翻译：") for found in names if found), None)

    def translation_of(self) -> Fact[str] | None:
        """The English original that the page links to."""
        links = (link for link in self.links if isinstance(link, Link) and link.role is Role.TRANSLATION)
        return next((Fact(link.target, "translation link") for link in links), None)

    def translations(self) -> tuple[str, ...]:
        """This story in the other variants, wherever the page links to them."""
        if self.bare.story_key is None:
            return ()
        slug = self.bare.story_key.rstrip("/").rpartition("/")[2]
        hrefs = dict.fromkeys(element.get("href") or "" for element in self.document.root.iter("a", "link"))
        near = islice((href for href in hrefs if slug in href), _VARIANT_LIMIT)
        targets = (canonicalize(self.document.resolve(href) or "") for href in near)
        same = (t for t in targets if t and t != self.bare.id and story_key(t) == self.bare.story_key)
        return tuple(dict.fromkeys(same))

    def sorted_body(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
        """Body pieces without promotion, and the lines at the end that belong to the footer told apart."""
        kept = list(_without_promotion(pieces))
        end = len(kept)
        while end and _is_footer_line(kept[end - 1]):
            end -= 1
        yield from kept[:end]
        yield from ((Place.FOOTER, piece) for _, piece in kept[end:])

    def related(self) -> Iterator[Piece]:
        """The editors' list of related coverage; the lists of popular articles have other headings."""
        for heading in self.related_headings:
            following = heading.getnext()
            anchors: Iterable[Element] = () if following is None else following.iter("a")
            yield from ((Place.RELATED, read_card(anchor)) for anchor in anchors)

    @cached_property
    def related_headings(self) -> list[Element]:
        """The headings of these lists."""
        headings = self.document.root.iter("h2", "h3", "h4", "h5")
        return [h for h in headings if fold("".join(h.itertext())) in _RELATED_HEADINGS]

    def related_lists(self) -> Iterator[Element]:
        """Headings and lists, wherever they stand: in a body, too."""
        for heading in self.related_headings:
            following = heading.getnext()
            yield from (heading,) if following is None else (heading, following)


def names_of(byline: str) -> tuple[str, ...]:
    """Names of a Chinese byline, without what it says of them: `本报记者 甲乙、丙丁`, `甲乙和丙丁 报道`."""
    parts = split_names(_OFFICE.sub("", byline.strip()))
    names = (_BETWEEN.split(part) if _HAN_NAMES.fullmatch(part) else [part] for part in parts)
    return tuple(name for several in names for name in several)


def _is_footer_line(piece: Piece) -> bool:
    place, content = piece
    return place is Place.BODY and isinstance(content, Block) and bool(_FOOTER_LINE.search(content.text))


def _without_promotion(pieces: Iterable[Piece]) -> Iterator[Piece]:
    for place, piece in pieces:
        if isinstance(piece, Block):
            if _FEED_ADVERT.search(piece.text):
                return
            piece = piece.without(_PROMOTION)
            if not piece.text.strip() or piece.text in _LABELS:
                continue
        yield place, piece
