"""Download handlers: answers from an archive, a record of what comes, and manners towards hosts."""

from crawler.handlers.polite import PoliteHandler
from crawler.handlers.recording import RecordingHandler
from crawler.handlers.replay import ReplayHandler

__all__ = ["PoliteHandler", "RecordingHandler", "ReplayHandler"]
