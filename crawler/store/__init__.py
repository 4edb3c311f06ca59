"""The graph in MongoDB: the only package that knows pymongo, and none of its errors leave it."""

from crawler.store.connection import databases
from crawler.store.decisions import Decision, Effect, Held
from crawler.store.dump_lines import DumpError, Header, read_documents, read_header
from crawler.store.errors import DocumentRejected, StorageUnavailable
from crawler.store.forgetting import Traces
from crawler.store.frontier import Due, Revisit
from crawler.store.hosts import LEASE, RULES_LAST, Renewal, Rules, Turn
from crawler.store.loading import Loaded
from crawler.store.migrations import migrated_lines
from crawler.store.mongo import MongoStore
from crawler.store.rereading import Reread, Verdict
from crawler.store.roles import make_roles

__all__ = [
    "LEASE",
    "RULES_LAST",
    "Decision",
    "DocumentRejected",
    "Due",
    "DumpError",
    "Effect",
    "Header",
    "Held",
    "Loaded",
    "MongoStore",
    "Renewal",
    "Reread",
    "Revisit",
    "Rules",
    "StorageUnavailable",
    "Traces",
    "Turn",
    "Verdict",
    "databases",
    "make_roles",
    "migrated_lines",
    "read_documents",
    "read_header",
]
