"""What readers decide: a page belongs to the story of a seed, or not. In memory and as CSV; no database."""

import csv
import datetime as dt
import hashlib
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from crawler.spreadsheet import cell, uncell
from crawler.urls import canonicalize

COLUMNS = ("url", "seed", "decision", "tags", "note", "who", "when")
NOTE_LIMIT = 10_000
SHOWN = 5

_SEED = re.compile(r"[a-z0-9][a-z0-9-]*")
_TAG = re.compile(r"[^\s,;]{1,100}")


class LabelError(Exception):
    """A label that makes no sense; the message is one line and says what to do."""


class Decision(StrEnum):
    """Whether a page belongs to the story."""

    IN = "in"
    OUT = "out"
    UNDECIDED = "undecided"


NOT_LABELLED = "none"
"""What a filter calls pages without a label."""
DECISIONS = tuple(map(str, Decision))
CHOICES = (*DECISIONS, NOT_LABELLED)
"""What options take: plain words, as they stand in argparse's complaint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One decision of one reader: never changed, only followed by another."""

    page: str
    """Canonical URL."""
    seed: str
    """Name of the seed whose story is meant."""
    decision: Decision
    """in, out or undecided."""
    tags: tuple[str, ...] = ()
    """Words without spaces, as the reader chose them."""
    note: str = ""
    """In the reader's words."""
    who: str
    """The reader."""
    when: dt.datetime
    """UTC, to the millisecond."""

    @property
    def words(self) -> str:
        """What it says, on one line: `in: export-controls; names the chips`."""
        return f"{self.decision}: {self.remarks}" if self.remarks else str(self.decision)

    @property
    def remarks(self) -> str:
        """Tags and note, on one line."""
        return "; ".join(filter(None, (" ".join(self.tags), " ".join(self.note.split()))))

    @property
    def id(self) -> str:
        """Names the label by all it says: the same label comes in twice and stays one."""
        said = (self.page, self.seed, self.decision, *self.tags, self.note, self.who, self.when.isoformat())
        return hashlib.blake2b("\n".join(said).encode("utf-8", "replace"), digest_size=16).hexdigest()


def make_label(
    url: str,
    decision: str,
    *,
    seed: str,
    who: str,
    when: dt.datetime,
    tags: Iterable[str] = (),
    note: str = "",
) -> Label:
    """A label, checked. Raises LabelError."""
    page = canonicalize(url)
    if page is None or not _is_text(page):
        raise LabelError(f"not the address of a page: {url!r}")
    if decision not in set(Decision):
        raise LabelError(f"the decision is in, out or undecided, not {decision!r}")
    if not _SEED.fullmatch(seed):
        raise LabelError(f"a seed's name has small letters, digits and hyphens, unlike {seed!r}")
    tags = tuple(dict.fromkeys(tags))
    odd = next((tag for tag in tags if not _TAG.fullmatch(tag)), None)
    if odd is not None:
        raise LabelError(f"a tag is a word without spaces, commas or semicolons, unlike {odd!r}")
    if len(note) > NOTE_LIMIT or not _is_text(note):
        raise LabelError(f"a note is text of {NOTE_LIMIT:,} characters at most")
    if not who.strip():
        raise LabelError("say who decides: --who NAME")
    moment = when.astimezone(dt.UTC)
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    return Label(
        page=page,
        seed=seed,
        decision=Decision(decision),
        tags=tags,
        note=note.strip(),
        who=who.strip(),
        when=moment,
    )


def _is_text(text: str) -> bool:
    """Half a surrogate pair can't be stored."""
    try:
        return bool(text.encode()) or not text
    except UnicodeEncodeError:
        return False


def wanted(label: Label | None, choice: str | None) -> bool:
    """Whether a page with this label, or none, passes a filter; a filter that is not given lets all pass."""
    return passes(label.decision if label else "", choice)


def passes(decision: str, choice: str | None) -> bool:
    """The same of a decision; empty text is none."""
    return choice is None or (decision or NOT_LABELLED) == choice


# CSV


def write_csv(labels: Iterable[Label]) -> Iterator[str]:
    """The lines of a CSV file that `read_csv` reads back, heading first."""
    yield _line(COLUMNS)
    for label in labels:
        when = label.when.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        tags = " ".join(label.tags)
        yield _line((label.page, label.seed, label.decision, tags, label.note, label.who, when))


def _line(cells: Iterable[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(map(cell, cells))
    return out.getvalue()


def read_csv(text: str, *, seed: str, who: str, when: dt.datetime) -> list[Label]:
    """The labels of a CSV file: `url` and `decision` are needed, the rest is taken from the arguments.

    Rows without a decision, and columns of other names, are passed over: a ranked list with a column of
    decisions filled in by hand will do. Raises LabelError, with the lines that are wrong, and then for all.
    """
    try:
        rows = _rows(text)
    except csv.Error as error:
        raise LabelError(f"not a CSV file: {error}") from None
    labels: list[Label] = []
    wrong: list[str] = []
    for line, row in rows:
        try:
            labels += [_label(row, seed, who, when)] if row.get("decision") else []
        except LabelError as error:
            wrong.append(f"line {line}: {error}")
    if wrong:
        more = f", and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
        raise LabelError("; ".join(wrong[:SHOWN]) + more + ": nothing was kept, put them right")
    return labels


def _rows(text: str) -> list[tuple[int, dict[str, str]]]:
    """Line number and cells by column; spreadsheets of some countries write semicolons."""
    lines = text.removeprefix("\ufeff").splitlines(keepends=True)
    head = lines[0] if lines else ""
    reader = csv.reader(lines, delimiter=";" if ";" in head and "," not in head else ",")
    columns = [name.strip().lower() for name in next(reader, [])]
    if missing := {"url", "decision"} - set(columns):
        raise LabelError(f"its first line names no column {' and no column '.join(sorted(missing))}")
    rows = ((reader.line_num, (uncell(text.strip()) for text in row)) for row in reader)
    return [(line, dict(zip(columns, cells, strict=False))) for line, cells in rows]


def _label(row: dict[str, str], seed: str, who: str, when: dt.datetime) -> Label:
    said = row.get("when")
    return make_label(
        row.get("url", ""),
        row["decision"].lower(),
        seed=row.get("seed") or seed,
        who=row.get("who") or who,
        when=_moment(said) if said else when,
        tags=re.split(r"[\s,;]+", row.get("tags", "").strip()) if row.get("tags") else (),
        note=row.get("note", ""),
    )


def _moment(text: str) -> dt.datetime:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise LabelError(f"not a time of the form 2025-02-05T12:00:00Z: {text!r}") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
