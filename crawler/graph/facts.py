"""Works and the ties between them as read from the database, before anything is ranked. Plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from crawler.items import PageType, Role, Status
from crawler.urls import published_on

CITING = (Role.CITATION, Role.CAPTION)
"""The roles of links in an article's own words."""

HUB_TYPES = frozenset({PageType.TOPIC, PageType.SECTION, PageType.AUTHOR, PageType.HOME})
LIVE_HUB = 20
"""A live page that is linked with so many pages is a hub, too: it is about all that happened that day."""


def is_hub(page_type: str, degree: int) -> bool:
    """Whether a page leads to anything, and so to nothing in particular."""
    return page_type in HUB_TYPES or (page_type == PageType.LIVE and degree >= LIVE_HUB)


def day_of(address: str, stated: str | None, status: str) -> str | None:
    """The day of a page, as it says or else as its address does: YYYY-MM-DD.

    The address of a redirect tells of another page: the paper leads from old articles to newer ones.
    """
    return stated or (None if status == Status.REDIRECTED else published_on(address))


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkFacts:
    """As much of a work as it takes to rank it and to leave it out."""

    id: str
    page_type: str
    site: str
    degree: int = 0
    """How many pages its members are linked with, in the whole database."""
    status: str = Status.DISCOVERED
    """`fetched` where any member is."""
    published_on: str | None = None
    """Earliest date of a member."""
    runs: frozenset[str] = frozenset()
    """The runs that last tried its members."""
    terms: tuple[str, ...] = ()
    is_feed: bool = False
    """Whether it is a feed or sitemap, which no address tells."""

    @property
    def is_hub(self) -> bool:
        """Whether it leads to anything."""
        return self.is_feed or is_hub(self.page_type, self.degree)

    @property
    def is_external(self) -> bool:
        """Whether it stands on neither of the two sites, by its address."""
        return self.page_type == PageType.EXTERNAL


class Tie(NamedTuple):
    """A link between two works, in an article's own words or beside them."""

    source: str
    target: str
    role: str
    paragraph: int | None = None
    anchor_text: str = ""
    context: str = ""
    first_seen_run: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbourhood:
    """What is linked with some works over one or two steps, and what says the same; bounded."""

    seeds: tuple[str, ...]
    works: Mapping[str, WorkFacts]
    ties: tuple[Tie, ...]
    rarity: Mapping[str, float] = field(default_factory=dict)
    """How rare the seeds' terms are among all works."""
