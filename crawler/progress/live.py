"""How far a crawl is, in words: one line for a log, a few that renew themselves for a terminal. Pure."""

from dataclasses import dataclass

from rich.text import Text

from crawler.plain import plain, shortened
from crawler.progress.steps import clock

LONGEST = 70
"""Characters of a headline that are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A host that pages wait for."""

    name: str
    waiting: int = 0
    delay: float = 0.0
    """Seconds between two requests."""
    state: str = "idle"
    """asking, pausing (until the next request), left alone (as it asked, or refused too often), idle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawl:
    """A crawl at one moment."""

    seconds: float
    """Since its start."""
    pages: int = 0
    links: int = 0
    depth: int = 0
    hosts: tuple[Host, ...] = ()
    last: str = ""
    """The headline of the last page; text from the web."""

    @property
    def queue(self) -> int:
        """Pages that wait or are asked for."""
        return sum(host.waiting for host in self.hosts)

    @property
    def seconds_left(self) -> float | None:
        """Until the queue is empty, at the pace so far or that of the slowest host; None: not known yet."""
        if not self.queue or not self.pages:
            return None
        at_this_pace = self.queue * self.seconds / self.pages
        return max(at_this_pace, *(host.waiting * host.delay for host in self.hosts))


def line(crawl: Crawl) -> str:
    """All of it in one line."""
    hosts = "; ".join(_host(host) for host in crawl.hosts)
    parts = [_counts(crawl), *([hosts] if hosts else []), f"last: {shortened(plain(crawl.last), LONGEST)}"]
    return "; ".join(parts if crawl.last else parts[:-1])


def lines(crawl: Crawl) -> Text:
    """The same in a line for the counts, one for each host, and one for the headline."""
    text = Text(f"{clock(crawl.seconds)}  {_counts(crawl)}", style="bold", no_wrap=True, overflow="ellipsis")
    for host in crawl.hosts:
        text.append(f"\n         {_host(host)}", style="not bold cyan")
    if crawl.last:
        text.append(f"\n         {shortened(plain(crawl.last), LONGEST)}", style="not bold")
    return text


def _counts(crawl: Crawl) -> str:
    left = crawl.seconds_left
    queue = f"{crawl.queue} waiting at depth {crawl.depth}" if crawl.queue else "none waiting"
    known = f", {clock(left)} left there" if left is not None else ""
    return f"{crawl.pages:,} pages, {crawl.links:,} links; {queue}{known}"


def _host(host: Host) -> str:
    pause = f", one every {host.delay:g} s" if host.delay else ""
    return f"{host.name} {host.state}, {host.waiting} waiting{pause}"
