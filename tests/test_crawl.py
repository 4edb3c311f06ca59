"""Whole crawls over loopback: real process, real sockets and TLS, real MongoDB."""

import time
from itertools import pairwise

import pytest
from crawling import SEED, Crawls, article, citing, kill, seed_file, story
from loopback import Reply

from crawler.urls import canonicalize

CN = "https://cn.nytimes.com"
WWW = "https://www.nytimes.com"


def path(name):
    return f"{CN}/world/20260101/{name}/"


OUTCOMES = {
    "fine": (Reply(article("好", "没有链接。")), "ok", "fetched", 200),
    "gone": (Reply("", 404), "gone", "gone", 404),
    "gone-for-good": (Reply("", 410), "gone", "gone", 410),
    "refused": (Reply("no", 403), "blocked", "discovered", 403),
    "too-many": (Reply("", 429), "blocked", "discovered", 429),
    "broken": (Reply("", 500), "failed", "discovered", 500),
    "moved": (Reply("", 301, {"Location": "/world/20260101/fine/"}), "redirected", "redirected", 301),
    "moved-nowhere": (Reply("", 302), "failed", "discovered", 302),
    "pdf": (Reply(b"%PDF", headers={"Content-Type": "application/pdf"}), "failed", "discovered", 200),
    "empty": (Reply(""), "failed", "discovered", 200),
    "no-article": (Reply("<p>hello"), "failed", "discovered", 200),
    "slow": (Reply("", delay=30), "failed", "discovered", None),
    "cut-off": (Reply("x" * 9_000, cut=100), "failed", "discovered", None),
    "wrong-charset": (
        Reply(article("编码", "没有链接。"), headers={"Content-Type": "text/html; charset=gbk"}),
        "ok",
        "fetched",
        200,
    ),
    "gbk": (
        Reply(
            article("国标", "没有链接。").replace("utf-8", "gbk").encode("gbk"),
            headers={"Content-Type": "text/html"},
        ),
        "ok",
        "fetched",
        200,
    ),
    "huge": (Reply("<p>" + "x" * 30_000_000), "failed", "discovered", None),
    "block-page": (
        Reply("<title>nytimes.com</title><script>var dd={'host':'geo.captcha-delivery.com'}</script>"),
        "blocked",
        "discovered",
        200,
    ),
}


def test_every_outcome_is_a_page_with_its_reason(web, crawls, tmp_path):
    """Redirects, refusals, time-outs, damaged and foreign content: each a node, none lost, exit status 0."""
    refused_by_robots = f"{CN}/search/20260101/x/"
    outside = "https://example.org/report?utm_source=x&id=7"
    links = citing(*(path(name) for name in OUTCOMES), refused_by_robots, outside, "https://[broken/")
    pages = {path(name): reply for name, (reply, *_) in OUTCOMES.items()}
    crawl = crawls(web({SEED: article("开始", *links), **pages}).proxy)
    run = crawl.run("articles", seed_file(tmp_path, depth=2), DOWNLOAD_TIMEOUT=3)
    assert run.returncode == 0, run.stderr
    stored = crawl.pages()
    found = {
        name: (
            page["last_attempt"]["status"],
            page["status"],
            page["last_attempt"]["http_status"],
        )
        for name in OUTCOMES
        for page in [stored[path(name)]]
    }
    assert found == {
        name: expected for name, (_, *expected) in OUTCOMES.items() for expected in [tuple(expected)]
    }
    assert all(
        page["last_attempt"]["reason"] or page["last_attempt"]["status"] == "ok"
        for page in stored.values()
        if page.get("last_attempt")
    )
    assert stored[path("moved")]["redirects_to"] == path("fine")
    assert path("moved") in stored[path("fine")]["aliases"]
    assert stored[path("wrong-charset")]["headline"] == "编码"
    assert stored[path("gbk")]["headline"] == "国标"
    assert stored["https://example.org/report?id=7"].get("last_attempt") is None
    assert [broken["href"] for broken in stored[SEED]["broken_links"]] == ["https://[broken/"]
    assert len(stored[SEED]["links"]) == len(OUTCOMES) + 2


def test_robots_refusals_are_nodes_too(web, crawls, tmp_path):
    """What robots.txt forbids is never requested, and kept with that reason."""
    forbidden = f"{WWW}/2026/01/01/world/secret.html"
    site = web(
        {
            SEED: article("开始", *citing(forbidden)),
            forbidden: article("x", "x"),
            f"{WWW}/robots.txt": Reply("User-agent: RelatedArticles\nDisallow: /2026/\n"),
        }
    )
    crawl = crawls(site.proxy)
    assert crawl.run("articles", seed_file(tmp_path)).returncode == 0
    assert forbidden not in site.urls()
    attempt = crawl.pages()[forbidden]["last_attempt"]
    assert (attempt["status"], attempt["reason"]) == ("robots_denied", "robots.txt forbids it")


def test_nobody_slips_past_a_robots_txt_that_is_slow(web, crawls, tmp_path):
    """Many requests wait for the same rules, and all get them (in Scrapy 2.19 the third gets none)."""
    forbidden = [f"{WWW}/2026/01/01/world/secret{number}.html" for number in range(6)]
    site = web(
        {
            SEED: article("开始", *citing(*forbidden)),
            f"{WWW}/robots.txt": Reply("User-agent: *\nDisallow: /2026/\n", delay=0.5),
            **{url: story("x", "x") for url in forbidden},
        }
    )
    assert crawls(site.proxy).run("articles", seed_file(tmp_path)).returncode == 0
    assert site.urls() == [SEED]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_host_whose_robots_txt_fails_is_not_fetched(web, crawls, tmp_path, status):
    """RFC 9309, 2.3.1.4: unreachable rules forbid everything; the exit status says the seed was not had."""
    site = web({SEED: article("x", "x"), f"{CN}/robots.txt": Reply("", status)})
    crawl = crawls(site.proxy)
    run = crawl.run("articles", seed_file(tmp_path))
    assert run.returncode == 69
    assert site.urls() == []
    assert str(status) in crawl.pages()[SEED]["last_attempt"]["reason"]


THROTTLE = {"AUTOTHROTTLE_ENABLED": 1, "AUTOTHROTTLE_START_DELAY": 0.01}


@pytest.mark.parametrize(("given", "throttle"), [(0.01, THROTTLE), (0.81, {})], ids=["shorter", "longer"])
def test_politeness(web, crawls, tmp_path, given, throttle):
    """Rules first, then one request at a time, by an honest name, and no pause shorter than Crawl-delay."""
    targets = [path(f"p{number}") for number in range(6)]
    site = web(
        {
            SEED: article("开始", *citing(*targets)),
            f"{CN}/robots.txt": Reply("User-agent: *\nCrawl-delay: 0.8\n"),
            **{url: Reply(article("文", "无。")) for url in targets},
        }
    )
    settings = {"DOWNLOAD_DELAY": given, "DOWNLOAD_DELAY_JITTER": 0.9, **throttle}
    assert crawls(site.proxy).run("articles", seed_file(tmp_path), **settings).returncode == 0
    times = [asked.at for asked in site.asked]
    assert site.asked[0].url == f"{CN}/robots.txt"
    assert len(times) == 8
    assert min(after - before for before, after in pairwise(times[1:])) >= 0.8
    assert {asked.headers["user-agent"] for asked in site.asked} == {
        "RelatedArticles/0.1.0 (+test@example.org)"
    }


def test_one_request_at_a_time(web, crawls, tmp_path):
    """However short the pause, a host is asked again only when it has answered."""
    targets = [path(f"p{number}") for number in range(8)]
    slow = {url: Reply(article("文", "无。"), delay=0.2) for url in targets}
    site = web({SEED: article("开始", *citing(*targets)), **slow})
    assert crawls(site.proxy).run("articles", seed_file(tmp_path)).returncode == 0
    times = [asked.at for asked in site.asked[2:]]
    assert len(times) == 8
    assert min(after - before for before, after in pairwise(times)) >= 0.2


def test_breadth_first_at_least_depth(web, crawls, tmp_path):
    """Of two depths a page has the lesser; a translation costs none; beyond the limit there are stubs."""
    english = f"{WWW}/2026/01/01/world/start.html"
    chain = [path(f"c{number}") for number in range(4)]
    site = web(
        {
            SEED: article("开始", *citing(chain[0]), english=english),
            english: story("Start", *citing(chain[2])),
            **{
                url: article("链", *citing(*chain[number + 1 : number + 2]))
                for number, url in enumerate(chain)
            },
        }
    )
    crawl = crawls(site.proxy)
    assert crawl.run("articles", seed_file(tmp_path, depth=1)).returncode == 0
    depths = {url: page["depths"].get("loop") for url, page in crawl.pages().items()}
    assert depths == {SEED: 0, english: 0, chain[0]: 1, chain[2]: 1, chain[1]: 2, chain[3]: 2}
    assert set(site.urls()) == {SEED, english, chain[0], chain[2]}


def test_the_same_page_under_the_address_it_wants(web, crawls, tmp_path):
    """A redirect that changes nothing of the canonical URL is followed on the spot, and ends."""
    english = f"{WWW}/live/2026/01/01/world/ticker"
    site = web(
        {
            SEED: article("开始", *citing(english)),
            english: Reply("", 301, {"Location": f"{english}/?smid=x"}),
            f"{english}/?smid=x": article("Ticker", "x"),
        }
    )
    crawl = crawls(site.proxy)
    assert crawl.run("articles", seed_file(tmp_path)).returncode == 0
    page = crawl.pages()[english]
    assert (page["status"], page["headline"], page["url"]) == ("fetched", "Ticker", f"{english}/?smid=x")


def test_an_address_in_raw_utf_8(web, crawls, tmp_path):
    """A redirect to it is followed as meant, by a crawl and by an import; an unreadable one is a failure."""
    raw = lambda name: path(name).encode().decode("latin-1")  # noqa: E731
    encoded = {name: canonicalize(path(name)) for name in ("中文", "文", "café")}
    site = web(
        {
            SEED: article("开始", *citing(path("moved"), encoded["文"], path("old"), path("broken"))),
            path("moved"): Reply("", 301, {"Location": raw("中文")}),
            encoded["中文"]: article("新址", "无。"),
            encoded["文"]: Reply("", 301, {"Location": raw("文") + "?smid=x"}),
            encoded["文"] + "?smid=x": article("同一页", "无。"),
            path("old"): Reply("", 301, {"Location": path("café")}),
            path("broken"): Reply("", 301, {"Location": "https://[broken/"}),
        }
    )
    crawl, archive = crawls(site.proxy), tmp_path / "utf8.warc.gz"
    assert crawl.run("articles", seed_file(tmp_path), RECORD=archive).returncode == 0
    imported = Crawls(crawl.uri, f"{crawl.database}_imported", tmp_path)
    assert imported.scrapy("import", str(archive)).returncode == 0
    for pages in (crawl.pages(), imported.pages()):
        assert pages[path("moved")]["redirects_to"] == encoded["中文"]
        assert pages[path("old")]["redirects_to"] == encoded["café"]
        assert pages[encoded["中文"]]["headline"] == "新址"
    reason = crawl.pages()[path("broken")]["last_attempt"]["reason"]
    assert reason == "HTTP 301 without a readable Location"
    assert crawl.pages()[encoded["文"]]["headline"] == "同一页"
    assert [page["status"] for page in crawl.pages(url=encoded["café"]).values()] == ["gone"]


def test_a_second_seed_expands_what_the_first_one_stored(web, crawls, tmp_path):
    """Its depths are right and nothing is fetched again."""
    a, b, c = path("a"), path("b"), path("c")
    site = web(
        {
            SEED: article("开始", *citing(a)),
            a: article("甲", *citing(b)),
            b: article("乙", *citing(c)),
            c: article("丙", "无。"),
        }
    )
    crawl = crawls(site.proxy)
    assert crawl.run("articles", seed_file(tmp_path, depth=2)).returncode == 0
    assert site.urls() == [SEED, a, b]
    assert crawl.run("articles", seed_file(tmp_path, name="second", url=a, depth=2)).returncode == 0
    assert site.urls() == [SEED, a, b, c]
    assert {url: page["depths"].get("second") for url, page in crawl.pages().items()} == {
        SEED: None,
        a: 0,
        b: 1,
        c: 2,
    }


def test_the_seed_s_known_links_are_followed_when_the_seed_can_not_be_had(web, crawls):
    """The facts of seeds/deepseek.toml stand in for the page; the exit status says that it was not had."""
    known = f"{CN}/technology/20250124/deepseek-china-ai-chips/"
    site = web({known: article("芯片", "无。")})
    crawl = crawls(site.proxy)
    run = crawl.run("deepseek")
    assert run.returncode == 69
    stored = crawl.pages()
    assert stored[known]["status"] == "fetched"
    assert len(stored["https://cn.nytimes.com/technology/20250205/deepseek-china-reaction/"]["links"]) == 10


def test_without_a_network(crawls):
    """One line within seconds that names the way out, non-zero, and the seed's stubs are kept."""
    crawl = crawls()
    began = time.monotonic()
    run = crawl.run("deepseek")
    assert time.monotonic() - began < 20
    assert run.returncode == 69
    assert run.stdout.count("\n") == 1
    assert "No network" in run.stdout
    assert "make demo" in run.stdout
    assert "Traceback" not in run.stderr
    assert len(crawl.pages()) > 8


def test_a_run_shows_that_it_is_alive(web, crawls, tmp_path):
    """A crawl of some seconds has a heartbeat later than its start."""
    crawl = crawls(web({SEED: Reply(article("开始", "无。"), delay=7)}).proxy)
    run = crawl.run("articles", seed_file(tmp_path))
    assert run.returncode == 0
    assert "Traceback" not in run.stderr
    [entry] = crawl.runs()
    assert entry["heartbeat"] > entry["started"]


def test_a_second_crawl_asks_only_for_what_changed(web, crawls, tmp_path):
    """Validators go back as they came, ETags with quotes and without; a 304 touches the attempt alone."""
    tags = {"quoted": '"a"', "weak": 'W/"b"', "bare": "c", "none": None, "lies": '"d"'}
    urls = {name: path(name) for name in tags}
    day = "Wed, 01 Jan 2026 10:00:00 GMT"
    replies = {
        urls[name]: Reply(
            article(name, "没有链接。"), headers={"ETag": tag} if tag else {"Last-Modified": day}
        )
        for name, tag in tags.items()
    }
    site = web({SEED: article("开始", *citing(*urls.values())), **replies})
    crawl, argument = crawls(site.proxy), seed_file(tmp_path)
    assert crawl.run("articles", argument).returncode == 0
    first = crawl.pages()
    for name in ("quoted", "weak", "bare", "none"):
        site.pages[urls[name]] = Reply(b"", 304)
    site.pages[urls["lies"]] = Reply(article("改了", "新的句子。"), headers={"ETag": '"e"'})
    asked = len(site.asked)
    assert crawl.run("articles", argument).returncode == 0
    assert site.urls()[asked:] == []  # nothing is due
    asked = len(site.asked)
    assert crawl.run("articles", argument, "revisit=all").returncode == 0
    sent = {
        request.url: (request.headers.get("if-none-match"), request.headers.get("if-modified-since"))
        for request in site.asked[asked:]
    }
    assert {name: sent[url] for name, url in urls.items()} == {
        name: (tag, None if tag else day) for name, tag in tags.items()
    }
    second = crawl.pages()
    unchanged = {"last_attempt", "last_seen_at", "next_fetch_at", "fetch_interval", "failures"}
    for name in ("quoted", "weak", "bare", "none"):
        before, after = first[urls[name]], second[urls[name]]
        assert after["last_attempt"]["status"] == "not_modified"
        assert {key for key in after if after[key] != before[key]} <= unchanged
    changed = second[urls["lies"]]
    assert (changed["headline"], changed["etag"], changed["revision"]) == ("改了", '"e"', 1)
    assert crawl.run("articles", argument, "revisit=none").returncode == 0


def test_the_page_budget_ends_a_run(web, crawls, tmp_path):
    """No page more than the budget is asked for, and the report tells how many are left for another run."""
    targets = [path(f"p{number}") for number in range(30)]
    site = web({SEED: article("开始", *citing(*targets)), **{url: article("文", "无。") for url in targets}})
    crawl = crawls(site.proxy)
    run = crawl.run("articles", seed_file(tmp_path, max_pages=5))
    assert run.returncode == 0, run.stderr
    assert "The page budget is spent (max_pages = 5), and 26 pages stay due: run it again" in run.stdout
    assert len(site.urls()) == 5
    assert crawl.runs()[0]["finish_reason"] == "page_budget"


def test_a_dry_run_asks_for_nothing(web, crawls):
    """It lists what is known from the seed."""
    site = web({})
    run = crawls(site.proxy).run("deepseek", "dry_run=1")
    assert run.returncode == 0
    assert site.asked == []
    assert len(run.stdout.splitlines()) == 5
    assert all(line.startswith("https://") for line in run.stdout.splitlines())


@pytest.mark.parametrize("moment", [0.4, 1.2, 2.5])
def test_a_killed_crawl_goes_on_where_it_was(web, crawls, tmp_path, moment):
    """kill -9 at any moment: the next crawl takes up the run and asks for no acknowledged page again."""
    targets = [path(f"p{number}") for number in range(40)]
    site = web(
        {
            SEED: article("开始", *citing(*targets)),
            **{url: Reply(article("文", "无。"), delay=0.1) for url in targets},
        }
    )
    crawl = crawls(site.proxy)
    argument = seed_file(tmp_path)
    process = crawl.start("articles", argument)
    while not site.asked:
        time.sleep(0.02)
    time.sleep(moment)
    kill(process)
    acknowledged = {url for url, page in crawl.pages().items() if page["status"] == "fetched"}
    before = len(site.urls())
    assert crawl.run("articles", argument).returncode == 0
    assert {url for url, page in crawl.pages().items() if page["status"] == "fetched"} == {SEED, *targets}
    assert acknowledged.isdisjoint(site.urls()[before:])
    assert [run["finish_reason"] for run in crawl.runs()] == ["finished"]


def test_two_runs_of_one_seed_at_once(web, crawls, tmp_path):
    """The second names the first and ends with status 75; the first goes on; another seed may run."""
    targets = [path(f"p{number}") for number in range(20)]
    slow = {url: Reply(article("文", "无。"), delay=0.3) for url in targets}
    site = web({SEED: article("开始", *citing(*targets)), **slow})
    crawl = crawls(site.proxy)
    first = crawl.start("articles", seed_file(tmp_path))
    while len(site.urls()) < 3:
        time.sleep(0.05)
    second = crawl.run("articles", seed_file(tmp_path))
    assert (second.returncode, second.stdout) == (75, "")
    assert "is crawling this seed already" in second.stderr
    assert crawl.run("articles", seed_file(tmp_path, name="other", url=targets[0])).returncode == 0
    output, _ = first.communicate(timeout=60)
    assert first.returncode == 0, output
    assert set(crawl.pages(status="fetched")) == {SEED, *targets}
    assert sorted(set(site.urls())) == sorted(site.urls())


@pytest.mark.parametrize(
    ("spider", "arguments", "settings", "complaint"),
    [
        ("deepsek", [], {}, "no spider called 'deepsek': known are"),
        ("articles", [], {}, "nothing to crawl"),
        ("articles", ["seed=nope"], {}, "no seed called 'nope': known are"),
        ("articles", ["seed=/nowhere/x.toml"], {}, "no seed file"),
        ("articles", ["url=mailto:a@b.c"], {}, "is no web address"),
        ("articles", ["url=https://"], {}, "is no web address"),
        ("articles", ["document=/nowhere"], {}, "can't be read"),
        ("articles", ["document=README.md", f"url={SEED}"], {}, "is no article"),
        ("articles", ["document=Makefile"], {}, "does not say its own address"),
        ("deepseek", ["colour=red"], {}, "no argument 'colour'"),
        ("deepseek", ["revisit=maybe"], {}, "due, all, none are known"),
        ("deepseek", [], {"DOWNLOAD_DELAY": "0"}, "needs a DOWNLOAD_DELAY"),
        ("deepseek", [], {"MONGO_RETRY_BUDGET": "soon"}, "has to be a number of seconds"),
        ("deepseek", [], {"PROGRESS_INTERVAL": "-1"}, "has to be a number of seconds"),
        ("deepseek", [], {"BODY_POLICY": "some"}, "one of full, excerpt, none"),
        ("deepseek", [], {"RECORD": "/dev/null/x.warc.gz"}, "can't be made for the recording"),
        ("deepseek", [], {"REPLAY": "/nowhere.warc.gz"}, "can't be read"),
        ("deepseek", [], {"REPLAY": "/dev/null"}, "is empty"),
        ("deepseek", [], {"REPLAY": "x", "RECORD": "y"}, "exclude each other"),
        ("deepseek", [], {"REPLAY": "README.md"}, "not a WARC file"),
    ],
)
def test_bad_arguments_get_one_line(crawls, spider, arguments, settings, complaint):
    """Exit status 2, one line on stderr that says what to do, and nothing is written."""
    run = crawls().run(spider, *arguments, **settings)
    assert run.returncode == 2
    assert complaint in run.stderr
    assert run.stderr.strip().count("\n") == 0, run.stderr
    assert crawls().pages() == {}


def test_a_system_without_certificates(crawls, tmp_path):
    """A fresh, small system: one line, instead of a failure of every page."""
    crawl = crawls()
    (tmp_path / "empty").mkdir()
    crawl.environment |= {"SSL_CERT_FILE": str(tmp_path / "none"), "SSL_CERT_DIR": str(tmp_path / "empty")}
    run = crawl.run("deepseek", DOWNLOAD_VERIFY_CERTIFICATES=1)
    assert run.returncode == 2
    assert "apt-get install ca-certificates" in run.stderr
    assert run.stderr.strip().count("\n") == 0, run.stderr
