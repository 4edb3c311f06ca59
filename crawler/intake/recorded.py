"""Another's archive as pages to keep: each response is an attempt of its time."""

from collections import Counter
from dataclasses import dataclass, field, replace

from crawler.frontier import schedule
from crawler.intake.archived import Reading, read_range
from crawler.intake.files import Found
from crawler.intake.forms import Form
from crawler.items import Attempt, Outcome, Provenance, Status, Via, from_document, to_document
from crawler.warc.ranges import Range

_KEPT = {Outcome.OK, Outcome.TRUNCATED, Outcome.REDIRECTED, Outcome.GONE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What a range of an archive held, or a handful of files."""

    found: list[Found]
    skipped: Counter[str] = field(default_factory=Counter)
    """Responses that are no pages, by the reason."""
    damage: str | None = None


def read_records(part: Range, provenance: Provenance) -> Recorded:
    """All responses of a range, ready to be kept. Nothing raises."""
    read = read_range(part)
    found = [_found(reading, part.path.name, provenance) for reading in read.readings]
    return Recorded(found=found, skipped=read.skipped, damage=read.damage)


def _found(reading: Reading, file: str, provenance: Provenance) -> Found:
    source = f"{file}: {reading.document['_id']}"
    if reading.outcome not in _KEPT:
        return Found(source=source, form=Form.ARCHIVE, reason=reading.reason or str(reading.outcome))
    if reading.at is None:
        return Found(source=source, form=Form.ARCHIVE, reason="a record without a date")
    again = schedule(reading.outcome, reading.at, answered=True, failures=0)
    attempt = Attempt(
        at=reading.at, status=reading.outcome, http_status=reading.http_status, reason=reading.reason
    )
    was_read = reading.outcome in {Outcome.OK, Outcome.TRUNCATED}
    page = from_document(reading.document)
    page = replace(
        page,
        status=Status.FETCHED if was_read else page.status,
        fetched_via=Via.IMPORT if was_read else None,
        provenance=provenance,
        last_attempt=attempt,
        next_fetch_at=again.next_fetch_at,
        fetch_interval=again.fetch_interval,
        failures=again.failures,
    )
    return Found(
        source=source,
        form=Form.ARCHIVE,
        document=to_document(page),
        outcome=reading.outcome,
        reason=reading.reason,
    )
