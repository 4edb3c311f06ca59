"""Nodes and edges to hand on: pages or works with plain columns, links joined by role. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import NamedTuple

from crawler.graph.facts import day_of
from crawler.labels import Label
from crawler.plain import plain, shortened
from crawler.urls import variant_of

LABEL = 24
"""Characters of a label: as much of a headline as fits beside a dot."""
QUOTE = 200
QUOTES = 5
"""Of so many links of one edge the words are given."""
UNREACHED = -1
"""Depth of what the seed does not reach: a column of integers has no gaps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFacts:
    """As much of a page as it takes to make its node."""

    id: str
    title: str
    site: str
    page_type: str
    status: str
    headline: str | None = None
    in_language: str | None = None
    variant: str | None = None
    published_on: str | None = None
    provenance: str | None = None
    depth: int | None = None
    in_degree: int = 0
    out_degree: int = 0

    @property
    def language(self) -> str:
        """`zh`, `en`, any other main language, `zh+en` for a bilingual page; empty where nothing tells."""
        variant = self.variant or variant_of(self.id)
        if variant == "dual":
            return "zh+en"
        return (self.in_language or variant or "").partition("-")[0]

    @property
    def date(self) -> str:
        """As published, else as the address says; empty where neither tells."""
        return day_of(self.id, self.published_on, self.status) or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A page or a work. Every column has a value: empty text and -1 stand for what is not known."""

    id: str
    headline: str
    """In the reader's language, Chinese where there is one."""
    twin: str = ""
    """The headline in the other language."""
    twin_url: str = ""
    """The page that has it."""
    date: str = ""
    """YYYY-MM-DD, the first of a work."""
    language: str = ""
    site: str = ""
    page_type: str = ""
    status: str = ""
    provenance: str = ""
    depth: int = UNREACHED
    in_degree: int = 0
    out_degree: int = 0
    decision: str = ""
    """What readers say of it: in, out, undecided."""
    remarks: str = ""
    """In their tags and notes."""
    members: tuple[str, ...] = ()
    """The pages it stands for; the first has the headline."""

    @property
    def label(self) -> str:
        """The beginning of the headline."""
        return shortened(self.headline, LABEL)


class Occurrence(NamedTuple):
    """One link between two nodes, in its words."""

    source: str
    target: str
    role: str
    quote: str
    paragraph: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """All links from one node to another in one role."""

    source: str
    target: str
    role: str
    weight: int
    """How many links it joins."""
    quotes: tuple[str, ...] = ()
    paragraph: int = -1
    """The first paragraph that links; -1 outside the text."""


def page_node(page: PageFacts) -> Node:
    """The node of one page."""
    return Node(
        id=page.id,
        headline=plain(page.headline or page.title) or page.id,
        date=page.date,
        language=page.language,
        site=page.site,
        page_type=page.page_type,
        status=page.status,
        provenance=page.provenance or "",
        depth=UNREACHED if page.depth is None else page.depth,
        in_degree=page.in_degree,
        out_degree=page.out_degree,
        members=(page.id,),
    )


def judged(node: Node, labels: Mapping[str, Label]) -> Node:
    """The node with what readers say of the pages it stands for."""
    label = next((labels[page] for page in (node.id, *node.members) if page in labels), None)
    return replace(node, decision=str(label.decision), remarks=plain(label.remarks)) if label else node


def work_node(work_id: str, pages: Sequence[PageFacts]) -> Node:
    """The node of a work; `pages` are its members, at least one. Degrees are summed over them."""
    told = sorted(pages, key=lambda page: (page.headline is None, _reading_order(page), page.id))
    first = told[0]
    twin = next((page for page in told if page.headline and _main(page) != _main(first)), None)
    depths = [page.depth for page in pages if page.depth is not None]
    node = page_node(first)
    return Node(
        id=work_id,
        headline=node.headline,
        twin=plain(twin.headline or "") if twin else "",
        twin_url=twin.id if twin else "",
        date=min((page.date for page in pages if page.date), default=""),
        language=_languages(pages),
        site=node.site,
        page_type=node.page_type,
        status=node.status,
        provenance=node.provenance,
        depth=min(depths, default=UNREACHED),
        in_degree=sum(page.in_degree for page in pages),
        out_degree=sum(page.out_degree for page in pages),
        members=(first.id, *sorted(page.id for page in pages if page is not first)),
    )


def _reading_order(page: PageFacts) -> int:
    """Simplified Chinese first, then other Chinese, then bilingual pages, then the rest."""
    if page.language == "zh":
        return 0 if "Hant" not in f"{page.in_language}{page.variant}" else 1
    return 2 if page.language == "zh+en" else 3


def _main(page: PageFacts) -> str:
    return page.language.partition("+")[0]


def _languages(pages: Iterable[PageFacts]) -> str:
    """`zh+en` for a work told in both."""
    said = {language for page in pages for language in page.language.split("+") if language}
    return "+".join(sorted(said, key=lambda language: (language != "zh", language)))


def join(occurrences: Iterable[Occurrence]) -> list[Edge]:
    """One edge for each source, target and role, in this order; quotes as they come, none twice."""
    ordered = sorted(occurrences, key=_ends)
    return [_edge(*key, list(group)) for key, group in groupby(ordered, key=_ends)]


def _ends(link: Occurrence) -> tuple[str, str, str]:
    return link.source, link.target, link.role


def _edge(source: str, target: str, role: str, links: Sequence[Occurrence]) -> Edge:
    quotes = dict.fromkeys(shortened(plain(link.quote), QUOTE) for link in links)
    paragraphs = [link.paragraph for link in links if link.paragraph is not None]
    return Edge(
        source=source,
        target=target,
        role=role,
        weight=len(links),
        quotes=tuple(quote for quote in quotes if quote)[:QUOTES],
        paragraph=min(paragraphs, default=-1),
    )
