"""A mongod of one's own, to be killed at will."""

import os
import subprocess
import urllib.parse

import pymongo

from crawler import embedded


class Mongod:
    """On a Unix socket in a short private directory."""

    def __init__(self, directory):
        self.directory = directory
        self.socket = directory / "m.sock"
        self.uri = f"mongodb://{urllib.parse.quote(str(self.socket), safe='')}/"
        self.process = None
        self._client = None

    def start(self, *options):
        (self.directory / "data").mkdir(exist_ok=True)
        command = [
            *(embedded.find_mongod(os.environ), "--dbpath", self.directory / "data", "--port", "27017"),
            *("--bind_ip", self.socket, "--nounixsocket", "--wiredTigerCacheSizeGB", "0.25"),
            *("--wiredTigerEngineConfigString", "log=(prealloc=false,file_max=16MB)", *options),
        ]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        with pymongo.MongoClient(self.uri, serverSelectionTimeoutMS=60_000) as client:
            client.admin.command("ping")

    def client(self):
        """A client for as long as this server lives."""
        if self._client is None:
            self._client = pymongo.MongoClient(self.uri, tz_aware=True)
        return self._client

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        """Kill it, and let go of the client."""
        self.kill()
        if self._client is not None:
            self._client.close()
