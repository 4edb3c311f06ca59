"""An archive in ranges: however it is cut, every response is read once and in order."""

import gzip
import random
import re

import pytest

from crawler.warc import Archive, ArchiveError, ArchiveWriter, http_message
from crawler.warc.ranges import Damage, Range, cut, is_sample, read

OK = "HTTP/1.1 200 OK"
TRAP = b"\r\n\r\nWARC/1.1\r\nContent-Length: 3\r\n\r\n" + gzip.compress(b"WARC/1.1\r\n")
URLS = [f"https://cn.nytimes.com/china/20250205/{number}/" for number in range(40)]


@pytest.fixture(params=["pages.warc.gz", "pages.warc"])
def archive(request, tmp_path):
    """Forty responses, some of whose bodies look like an archive themselves."""
    writer = ArchiveWriter(tmp_path / request.param)
    chance = random.Random(1)
    for number, url in enumerate(URLS):
        body = TRAP * (number % 3) + chance.randbytes(chance.randrange(5000))
        writer.write(url, b"GET / HTTP/1.1\r\n\r\n", http_message(OK, [("Content-Type", "text/html")], body))
    writer.close()
    return writer.path


@pytest.mark.parametrize("size", [1, 700, 20_000, 10_000_000])
def test_however_it_is_cut(archive, size):
    """No response is lost, none comes twice; the ranges are the whole file."""
    parts = cut(archive, size)
    assert [part.start for part in parts[1:]] == [part.end for part in parts[:-1]]
    assert (parts[0].start, parts[-1].end) == (0, archive.stat().st_size)
    assert [received.url for part in parts for received in read(part)] == URLS
    assert len(parts) > 1 or size > 20_000


def test_one_that_is_cut_off(archive, tmp_path):
    """What stands before the break is read; the break is told with its byte."""
    whole = archive.read_bytes()
    broken = tmp_path / f"broken-{archive.name}"
    broken.write_bytes(whole[: len(whole) // 2])
    parts = cut(broken, 3000)
    found = [received.url for part in parts[:-1] for received in read(part)]
    last = []
    with pytest.raises(Damage, match=r"is damaged after byte \d+ \("):
        last.extend(received.url for received in read(parts[-1]))
    assert found + last == URLS[: len(found + last)]
    assert len(found) > 10


def test_damage_in_the_middle_costs_its_own_range_only(archive):
    """The other ranges are read all the same."""
    parts = cut(archive, 5000)
    data = bytearray(archive.read_bytes())
    data[parts[1].start : parts[1].start + 400] = bytes(400)
    archive.write_bytes(data)
    with pytest.raises(Damage):
        list(read(parts[1]))
    kept = [received.url for part in parts[:1] + parts[2:] for received in read(part)]
    assert kept == [url for url in URLS if url in kept]
    assert len(kept) >= 30


@pytest.mark.parametrize("share", [0.3, 0.5, 0.9])
@pytest.mark.parametrize("noise", [b"\x00" * 10, b"\x08\x1b[31m\x9b31m" * 6])
@pytest.mark.parametrize("archive", ["pages.warc.gz"], indirect=True)
def test_after_damage_it_goes_on_with_the_next_record(archive, share, noise):
    """Bytes overwritten in a record's midst, or over its beginning, cost that record; the line is plain."""
    data = archive.read_bytes()
    starts = [part.start for part in cut(archive, 1)]
    spoilt = starts[int(share * len(starts))]
    for at in (spoilt, spoilt + 40):
        archive.write_bytes(data[:at] + noise + data[at + len(noise) :])
        found = []
        with pytest.raises(Damage, match=rf"is damaged after byte {spoilt} \(") as said:
            found.extend(received.url for received in read(Range(archive, 0, len(data))))
        assert found == [url for url in URLS if url in found]
        assert len(found) >= len(URLS) - 1
        assert str(said.value).isprintable()
        served = Archive(archive)
        assert list(served) == found
        assert served.damage.startswith(str(said.value))


def test_damage_in_several_places(archive):
    """The first is told, and how many more there are."""
    data = bytearray(archive.read_bytes())
    for part in cut(archive, 9_000)[1::3]:
        data[part.start : part.start + 20] = bytes(20)
    archive.write_bytes(data)
    found = []
    with pytest.raises(Damage, match="more places"):
        found.extend(received.url for received in read(Range(archive, 0, len(data))))
    assert len(found) > 30


def overwritten(record, rest):
    return b"\0" * 20 + record[20:] + rest


def too_long(record, rest):
    return re.sub(rb"(Content-Length: )(\d+)", rb"\g<1>1\2", record, count=1) + rest


def too_short(record, rest):
    return re.sub(rb"(Content-Length: )\d+", rb"\g<1>5", record, count=1) + rest


def cut_off(record, rest):
    return record[:-20] + rest


@pytest.mark.parametrize("spoil", [overwritten, too_long, too_short, cut_off])
@pytest.mark.parametrize("archive", ["pages.warc"], indirect=True)
def test_without_gzip_too_only_the_damaged_record_is_lost(archive, spoil):
    """Whatever became of it; what looks like a record in a page is none. Ranges behind it stay ranges."""
    data = archive.read_bytes()
    at, after = _place_of(data, URLS[22])
    archive.write_bytes(data[:at] + spoil(data[at:after], data[after:]))
    found = []
    with pytest.raises(Damage, match=rf"is damaged after byte {at} \("):
        found.extend(received.url for received in read(Range(archive, 0, archive.stat().st_size)))
    assert found == [url for url in URLS if url != URLS[22]]
    assert list(Archive(archive)) == found
    behind = [part for part in cut(archive, 5000) if part.start > at]
    rest = [received.url for part in behind for received in read(part)]
    assert (rest, len(behind) > 3) == (found[-len(rest) :], True)


def _place_of(data, url):
    """Where the response of a page begins and ends."""
    said = data.index(b"WARC-Type: response", data.rindex(b"WARC/1.1", 0, data.index(url.encode())))
    at = data.rindex(b"WARC/1.1", 0, said)
    return at, data.index(b"WARC/1.1\r\nWARC-Type: request", at)


def test_all_records_packed_as_one(archive):
    """As `gzip` makes it of an archive: nobody can read on in its midst, and what to do is said."""
    path = archive.with_name("one.warc.gz")
    data = archive.read_bytes()
    path.write_bytes(gzip.compress(gzip.decompress(data) if archive.suffix == ".gz" else data))
    with pytest.raises(Damage, match="unpack it, with gunzip"):
        list(read(Range(path, 0, path.stat().st_size)))
    with pytest.raises(ArchiveError, match="unpack it, with gunzip"):
        Archive(path)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "is empty"),
        (b"<html>", "is not a WARC file"),
        (gzip.compress(b"<html>"), "is not a WARC file"),
        (None, "can't be read"),
    ],
)
def test_what_is_no_archive(tmp_path, content, problem):
    """One line says so."""
    path = tmp_path / "x.warc.gz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ArchiveError, match=problem):
        is_sample(path)


def test_the_moment_of_a_record(archive):
    """UTC; an archive says whether it is a sample."""
    first = next(read(Range(archive, 0, archive.stat().st_size)))
    assert first.at.utcoffset().total_seconds() == 0
    assert not is_sample(archive)
