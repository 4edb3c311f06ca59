"""Seed files: good ones are read, bad ones get one line that says what to mend."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.items import Role
from crawler.seeds import (
    SEEDS_DIR,
    SeedError,
    named_seed,
    read_seed,
    seed_for_url,
    seed_of,
    seed_values,
    to_toml,
)

GOOD = 'name = "chips"\nurl = "http://cn.nytimes.com/technology/20250124/deepseek-china-ai-chips"\n'
ARTICLE = "https://cn.nytimes.com/technology/20250124/deepseek-china-ai-chips/"


def test_the_deepseek_seed_carries_its_links_as_facts():
    """Three citations to the two sites, three to others, one translation, one topic, two author links."""
    seed = named_seed("deepseek")
    roles = [link.role for link in seed.links]
    sites = [link.url.split("/")[2] for link in seed.links if link.role is Role.CITATION]
    assert seed.urls == ("https://cn.nytimes.com/technology/20250205/deepseek-china-reaction/",)
    assert seed.depth == 3
    assert (roles.count(Role.TRANSLATION), roles.count(Role.TOPIC), roles.count(Role.AUTHOR)) == (1, 1, 2)
    assert sum(site.endswith("nytimes.com") for site in sites) == 3
    assert len(sites) == 6


@pytest.mark.parametrize("path", sorted(SEEDS_DIR.glob("*.toml")), ids=lambda path: path.stem)
def test_every_seed_file_can_be_read(path):
    """What we ship works, a seed is called like its file, and comes back from the ledger as it went in."""
    seed = read_seed(path)
    assert seed.name == path.stem
    assert seed_of(json.loads(json.dumps(seed_values(seed)))) == seed


def test_defaults_and_canonical_start(tmp_path):
    """Two lines make a seed."""
    path = tmp_path / "chips.toml"
    path.write_text(GOOD)
    seed = read_seed(path)
    assert (seed.name, seed.urls, seed.depth, seed.max_pages) == ("chips", (ARTICLE,), 3, 300)
    assert seed.roles == (Role.CITATION, Role.TRANSLATION)


def test_lists_are_canonical(tmp_path):
    """As nodes of the graph are."""
    path = tmp_path / "chips.toml"
    path.write_text(GOOD + 'lists = ["http://cn.nytimes.com/rss?utm_source=x"]\n')
    assert read_seed(path).lists == ("https://cn.nytimes.com/rss/",)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("name = [", "not valid TOML"),
        (b"\xff\xfe\x00", "can't be read"),
        ("", "name: is missing"),
        ('name = "x"', "urls: is missing"),
        ('name = "x"\nurls = []', "urls"),
        (GOOD + "depth = -1", "depth: Input should be greater than or equal to 0"),
        (GOOD + "depth = 'deep'", "depth"),
        (GOOD + "max_pages = 0", "max_pages"),
        (GOOD + "colour = 'red'", "colour: no key of a seed file: name, urls, depth"),
        (GOOD + 'sites = "cn.nytimes.com"', "sites: has to be a list"),
        (GOOD + 'sites = ["cn.nytimes.com:443"]', "is no host"),
        (GOOD + 'roles = ["gossip"]', "roles.0"),
        (GOOD + 'published_on = "yesterday"', "published_on"),
        (GOOD + '[[links]]\nrole = "citation"', "links.0.url"),
        (GOOD.replace("chips", "Chips!"), "name: small letters"),
        ('name = "x"\nurl = "mailto:a@b"', "bad.toml: 'mailto:a@b' is no web address"),
        (GOOD + 'published_on = "2025-99-99"', "published_on"),
        (GOOD + '[[links]]\nurl = "foo"', "links.0.url"),
        (GOOD + 'sites = ["https://cn.nytimes.com/"]', "is no host"),
        ('name = "x"\nurl = "https://"', "is no web address"),
        ('name = "x"\nurl = "https://example.org/a"', "is on none of the seed's sites"),
    ],
)
def test_a_bad_seed_file_gets_one_line(tmp_path, text, complaint):
    """The line names the file and what is wrong in it."""
    path = tmp_path / "bad.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(SeedError) as error:
        read_seed(path)
    assert complaint in str(error.value)
    assert "\n" not in str(error.value)


def test_an_unknown_seed_names_the_known_ones(tmp_path):
    """Whoever mistypes is told what there is; whoever names a missing file, how to write one."""
    with pytest.raises(SeedError, match=r"known are .*deepseek"):
        named_seed("deepsek")
    with pytest.raises(SeedError, match="scrapy seed add"):
        named_seed(str(tmp_path / "missing.toml"))


@pytest.mark.parametrize(
    ("url", "words", "sites"),
    [
        (ARTICLE, "technology-20250124-deepseek-china-ai-chips", ("cn.nytimes.com", "www.nytimes.com")),
        ("https://example.org/Über/a?b=c", "9cber-a-b-c", ("example.org",)),
        ("https://example.org/", "example-org", ("example.org",)),
    ],
)
def test_a_url_alone_makes_a_seed(url, words, sites):
    """Named after its last words; a page of another site is crawled on that site."""
    seed = seed_for_url(url)
    assert words in seed.name
    assert seed.sites == sites


@given(st.from_regex(r"https://cn\.nytimes\.com/[a-z]{1,80}/[a-z]{1,80}/", fullmatch=True))
def test_any_url_makes_a_valid_name(url):
    """However long the URL is."""
    assert seed_for_url(url).name == seed_for_url(url).name


def test_a_seed_survives_its_file(tmp_path):
    """What `scrapy seed add` writes is what is read again."""
    seed = seed_for_url(ARTICLE, "chips")
    path = tmp_path / "chips.toml"
    path.write_text(to_toml(seed))
    assert read_seed(path) == seed
