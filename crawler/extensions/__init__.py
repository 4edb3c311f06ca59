"""What goes on beside the requests: the run's ledger entry, a line of progress."""

from crawler.extensions.progress import Progress
from crawler.extensions.run_ledger import RunLedger

__all__ = ["Progress", "RunLedger"]
