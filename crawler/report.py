"""What a person sees at the end of a crawl. Plain data in, tables out; no database."""

import json
from collections.abc import Mapping
from typing import Any

from rich.columns import Columns
from rich.console import Console, Group
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from crawler.items import Provenance
from crawler.seeds import Seed

QUOTATION = 100
SITES = 6

COUNTS = {
    "status": "pages by status",
    "attempt": "last attempt",
    "depth": "pages by depth",
    "links": "links by role",
    "site": "pages by site",
}
"""Keys of the summary, and what to call them."""


def show_summary(console: Console, seed: Seed, summary: Mapping[str, Any], uri: str, database: str) -> None:
    """Prints the summary of MongoStore.summary, and how to go on from there."""
    console.print()
    if Provenance.SAMPLE in summary["provenance"]:
        console.print(
            "[bold]SAMPLE[/bold]: real addresses, headlines, dates and links; the prose is invented.\n"
        )
    console.print(Columns([_counts(title, summary[key]) for key, title in COUNTS.items()], padding=(0, 4)))
    console.print()
    console.print(_most_cited(summary["most_cited"]))
    console.print(_where(seed, uri, database, summary["totals"]))


def show_offline(console: Console, seed: Seed, known: int) -> None:
    """One line for a live crawl that reached nobody."""
    sites = " and ".join(seed.sites)
    console.print(
        f"No network: {sites} can't be reached. The seed and its {known} known links are kept; "
        "`make demo` crawls the sample archive without a network.",
        soft_wrap=True,
    )


def _counts(title: str, counts: Mapping[Any, int]) -> Table:
    """A small table of counts; what does not fit is summed up in the last row."""
    table = Table(
        title=title, title_justify="left", title_style="bold", box=None, show_header=False, pad_edge=False
    )
    table.add_column(style="cyan")
    table.add_column(justify="right")
    rows = list(counts.items())
    rest = sum(count for _, count in rows[SITES:]) if len(rows) > SITES + 1 else 0
    for name, count in rows[:SITES] if rest else rows:
        table.add_row(escape(str(name)), str(count))
    if rest:
        table.add_row(f"{len(rows) - SITES} more", str(rest))
    return table


def _most_cited(works: list[Mapping[str, Any]]) -> Group:
    """Headline and one quotation each; text from the web never counts as markup."""
    lines = [Text("most cited works", style="bold")]
    for work in works:
        times = f"{work['in_links']}x"
        lines.append(Text.assemble((f"{times:>4}  ", "cyan"), _one_line(work["title"])))
        quotation = work["quotation"]
        quoted = f"“{_one_line(quotation['context'] or quotation['anchor_text'])}”"
        lines.append(Text(f"      {quoted} - {_one_line(quotation['source_title'])}", style="dim"))
    return Group(*lines, Text())


def _one_line(text: str) -> str:
    """Text from the web as one line of bounded length, without control characters."""
    clean = "".join(char for char in " ".join(text.split()) if char.isprintable())
    return clean if len(clean) <= QUOTATION else clean[: QUOTATION - 1] + "…"


def _where(seed: Seed, uri: str, database: str, totals: Mapping[str, int]) -> Text:
    """Where the data is, and three queries to try."""
    start = json.dumps(seed.urls[0])
    held = ", ".join(f"{count} {name}" for name, count in totals.items())
    return Text(
        f"{held} in the database {database} of {uri}\n"
        "`scrapy mongo` keeps an embedded one open and prints how to connect. Three queries to try:\n"
        f"  db.links.find({{source: {start}, role: 'citation'}}, {{target: 1, context: 1}})\n"
        "  db.pages.find({status: 'discovered'}).sort({in_degree: -1}).limit(10)\n"
        f"  db.pages.find({{'depths.{seed.name}': 1}}, {{display_title: 1, last_attempt: 1}})",
        overflow="fold",
    )
