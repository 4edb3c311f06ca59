"""An article of several pages is fetched part by part and kept as one document."""

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.items import Outcome, Page
from crawler.outcomes import Judgement, judge_page
from crawler.parsers.parts import join, missing_part
from crawler.politeness import NotNow
from crawler.store import Due
from spiders.attempts import Attempts

Answer = Iterator[Page | Request]


class MultiPage(Attempts):
    """Follows `Page.parts`; the parts cost nothing of the page budget, which counts documents."""

    def whole(self, pages: tuple[Page, ...], http_status: int, due: Due) -> Answer:
        """The document of all these parts, or the request for the part that comes next."""
        url = missing_part(pages)
        if url is None:
            page = join(pages)
            yield self.attempted(page, judge_page(page), due, http_status=http_status)
            return
        yield self._ask(url, {"due": due, "pages": pages, "http_status": http_status})

    def _ask(self, url: str, state: dict[str, Any]) -> Request:
        return Request(
            url,
            callback=self.parse_part,
            errback=partial(self._part_not_had, state),
            cb_kwargs=state,
            dont_filter=True,
            meta={"handle_httpstatus_all": True, "verbatim_url": True},
        )

    def parse_part(self, response: Response, due: Due, pages: tuple[Page, ...], http_status: int) -> Answer:
        """Takes the next part in; where it is none, the article stays without it and what follows."""
        if response.status == 200:
            part, judgement = self.read(response, pages[0].parts[len(pages)])
            if judgement.outcome in {Outcome.OK, Outcome.TRUNCATED} and part.body:
                yield from self.whole((*pages, part), http_status, due)
                return
        yield self._cut_off(due, pages, http_status)

    def _part_not_had(self, state: dict[str, Any], failure: Failure) -> Answer:
        if isinstance(failure.value, NotNow):
            self.not_now(state["due"], failure.value)
        else:
            yield self._cut_off(**state)

    def _cut_off(self, due: Due, pages: tuple[Page, ...], http_status: int) -> Page:
        """The article as far as it could be had."""
        reason = f"page {len(pages) + 1} of {len(pages[0].parts)} of the article could not be had"
        page = replace(join(pages), is_truncated=True)
        judgement = Judgement(Outcome.TRUNCATED, reason)
        return self.attempted(page, judgement, due, http_status=http_status)

    @abstractmethod
    def not_now(self, due: Due, error: NotNow) -> None: ...
