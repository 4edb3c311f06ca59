"""Every answer, and every failure to get one, becomes a page with its attempt and when it is due again."""

import datetime as dt
from dataclasses import replace
from urllib.parse import urlsplit

from scrapy import Spider
from scrapy.http import Response

from crawler.frontier import schedule
from crawler.items import Attempt, Outcome, Page, Provenance, Status, Via
from crawler.outcomes import Judgement, judge_page
from crawler.parsers import new_page
from crawler.politeness import Hosts
from crawler.seeds import Seed
from crawler.store import Due
from crawler.urls import in_scope
from spiders import answers


class Attempts(Spider):
    """What all ways to a page share: how an answer is read, and what is noted of it."""

    seed: Seed
    hosts: Hosts
    run_id: str | None = None
    """Handed over by the run ledger."""

    def via(self, response: Response) -> Via:
        """By which road a response came."""
        return Via.BROWSER if "playwright" in response.flags else Via(self.settings["FETCHED_VIA"])

    def read(self, response: Response, page_url: str) -> tuple[Page, Judgement]:
        """The page of this canonical URL in a response, and what that amounts to."""
        is_cited = not in_scope(page_url, self.seed.sites) and page_url not in self.seed.lists
        page = answers.read(response, page_url, self.via(response), in_outline=is_cited)
        if page is None:
            kind = answers.header(response, "Content-Type") or "of unknown type"
            return new_page(page_url), Judgement(Outcome.FAILED, f"not a web page but {kind}")
        return page, judge_page(page)

    def attempted(self, page: Page, judgement: Judgement, due: Due, *, http_status: int | None) -> Page:
        """The page with its attempt and when it is due again; `http_status` is None where nobody answered."""
        now = dt.datetime.now(dt.UTC)
        outcome, reason = judgement
        answered = http_status is not None
        self._note_host(due.url, outcome, answered=answered)
        again = schedule(
            outcome, now, answered=answered, failures=due.failures, before=answers.before(due, page)
        )
        return replace(
            self.with_provenance(page),
            status=Status.FETCHED if outcome in {Outcome.OK, Outcome.TRUNCATED} else page.status,
            last_attempt=Attempt(
                at=now, status=outcome, http_status=http_status, reason=reason, run_id=self.run_id
            ),
            next_fetch_at=again.next_fetch_at,
            fetch_interval=again.fetch_interval,
            failures=again.failures,
        )

    def _note_host(self, url: str, outcome: Outcome, *, answered: bool) -> None:
        host = urlsplit(url).hostname or ""
        if outcome is Outcome.BLOCKED and self.settings["PROVENANCE"] == Provenance.LIVE:
            self.hosts.refused(host)  # an archive can't be asked too much
        elif answered:
            self.hosts.answered(host)

    def with_provenance(self, page: Page) -> Page:
        """The page, which says whether it is live, replayed or a sample."""
        return replace(page, provenance=page.provenance or Provenance(self.settings["PROVENANCE"]))
