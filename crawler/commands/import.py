"""`scrapy import PATH…`: pages that are there already, as files or archives, come into the database."""

import argparse
import csv
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager, nullcontext
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from crawler.answering import AnswerError, DatabaseCommand
from crawler.complaint import CANT_CREATE
from crawler.embedded import serve
from crawler.importing import Account, Entry, Fate, Importer
from crawler.intake.files import form_of_file
from crawler.intake.forms import Form
from crawler.intake.pool import WorkerDied, cores, in_processes
from crawler.intake.walk import Walk, total_size, work
from crawler.items import Provenance
from crawler.progress import Steps
from crawler.reading import DEFAULT_DATABASE, SAMPLE_DATABASE
from crawler.spreadsheet import cell
from crawler.store import MongoStore
from crawler.urls import canonicalize
from crawler.warc import ArchiveError
from crawler.warc.ranges import is_sample
from crawler.writer import patiently

DAMAGED = 65
DIED = 70
SHOWN = 12
MEANING = {
    Fate.NEW: "new",
    Fate.FILLED: "stubs filled",
    Fate.RENEWED: "renewed",
    Fate.THERE: "there already",
    Fate.KEPT: "left as held",
    Fate.SKIPPED: "skipped",
}


class Command(DatabaseCommand):
    to_write = True

    def syntax(self) -> str:
        return "[options] PATH…"

    def short_desc(self) -> str:
        return "Bring saved pages into the database: folders, HTML, MHTML, archives, lists of URLs"

    def long_desc(self) -> str:
        return (
            f"{self.short_desc()}. No request is made. A file says by its content what it is: HTML, "
            "SingleFile, MHTML, a saved article, WARC, WACZ, or a CSV of URLs. Examples: "
            "`scrapy import ~/saved --report all.csv`; `scrapy import page.html --url URL`."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--url", help="where a single file comes from, should it not say so")
        parser.add_argument("--report", metavar="FILE.csv", help="what became of each file and page")
        parser.add_argument("-j", "--processes", type=int, default=cores(), help="how many (all cores)")

    def written(self, opts: argparse.Namespace) -> str | None:
        name: str | None = opts.report
        return name

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        paths = [Path(name) for name in args]
        if opts.processes < 1:
            raise AnswerError(f"-j has to be 1 or more, not {opts.processes}")
        if not paths:
            raise AnswerError("name what to import: `scrapy import FOLDER`")
        missing = next((path for path in paths if not path.exists()), None)
        if missing is not None:
            raise AnswerError(f"{missing} is not there: name a file or a folder")
        if opts.url and (len(paths) > 1 or paths[0].is_dir() or canonicalize(opts.url) is None):
            raise AnswerError("--url gives the address of one single file: an http(s) URL")
        samples = {_holds_samples(path) for path in paths}
        if len(samples) > 1:
            raise AnswerError("an archive of invented samples is imported by itself")
        self._provenance = Provenance.SAMPLE if samples == {True} else Provenance.IMPORT
        if samples == {True} and self.settings["MONGO_DATABASE"] == DEFAULT_DATABASE:
            self.settings.set("MONGO_DATABASE", SAMPLE_DATABASE, priority="cmdline")

    async def _ask(self, args: list[str], opts: argparse.Namespace) -> None:
        """Unlike a question, an import may be the first that a database sees."""
        assert self.settings is not None
        uri, directory = self.settings["MONGO_URI"], Path(self.settings["MONGO_DIR"])
        with serve(directory) if not uri else nullcontext(uri) as served:
            async with _opened(MongoStore(served, self.settings["MONGO_DATABASE"])) as store:
                await store.claim(sample=self._provenance is Provenance.SAMPLE)
                await self.answer(store, args, opts)

    async def answer(self, store: MongoStore, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        patience = self.settings.getfloat("MONGO_RETRY_BUDGET")
        importer = Importer(store, patience)
        with tempfile.TemporaryDirectory(prefix="import-") as folder, _report(opts.report, importer.account):
            walk = Walk(Path(folder), opts.url, self._provenance)
            try:
                await self._import(importer, walk, [Path(name) for name in args], opts.processes)
            except WorkerDied as error:
                raise AnswerError(f"{error}; what was kept stays: run it again", DIED) from None
        account = importer.account
        if account.count(Fate.NEW, Fate.FILLED, Fate.RENEWED):
            await patiently(store.refresh, patience)
        show(account, Console(highlight=False))
        if account.damages:
            raise AnswerError("; ".join(account.damages) + ": what can be read of it was", DAMAGED)
        if not account.count(*(fate for fate in Fate if fate is not Fate.SKIPPED)):
            raise AnswerError("no page was found in it: the table says why", DAMAGED)

    async def _import(self, importer: Importer, walk: Walk, paths: list[Path], processes: int) -> None:
        assert self.settings is not None
        reader = partial(work, provenance=self._provenance)
        interval = self.settings.getfloat("PROGRESS_INTERVAL")
        with Steps("pages and files read", total_size(paths), interval) as steps:
            async with aclosing(in_processes(reader, walk.pieces(paths), processes)) as results:
                async for done in results:
                    await importer.take(done.result)
                    steps.done(done.size, len(done.result.found))


@asynccontextmanager
async def _opened(store: MongoStore) -> AsyncIterator[MongoStore]:
    await store.open()
    try:
        yield store
    finally:
        await store.close()


def _holds_samples(path: Path) -> bool:
    """Whether a path is an archive of invented pages."""
    try:
        return path.is_file() and form_of_file(path) is Form.ARCHIVE and is_sample(path)
    except (ArchiveError, OSError):
        return False


@contextmanager
def _report(name: str | None, account: Account) -> Iterator[None]:
    """Writes every entry of the account to a file, as they come."""
    if name is None:
        yield
        return
    with _writing(name):
        file = Path(name).open("w", encoding="utf-8", newline="")  # noqa: SIM115  # closed below
    try:
        writer = csv.writer(file)
        writer.writerow(("source", "form", "fate", "url", "reason"))

        def tell(entry: Entry) -> None:
            with _writing(name):
                writer.writerow(_cells(entry))

        account.tell = tell
        yield
    finally:
        with _writing(name):
            file.close()


@contextmanager
def _writing(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        problem = f"{name} can't be written: {error.strerror}; what was kept stays: run it again"
        raise AnswerError(problem, CANT_CREATE) from None


def _cells(entry: Entry) -> tuple[str, ...]:
    cells = (entry.source, entry.form, entry.fate, entry.url, entry.reason)
    return tuple(cell(text.encode("utf-8", "replace").decode()) for text in cells)


def show(account: Account, console: Console) -> None:
    """How many pages had which fate, by form, and the reasons."""
    fates = [fate for fate in Fate if account.count(fate)]
    table = Table("form", *(MEANING[fate] for fate in fates), box=None)
    for form, counts in sorted(account.fates.items()):
        table.add_row(form or "other files", *(f"{counts[fate]:,}" if counts[fate] else "" for fate in fates))
    console.print(table)
    for (fate, reason), count in account.reasons.most_common(SHOWN):
        example = account.examples[fate, reason]
        such_as = f" (such as {example})" if example else ""
        console.print(Text(f"{count:>7,} {MEANING[fate]}: {reason}{such_as}"), soft_wrap=True)
    if len(account.reasons) > SHOWN:
        console.print(f"and {len(account.reasons) - SHOWN} more reasons: --report FILE.csv names them all")
