"""Lists of URLs: those that stand for themselves, and those that say where files beside them come from."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from crawler.urls import canonicalize

FACTS = "facts.jsonl"
_HEADLINES = ("headline", "title")
_DATES = ("published_on", "date")


class Row(NamedTuple):
    """One page of a list."""

    line: int
    url: str
    """As it stands there."""
    file: str | None = None
    headline: str | None = None
    published_on: str | None = None


def is_list(path: Path) -> bool:
    """Whether a file's name says that it is a list."""
    return path.suffix.lower() in {".csv", ".tsv"} or path.name == FACTS


def read_list(path: Path) -> Iterator[Row]:
    """The rows of a list that name a URL. Raises OSError, and ValueError for what is none."""
    return _facts(path) if path.name == FACTS else _csv(path)


def names_files(path: Path) -> bool:
    """Whether a list says where files come from. One that can't be read says nothing."""
    try:
        return any(row.file for row in read_list(path))
    except (OSError, ValueError):
        return False


def addresses(folder: Path) -> dict[str, str]:
    """Name of a file to its URL, as the lists in a folder say."""
    lists = sorted(path for path in folder.iterdir() if is_list(path) and path.is_file())
    found: dict[str, str] = {}
    for path in lists:
        try:
            found |= {Path(row.file).name: row.url for row in read_list(path) if row.file}
        except (OSError, ValueError):
            continue
    return found


def _facts(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, 1):
            fact = json.loads(line) if line.strip() else {}
            if isinstance(fact, dict) and fact.get("url"):
                yield Row(number, str(fact["url"]), str(fact["file"]) if fact.get("file") else None)


def _csv(path: Path) -> Iterator[Row]:
    """With a heading that names `url`, or one column of URLs without."""
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        head = lines.readline()
        lines.seek(0)
        reader = csv.reader(lines, delimiter=_delimiter(path, head))
        try:
            first = next(reader, [])
            columns = [name.strip().lower() for name in first]
            if "url" not in columns:
                if not first or not canonicalize(first[0]):
                    raise ValueError("its first line names no column url")
                columns = ["url"]
                yield Row(1, first[0].strip())
            for cells in reader:
                row = dict(zip(columns, map(str.strip, cells), strict=False))
                if row.get("url"):
                    yield _row(reader.line_num, row)
        except csv.Error as error:
            raise ValueError(f"not a CSV file: {error}") from None


def _delimiter(path: Path, head: str) -> str:
    if path.suffix.lower() == ".tsv" or ("\t" in head and "," not in head):
        return "\t"
    return ";" if ";" in head and "," not in head else ","


def _row(line: int, row: dict[str, str]) -> Row:
    headline = next((row[name] for name in _HEADLINES if row.get(name)), None)
    published = next((row[name] for name in _DATES if row.get(name)), None)
    return Row(line, row["url"], row.get("file") or None, headline, published)
