"""The base of every topic."""

from abc import ABC, abstractmethod

from crawler.store.bulk import Database


class Topic(ABC):
    """A part of MongoStore: it works on the database that the store has opened.

    Its methods raise StorageUnavailable, and never pymongo's errors.
    """

    @property
    @abstractmethod
    def _db(self) -> Database: ...
