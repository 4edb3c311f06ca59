"""Reads what lies around some works: two steps over links, and what says the same. Bounded, from cold.

However large the graph and however many links lead to one page: each step reads at most so many links.
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from crawler.graph.facts import CITING, Neighbourhood, Tie, WorkFacts, day_of
from crawler.graph.text import rarity
from crawler.items import PageType, Role, Status
from crawler.store import terms
from crawler.store.bulk import Database, Document
from crawler.store.lists import FEED

NEAR = 1_000
"""So many links are read of the seeds, and so many to them: the newest addresses come first."""
FAR = 10_000
"""So many links are read in the second step, either way."""
FEW = 20
"""Of so few pages together the newest links can be had without sorting all of them."""
BUSY = 500
"""What more pages link to is not followed any further: it leads anywhere."""
ASKED = 60
"""So many of the seeds' terms are looked for; ALIKE works that say most of the rarest of them come in."""
RAREST = 12
ALIKE = 200

ROLES = [str(role) for role in (*CITING, Role.RELATED)]
FAR_ROLES = [str(role) for role in CITING]
LINK_FIELDS: Document = {"_id": 0, **dict.fromkeys(Tie._fields, 1)}
FAR_FIELDS: Document = {"_id": 0, "source": 1, "target": 1, "role": 1, "paragraph": 1}
PAGE_FIELDS: Document = {
    "work_id": 1,
    "page_type": 1,
    "site": 1,
    "status": 1,
    "published_on": 1,
    "in_degree": 1,
    "out_degree": 1,
    "last_attempt.run_id": 1,
    "extractor.name": 1,
}


@dataclass(frozen=True, slots=True)
class _Known:
    """What was read so far: pages by address, and links between pages."""

    database: Database
    pages: dict[str, Document] = field(default_factory=dict)
    links: list[Document] = field(default_factory=list)

    def work(self, page: str) -> str:
        return str(self.pages.get(page, {}).get("work_id") or page)

    def works(self, pages: Iterable[str]) -> list[str]:
        return list(dict.fromkeys(map(self.work, pages)))

    async def read(self, addresses: Iterable[str]) -> None:
        """Read these pages, those that are not known yet."""
        missing = [page for page in dict.fromkeys(addresses) if page not in self.pages]
        if not missing:
            return
        async for page in self.database.pages.find({"_id": {"$in": missing}}, PAGE_FIELDS):
            self.pages[page["_id"]] = page

    async def read_members(self, works: Collection[str]) -> list[str]:
        """Read all pages of these works; returns them."""
        if not works:
            return []
        async for page in self.database.pages.find({"work_id": {"$in": list(works)}}, PAGE_FIELDS):
            self.pages[page["_id"]] = page
        await self.read(works)
        wanted = set(works)
        return [page for page in self.pages if self.work(page) in wanted]

    async def follow(
        self, end: str, pages: Sequence[str], roles: list[str], fields: Document, limit: int
    ) -> list[str]:
        """Read the links of which these pages are the source or the target; returns their other ends."""
        if not pages:
            return []
        other = "target" if end == "source" else "source"
        query = {end: {"$in": list(pages)}, "active": True, "role": {"$in": roles}}
        found = self.database.links.find(query, fields).limit(limit)
        # the index gives them in this order, page by page: nothing is sorted that is not read
        links = await (found.sort({other: -1}) if len(pages) <= FEW else found).to_list()
        self.links.extend(links)
        return [link[other] for link in links]

    def specific(self, pages: Iterable[str]) -> list[str]:
        """Those that lead on to something in particular."""
        return [page for page in pages if not self._leads_anywhere(page)]

    def _leads_anywhere(self, page: str) -> bool:
        facts = self.pages.get(page)
        if facts is None:
            return False
        return _facts(page, [facts], ()).is_hub or facts.get("in_degree", 0) > BUSY


async def read(
    database: Database, seeds: Sequence[str], counted: dict[str, int] | None = None
) -> Neighbourhood:
    """The neighbourhood of these works; a seed that nothing is known of stands alone.

    `counted` is for several questions in a row: see `terms.frequencies`.
    """
    known = _Known(database)
    own = await known.read_members(seeds)
    near = await known.follow("source", own, ROLES, LINK_FIELDS, NEAR)
    near += await known.follow("target", own, ROLES, LINK_FIELDS, NEAR)
    await known.read(near)
    ring = known.specific(await known.read_members(known.works(near)))
    ring = [page for page in ring if page not in set(own)]
    far = await known.follow("source", ring, FAR_ROLES, FAR_FIELDS, FAR)
    far += await known.follow("target", ring, FAR_ROLES, FAR_FIELDS, FAR)
    said, rarities = await _alike(database, seeds, counted)
    await known.read(far)
    await known.read_members(said)
    told = said | await terms.of(database, known.works(known.pages))
    return _neighbourhood(known, seeds, told, rarities)


async def _alike(
    database: Database, seeds: Sequence[str], counted: dict[str, int] | None
) -> tuple[dict[str, tuple[str, ...]], dict[str, float]]:
    """Works that say what the seeds say, with their terms; and how rare the seeds' terms are."""
    own = await terms.of(database, seeds)
    asked = list(dict.fromkeys(term for said in own.values() for term in said[:ASKED]))[: 2 * ASKED]
    counts, total = await asyncio.gather(terms.frequencies(database, asked, counted), terms.count(database))
    rarities = {
        term: rarity(count, max(total, count)) for term, count in counts.items() if count < terms.COUNTED
    }
    shared = [term for term in rarities if counts[term] > 1]
    rarest = sorted(shared, key=lambda term: -rarities[term])[:RAREST]
    return (await terms.saying(database, rarest, ALIKE) if rarest else {}), rarities


def _neighbourhood(
    known: _Known, seeds: Sequence[str], told: Mapping[str, tuple[str, ...]], rarities: Mapping[str, float]
) -> Neighbourhood:
    members: dict[str, list[Document]] = {seed: [] for seed in seeds}
    for page, facts in known.pages.items():
        members.setdefault(known.work(page), []).append(facts)
    ties = {
        Tie(**{**link, "source": known.work(link["source"]), "target": known.work(link["target"])}): None
        for link in known.links
    }
    return Neighbourhood(
        seeds=tuple(seeds),
        works={work: _facts(work, pages, told.get(work, ())) for work, pages in members.items()},
        ties=tuple(ties),
        rarity=rarities,
    )


def _facts(work: str, pages: Sequence[Document], said: tuple[str, ...]) -> WorkFacts:
    """A work of these pages; where there are none, nothing is known of it."""
    kinds = [page["page_type"] for page in pages if page["page_type"] != PageType.OTHER]
    facts = WorkFacts(id=work, page_type=kinds[0] if kinds else PageType.OTHER, site="", terms=said)
    if not pages:
        return facts
    days = (day_of(page["_id"], page.get("published_on"), page["status"]) for page in pages)
    return replace(
        facts,
        site=pages[0]["site"],
        degree=sum(page.get("in_degree", 0) + page.get("out_degree", 0) for page in pages),
        status=Status.FETCHED
        if any(page["status"] == Status.FETCHED for page in pages)
        else pages[0]["status"],
        published_on=min(filter(None, days), default=None),
        is_feed=any((page.get("extractor") or {}).get("name") == FEED for page in pages),
        runs=frozenset(filter(None, ((page.get("last_attempt") or {}).get("run_id") for page in pages))),
    )
