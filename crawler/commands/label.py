"""`scrapy label URL… --in|--out|--undecided`: what readers decide, kept, listed, and passed on as CSV."""

import argparse
import datetime as dt
import getpass
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from crawler.answering import DEFAULT_SEED, AnswerError, DatabaseCommand, unknown_seed
from crawler.complaint import CANT_CREATE
from crawler.dump_file import replacing
from crawler.labels import (
    DECISIONS,
    Decision,
    Label,
    LabelError,
    make_label,
    read_csv,
    wanted,
    write_csv,
)
from crawler.plain import counted, plain
from crawler.store import MongoStore
from crawler.urls import canonicalize

MEANING = {
    Decision.IN: "the pages belong to the story",
    Decision.OUT: "they don't: what they link to is not followed",
    Decision.UNDECIDED: "look at them again; also takes a label back",
}


class Command(DatabaseCommand):
    to_write = True

    def syntax(self) -> str:
        return "[options] URL…"

    def short_desc(self) -> str:
        return "Say which pages belong to a seed's story; list what was said, read and write it as CSV"

    def long_desc(self) -> str:
        return (
            f"{self.short_desc()}. Nothing said is ever changed: the latest label of a page stands. A page "
            "that is out is not expanded by the crawl. Examples: `scrapy label URL --in -t export-controls "
            "--note 'names the chips'`; `scrapy label --list --label out`; `scrapy label --list URL` for all "
            "that was said of one page; `scrapy label --write labels.csv`; `scrapy label --read labels.csv`."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        what = parser.add_mutually_exclusive_group()
        for decision, meaning in MEANING.items():
            what.add_argument(
                f"--{decision}", action="store_const", const=decision, dest="decision", help=meaning
            )
        what.add_argument("--list", action="store_true", help="show what stands, or all of the URLs given")
        what.add_argument("--read", metavar="FILE.csv", help="add the labels of a file; - is stdin")
        what.add_argument("--write", metavar="FILE.csv", help="write all labels to a file; - is stdout")
        parser.add_argument("--label", choices=DECISIONS, help="with --list: only these")
        parser.add_argument(
            "--seed", default=DEFAULT_SEED, help=f"whose story is meant (default: {DEFAULT_SEED})"
        )
        parser.add_argument(
            "-t", "--tag", action="append", default=[], help="a word of yours; repeat for more"
        )
        parser.add_argument("--note", default="", help="in your words")
        parser.add_argument("--who", default=_who(), help="who decides (your user name)")

    def written(self, opts: argparse.Namespace) -> str | None:
        return opts.write if opts.write != "-" else None

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        if opts.decision and not args:
            raise AnswerError("name the pages: `scrapy label URL --in`")
        if not (opts.decision or opts.list or opts.read or opts.write):
            raise AnswerError("say --in, --out or --undecided of a page, or --list, --read or --write")
        if (opts.read or opts.write) and args:
            raise AnswerError("--read and --write take one file and no URLs")
        try:
            self._given = _given(args, opts)
        except LabelError as error:
            raise AnswerError(str(error)) from None

    async def answer(self, store: MongoStore, args: list[str], opts: argparse.Namespace) -> None:
        if opts.list:
            await _list(store, args, opts)
        elif opts.write:
            _write(opts.write, await store.label_history())
        else:
            await _keep(store, self._given)


def _who() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container without a user database
        return ""


def _given(args: list[str], opts: argparse.Namespace) -> list[Label]:
    """The labels that the command line or the file gives. Raises LabelError, AnswerError."""
    now = dt.datetime.now(dt.UTC)
    if opts.read:
        try:
            return read_csv(_text(opts.read), seed=opts.seed, who=opts.who, when=now)
        except LabelError as error:
            raise LabelError(f"{opts.read}: {error}") from None
    if not opts.decision:
        return []
    said = {"seed": opts.seed, "who": opts.who, "when": now, "tags": opts.tag, "note": opts.note}
    return [make_label(url, opts.decision, **said) for url in args]


def _text(name: str) -> str:
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        return data.decode("utf-8-sig")
    except OSError as error:
        raise AnswerError(f"{name} can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise AnswerError(f"{name} is not UTF-8: save it as CSV UTF-8") from None


async def _keep(store: MongoStore, given: Sequence[Label]) -> None:
    """Add the labels, each to the page that is meant; says which pages and seeds are not held yet."""
    labels = [_of(label, await store.known_page(label.page)) for label in given]
    stands = {seed: await store.labels(seed) for seed in {label.seed for label in labels}}
    added = await store.add_labels(
        [one for one in labels if not _repeats(one, stands[one.seed].get(one.page))]
    )
    held = await store.titles([label.page for label in labels])
    there = f", {len(labels) - added} were there" if added < len(labels) else ""
    print(f"{counted(added, 'label')} added{there}")
    for page in dict.fromkeys(label.page for label in labels if label.page not in held):
        print(f"not held yet: {page}", file=sys.stderr)
    for seed in stands:
        if not await store.knows_seed(seed):
            print(f"kept for later: {await unknown_seed(store, seed)}", file=sys.stderr)


def _repeats(label: Label, stands: Label | None) -> bool:
    """Whether a reader says, in the same words, what they said last of this page, and nobody has objected."""
    said = (label.decision, label.tags, label.note)
    return stands is not None and said == (stands.decision, stands.tags, stands.note)


def _of(label: Label, page: str) -> Label:
    return make_label(
        page,
        label.decision,
        seed=label.seed,
        who=label.who,
        when=label.when,
        tags=label.tags,
        note=label.note,
    )


async def _list(store: MongoStore, args: list[str], opts: argparse.Namespace) -> None:
    """What stands for each page of the seed, or all that was said of the pages given."""
    if args:
        pages = [await store.known_page(canonicalize(url) or url) for url in args]
        found = await store.label_history(pages=pages)
    else:
        found = list((await store.labels(opts.seed)).values())
    if not found:
        raise AnswerError(f"nothing was said yet: `scrapy label URL --in --seed {opts.seed}`")
    found = [label for label in found if wanted(label, opts.label)]
    if not found:
        raise AnswerError(f"nothing is labelled {opts.label}: without --label all that was said is listed")
    titles = await store.titles([label.page for label in found])
    console = Console(highlight=False)
    for label in found:
        console.print(_line(label, titles.get(label.page), [label.seed] if args else []), soft_wrap=True)


def _line(label: Label, title: str | None, about: Sequence[str]) -> Text:
    """Decision and title, address, and the reader's own words: each on a line that can be copied."""
    when = f"{label.who}, {label.when:%Y-%m-%d %H:%M} UTC"
    remark = "  ".join(plain(part) for part in (*about, when, " ".join(label.tags), label.note) if part)
    text = Text(f"{label.decision:<10} ", style="bold").append(plain(title or "(not held yet)"))
    return text.append(f"\n{'':11}{label.page}\n{'':11}{remark}", style="not bold dim")


def _write(name: str, labels: Sequence[Label]) -> None:
    if name == "-":
        sys.stdout.writelines(write_csv(labels))
        return
    try:
        with replacing(Path(name)) as part:
            part.write_text("".join(write_csv(labels)), encoding="utf-8")
    except OSError as error:
        raise AnswerError(f"{name} can't be written: {error.strerror}", CANT_CREATE) from None
    print(f"{counted(len(labels), 'label')} written to {name}")
