"""Real pages in a real browser: whole crawls over loopback, hostile pages among them."""

import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest
from crawling import PROJECT, SEED, Crawls, article, citing, command, seed_file
from loopback import Reply, Web

from crawler.addons import find_browser
from crawler.visit import is_unwanted, leads_inside

CN = "https://cn.nytimes.com"
TEXT = article("长文", *["这是脚本写出来的虚构文字。" * 20] * 3)
ROBOTS = "User-agent: *\nDisallow: /private/\n"
FILL = (
    "fetch('/data').then(answer => answer.text()).then(text => {document.body.innerHTML = "
    "new DOMParser().parseFromString(text, 'text/html').body.innerHTML})"
)
TRIMMED = (  # the same crawl with less patience, so that a page that hangs does not hold up the tests
    "import crawler.browser as browser; browser.SETTLES, browser.LIMIT = 2.0, 8.0\n"
    "from scrapy.cmdline import execute; execute()"
)


def shell(*scripts, body=""):
    head = '<meta charset="utf-8"><title>壳</title><meta property="og:title" content="壳">'
    code = ";".join(scripts)
    return f'<html lang="zh-Hans"><head>{head}</head><body>{body}<div id="app"></div><script>{code}</script>'


def page(name):
    return f"{CN}/world/20260101/{name}/"


@pytest.fixture(scope="session")
def browser():
    """A browser is there; where it is not the tests are skipped, in CI they fail."""
    found = find_browser(os.environ)
    if not found and os.environ.get("CI") == "true":
        pytest.fail("no browser: apt-get install chromium-headless-shell")
    return found or pytest.skip("no browser: apt-get install chromium-headless-shell")


class Site:
    """Pages that the seed cites, and a crawl of them with the browser at hand."""

    def __init__(self, uri, database, directory, pages):
        self.directory = directory
        self.mark = uuid.uuid4().hex
        cited = citing(*(page(name) for name in pages))
        web = {f"{CN}/robots.txt": Reply(ROBOTS), f"{CN}/data": Reply(TEXT), SEED: article("开始", *cited)}
        self.web = Web(web | {page(name): reply for name, reply in pages.items()}, directory)
        self.web.__enter__()
        self.crawls = Crawls(uri, database, directory, self.web.proxy)
        self.crawls.environment["MARK"] = self.mark
        self.settings = {**self.crawls.settings, "BROWSER_ENABLED": 1}

    def start(self, **settings):
        line = command("articles", seed_file(self.directory), settings={**self.settings, **settings})
        return subprocess.Popen(
            [sys.executable, "-c", TRIMMED, *line[3:]],
            cwd=PROJECT,
            env=self.crawls.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def crawl(self, **settings):
        """Crawls to the end; returns all that it wrote, and fails where it left anything running."""
        process = self.start(**settings)
        output, _ = process.communicate(timeout=180)
        assert process.returncode == 0, output
        assert "Traceback" not in output
        assert "was destroyed" not in output
        wait_until(lambda: not self.processes())
        return output

    def processes(self, name=""):
        """Processes of this crawl, by the mark that they inherit."""
        found = []
        for directory in Path("/proc").glob("[0-9]*"):
            try:
                if f"MARK={self.mark}".encode() in (directory / "environ").read_bytes():
                    found += [int(directory.name)] * (name in (directory / "cmdline").read_text())
            except OSError:  # it has ended meanwhile
                continue
        return found

    def got(self):
        """By name: the road it came by, the length of its text, and the reason of its attempt."""
        return {
            url.split("/")[-2]: (
                held.get("fetched_via"),
                len(held.get("body") or ""),
                held["last_attempt"]["reason"],
            )
            for url, held in self.crawls.pages(depths={"loop": 1}).items()
        }


@pytest.fixture
def site(browser, mongo_uri, database, tmp_path):
    opened = []

    def make(pages):
        opened.append(Site(mongo_uri, database, tmp_path, pages))
        return opened[-1]

    yield make
    for one in opened:
        one.web.__exit__()


def wait_until(condition, patience=60):
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_where_it_pays_and_only_there(site, tmp_path):
    """Plain HTTP first; a shell is rendered, recorded and replayed; a refusal is not asked twice."""
    more = "<img src='/i.png'><script src='https://www.google-analytics.com/a.js'></script>"
    one = site(
        {
            "plain": Reply(TEXT),
            "shell": Reply(shell(FILL, body=more), headers={"ETag": '"shell"'}),
            "empty": Reply(shell("0")),
            "refused": Reply(shell(FILL), 403),
            "blocked": Reply('<html><title>x</title><script src="https://captcha-delivery.com/c.js">'),
        }
    )
    archive = tmp_path / "rendered.warc.gz"
    one.crawl(RECORD=archive)
    length = one.got()["plain"][1]
    assert one.got() == {
        "plain": ("http", length, None),
        "shell": ("browser", length, None),
        "empty": ("http", 0, "an empty shell; a browser shows no more, HTTP 200"),
        "refused": (None, 0, "HTTP 403"),
        "blocked": (None, 0, "the host answers with a block page"),
    }
    assert one.crawls.pages()[page("shell")]["etag"] is None
    asked = one.web.urls()
    assert [asked.count(page(name)) for name in ("plain", "shell", "refused", "blocked")] == [1, 2, 1, 1]
    assert set(asked) == {SEED, f"{CN}/data", *map(page, one.got())}
    agents = {request.headers["user-agent"] for request in one.web.asked}
    assert len(agents) == 1
    assert agents.pop().startswith("RelatedArticles/")

    again = Crawls(one.crawls.uri, f"{one.crawls.database}_replayed", tmp_path)
    run = again.run("articles", seed_file(tmp_path), REPLAY=archive, BROWSER_ENABLED=1)
    assert run.returncode == 0, run.stderr
    held, live = again.pages()[page("shell")], one.crawls.pages()[page("shell")]
    assert (held["body"], held["fetched_via"], held["warc"]) == (live["body"], "replay", live["warc"])


def test_hostile_pages(site):
    """Each is given so long and so much, its text is kept where it has one, and nothing is left behind."""
    then = "setTimeout(() => {%s}, 400)"
    one = site(
        {
            "polls": Reply(shell(FILL, "setInterval(() => fetch('/poll').catch(() => 0), 100)")),
            "dialogs": Reply(shell(FILL, "setInterval(() => alert(1), 1)", "onbeforeunload = () => 'stay'")),
            "windows": Reply(shell(FILL, f"setInterval(() => open('{CN}/window'), 20)")),
            "downloads": Reply(shell(FILL, then % "location = '/file.zip'")),
            "leaves": Reply(shell(FILL, then % "location = 'https://elsewhere.example/'")),
            "sockets": Reply(shell(FILL, "new WebSocket('wss://elsewhere.example/')")),
            "hangs": Reply(shell("while (true) {}")),
            "floods": Reply(shell("for (let n = 0; n < 2000; n++) fetch('/n?' + n).catch(() => 0)")),
        }
    )
    one.crawl()
    got = one.got()
    length = got["polls"][1]
    assert length > 500
    for name in ("polls", "dialogs", "windows", "downloads", "leaves", "sockets"):
        assert got[name] == ("browser", length, None), name
    assert got["hangs"] == ("http", 0, "an empty shell; the page is not done after 8 s")
    assert got["floods"] == ("http", 0, "an empty shell; the page asks for more than 300 things")
    asked = one.web.urls()
    assert not {f"{CN}/window", f"{CN}/file.zip", "https://elsewhere.example/"} & set(asked)
    assert sum("/n?" in url for url in asked) < 600


INSIDE = "https://127.0.0.1:8443/"
LOADS = """
    const quietly = url => fetch(url, {mode: 'no-cors'}).catch(() => 0);
    quietly('/to-inside'); quietly('/to-plain'); quietly('/to-tracker');
    const tag = document.createElement('script'); tag.src = '/to-inside'; document.head.append(tag);
    new Worker(URL.createObjectURL(new Blob([`fetch('${location.origin}/to-inside', {mode: 'no-cors'})`])))
"""


def test_no_redirect_leads_a_page_astray(site):
    """Not the page itself to another address, nor what it loads to one it might not ask for at first."""
    fill = FILL.replace("/data", "/moved")
    one = site(
        {
            "inside": Reply(shell("0"), then=Reply("", 302, {"Location": f"{INSIDE}admin"})),
            "elsewhere": Reply(shell("0"), then=Reply("", 302, {"Location": "/search/x/"})),
            "itself": Reply(shell("0"), then=Reply("", 302, {"Location": "#x"}, then=Reply(shell(fill)))),
            "loads": Reply(shell(LOADS, fill)),
        }
    )
    answers = {"/to-inside": INSIDE, "/to-plain": f"{CN}/p".replace("s:", ":"), "/moved": "/data"}
    answers["/to-tracker"] = "https://www.google-analytics.com/collect"
    for path, target in answers.items():
        one.web.pages[CN + path] = Reply("", 302, {"Location": target})
    for url in (f"{INSIDE}admin", f"{CN}/search/x/"):
        one.web.pages[url] = Reply(TEXT)
    one.crawl()
    got = one.got()
    length = got["loads"][1]
    assert length > 500
    assert got["loads"] == got["itself"] == ("browser", length, None)
    assert got["inside"] == ("http", 0, f"an empty shell; the page leads to {INSIDE}admin")
    assert got["elsewhere"] == ("http", 0, f"an empty shell; the page leads to {CN}/search/x/")
    asked = one.web.urls()
    assert set(asked) == {SEED, f"{CN}/data", *map(page, got), *(CN + path for path in answers)}
    assert asked.count(f"{CN}/to-inside") == 3


def test_a_killed_browser_is_started_again(site):
    """Twelve shells, two pages at a time; the browser dies in the middle, and none of them is lost."""
    one = site({f"shell{number}": Reply(shell(FILL)) for number in range(12)})
    process = one.start(BROWSER_PAGES=11)
    wait_until(lambda: len(one.crawls.pages(fetched_via="browser")) >= 3)
    for pid in one.processes("--remote-debugging-pipe"):
        os.kill(pid, signal.SIGKILL)
    output, _ = process.communicate(timeout=180)
    assert process.returncode == 0, output
    assert "Traceback" not in output
    reasons = [reason for _, _, reason in one.got().values()]
    assert reasons.count("an empty shell; the BROWSER_PAGES of this run are spent") == 1
    assert reasons.count(None) >= 9  # what was open when it died may be given up
    wait_until(lambda: not one.processes())


@pytest.mark.parametrize(
    ("binary", "complaint"),
    [
        ("/bin/false", "The crawl goes on without a browser: the browser does not start: "),
        ("/nowhere/chromium", "The crawl goes on without a browser: the browser does not start: "),
        (None, "No browser is installed (apt-get install chromium-headless-shell): the crawl goes on"),
    ],
)
def test_no_browser(site, tmp_path, binary, complaint):
    """One line, and the crawl goes on: the shells are kept as they came."""
    one = site({"one": Reply(shell(FILL)), "two": Reply(shell(FILL)), "plain": Reply(TEXT)})
    if binary is None:
        one.crawls.environment |= {"PATH": str(tmp_path), "HOME": str(tmp_path), "XDG_CACHE_HOME": ""}
    output = one.crawl(**({"BROWSER_BIN": binary} if binary else {}))
    assert output.count(complaint) == 1
    got = one.got()
    assert got["plain"][0] == "http"
    assert {got[name][:2] for name in ("one", "two")} == {("http", 0)}
    assert got["one"][2].startswith("an empty shell; ")


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ([], None),
        (["bin/chromium"], "bin/chromium"),
        (["bin/chromium", "bin/chromium-headless-shell"], "bin/chromium-headless-shell"),
        (
            ["bin/chromium-headless-shell", "cache/chromium-1200/chrome-linux64/chrome"],
            "cache/chromium-1200/chrome-linux64/chrome",
        ),
        (
            [
                "cache/chromium-1200/chrome-linux64/chrome",
                "cache/chromium_headless_shell-1200/chrome-headless-shell-linux64/chrome-headless-shell",
            ],
            "cache/chromium_headless_shell-1200/chrome-headless-shell-linux64/chrome-headless-shell",
        ),
    ],
)
def test_find_browser(tmp_path, files, expected):
    """Playwright's own before Debian's, and the shell before the whole browser."""
    for name in files:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(0o755)
    found = find_browser({"PATH": str(tmp_path / "bin"), "PLAYWRIGHT_BROWSERS_PATH": str(tmp_path / "cache")})
    assert found == (str(tmp_path / expected) if expected else None)


@pytest.mark.parametrize(
    ("url", "kind", "expected"),
    [
        ("https://cn.nytimes.com/a/", "document", False),
        ("https://static01.nyt.com/a.js", "script", False),
        ("https://cn.nytimes.com/data", "fetch", False),
        ("http://cn.nytimes.com/data", "fetch", True),
        ("https://cn.nytimes.com/a.png", "image", True),
        ("https://cn.nytimes.com/a.woff2", "font", True),
        ("https://www.google-analytics.com/a.js", "script", True),
        ("https://doubleclick.net/a.js", "script", True),
        ("https://notdoubleclick.net/a.js", "script", False),
        ("https://192.168.1.1/", "fetch", True),
        ("https://localhost:8443/", "fetch", True),
        ("https://printer.local/", "script", True),
        ("https://intranet/", "fetch", False),
    ],
)
def test_is_unwanted(url, kind, expected):
    """Pictures, fonts and films bring no text, a tracker nothing; a private network is no page's business."""
    assert is_unwanted(url, kind, "intranet") is expected


@pytest.mark.parametrize(
    ("name", "expected"), [("127.1", True), ("8.8.8.8", False), ("nowhere.invalid", False)]
)
async def test_leads_inside(name, expected):
    """By what the machine itself finds for a name."""
    assert await leads_inside(name) is expected
