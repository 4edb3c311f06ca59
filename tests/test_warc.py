"""The archive: what is written is read back as it was, and whatever else a file holds is one clear line."""

import datetime as dt
import gzip
import io
import os
import resource
import signal
import subprocess
import sys
import textwrap
import uuid
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator
from warcio.warcwriter import WARCWriter

from crawler.warc import Archive, ArchiveChain, ArchiveError, ArchiveWriter, http_message

ROOT = Path(__file__).parent.parent
PAGE = "https://cn.nytimes.com/technology/20250205/deepseek-china-reaction/"
OTHER = "https://www.nytimes.com/2025/01/28/business/deepseek-china-reaction.html"
REQUEST = http_message("GET / HTTP/1.1", [("Host", "cn.nytimes.com")], b"")


def ok(body, *headers):
    return http_message("HTTP/1.1 200 OK", [("Content-Type", "text/html"), *headers], body)


def write(path, *exchanges, **options):
    writer = ArchiveWriter(path, **options)
    ids = [writer.write(url, REQUEST, response) for url, response in exchanges]
    writer.close()
    return ids


def records(path):
    with path.open("rb") as file:
        return [(r.rec_type, r.rec_headers.get_header("WARC-Target-URI")) for r in ArchiveIterator(file)]


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz"])
def test_what_is_written_is_read_back_byte_for_byte(tmp_path, name):
    """Status, reason, headers in order, repeated and non-ASCII ones too, and the undecoded body survive."""
    body = gzip.compress("样本 <p>\r\n\r\n</p>".encode("gb18030"))
    headers = [
        ("Content-Encoding", "gzip"),
        ("Set-Cookie", "a=1"),
        ("Set-Cookie", "b=2"),
        ("Location", "/中".encode().decode("latin-1")),
    ]
    [record_id] = write(tmp_path / name, (PAGE, http_message("HTTP/1.1 301 Moved", headers, body)))
    assert Archive(tmp_path / name).get(PAGE) == (301, "Moved", headers, body, record_id)


def test_warcio_agrees_with_the_digests(tmp_path):
    """Another reader finds each record whole: warcinfo, response, request, with matching digests."""
    write(tmp_path / "a.warc.gz", (PAGE, ok(b"one")))
    with (tmp_path / "a.warc.gz").open("rb") as file:
        kinds = []
        for record in ArchiveIterator(file, check_digests="raise"):
            record.content_stream().read()
            kinds.append(record.rec_type)
    assert kinds == ["warcinfo", "response", "request"]


def test_the_last_record_of_a_url_wins_and_nothing_is_overwritten(tmp_path):
    """A second run into the same file adds to it."""
    write(tmp_path / "a.warc.gz", (PAGE, ok(b"first")), (OTHER, ok(b"other")))
    write(tmp_path / "a.warc.gz", (PAGE, ok(b"second")))
    archive = Archive(tmp_path / "a.warc.gz")
    assert (archive.get(PAGE).body, archive.get(OTHER).body) == (b"second", b"other")
    assert [url for kind, url in records(tmp_path / "a.warc.gz") if kind == "response"] == [PAGE, OTHER, PAGE]


@pytest.mark.parametrize(
    ("archived", "asked", "found"),
    [
        (PAGE, PAGE, True),
        (PAGE, PAGE.replace("https", "http") + "?utm_source=RSS#top", True),
        (
            "http://nytimes.com/2020/10/21/a/b.html?smid=x",
            "https://www.nytimes.com/2020/10/21/a/b.html",
            True,
        ),
        (PAGE, PAGE + "zh-hant/", False),
        (PAGE, "https://cn.nytimes.com/robots.txt", False),
        (PAGE, "mailto:cn.letters@nytimes.com", False),
    ],
)
def test_a_page_is_found_under_any_spelling_of_its_url(tmp_path, archived, asked, found):
    """Archived and asked URL meet in their canonical form; another variant is another page."""
    write(tmp_path / "a.warc.gz", (archived, ok(b"here")))
    assert (Archive(tmp_path / "a.warc.gz").get(asked) is not None) == found


def test_an_exact_url_goes_before_a_canonical_one(tmp_path):
    """http that redirects to https, both archived: each answers for itself."""
    plain = PAGE.replace("https", "http")
    moved = http_message("HTTP/1.1 301 Moved", [("Location", PAGE)], b"")
    write(tmp_path / "a.warc.gz", (PAGE, ok(b"page")), (plain, moved))
    archive = Archive(tmp_path / "a.warc.gz")
    assert (archive.get(PAGE).status, archive.get(plain).status) == (200, 301)


def test_a_foreign_archive_is_served_without_its_chunks(tmp_path):
    """Other crawlers keep the chunks of a transfer; content-encoding stays for Scrapy to undo."""
    body = gzip.compress(b"<p>sample</p>")
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    headers = [("Transfer-Encoding", "chunked"), ("Content-Encoding", "gzip")]
    with (tmp_path / "a.warc.gz").open("wb") as file:
        writer = WARCWriter(file)
        response = http_message("HTTP/1.1 200 OK", headers, chunked)
        writer.write_record(writer.create_warc_record(PAGE, "response", io.BytesIO(response), len(response)))
    archived = Archive(tmp_path / "a.warc.gz").get(PAGE)
    assert (archived.body, archived.headers) == (body, [("Content-Encoding", "gzip")])


def test_what_is_no_page_is_not_served(tmp_path):
    """A DNS record and a response that is no HTTP are passed over; the page beside them is there."""
    noise = [
        ("dns:cn.nytimes.com", b"20250205 127.0.0.1"),
        (OTHER, b"ICY 200 OK\r\n\r\nnoise"),
        (OTHER, b"\r\n"),
    ]
    write(tmp_path / "a.warc.gz", *noise, (PAGE, ok(b"page")))
    archive = Archive(tmp_path / "a.warc.gz")
    assert (list(archive), archive.damage) == ([PAGE], None)


@pytest.mark.parametrize(("provenance", "is_sample"), [("sample", True), ("live", False)])
def test_an_archive_says_whether_its_pages_are_invented(tmp_path, provenance, is_sample):
    """The warcinfo record carries it."""
    write(tmp_path / "a.warc.gz", (PAGE, ok(b"page")), provenance=provenance)
    assert Archive(tmp_path / "a.warc.gz").is_sample is is_sample


HTML = b"<!DOCTYPE html><title>no archive</title>\n" * 20


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "can't be read: No such file or directory"),
        (b"", "is empty"),
        (b"\n\n", "is not a WARC file"),
        (HTML, "is not a WARC file"),
        (gzip.compress(HTML), "is not a WARC file"),
        (bytes(range(256)) * 8, "is not a WARC file"),
        (b"\x1f\x8b\x08", "is not a WARC file"),
        (b"WARC/1.1\r\nWARC-Type: response\r\n", "is not a WARC file"),
        (b"WARC/1.1\r\nContent-Length: 0\r\n\r\n\r\n\r\n", "is not a WARC file|holds no HTTP response"),
    ],
    ids=[
        "missing",
        "empty",
        "blank",
        "html",
        "gzipped html",
        "binary",
        "gzip header",
        "headers only",
        "typeless",
    ],
)
def test_a_file_that_serves_nothing_is_refused_in_one_line(tmp_path, content, says, capfd):
    """The message names the file, says what is wrong and what to do; warcio's own prints stay inside."""
    path = tmp_path / "a.warc.gz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ArchiveError, match=says) as refused:
        Archive(path)
    message = str(refused.value)
    assert message.startswith(str(path)) and "\n" not in message and ": " in message
    assert capfd.readouterr() == ("", "")


def test_a_directory_and_an_archive_of_nothing_are_refused(tmp_path):
    """Neither a folder nor an archive whose crawl received nothing can be replayed."""
    with pytest.raises(ArchiveError, match="Is a directory"):
        Archive(tmp_path)
    write(tmp_path / "a.warc.gz")
    with pytest.raises(ArchiveError, match="holds no HTTP response"):
        Archive(tmp_path / "a.warc.gz")


def ends_of_members(data):
    """Where a gzip file may end without being damaged."""
    ends, at = set(), 0
    while at < len(data):
        member = zlib.decompressobj(wbits=31)
        member.decompress(data[at:])
        at = len(data) - len(member.unused_data)
        ends.add(at)
    return ends


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz"])
def test_before_a_cut_everything_is_served(tmp_path, name, capfd):
    """Wherever the last exchange is cut off, the first is there, and `damage` is one line."""
    path = tmp_path / name
    write(path, (PAGE, ok(b"page" * 50)))
    whole = path.stat().st_size
    write(path, (OTHER, ok(b"other" * 50)))
    data = path.read_bytes()
    undamaged = ends_of_members(data) if name == "a.warc.gz" else None
    for length in range(whole + 1, len(data)):
        path.write_bytes(data[:length])
        archive = Archive(path)
        assert archive.get(PAGE).body == b"page" * 50
        other = archive.get(OTHER)
        assert other is None or other.body == b"other" * 50
        assert archive.damage is None or "\n" not in archive.damage
        if undamaged:
            assert (archive.damage is None) == (length in undamaged), length
    assert capfd.readouterr() == ("", "")


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.floats(0, 1, exclude_max=True), st.binary(min_size=1, max_size=40))
def test_damage_anywhere_is_damage_or_a_clear_error(tmp_path, share, noise):
    """Bytes overwritten at random: what is served is a page as it was, or nothing; no other exception."""
    path = tmp_path / "a.warc.gz"
    path.unlink(missing_ok=True)
    write(path, (PAGE, ok(b"page" * 50)), (OTHER, ok(b"other" * 50)))
    content = bytearray(path.read_bytes())
    at = int(share * len(content))
    content[at : at + len(noise)] = noise
    path.write_bytes(content)
    try:
        archive = Archive(path)
    except ArchiveError:
        return
    assert {archive.get(url).body for url in archive} <= {b"page" * 50, b"other" * 50}


def test_a_writer_goes_on_after_a_kill(tmp_path):
    """The cut record of a killed writer is dropped when the file is continued; all others stay."""
    path = tmp_path / "a.warc.gz"
    write(path, (PAGE, ok(b"page")), (OTHER, ok(b"other")))
    path.write_bytes(path.read_bytes()[:-150])
    write(path, ("https://x.org/", ok(b"new")))
    archive = Archive(path)
    assert archive.damage is None
    assert archive.get(PAGE).body == b"page" and archive.get("https://x.org/").body == b"new"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.warc.gz", HTML),
        ("a.warc.gz", gzip.compress(HTML)),
        ("a.warc.gz", gzip.compress(HTML)[:-9]),
        ("a.warc", HTML),
    ],
    ids=["html", "gzipped html", "cut gzipped html", "plain"],
)
def test_another_kind_of_file_is_never_written_to(tmp_path, name, content):
    """A wrong RECORD path is refused in one line and the file left as it is."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ArchiveError, match=r"can't be continued.*record into another file"):
        ArchiveWriter(tmp_path / name)
    assert (tmp_path / name).read_bytes() == content


@pytest.mark.parametrize("path", ["/dev/full", "/proc/nowhere/a.warc.gz", "."])
def test_what_cannot_be_written_is_one_line(path):
    """A full disk, a place without files, a folder."""
    with pytest.raises(ArchiveError, match=r"can't be written: .*make room or name another file"):
        ArchiveWriter(path)


WRITE_ON = """
    import sys
    from crawler.warc import ArchiveWriter, http_message
    writer = ArchiveWriter(sys.argv[1])
    for number in range(100_000):
        print(writer.write(f"https://x.org/{number}", b"GET / HTTP/1.1\\r\\n\\r\\n",
                           http_message("HTTP/1.1 200 OK", [], bytes(range(256)) * 40)), flush=True)
"""


def start_writer(path, **options):
    command = [sys.executable, "-c", textwrap.dedent(WRITE_ON), str(path)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, **options)


def test_kill_9_loses_no_record_that_was_acknowledged(tmp_path):
    """A writer killed in mid-write, two at a time into one file: every id given out can be read back."""
    path = tmp_path / "a.warc.gz"
    writers = [start_writer(path), start_writer(path)]
    given = {process.stdout.readline().strip() for process in writers for _ in range(50)}
    for process in writers:
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
    write(path, (PAGE, ok(b"later")))
    with path.open("rb") as file:
        kept = {record.rec_headers.get_header("WARC-Record-ID") for record in ArchiveIterator(file)}
    assert given <= kept
    assert Archive(path).get(PAGE).body == b"later"


def test_a_disk_that_fills_up_leaves_a_whole_archive(tmp_path):
    """The write that does not fit is taken back, and the message names the file."""
    path = tmp_path / "a.warc.gz"
    limit = 100_000
    process = start_writer(
        path,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    given, error = process.communicate(timeout=60)
    assert process.returncode == 1
    assert f"ArchiveError: {path} can't be written" in error
    archive = Archive(path)
    assert archive.damage is None
    assert {archive.get(url).record_id for url in archive} == set(given.split())


def test_a_writer_with_a_clock_and_ids_of_its_own_is_reproducible(tmp_path):
    """The same exchanges give the same bytes: what the sample archive is built on."""
    moment = dt.datetime(2025, 2, 5, tzinfo=dt.UTC)

    def build(name):
        write(
            tmp_path / name,
            (PAGE, ok(b"page")),
            now=lambda: moment,
            new_id=lambda text: uuid.uuid5(uuid.NAMESPACE_URL, text),
        )
        return (tmp_path / name).read_bytes()

    assert build("a.warc.gz") == build("b.warc.gz")


def test_later_archives_count_before_earlier_ones(tmp_path):
    """In a chain a page is as it was on the last day; a 304 stands for what came before."""
    not_modified = http_message("HTTP/1.1 304 Not Modified", [], b"")
    only_304 = "https://cn.nytimes.com/world/20250101/x/"
    write(tmp_path / "1.warc.gz", (PAGE, ok(b"first")), (OTHER, ok(b"same")), provenance="sample")
    write(tmp_path / "2.warc.gz", (PAGE, ok(b"second")), (OTHER, not_modified), (only_304, not_modified))
    chain = ArchiveChain(f"{tmp_path}/1.warc.gz,{tmp_path}/2.warc.gz")
    assert [chain.get(url).response.body for url in (PAGE, OTHER)] == [b"second", b"same"]
    assert [chain.get(url).file for url in (PAGE, OTHER)] == ["2.warc.gz", "1.warc.gz"]
    assert chain.get(only_304).response.status == 304
    assert chain.get("https://cn.nytimes.com/") is None
    assert (chain.is_sample, chain.damage, chain.name) == (True, None, "1.warc.gz, 2.warc.gz")


def test_a_304_in_the_same_archive_hides_nothing(tmp_path):
    """A recording that was continued on another day serves the page."""
    not_modified = http_message("HTTP/1.1 304 Not Modified", [], b"")
    write(tmp_path / "a.warc.gz", (PAGE, ok(b"body")), (PAGE, not_modified))
    assert Archive(tmp_path / "a.warc.gz").get(PAGE).body == b"body"
