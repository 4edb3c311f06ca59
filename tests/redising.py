"""A redis-server of one's own, on a Unix socket, to be killed, stopped and started again."""

import os
import shutil
import subprocess
import time

import pytest
import redis


class RedisServer:
    """Keeps its data in a directory whose path is short enough for a socket; `url` leads to it."""

    def __init__(self, directory):
        self.directory = directory
        self.socket = directory / "r.sock"
        self.url = f"unix://{self.socket}"
        self.process = None

    def start(self):
        command = ["redis-server", "--port", "0", "--unixsocket", self.socket, "--dir", self.directory]
        command += ["--appendonly", "yes", "--appendfsync", "always", "--save", "", "--daemonize", "no"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        with redis.Redis.from_url(self.url) as client:
            for _ in range(600):
                try:
                    client.ping()
                    break
                except redis.RedisError:
                    time.sleep(0.05)
            else:
                raise AssertionError("redis-server does not start")

    def kill(self):
        self.process.kill()
        self.process.wait()


def find_redis():
    """Skip where there is none; in CI that is a failure."""
    if not shutil.which("redis-server"):
        missing = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        missing("no redis-server: apt-get install redis-server")
