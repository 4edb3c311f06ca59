"""`scrapy reparse ARCHIVE…`: held pages are read again from their archives, by the parsers of today."""

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from crawler.answering import AnswerError, DatabaseCommand
from crawler.bodies import BodyPolicy
from crawler.intake.archived import Read, Reading, read_range
from crawler.intake.pool import WorkerDied, cores, in_processes
from crawler.progress import Steps
from crawler.reading import DEFAULT_DATABASE, SAMPLE_DATABASE
from crawler.store import MongoStore, Reread, Verdict
from crawler.warc import ArchiveError
from crawler.warc.ranges import Range, cut, is_sample
from crawler.writer import patiently

BATCH = 200
SHOWN = 10
DAMAGED = 65
DIED = 70

MEANING = {
    Verdict.CHANGED: "read otherwise than before",
    Verdict.SAME: "read as before",
    Verdict.FILLED: "came once, and can be read only now",
    Verdict.REFUSED: "kept as they were: the new reading is worse (below)",
    Verdict.OTHER: "left alone: another fetch of the page is held",
    Verdict.ABSENT: "never fetched here: `scrapy import` brings them in",
}


@dataclass(slots=True)
class Tally:
    """What became of all pages."""

    verdicts: Counter[Verdict] = field(default_factory=Counter)
    layouts: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """Layout to the number of pages in which a field differs; `""` counts the pages themselves."""
    refused: list[Reread] = field(default_factory=list)
    damages: list[str] = field(default_factory=list)

    def add(self, verdicts: Sequence[Reread]) -> None:
        """Count these too."""
        for verdict in verdicts:
            self.verdicts[verdict.verdict] += 1
            if verdict.fields:
                self.layouts[verdict.layout].update(("", *verdict.fields))
            if verdict.verdict is Verdict.REFUSED:
                self.refused.append(verdict)

    @property
    def wrote(self) -> bool:
        """Whether anything in the database is another now."""
        return bool(self.layouts)


class Command(DatabaseCommand):
    to_write = True

    def syntax(self) -> str:
        return "[options] ARCHIVE…"

    def short_desc(self) -> str:
        return "Read the pages of WARC archives again, by the parsers of today; nothing is fetched"

    def long_desc(self) -> str:
        return (
            f"{self.short_desc()}. A page is changed where what is held of it came from that very record; "
            "its fetch (time, ETag, provenance, attempt) stays what it was. "
            "Example: scrapy reparse archives/*.warc.gz"
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("-j", "--processes", type=int, default=cores(), help="how many (all cores)")

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        if opts.processes < 1:
            raise AnswerError(f"-j has to be 1 or more, not {opts.processes}")
        if not args:
            raise AnswerError("name the archives to read again: `scrapy reparse archives/*.warc.gz`")
        if self.settings["BODY_POLICY"] not in set(BodyPolicy):
            raise AnswerError(f"BODY_POLICY has to be one of {', '.join(BodyPolicy)}")
        try:
            kinds = {is_sample(Path(name)) for name in args}
        except ArchiveError as error:
            raise AnswerError(str(error)) from None
        if len(kinds) > 1:
            raise AnswerError("some of these archives are invented samples, others are not: read them apart")
        if self.settings["MONGO_DATABASE"] == DEFAULT_DATABASE:
            # real pages are never read into the sample's, even where one's own holds stubs alone
            chosen = SAMPLE_DATABASE if kinds == {True} else DEFAULT_DATABASE
            self.settings.set("MONGO_DATABASE", chosen, priority="cmdline")

    async def answer(self, store: MongoStore, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        tally = Tally()
        parts = [part for name in args for part in cut(Path(name))]
        reader = partial(read_range, policy=BodyPolicy(self.settings["BODY_POLICY"]))
        interval = self.settings.getfloat("PROGRESS_INTERVAL")
        patience = self.settings.getfloat("MONGO_RETRY_BUDGET")
        try:
            with Steps("pages read again", sum(map(_size, parts)), interval) as steps:
                async with aclosing(in_processes(reader, parts, opts.processes)) as results:
                    async for read in results:
                        await _take_in(store, read, tally, patience)
                        steps.done(_size(read.part), len(read.readings))
        except WorkerDied as error:
            raise AnswerError(
                f"{error}; what was changed stays: run it again, with -j 1 perhaps", DIED
            ) from None
        if tally.wrote:
            await patiently(store.refresh, patience)
        show(tally, Console(highlight=False))
        if tally.damages:
            raise AnswerError("; ".join(tally.damages) + ": what can be read of it was", DAMAGED)


def _size(part: Range) -> int:
    return part.end - part.start


async def _take_in(store: MongoStore, read: Read, tally: Tally, patience: float) -> None:
    """Store what differs, a batch at a time."""
    for batch in _batches([reading for reading in read.readings if 200 <= reading.http_status < 300]):
        found = [(reading.document, reading.outcome, reading.reason) for reading in batch]
        tally.add(await patiently(partial(store.reread, found), patience))
    if read.damage:
        tally.damages.append(read.damage)


def _batches(readings: list[Reading]) -> Iterator[list[Reading]]:
    return (readings[start : start + BATCH] for start in range(0, len(readings), BATCH))


def show(tally: Tally, console: Console) -> None:
    """What became of the pages, what changed by layout, and what was refused."""
    for verdict, meaning in MEANING.items():
        if count := tally.verdicts[verdict]:
            console.print(f"{count:>9,}  {meaning}")
    if tally.layouts:
        console.print(_table(tally))
    for refused in tally.refused[:SHOWN]:
        console.print(Text(f"kept: {refused.page_id}: {refused.reason}"), soft_wrap=True)
    if len(tally.refused) > SHOWN:
        console.print(f"… and {len(tally.refused) - SHOWN} more")


def _table(tally: Tally) -> Table:
    table = Table("layout", "pages", "fields that differ", box=None, title_justify="left")
    for layout, counts in sorted(tally.layouts.items()):
        fields = ", ".join(f"{name} {count}" for name, count in counts.most_common() if name)
        table.add_row(Text(layout), str(counts[""]), Text(fields))
    return table
