"""Writes the files of a snapshot. The folder takes its name when it is complete."""

import hashlib
import shutil
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from crawler.dump_file import DumpFileError, write_lines
from crawler.exporting import export
from crawler.graph.exports import WRITERS, About
from crawler.ledger import as_json
from crawler.seeds import seed_of, to_toml
from crawler.snapshot.words import Frozen, citation, readme, versions
from crawler.store import Header, MongoStore
from crawler.store.network import Scope
from crawler.warc.copying import copy_without

FILES = {
    "dump.jsonl.gz": "pages, links, works, revisions and runs of the seed, for `scrapy load`",
    "graph.gexf": "the link graph, works as nodes, for Gephi",
    "graph.csv": "its edges as a table",
    "run.json": "the run: counts, refusals, coverage",
    "seed.toml": "where the crawl started and how far it went",
    "requirements.txt": "every package in the version that made this",
    "CITATION.cff": "how to cite it",
    "SHA256SUMS": "checksums of all of these",
}
"""What is in every snapshot, and what each is."""


class SnapshotError(Exception):
    """A snapshot that can't be made; the message is one line and says what to do."""


async def take(
    store: MongoStore, header: Header, frozen: Frozen, target: Path, places: Iterable[Path]
) -> Frozen:
    """Write the snapshot of a run; returns what went into it.

    Archives are looked for in `places`. Raises SnapshotError, StorageUnavailable.
    """
    if target.exists():
        raise SnapshotError(f"{target} is there already: name another folder")
    part = target.with_name(f"{target.name}.part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir()
        await write_lines(part / "dump.jsonl.gz", store.dump(header))
        await _graphs(store, frozen, part)
        frozen = await _archives(store, frozen, part, places)
        _facts(header, frozen, part)
        _manifest(part)
        part.rename(target)
    except (OSError, DumpFileError) as error:
        raise SnapshotError(f"{target} can't be written ({_why(error)}): name another place") from None
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return frozen


def _why(error: Exception) -> str:
    cause = error.__cause__ or error.__context__ or error  # of a DumpFileError, which says the rest again
    return (isinstance(cause, OSError) and cause.strerror) or str(error)


async def _graphs(store: MongoStore, frozen: Frozen, folder: Path) -> None:
    title = f"Link graph of the crawl run {frozen.run['_id']}"
    about = About(title=title, made_on=f"{frozen.run['finished']:%Y-%m-%d}", is_sample=frozen.is_sample)
    for kind in (".gexf", ".csv"):
        with (folder / f"graph{kind}").open("w", encoding="utf-8", newline="") as out:
            await export(store, Scope(frozen.run["seed"]), WRITERS[kind](about), out)


async def _archives(store: MongoStore, frozen: Frozen, folder: Path, places: Iterable[Path]) -> Frozen:
    """Copy the archives that the pages name and the run used, without what was forgotten since."""
    if not frozen.bodies:
        return frozen
    named = await _named(store, frozen.run)
    forgotten = await store.forgotten()
    found = {
        name: path for place in reversed([*places]) for name in named if (path := place / name).is_file()
    }
    (folder / "archives").mkdir()
    for name, path in found.items():
        copy_without(path, folder / "archives" / name, forgotten)
    here, missing = ([name for name in named if (name in found) is had] for had in (True, False))
    return replace(frozen, archives=here, missing=missing)


async def _named(store: MongoStore, run: Mapping[str, Any]) -> list[str]:
    """Names of the archives as REPLAY has to have them: of several responses for one URL the last counts.

    So in the order in which the runs used them last; those that no run used, as an import's, come first.
    """
    used = [name for one in reversed(await store.runs()) for name in one.get("archives", [])]
    last = {name: place for place, name in enumerate(used)}
    names = {*run.get("archives", []), *await store.archives(run["seed"])}
    return sorted(names, key=lambda name: (last.get(name, -1), name))


def _facts(header: Header, frozen: Frozen, folder: Path) -> None:
    """The small files."""
    run = frozen.run
    texts = {
        "run.json": as_json(run) + "\n",
        "seed.toml": to_toml(seed_of(run["seed_values"])),
        "requirements.txt": versions(distributions(), header.code_version),
        "CITATION.cff": citation(frozen),
        "README.md": readme(frozen, _contents(frozen.archives)),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")


def _contents(archives: Collection[str]) -> Mapping[str, str]:
    responses = "every response as received (WARC)"
    return FILES | {f"archives/{name}": responses for name in archives}


def _manifest(folder: Path) -> None:
    """SHA256SUMS over all other files, as sha256sum reads it."""
    lines = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        with path.open("rb") as file:
            lines.append(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {path.relative_to(folder)}\n")
    (folder / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")
