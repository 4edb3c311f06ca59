"""What a person sees at the end of a crawl. Plain data in, tables out; no database."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table
from rich.text import Text

from crawler.items import PageType, Provenance
from crawler.plain import plain, shortened
from crawler.urls import page_type_of, site_of

QUOTATION = 100
NAMED = 8

COUNTS = {
    "status": "pages of the seed",
    "attempt": "last attempts",
    "site": "sites",
    "depth": "depths",
    "links": "links",
}
"""Keys of the summary, and what to call them."""


def show_summary(
    console: Console, summary: Mapping[str, Any], *, seed: str, start: str, depth: int, where: str
) -> None:
    """Prints the summary of MongoStore.summary, and how to go on from there.

    `seed` is the seed's name, `start` its first URL, `depth` its limit; `where` says where the database is.
    """
    console.print()
    if Provenance.SAMPLE in summary["provenance"]:
        console.print(
            "[bold]SAMPLE[/bold]: real addresses, headlines, dates and links; the prose is invented."
        )
    console.print(_counts(summary, depth))
    console.print(_most_cited(summary["most_cited"]), soft_wrap=True)
    console.print(_queries(seed, start, where, summary["totals"]), soft_wrap=True)


def show_proposals(console: Console, lists: Sequence[str]) -> None:
    """Columns, topics and authors that the start links to, for a seed that does not watch any list yet."""
    if lists:
        named = Text(
            f"To watch for newer articles (-a watch=1), the seed file may say:\nlists = {json.dumps(lists)}"
        )
        console.print(named, soft_wrap=True)


def show_offline(console: Console, sites: Iterable[str], known: int) -> None:
    """One line for a live crawl that reached nobody."""
    console.print(
        f"No network: {' and '.join(sites)} can't be reached. The seed and its {known} known links are kept; "
        "`make demo` crawls the sample archive without a network.",
        soft_wrap=True,
    )


def show_end(console: Console, reason: str, *, max_pages: int, due: int) -> None:
    """One line for a run that ended before all was done; one that spent its budget left `due` pages."""
    ends = {
        "shutdown": "Interrupted: the same command goes on where this one stopped.",
        "page_budget": f"The page budget is spent (max_pages = {max_pages}), and {due} pages stay due: "
        "run it again, or raise max_pages in the seed file.",
    }
    if reason in ends:
        console.print(f"\n{ends[reason]}", soft_wrap=True)


def _counts(summary: Mapping[str, Any], limit: int) -> Table:
    """A row for each kind of count: its sum, and what it is made of."""
    table = Table(box=SIMPLE, show_header=False, pad_edge=False)
    table.add_column(style="bold")
    table.add_column(justify="right", style="cyan")
    table.add_column(overflow="fold")
    for key, title in COUNTS.items():
        counts = summary[key]
        made_of = _levels(counts, limit) if key == "depth" else _made_of(counts)
        table.add_row(title, str(sum(counts.values())), Text(made_of))
    return table


def _levels(counts: Mapping[int, int], limit: int) -> str:
    """`0: 2, 1: 8, beyond: 12`: what lies beyond the limit is stored and not followed."""
    within = [f"{depth}: {count}" for depth, count in sorted(counts.items()) if depth <= limit]
    beyond = sum(count for depth, count in counts.items() if depth > limit)
    return ", ".join([*within, f"beyond: {beyond}"] if beyond else within)


def _made_of(counts: Mapping[Any, int]) -> str:
    """`fetched 42, discovered 27`, the most frequent first; what comes late in a long list is summed up."""
    rows = list(counts.items())
    named = [f"{name} {count}" for name, count in rows[:NAMED]]
    rest = rows[NAMED:]
    return ", ".join([*named, f"{len(rest)} others {sum(count for _, count in rest)}"] if rest else named)


def _most_cited(works: list[Mapping[str, Any]]) -> Text:
    """Headline and one quotation each; text from the web never counts as markup."""
    text = Text("most cited works\n", style="bold")
    for work in works:
        quotation = work["quotation"]
        quoted = _one_line(quotation["context"] or quotation["anchor_text"])
        text.append(f"{work['in_links']:>3}x  {_one_line(work['title'])}\n", style="not bold")
        text.append(f"      {quoted} [{_one_line(quotation['source_title'])}]\n", style="not bold dim")
    return text


def _one_line(text: str) -> str:
    return shortened(plain(text), QUOTATION)


def _queries(seed: str, start: str, where: str, totals: Mapping[str, int]) -> Text:
    """Where the data is, and three queries to try."""
    held = ", ".join(f"{count} {name}" for name, count in totals.items())
    # of sites whose addresses tell nothing no page is an article by its type
    is_told = page_type_of(start) != PageType.EXTERNAL
    stories = "page_type: 'article'" if is_told else f"site: {json.dumps(site_of(start))}"
    return Text(
        f"In all {held} in {where}\n"
        f"`scrapy related {start}` ranks what belongs to it, and says why.\n"
        "`scrapy mongo` keeps an embedded one open and prints how to connect. Three queries for mongosh:\n"
        f"  db.links.find({{source: {json.dumps(start)}, role: 'citation'}}, {{target: 1, context: 1}})\n"
        f"  db.pages.find({{status: 'discovered', {stories}}}).sort({{in_degree: -1}}).limit(10)\n"
        f"  db.pages.find({{'depths.{seed}': 1}}, {{display_title: 1, last_attempt: 1}})",
    )
