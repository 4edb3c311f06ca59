"""Keeps pages that were there already, and keeps account of each: what became of it, and why."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Any

from crawler.intake.files import Found
from crawler.intake.recorded import Recorded
from crawler.items import Outcome, Page, Status, from_document
from crawler.store import Decision, Effect, Held, MongoStore, Verdict
from crawler.writer import patiently

BATCH = 200


class Fate(StrEnum):
    """What became of a page."""

    NEW = "new"
    FILLED = "filled"
    RENEWED = "renewed"
    THERE = "there"
    KEPT = "kept"
    SKIPPED = "skipped"


_OF_VERDICT = {Verdict.SAME: Fate.THERE, Verdict.CHANGED: Fate.RENEWED}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the account."""

    source: str
    form: str
    fate: Fate
    url: str = ""
    reason: str = ""


@dataclass(slots=True)
class Account:
    """How many pages had which fate, by form; reasons, each with its first source; damaged archives."""

    fates: defaultdict[str, Counter[Fate]] = field(default_factory=lambda: defaultdict(Counter))
    reasons: Counter[tuple[Fate, str]] = field(default_factory=Counter)
    examples: dict[tuple[Fate, str], str] = field(default_factory=dict)
    damages: list[str] = field(default_factory=list)
    tell: Callable[[Entry], None] | None = None
    """Called with every entry: the account itself does not keep them."""

    def enter(self, entry: Entry) -> None:
        """Count it, and tell it."""
        self.fates[entry.form][entry.fate] += 1
        if entry.reason:
            # A reason may name what it is about; those of one kind belong together.
            kind = (entry.fate, entry.reason.split(": ", 1)[0])
            self.reasons[kind] += 1
            self.examples.setdefault(kind, entry.source)
        if self.tell is not None:
            self.tell(entry)

    def count(self, *fates: Fate) -> int:
        """How many pages had one of these fates."""
        return sum(counts[fate] for counts in self.fates.values() for fate in fates)


@dataclass(slots=True)
class Importer:
    """Writes through one store; `patience` in seconds: how long to wait for a database that is away."""

    store: MongoStore
    patience: float
    account: Account = field(default_factory=Account)

    async def take(self, recorded: Recorded) -> None:
        """Keep what was found. Raises StorageUnavailable; what was kept before stays."""
        for reason, count in recorded.skipped.items():
            for _ in range(count):
                self.account.enter(Entry("", "WARC", Fate.SKIPPED, reason=reason))
        for batch in _batches(recorded.found):
            await self._keep(batch)
        if recorded.damage:
            self.account.damages.append(recorded.damage)

    async def _keep(self, batch: Sequence[Found]) -> None:
        pages = {found.document["_id"]: found for found in batch if found.document is not None}
        for found in batch:
            if found.document is None:
                self.account.enter(Entry(found.source, found.form, Fate.SKIPPED, reason=found.reason or ""))
        known = await patiently(partial(self.store.records, list(pages)), self.patience)
        again = {name: found for name, found in pages.items() if known.get(name, "") == _record(found)}
        await self._read_again(again)
        await self._write({name: found for name, found in pages.items() if name not in again})

    async def _read_again(self, pages: dict[str, Found]) -> None:
        """Copies that are held: only what the parsers read of them may be new."""
        readings = [(found.document or {}, found.outcome, found.reason) for found in pages.values()]
        if not readings:
            return
        for verdict in await patiently(partial(self.store.reread, readings), self.patience):
            found = pages[verdict.page_id]
            fate = _OF_VERDICT.get(verdict.verdict, Fate.KEPT)
            self.account.enter(Entry(found.source, found.form, fate, verdict.page_id, verdict.reason or ""))

    async def _write(self, found: dict[str, Found]) -> None:
        pages = [from_document(one.document or {}) for one in found.values()]
        if not pages:
            return
        foreseen = await patiently(partial(self.store.foresee, pages), self.patience)
        wanted = [page for page in pages if _changes(page, *foreseen[page.id])]
        rejected = await patiently(partial(self.store.write, wanted, None), self.patience)
        refused = {rejection.document_id: rejection.reason for rejection in rejected}
        for page in pages:
            fate, reason = _fate(page, *foreseen[page.id])
            if page.id in refused:
                fate, reason = Fate.SKIPPED, f"can't be stored: {refused[page.id]}"
            self.account.enter(Entry(found[page.id].source, found[page.id].form, fate, page.id, reason or ""))


def _record(found: Found) -> str | None:
    warc: dict[str, Any] = (found.document or {}).get("warc") or {}
    return warc.get("record_id")


def _changes(page: Page, decision: Decision, held: Held | None) -> bool:
    """Whether writing the page would do anything."""
    return decision.effect is not Effect.NOTHING and not (held and _is_known(page, held))


def _is_known(page: Page, held: Held) -> bool:
    """Whether nothing is said of a page but what is there already."""
    if page.last_attempt:
        moved = page.last_attempt.status in {Outcome.REDIRECTED, Outcome.GONE}
        return moved and held.attempted_at == page.last_attempt.at
    is_named = held.display_title_source == "headline" or page.headline is None
    return page.status is Status.DISCOVERED and (is_named or held.status is not Status.DISCOVERED)


def _fate(page: Page, decision: Decision, held: Held | None) -> tuple[Fate, str | None]:
    if held and _is_known(page, held):
        return Fate.THERE, None
    if decision.effect in {Effect.NOTHING, Effect.ATTEMPT}:
        return Fate.KEPT, decision.reason
    if held is None:
        return Fate.NEW, None
    return (Fate.FILLED if held.status is Status.DISCOVERED else Fate.RENEWED), None


def _batches(found: Sequence[Found]) -> Iterator[list[Found]]:
    """At most BATCH at a time, and no page twice in one: each is judged on what the one before it left."""
    batch: list[Found] = []
    names: set[str] = set()
    for one in found:
        name = (one.document or {}).get("_id")
        if len(batch) >= BATCH or name in names:
            yield batch
            batch, names = [], set()
        batch.append(one)
        if name is not None:
            names.add(name)
    if batch:
        yield batch
