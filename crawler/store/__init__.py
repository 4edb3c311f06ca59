"""The graph in MongoDB: the only package that knows pymongo, and none of its errors leave it."""

from crawler.store.errors import DocumentRejected, StorageUnavailable
from crawler.store.mongo import Due, MongoStore

__all__ = ["DocumentRejected", "Due", "MongoStore", "StorageUnavailable"]
