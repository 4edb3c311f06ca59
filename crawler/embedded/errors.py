"""What can go wrong before there is a database to ask."""


class MongodUnavailable(Exception):  # noqa: N818 - a state of the world, as in StorageUnavailable
    """There is no embedded mongod to be had; the message is one line that says what to do."""
