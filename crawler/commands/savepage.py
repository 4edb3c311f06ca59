"""`scrapy savepage URL|FILE`: records a golden page, its structure as published and its prose invented."""

import argparse
import re
import sys
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.http import Response, TextResponse

from crawler.called import ProjectCommand
from crawler.complaint import CANT_CREATE
from crawler.items import Page
from crawler.parsers import address_of, decode, parse_page
from crawler.urls import canonicalize

PAGES_DIR = Path(__file__).parents[2] / "tests" / "pages"
RECORDED = "page.html"


class SavePageError(Exception):
    """A page that can't be recorded; the message is one line and says what to do."""

    status = 2


class NotHadError(SavePageError):
    """A page that could not be fetched."""

    status = 69


class NotWrittenError(SavePageError):
    """A folder that can't be written to."""

    status = CANT_CREATE


class Source(NamedTuple):
    """A page as received."""

    url: str
    html: str


class Command(ProjectCommand):
    default_settings = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        return "[options] URL|FILE"

    def short_desc(self) -> str:
        return "Record a golden page: the structure of a page around invented prose, and the item it gives"

    def long_desc(self) -> str:
        return (
            f"{self.short_desc()}. A URL is fetched once, robots.txt obeyed; with -s REPLAY=FILE.warc.gz it "
            "comes from that archive. A FILE is a saved page or a saved article; what is called page.html is "
            "golden already: only its page.json is written anew. "
            "Example: `scrapy savepage saved.html --url https://cn.nytimes.com/…`."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--url", help="address of the page, where FILE does not tell it")
        parser.add_argument("--into", type=Path, default=PAGES_DIR, help="folder to write to (tests/pages)")
        parser.add_argument("--slug", help="name of the page's folder (made from its address)")
        parser.add_argument("--force", action="store_true", help="overwrite what is there")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) != 1:
            self.refuse("name one page: `scrapy savepage URL|FILE`")
            return
        try:
            if Path(args[0]).name == RECORDED:
                written = _record_again(Path(args[0]), opts.url, force=opts.force)
            else:
                written = self._record(args[0], opts)
        except SavePageError as error:
            self.refuse(error, error.status)
        else:
            print(f"{written} written; read it before you commit it")

    def _record(self, name: str, opts: argparse.Namespace) -> Path:
        from crawler import golden

        fetched = urlsplit(name).scheme in {"http", "https"}
        source = self._fetch(name) if fetched else _read(Path(name), opts.url)
        page = parse_page(*source)
        if page.extractor is None or page.extractor.layout == "blocked":
            raise SavePageError(f"{name} is a block page: there is nothing to record")
        html = golden.rebuild(*source)
        left = golden.prose_left(page, html)
        if left is not None:
            raise SavePageError(f"{name} can't be recorded: its words {left!r} would be kept")
        for difference in golden.differences(page, parse_page(source.url, html)):
            print(f"scrapy: read otherwise than the original: {difference[:300]}", file=sys.stderr)
        folder = opts.into / page.site.replace(":", "-") / (opts.slug or _slug(page))
        return _write(folder, {RECORDED: html, "page.json": _item(source.url, html)}, force=opts.force)

    def _fetch(self, url: str) -> Source:
        """The page at an address, by the project's own way of asking."""
        assert self.crawler_process is not None
        came: list[Response] = []
        failed: list[BaseException | None] = []
        self.crawler_process.crawl(OnePage, url=url, came=came, failed=failed)
        self.crawler_process.start()
        if not came:
            reason = failed[0] if failed else "it was not asked for"
            raise NotHadError(f"{url} can't be had: {reason}")
        (response,) = came
        if response.status != 200 or not isinstance(response, TextResponse):
            raise NotHadError(f"{url} answers {response.status} and is no page to record")
        declared = (response.headers.get("Content-Type") or b"").decode("latin-1")
        return Source(canonicalize(response.url) or response.url, decode(response.body, declared))


class OnePage(Spider):
    """Fetches one page, for the command that hands it the lists to put the outcome in."""

    name = "savepage"
    custom_settings = {"ITEM_PIPELINES": {}, "EXTENSIONS": {}, "RECORD": ""}

    def __init__(self, url: str, came: list[Response], failed: list[BaseException | None]) -> None:
        super().__init__()
        self.url = url
        self.came = came
        self.failed = failed

    async def start(self) -> Any:
        yield Request(
            self.url,
            callback=self.came.append,
            errback=lambda failure: self.failed.append(failure.value),
            meta={"handle_httpstatus_list": list(range(400, 600))},
        )


def _read(path: Path, url: str | None) -> Source:
    """A saved page and its address."""
    html = _load(path)
    address = canonicalize(url or address_of(html) or "")
    if address is None:
        raise SavePageError(f"{path} does not say its own address: give it with --url")
    return Source(url or address, html)


def _load(path: Path) -> str:
    try:
        return decode(path.read_bytes())
    except OSError as error:
        raise SavePageError(f"{path} can't be read: {error.strerror}") from None


def _record_again(path: Path, url: str | None, *, force: bool) -> Path:
    """A page that is golden already, or was written by hand: its item, as it is read now."""
    told = re.search(r'"url": "([^"]+)"', _load(path.with_suffix(".json"))) if url is None else None
    address = url or (told[1] if told else None)
    if address is None:
        raise SavePageError(f"{path.with_suffix('.json')} has no url: give it with --url")
    return _write(path.parent, {"page.json": _item(address, _load(path))}, force=force)


def _item(url: str, html: str) -> str:
    from crawler import golden

    return golden.to_json(parse_page(url, html))


def _slug(page: Page) -> str:
    path = urlsplit(page.id).path.removesuffix(".html").lower()
    return re.sub(r"[^a-z0-9]+", "-", path).strip("-")[-80:].strip("-") or "home"


def _write(folder: Path, files: dict[str, str], *, force: bool) -> Path:
    """Writes all files, or none where one is there already."""
    there = [name for name in files if (folder / name).exists()]
    if there and not force:
        raise SavePageError(f"{folder / there[0]} is there already: --force overwrites it")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise NotWrittenError(f"{folder} can't be written: {error.strerror}") from None
    return folder
