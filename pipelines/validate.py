"""Lets no page through that can't be kept: in its place goes its failure, with the reason."""

import logging

from crawler.items import Page
from crawler.validation import as_failure, problems

logger = logging.getLogger(__name__)


class ValidatePage:
    """Turns an invalid page into a failed attempt, so that nothing is lost silently."""

    def process_item(self, item: Page) -> Page:
        """Return the page as it is, or its failure."""
        found = problems(item)
        if not found:
            return item
        reason = f"invalid: {'; '.join(found)}"[:500]
        logger.error("%s is not kept: %s", item.id, reason)
        return as_failure(item, reason)
