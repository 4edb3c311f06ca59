"""Whole crawls over loopback that meet busy, refusing, lying and malicious hosts."""

import gzip
from itertools import pairwise

import pytest
from crawling import ROBOTS, SEED, article, citing, seed_file, story
from loopback import Reply

CN = "https://cn.nytimes.com"
WWW = "https://www.nytimes.com"
YEAR = str(365 * 86_400)


def cn(name):
    return f"{CN}/world/20260101/{name}/"


def www(name):
    return f"{WWW}/2026/01/01/world/{name}.html"


def times(site, host):
    return [asked.at for asked in site.asked if asked.url.startswith(host)]


def gaps(moments):
    return [after - before for before, after in pairwise(sorted(moments))]


def test_two_crawls_of_one_host_keep_the_pause_between_them(web, crawls, tmp_path):
    """Two seeds, two processes: the host sees one of them at a time, and asks for its rules once."""
    starts = [cn("one"), cn("two")]
    pages = {
        start: article("开始", *citing(*(f"{start}{number}/" for number in range(5)))) for start in starts
    }
    pages |= {f"{start}{number}/": article("文", "无。") for start in starts for number in range(5)}
    site = web(pages)
    crawl = crawls(site.proxy)
    files = [seed_file(tmp_path, name=f"s{number}", url=url) for number, url in enumerate(starts)]
    running = [crawl.start("articles", file, DOWNLOAD_DELAY=0.5, DOWNLOAD_DELAY_JITTER=0.2) for file in files]
    for process in running:
        output, _ = process.communicate(timeout=120)
        assert process.returncode == 0, output
    assert len(site.urls()) == 12
    assert min(gaps(times(site, CN))) > 0.35
    asked = len(site.asked)
    assert crawl.run("articles", files[0], "revisit=all").returncode == 0
    assert len(site.asked) == asked + 6  # and not for the rules, which last a day


def test_a_busy_host_gets_the_pause_it_asks_for(web, crawls, tmp_path):
    """Others go on meanwhile; the page is recorded, and due again another day."""
    pages = {www(f"p{number}"): story("x", "x") for number in range(3)}
    busy = Reply("", 503, {"Retry-After": "3"})
    site = web({SEED: article("开始", *citing(cn("busy"), cn("next"), *pages)), cn("busy"): busy, **pages})
    site.pages[cn("next")] = Reply(article("文", "无。"))
    crawl = crawls(site.proxy)
    assert crawl.run("articles", seed_file(tmp_path)).returncode == 0
    moment = {asked.url: asked.at for asked in site.asked}
    assert moment[cn("next")] - moment[cn("busy")] >= 2.9
    assert max(times(site, WWW)) < moment[cn("next")]
    attempt = crawl.pages()[cn("busy")]["last_attempt"]
    assert (attempt["status"], attempt["http_status"]) == ("blocked", 503)


def test_a_host_that_wants_to_be_left_alone_for_long_is(web, crawls, tmp_path):
    """A year is a day; the run ends the host and says so, and the next run asks it nothing at all."""
    busy = Reply("", 429, {"Retry-After": YEAR})
    site = web({SEED: article("开始", *citing(cn("busy"), cn("next"), www("p"))), cn("busy"): busy})
    site.pages[www("p")] = Reply(story("x", "x"))
    crawl, argument = crawls(site.proxy), seed_file(tmp_path)
    run = crawl.run("articles", argument)
    assert run.returncode == 76, run.stderr
    assert "cn.nytimes.com was ended for this run" in run.stderr
    assert cn("next") not in site.urls()
    stored = crawl.pages()
    assert stored[www("p")]["status"] == "fetched"
    assert (stored[cn("next")]["status"], stored[cn("next")].get("last_attempt")) == ("discovered", None)
    assert crawl.runs()[-1]["finish_reason"] == "host_blocked"
    asked = len(site.asked)
    assert crawl.run("articles", argument, "revisit=all").returncode == 76
    assert [request.url for request in site.asked[asked:]] == [www("p")]


def test_a_host_that_refuses_again_and_again_is_ended(web, crawls, tmp_path):
    """After five refusals in a row, block pages among them; other hosts are crawled to the end."""
    block = "<title>nytimes.com</title><script>var dd={'host':'geo.captcha-delivery.com'}</script>"
    refusing = {www(f"r{n}"): Reply("no", 403) if n % 2 else Reply(block) for n in range(30)}
    fine = {cn(f"p{n}"): article("文", "无。") for n in range(8)}
    site = web({SEED: article("开始", *citing(*refusing, *fine)), **refusing, **fine})
    crawl = crawls(site.proxy)
    run = crawl.run("articles", seed_file(tmp_path))
    assert run.returncode == 76, run.stderr
    asked = [url for url in site.urls() if url in refusing]
    assert 5 <= len(asked) <= 8  # some may be on their way
    assert set(crawl.pages(status="fetched")) == {SEED, *fine}
    assert len(crawl.pages(last_attempt=None, site="www.nytimes.com")) == 30 - len(asked)


RULES = "User-agent: RelatedArticles\nDisallow: /2026/\n"
ELSEWHERE = "https://static.example/robots"


@pytest.mark.parametrize(
    ("robots", "allowed"),
    [
        ({f"{WWW}/robots.txt": Reply(RULES + "# " + "x" * 50_000_000)}, False),
        ({f"{WWW}/robots.txt": Reply("# x\n" * 130_000 + RULES)}, True),  # beyond 500 KiB
        ({f"{WWW}/robots.txt": Reply(f"<html><p>\n{RULES}</html>")}, True),
        ({f"{WWW}/robots.txt": Reply("\ufeff" + RULES)}, False),
        ({f"{WWW}/robots.txt": Reply(RULES, 403)}, True),
        (
            {
                f"{WWW}/robots.txt": Reply("", 301, {"Location": f"{ELSEWHERE}0"}),
                **{f"{ELSEWHERE}{n}": Reply("", 302, {"Location": f"{ELSEWHERE}{n + 1}"}) for n in range(4)},
                f"{ELSEWHERE}4": Reply(RULES),
            },
            False,
        ),
        ({f"{WWW}/robots.txt": Reply("", 302, {"Location": f"{WWW}/robots.txt"})}, False),
        ({f"{WWW}/robots.txt": Reply("", 302, {"Location": "https://10.0.0.1/robots.txt"})}, False),
        ({f"{WWW}/robots.txt": Reply("x" * 1000, cut=10)}, False),
    ],
    ids=["huge", "beyond", "html", "bom", "403", "redirects", "loop", "private", "cut"],
)
def test_rules_of_every_kind(web, crawls, tmp_path, robots, allowed):
    """RFC 9309: 500 KiB are read, redirects followed across hosts; what can't be had forbids everything."""
    site = web({SEED: article("开始", *citing(www("p"))), www("p"): story("x", "x"), **robots})
    crawl = crawls(site.proxy)
    assert crawl.run("articles", seed_file(tmp_path)).returncode == 0
    assert (www("p") in site.urls()) is allowed
    assert crawl.pages()[www("p")]["last_attempt"]["status"] in (
        {"ok"} if allowed else {"robots_denied", "failed"}
    )


BUSY = {"Retry-After": "1"}


@pytest.mark.parametrize(
    ("robots", "status", "failed"),
    [
        (Reply("", 503, BUSY, then=Reply(ROBOTS)), 0, 1),
        (Reply("", 503, BUSY), 76, 5),
        (Reply("x" * 1000, cut=10), 76, 5),
    ],
    ids=["once", "for ever", "silent"],
)
def test_pages_wait_for_rules_that_cannot_be_had(web, crawls, tmp_path, robots, status, failed):
    """One page fails with each reading, the others stay due and cost nothing; five readings end the host."""
    theirs, fine = [www(f"p{number}") for number in range(8)], cn("fine")
    pages = {url: story("x", "x") for url in theirs} | {fine: article("文", "无。")}
    site = web({SEED: article("开始", *citing(*theirs, fine)), f"{WWW}/robots.txt": robots, **pages})
    crawl = crawls(site.proxy)
    run = crawl.run("articles", seed_file(tmp_path, depth=1, max_pages=10))
    assert run.returncode == status, run.stderr
    stored = crawl.pages()
    attempts = [(stored[url].get("last_attempt") or {}).get("status") for url in theirs]
    assert attempts.count("failed") == failed
    assert attempts.count("ok") == (0 if status else 7)
    assert stored[fine]["last_attempt"]["status"] == "ok"
    asked = [request for request in site.asked if request.url == f"{WWW}/robots.txt"]
    assert len(asked) == (5 if status else 2)
    assert min(gaps([request.at for request in asked])) >= (0.99 if robots.headers else 0.1)
    assert set(site.urls()) == {SEED, fine} | (set() if status else set(theirs) - set(failing(stored)))


def failing(stored):
    return [url for url, page in stored.items() if (page.get("last_attempt") or {}).get("status") == "failed"]


def test_redirects_end(web, crawls, tmp_path):
    """Loops, chains of more than ten and private addresses are failures, with the reason."""
    chain = {cn(f"c{n}"): Reply("", 302, {"Location": cn(f"c{n + 1}")}) for n in range(15)}
    loop = {cn(f"l{n}"): Reply("", 302, {"Location": cn(f"l{(n + 1) % 3}")}) for n in range(3)}
    inside = {cn("in"): Reply("", 302, {"Location": "http://169.254.169.254/latest/meta-data/"})}
    links = citing(cn("c0"), cn("l0"), cn("in"))
    site = web({SEED: article("开始", *links), **chain, **loop, **inside})
    crawl = crawls(site.proxy)
    run = crawl.run("articles", seed_file(tmp_path, external_depth=1))
    assert run.returncode == 0, run.stderr
    stored = crawl.pages()
    assert stored[cn("c10")]["last_attempt"]["reason"] == "more than 10 redirects in a row"
    assert stored[cn("c9")]["status"] == "redirected"
    assert cn("c11") not in stored
    assert stored[cn("l2")]["last_attempt"]["reason"] == "a loop of redirects"
    assert not [asked for asked in site.asked if "169.254" in asked.url]


BOMB = gzip.compress(b"<p>" + b"x" * 300_000_000, 9)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply("<p>" + "x" * 10_000, drip=0.5), "took longer than 3"),
        (Reply(BOMB, headers={"Content-Encoding": "gzip"}), "exceeded DOWNLOAD_MAXSIZE"),
        (Reply("<p>" + "x" * 10_000, cut=5_000), ""),
    ],
    ids=["drip", "bomb", "half"],
)
def test_bodies_that_never_come_whole(web, crawls, tmp_path, reply, reason):
    """A drip is cut off, a bomb is not blown up, half a body is none: each failed, and due again."""
    site = web({SEED: article("开始", *citing(cn("bad"))), cn("bad"): reply})
    crawl = crawls(site.proxy)
    run = crawl.run("articles", seed_file(tmp_path), DOWNLOAD_TIMEOUT=3)
    assert run.returncode == 0, run.stderr
    page = crawl.pages()[cn("bad")]
    assert (page["status"], page["last_attempt"]["status"]) == ("discovered", "failed")
    assert reason in page["last_attempt"]["reason"]
    assert page["next_fetch_at"] is not None
