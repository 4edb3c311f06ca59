"""The graph in MongoDB: the only package that knows pymongo, and none of its errors leave it."""

from crawler.store.connection import databases
from crawler.store.errors import DocumentRejected, StorageUnavailable
from crawler.store.frontier import Due, Revisit
from crawler.store.mongo import MongoStore
from crawler.store.rereading import Reread, Verdict

__all__ = [
    "DocumentRejected",
    "Due",
    "MongoStore",
    "Reread",
    "Revisit",
    "StorageUnavailable",
    "Verdict",
    "databases",
]
