"""How far something is that takes long: a command that counts its work, and a crawl. Pure."""

from crawler.progress.live import Crawl, Host, line, lines
from crawler.progress.steps import Steps, clock

__all__ = ["Crawl", "Host", "Steps", "clock", "line", "lines"]
