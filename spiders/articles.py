"""Related articles from any seed: fetches what the stored graph says is due.

The spider never yields a request for a link it has just read: links go into the database with their
page, and what to fetch next is read from there. So a crawl cut off at any moment goes on where it was.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from functools import partial
from typing import Any, Self
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.fleet import Fleet, FleetUnavailable
from crawler.items import Outcome, Page
from crawler.lease import Leases
from crawler.outcomes import Judgement, judge_redirect, judge_status, led_to
from crawler.parsers import new_page
from crawler.politeness import (
    HostPaused,
    Hosts,
    HostSilent,
    NotNow,
    NotRecorded,
    PrivateAddress,
    RobotsDenied,
)
from crawler.seeds import SeedError
from crawler.store import Due, MongoStore, Revisit, StorageUnavailable
from crawler.urls import canonicalize, whole_article
from crawler.writer import patiently
from spiders import answers
from spiders.feeder import Feeder
from spiders.fleet import FleetFeeder
from spiders.multipage import MultiPage
from spiders.rendering import Plain, Rendering
from spiders.start_pages import chosen_seed, known_urls, read_document, start_pages
from spiders.watch import Watch

logger = logging.getLogger(__name__)

SELF_REDIRECTS = 5
OFFLINE_AFTER = 3


class ArticlesSpider(MultiPage, Rendering):
    """Crawls from `-a url=…`, `-a seed=NAME|FILE.toml` or `-a document=FILE` (a saved article or page).

    `-a revisit=` says what of the pages fetched before is fetched again: `due` (those whose time has come),
    `all` or `none`. `-a dry_run=1` lists what would be fetched and fetches nothing. `-a watch=1` looks into
    the seed's `lists` for newer articles that belong to its graph.
    """

    name = "articles"
    default_seed: str | None = None

    # handed over by the pipeline that opens the database, and by the scheduler of a fleet
    store: MongoStore | None = None
    leases: Leases | None = None
    fleet: Fleet | None = None

    def __init__(
        self,
        url: str | None = None,
        seed: str | None = None,
        document: str | None = None,
        revisit: str = "due",
        dry_run: str = "",
        watch: str = "",
        **unknown: Any,
    ) -> None:
        super().__init__()
        if unknown:
            known = "url, seed, document, revisit, dry_run and watch are known"
            raise SeedError(f"no argument {next(iter(unknown))!r}: {known}")
        if revisit not in set(Revisit):
            raise SeedError(f"revisit={revisit} says nothing: {', '.join(Revisit)} are known")
        self.arguments = {
            "url": url,
            "seed": seed,
            "document": document,
            "revisit": revisit,
            "dry_run": dry_run,
            "watch": watch,
        }
        self.revisit = Revisit(revisit)
        self.document = read_document(document, url) if document else None
        self.seed = chosen_seed(url, seed, self.document, default=self.default_seed)
        self.budget = self.seed.max_pages
        self.outside = self.seed.external_pages if self.seed.external_depth else 0
        self.dry_run = dry_run not in {"", "0"}
        self.watch = watch not in {"", "0"}
        self.hosts = Hosts()
        self.feeder: Feeder | None = None
        self._unanswered = 0
        self._drawing: asyncio.Task[Any] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider._kept, signal=signals.item_scraped)
        crawler.signals.connect(spider._not_kept, signal=signals.item_error)
        crawler.signals.connect(spider._not_read, signal=signals.spider_error)
        return spider

    async def start(self) -> AsyncIterator[Any]:
        """Yields requests for due pages until none is left, or the budget is spent."""
        self._drawing = asyncio.current_task()
        try:
            if self.store is None:
                raise StorageUnavailable("no database: ITEM_PIPELINES lacks pipelines.mongo.MongoPipeline")
            self.feeder = self._new_feeder(self.store)
            if self.dry_run:
                await self._list_due(self.feeder)
            else:
                async for page_or_request in self._crawl(self.store, self.feeder):
                    yield page_or_request
        except StorageUnavailable as error:
            logger.error("%s", error)
            raise CloseSpider("storage_failed") from None
        except FleetUnavailable as error:
            logger.error("%s", error)
            raise CloseSpider("fleet_unavailable") from None

    def stop_drawing(self) -> None:
        """The crawl is closing: start(), which would go on and on, is left where it is."""
        if self._drawing:
            self._drawing.cancel()

    def _new_feeder(self, store: MongoStore) -> Feeder:
        limits = (self.budget, self._patience, self.outside, self.revisit, self.hosts)
        if self.fleet and not self.dry_run:
            return FleetFeeder(self.fleet, store, self.seed, self.run_id, *limits)
        return Feeder(store, self.seed, self.run_id, *limits)

    async def _crawl(self, store: MongoStore, feeder: Feeder) -> AsyncIterator[Any]:
        for page in start_pages(self.seed):
            planted = partial(store.plant, self.seed.name, self.with_provenance(page), self.run_id)
            await patiently(planted, self._patience)
        if self.document:
            feeder.in_flight.add(self.document.id)
            due = Due(url=self.document.id)
            yield self.attempted(self.document, Judgement(Outcome.OK), due, http_status=None)
        watch = Watch(store, self.seed, feeder, self._lists())
        async for due in watch.pages() if self.watch else feeder.pages():
            article = whole_article(due.url)
            yield self._part_of(article, due) if article else self._request(due)
        await self._say_how_it_ended(store, feeder)

    async def _say_how_it_ended(self, store: MongoStore, feeder: Feeder) -> None:
        """Raises CloseSpider where it is more than that all is done."""
        if feeder.budget == self.budget and not self.hosts.closed:
            logger.info("Nothing is due: what this seed reaches was fetched less than a day ago")
        never_had = await patiently(partial(store.never_had, self.seed.urls), self._patience)
        for url, reason in never_had.items():
            logger.warning("The start %s could not be had: %s", url, reason)
        for host, reason in self.hosts.closed.items():
            logger.warning("%s was ended for this run: %s; its pages stay due", host, reason)
        if self.hosts.closed:
            raise CloseSpider("host_blocked")
        if never_had:
            raise CloseSpider("seed_unreachable")
        if feeder.budget <= 0:
            raise CloseSpider("page_budget")

    async def _list_due(self, feeder: Feeder) -> None:
        """Prints what a run would fetch first, one URL a line; what those lead to is not known yet."""
        levels = [await feeder.due(depth, 1_000_000) for depth in range(self.seed.depth + 1)]
        due = [page.url for level in levels for page in level] or known_urls(self.seed, self.document)
        for url in due:
            print(url)
        logger.info("These %d would be fetched, then what they link to", len(due))

    @property
    def _patience(self) -> float:
        """Seconds to wait for a database that is away."""
        return self.settings.getfloat("MONGO_RETRY_BUDGET")

    # requests, and what becomes of them

    def _request(self, due: Due, url: str | None = None, hops: int = 0) -> Request:
        return Request(
            url or due.url,
            callback=self.parse_response,
            errback=self.parse_failure,
            headers=answers.validators(due),
            cb_kwargs={"due": due, "hops": hops},
            dont_filter=True,
            # In meta, not as spider attribute: that would leave a robots.txt that redirects unread.
            meta={"handle_httpstatus_all": True, "verbatim_url": True, "shared": not hops},
        )

    def request_for(self, due: Due) -> Request:
        """The request for a page that this worker has taken from the queue of its fleet."""
        if isinstance(self.feeder, FleetFeeder):
            self.feeder.taken(due.url)
        return self._request(due)

    async def parse_response(
        self, response: Response, due: Due | None = None, hops: int = 0
    ) -> AsyncIterator[Page | Request]:
        """Turns any response into a page with its attempt.

        @url https://cn.nytimes.com/technology/20250205/deepseek-china-reaction/
        @returns items 1 1
        @returns requests 0 0
        @scrapes headline date_published links body last_attempt next_fetch_at
        """
        self._unanswered = 0
        due = due or Due(url=canonicalize(response.url) or response.url)  # none: `scrapy parse`
        location = led_to(response.url, response.headers.get("Location") or b"")
        target = canonicalize(location) if location else None
        same = 300 <= response.status < 400 and _article(target) == due.url
        if location and same and hops < SELF_REDIRECTS:
            # http to https, a slash, a tracking parameter: the same page under the address it wants
            yield self._request(due, location, hops + 1)
            return
        judgement = judge_status(response.status, target, conditional=bool(answers.validators(due)))
        if judgement:
            yield await self._by_status(response.status, target, judgement, due)
        else:
            for page_or_request in self._by_content(response, due):
                yield page_or_request

    async def _by_status(self, status: int, target: str | None, judgement: Judgement, due: Due) -> Page:
        """The page of an answer whose status says all."""
        if target and judgement.outcome is Outcome.REDIRECTED:
            judgement = await self._follow(due.url, target, judgement)
        moved = judgement.outcome is Outcome.REDIRECTED
        page = replace(new_page(due.url), redirects_to=target if moved else None)
        return self.attempted(page, judgement, due, http_status=status)

    def _by_content(self, response: Response, due: Due) -> Iterator[Page | Request]:
        """The page that came, or the request for what it lacks: a browser's view, its other parts."""
        page, judgement = self.read(response, due.url)
        if response.request and self.is_empty(response, page):
            yield self.filled(response.request, Plain(page, judgement, response.status), due)
        elif judgement.outcome is Outcome.OK:
            yield from self.whole((page,), response.status, due)
        else:
            yield self.attempted(page, judgement, due, http_status=response.status)

    async def _follow(self, url: str, target: str, judgement: Judgement) -> Judgement:
        """The redirect, or why it is followed no further."""
        if self.store is None:
            return judgement
        trail = await patiently(partial(self.store.trail, url, target), self._patience)
        return judge_redirect(judgement, is_loop=trail.returns or target == url, before=trail.length)

    def _part_of(self, article: str, due: Due) -> Page:
        """A page of an article, whose text is kept with the article: it is not asked for by itself."""
        page = replace(new_page(due.url), redirects_to=article)
        return self.attempted(page, Judgement(Outcome.REDIRECTED), due, http_status=None)

    def _lists(self) -> list[Page]:
        return [self.with_provenance(new_page(url)) for url in self.seed.lists]

    def parse_failure(self, failure: Failure) -> Iterator[Page]:
        """Turns a failed request into a page with the reason."""
        error = failure.value
        due: Due = failure.request.cb_kwargs["due"]  # type: ignore[attr-defined]  # Scrapy puts it there
        judgement = Judgement(Outcome.FAILED, " ".join(str(error).split())[:300] or type(error).__name__)
        if isinstance(error, NotNow):
            self.not_now(due, error)
            return
        if isinstance(error, RobotsDenied):
            judgement = Judgement(Outcome.ROBOTS_DENIED, str(error))
        elif not isinstance(error, PrivateAddress):
            self._count_unanswered()
        yield self.attempted(new_page(due.url), judgement, due, http_status=None)

    def not_now(self, due: Due, error: NotNow) -> None:
        """A page that was not asked for stays due; its host, or the database, has no time for it."""
        host = urlsplit(due.url).hostname or ""
        if isinstance(error, NotRecorded):
            self.stop_drawing()
        if isinstance(error, HostPaused):
            self.hosts.paused(error.host, error.seconds)
        if isinstance(error, HostSilent):
            self._count_unanswered()
        if self.feeder and host in self.hosts.shut:
            self.feeder.returned(due.url, host)
        elif self.feeder:
            self.feeder.lost(due.url)

    def _count_unanswered(self) -> None:
        """Ends the crawl when nobody at all has answered: then the network is down, not a page."""
        self._unanswered += 1
        stats, engine = self.crawler.stats, self.crawler.engine
        if self._unanswered != OFFLINE_AFTER or not stats or not engine:
            return
        if not stats.get_value("response_received_count"):
            asyncio.ensure_future(engine.close_spider_async(reason="no_network"))  # noqa: RUF006  # engine waits for it

    # what the pipelines made of it

    def _kept(self, item: Page) -> None:
        if self.feeder:
            self.feeder.kept(item.id)

    def _not_kept(self, item: Page) -> None:
        if self.feeder:
            self.feeder.lost(item.id)

    def _not_read(self, response: Response) -> None:
        if self.feeder and response.request:
            self.feeder.lost(response.request.cb_kwargs["due"].url)


def _article(url: str | None) -> str | None:
    """The article of a page: a server may lead from it to its form on one page."""
    return url and (whole_article(url) or url)
