"""The sample archive: what it says it is, what its facts say, and what a crawl of it has to come to."""

import collections
import gzip
import json
import re
from pathlib import Path

import pytest
from lxml import html
from newsroom import build, facts, prose, reach
from protego import Protego
from warcio.archiveiterator import ArchiveIterator

from crawler.parsers import parse_page
from crawler.seeds import named_seed, read_seed
from crawler.urls import canonicalize, is_fetchable
from crawler.warc import Archive

SHARED = Path(__file__).parents[2] / "shared"
ARCHIVE = build.ARCHIVE
NEVER_SERVED = {"absent", "robots_refused"}
SPECIAL = {"redirect", "not_found", "blocked", "truncated", "absent", "robots_refused", "variant"}
DEEPSEEK = "https://cn.nytimes.com/technology/20250205/deepseek-china-reaction/"


@pytest.fixture(scope="module")
def archive():
    return Archive(ARCHIVE)


@pytest.fixture(scope="module")
def pages():
    return reach.facts()


@pytest.fixture(scope="module")
def newsroom():
    return read_seed(reach.FACTS.with_suffix(".toml"))


def text_of(archived):
    encoded = ("Content-Encoding", "gzip") in archived.headers
    return (gzip.decompress(archived.body) if encoded else archived.body).decode()


def records(path):
    """Every record of a file as it stands: headers and block."""
    with Path(path).open("rb") as file:
        return [
            (sorted(record.rec_headers.headers), record.raw_stream.read())
            for record in ArchiveIterator(file, no_record_parse=True)
        ]


def test_building_it_again_gives_the_same_records(tmp_path):
    """The committed archive is what the committed facts give, record ids and dates included."""
    build.main(tmp_path)
    for built in (ARCHIVE, build.DAY_TWO):
        assert records(tmp_path / built.name) == records(built)


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared is not there: facts can't be transcribed anew")
def test_transcribing_it_again_gives_the_same_facts(tmp_path):
    """The committed facts and the second seed are what facts.py gives."""
    facts.main(tmp_path / "facts.jsonl", tmp_path / "seed.toml")
    assert (tmp_path / "facts.jsonl").read_bytes() == reach.FACTS.read_bytes()
    assert (tmp_path / "seed.toml").read_bytes() == reach.FACTS.with_suffix(".toml").read_bytes()


def test_it_says_that_it_is_invented(archive):
    """The archive is marked as a sample, and is whole."""
    assert (archive.is_sample, archive.damage) == (True, None)


def test_every_record_is_an_http_response_of_its_facts(archive, pages):
    """One response for each URL of the facts but those left out on purpose; status and Location agree."""
    served = {url for url, fact in pages.items() if fact["kind"] not in NEVER_SERVED}
    assert set(archive) == served | {build.FEED}
    for url in served:
        archived, fact = archive.get(url), pages[url]
        assert archived.status == fact.get("status", 200), url
        assert dict(archived.headers).get("Location") == fact.get("location"), url
        assert int(dict(archived.headers)["Content-Length"]) == len(archived.body), url


def test_pages_carry_their_facts(archive, pages):
    """Headline, clock, and each link with its exact href and words; beside them nothing but chrome."""
    chrome = next(fact for fact in all_facts() if fact["kind"] == "chrome")
    around = {href for block in ("popular", "nav", "app") for href, _ in chrome[block]}
    around = {html.fromstring(f'<a href="{href}">').get("href") for href in around} | {"/rss/", "/email/"}
    for url, fact in pages.items():
        if fact["kind"] in {"article", "english", "filler", "variant"}:
            tree = html.fromstring(text_of(archive.get(url)))
            assert tree.findtext(".//h1") == fact["headline"]
            if "datetime" in fact:
                assert tree.xpath("//time/@datetime") == [fact["datetime"]]
            anchors = [(a.get("href"), a.text_content()) for a in tree.iter("a")]
            given = [(link["href"], link["text"]) for link in fact.get("links", ())]
            beside = around | set(fact.get("variants", ()))
            assert sorted(a for a in anchors if a[0] not in beside or a in given) == sorted(given), url


def test_what_is_not_a_fact_says_that_it_is_invented(archive, pages):
    """Every paragraph and caption of every page names itself a sample; an unknown headline does, too."""
    marked = re.compile(r"编造|样本|虚构|編造|樣本|虛構|invented|sample|made[ -]|fabricated|Sample")
    for url, fact in pages.items():
        if fact.get("status") == 200 or fact["kind"] in {"not_found", "blocked"}:
            tree = html.fromstring(text_of(archive.get(url)))
            blocks = tree.xpath("//p | //*[@class='article-paragraph'] | //figcaption")
            for block in blocks:
                text = block.text_content()
                assert marked.search(text) or text.startswith(("翻译：", "点击", "By ")), (url, text)
        if fact.get("headline_invented"):
            assert re.match(r"\[(Sample headline|样本标题|樣本標題)] ", fact["headline"])
    for sentence in (*prose.CHINESE, *prose.TRADITIONAL, *prose.ENGLISH):
        assert marked.search(sentence)


def all_facts():
    return [json.loads(line) for line in reach.FACTS.read_text(encoding="utf-8").splitlines()]


def test_targets_of_the_facts_are_the_crawlers_canonical_urls():
    """Two readings of the same hrefs, one by hand for these articles, one general, come to the same."""
    for fact in all_facts():
        if fact["kind"] != "chrome":
            assert canonicalize(fact["url"]) == fact["url"]
        for link in fact.get("links", ()):
            href = "https://cn.nytimes.com" + link["href"] if link["href"].startswith("/") else link["href"]
            assert canonicalize(href) == link["target"]
        if "target" in fact:
            assert canonicalize(fact["target"]) == fact["target"]


def test_the_parsers_read_the_links_of_the_facts(archive, pages):
    """Each page gives exactly the links it must: role, target, words and paragraph, citations in order."""
    for url, fact in pages.items():
        if fact.get("status") == 200:
            page = parse_page(url, text_of(archive.get(url)))
            read = [(str(link.role), link.target, link.anchor_text, link.paragraph) for link in page.links]
            must = reach.links(fact)
            assert sorted(read, key=str) == sorted(must, key=str), url
            assert [link for link in read if link[0] == "citation"] == [x for x in must if x[0] == "citation"]
            assert (page.headline, page.broken_links) == (fact["headline"], ())
            assert page.is_truncated == (fact["kind"] == "truncated")


def test_the_deepseek_crawl_meets_every_special_case(pages):
    """All kinds of trouble lie within its depth, and all but the two left out on purpose can be served."""
    reached = reach.expected(DEEPSEEK, 3)
    assert {pages[url]["kind"] for url in reached} >= SPECIAL
    assert collections.Counter(reached.values()) == {0: 2, 1: 5, 2: 33, 3: 11}
    assert named_seed("deepseek").urls == (DEEPSEEK,)


def test_the_two_seeds_reach_every_article(pages, newsroom):
    """Nothing they ask for is unknown to the facts, and all of it may be asked for, within the budget."""
    second = reach.expected(newsroom.urls, newsroom.depth, newsroom.sites)
    reached = reach.expected(DEEPSEEK, 3) | second
    assert reached.keys() <= pages.keys()
    assert all(map(is_fetchable, reached))
    assert {url for url, fact in pages.items() if fact["kind"] == "article"} <= reached.keys()
    assert len(second) < newsroom.max_pages


def test_depths_are_those_of_a_small_graph_worked_out_by_hand():
    """Translations and redirects cost nothing, the least depth counts, other sites and roles lead nowhere."""
    cn, www = "https://cn.nytimes.com/a/20250101/", "https://www.nytimes.com/2025/01/01/"

    def cites(*links):
        return {"links": [{"role": role, "target": url, "text": "x"} for role, url in links]}

    pages = {
        cn + "a/": cites(
            ("citation", cn + "b/"), ("translation", www + "a.html"), ("citation", "https://x.org/")
        ),
        www + "a.html": cites(("translation", cn + "a/"), ("citation", cn + "c/")),
        cn + "b/": {"target": cn + "moved/"},
        cn + "moved/": cites(("citation", cn + "d/"), ("author", www + "by.html")),
        cn + "d/": cites(("citation", cn + "c/"), ("citation", cn + "too-far/")),
    }
    pages = {url: fact | {"url": url} for url, fact in pages.items()}
    expected = {cn + "a/": 0, www + "a.html": 0, cn + "b/": 1, cn + "moved/": 1, cn + "c/": 1, cn + "d/": 2}
    assert reach.expected(cn + "a/", 2, pages=pages) == expected


def test_robots_refuse_scrapy_and_one_page(archive, pages, newsroom):
    """On cn an agent named Scrapy may fetch nothing; ours may fetch all but the page that is refused."""
    robots = {
        host: Protego.parse(text_of(archive.get(f"https://{host}/robots.txt")))
        for host in ("cn.nytimes.com", "www.nytimes.com")
    }
    assert not robots["cn.nytimes.com"].can_fetch(DEEPSEEK, "Scrapy")
    assert [parser.crawl_delay("RelatedArticles") for parser in robots.values()] == [None, None]
    reached = {**reach.expected(DEEPSEEK, 3), **reach.expected(newsroom.urls, 3)}
    ours = [url for url in reached if url.split("/")[2] in robots]
    refused = {url for url in ours if not robots[url.split("/")[2]].can_fetch(url, "RelatedArticles")}
    assert refused == {url for url, fact in pages.items() if fact["kind"] == "robots_refused"}


def test_responses_are_varied_as_on_the_web(archive):
    """Some are compressed, most carry validators, some do not."""
    headers = [dict(archive.get(url).headers) for url in archive]
    compressed, tagged = ([h for h in headers if name in h] for name in ("Content-Encoding", "ETag"))
    assert 0.2 < len(compressed) / len(headers) < 0.5
    assert 0.7 < len(tagged) / len(headers) < 1


def test_revisions_are_kept_for_day_two_but_not_served(archive):
    """A later version of an article is among the facts only; the archive has the earliest."""
    revised = [fact for fact in all_facts() if fact["kind"] == "revision"]
    assert len(revised) == 3
    for fact in revised:
        tree = html.fromstring(text_of(archive.get(fact["url"])))
        assert tree.xpath("//time/@datetime") == [reach.facts()[fact["url"]]["datetime"]]
        assert tree.xpath("//time/@datetime") != [fact["datetime"]]


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared is not there: nothing to compare with")
def test_no_words_of_the_publisher_are_in_it(archive, pages):
    """Facts apart, no 12 Chinese characters and no 7 English words in a row are those of a real page."""
    theirs = set()
    for path in (*SHARED.glob("corpus/pages/*.html"), *SHARED.glob("seeds/*.txt")):
        theirs |= shingles(words_of(path.read_bytes().decode("utf-8", "replace")))
    assert len(theirs) > 10_000
    for url in archive:
        if url != build.FEED and pages[url]["kind"] != "robots":  # a feed has headlines only
            text = words_of(text_of(archive.get(url)))
            for fact in known_words(pages[url]):
                text = text.replace(fact, "\n")
            assert not shingles(text) & theirs, url


def words_of(markup):
    tree = html.fromstring(markup.encode("utf-16", "replace").decode("utf-16") or "<p>")
    for element in tree.xpath("//script | //style"):
        element.drop_tree()
    return " ".join(tree.itertext())


def known_words(fact):
    chrome = next(fact for fact in all_facts() if fact["kind"] == "chrome")
    known = [link["text"] for link in fact.get("links", ())] + [fact.get("headline", "")]
    known += [text for block in ("popular", "nav", "app") for _, text in chrome[block]]
    return sorted(filter(None, known), key=len, reverse=True)


def shingles(text):
    found = set()
    for run in text.split("\n"):
        chinese = "".join(re.findall(r"[\u3400-\u9fff]", run))
        found.update(chinese[at : at + 12] for at in range(len(chinese) - 11))
        english = re.findall(r"[a-z']+", run.lower())
        found.update(" ".join(english[at : at + 7]) for at in range(len(english) - 6))
    return found
