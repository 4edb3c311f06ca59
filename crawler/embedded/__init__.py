"""A private, real mongod for commands that are given no MONGO_URI, shared by all that use one directory.

Linux only. Two locks hold it together; the kernel frees a `flock` with its last holder, however that died:

* `users.lock`: every command holds it shared. The keeper learns that nobody is left by getting it exclusively
  and holds it while mongod ends: a command that arrives in that moment waits, then starts a new one.
* `keeper.lock`: whoever gets it may start a keeper, and hands it on, as standard input, to the keeper and to
  mongod. So two commands never start two keepers, and it is free only when keeper *and* mongod are gone.

A keeper that dies takes its mongod with it (PDEATHSIG), and without mongod the keeper ends: no process is
left that nobody ends. Either way `keeper.lock` becomes free, and a command that is still running starts both
again on the same socket. That takes about two seconds, and the writer retries for longer.
"""

from crawler.embedded.errors import MongodUnavailable
from crawler.embedded.finding import find_mongod
from crawler.embedded.serving import serve, uri_of

__all__ = ["MongodUnavailable", "find_mongod", "serve", "uri_of"]
