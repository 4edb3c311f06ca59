"""A page that comes back as an empty shell is asked for once more, of a real browser."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from scrapy import Request
from scrapy.exceptions import NotSupported
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.items import Page
from crawler.outcomes import Judgement, shows_more
from crawler.parsers import is_shell
from crawler.store import Due
from crawler.urls import in_scope
from spiders.attempts import Attempts

logger = logging.getLogger(__name__)

SHELL = "an empty shell"


class Plain(NamedTuple):
    """What came over plain HTTP: it is kept where the browser shows no more."""

    page: Page
    judgement: Judgement
    http_status: int


class Rendering(Attempts):
    """Has BROWSER_PAGES pages of a run rendered at most, each once, and keeps what is the better one."""

    _rendered = 0
    _no_browser: str | None = None

    def is_empty(self, response: Response, page: Page) -> bool:
        """Whether the page is one of the seed's, and an empty shell."""
        kind = (response.headers.get("Content-Type") or b"").decode("latin-1")
        return in_scope(page.id, self.seed.sites) and is_shell(page, response.body, kind)

    def filled(self, request: Request, plain: Plain, due: Due) -> Request | Page:
        """The request for a browser; the shell as it is where there is none, or not for this page."""
        if refusal := self._refusal(request.url):
            return self._as_it_is(plain, refusal, due)
        self._rendered += 1
        return Request(
            request.url,
            callback=self.parse_rendered,
            errback=self.parse_not_rendered,
            cb_kwargs={"due": due, "plain": plain},
            dont_filter=True,
            meta={
                "handle_httpstatus_all": True,
                "verbatim_url": True,
                "playwright": True,
                "dont_retry": True,
            },
        )

    def _refusal(self, url: str) -> str | None:
        if not self.settings.getbool("BROWSER_ENABLED"):
            return "BROWSER_ENABLED=1 renders it"
        if self._no_browser:
            return self._no_browser
        if not url.startswith("https:"):
            return "only https is rendered"
        spent = self._rendered >= self.settings.getint("BROWSER_PAGES")
        return "the BROWSER_PAGES of this run are spent" if spent else None

    def parse_rendered(self, response: Response, due: Due, plain: Plain) -> Iterator[Page]:
        """Keeps what the browser shows, where that is more. Its status is that of a first try: no matter."""
        page, judgement = self.read(response, due.url)
        if shows_more(page, plain.page):
            page = replace(page, url=plain.page.url)
            yield self.attempted(page, judgement, due, http_status=plain.http_status)
        else:
            yield self._as_it_is(plain, f"a browser shows no more, HTTP {response.status}", due)

    def parse_not_rendered(self, failure: Failure) -> Iterator[Page]:
        """Keeps the shell, with what went wrong. A browser that does not start is not asked again."""
        asked = failure.request.cb_kwargs  # type: ignore[attr-defined]  # Scrapy puts it there
        problem = (str(failure.value) or type(failure.value).__name__).splitlines()[0][:200]
        if isinstance(failure.value, NotSupported) and not self._no_browser:
            self._no_browser = problem
            logger.warning("The crawl goes on without a browser: %s", problem)
        yield self._as_it_is(asked["plain"], problem, asked["due"])

    def _as_it_is(self, plain: Plain, why: str, due: Due) -> Page:
        reason = "; ".join(filter(None, (plain.judgement.reason, SHELL, why)))
        judgement = plain.judgement._replace(reason=reason)
        return self.attempted(plain.page, judgement, due, http_status=plain.http_status)
