"""What goes on beside the requests: the run's ledger entry, Crawl-delay, a line of progress."""

from crawler.extensions.crawl_delay import CrawlDelay
from crawler.extensions.progress import Progress
from crawler.extensions.run_ledger import RunLedger

__all__ = ["CrawlDelay", "Progress", "RunLedger"]
