"""Pages to which several writers came at once: only one of them came through, but all of them wrote links."""

from collections.abc import Collection, Iterator

from crawler.items import Outcome, Page, Status, from_document
from crawler.store.bulk import Database, Operation, write_all
from crawler.store.forgetting import erase
from crawler.store.writes import link, occurrences, unseen

_READ = {Outcome.OK, Outcome.TRUNCATED}


async def settle(database: Database, ids: Collection[str]) -> None:
    """Set the links of these pages to what the pages say by now; of forgotten ones nothing is left."""
    pages = [page async for page in database.pages.find({"_id": {"$in": list(ids)}})]
    forgotten = [page["_id"] for page in pages if page["status"] == Status.FORGOTTEN]
    if forgotten:
        await erase(database, forgotten)
    said = [from_document(page) for page in pages if page["status"] != Status.FORGOTTEN]
    await write_all(database.links, [(page.id, operation) for page in said for operation in _links(page)])


def _links(page: Page) -> Iterator[Operation]:
    """Stores what the page says, and deactivates all else, as of when it was last read."""
    attempt = page.last_attempt
    is_last = attempt is not None and attempt.status in _READ
    run_id, seen = (attempt.run_id, attempt.at) if attempt and is_last else (None, page.fetched_at)
    facts = dict(occurrences(page))
    for name, said in facts.items():
        yield link(name, said, run_id, seen, again=is_last)
    yield unseen(page, list(facts), run_id, seen)
