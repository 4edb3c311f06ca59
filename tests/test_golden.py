"""Golden pages: the structure stays, the prose goes, and `scrapy savepage` keeps both from harm."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from crawling import PROJECT
from hypothesis import given, settings
from hypothesis import strategies as st
from loopback import Reply, Web

from crawler import golden
from crawler.parsers import new_page, parse_page
from crawler.parsers.text import chinese_script, count_han, count_words

URL = "https://cn.nytimes.com/china/20250205/invented/"
CORPUS = PROJECT.parent / "shared" / "corpus"
FACTS = CORPUS / "facts.jsonl"
RECORDS = (
    [json.loads(line) for line in FACTS.read_text(encoding="utf-8").splitlines()] if FACTS.exists() else []
)
REAL = [record for record in RECORDS if record["kind"] not in {"robots", "blocked"}]

PARAGRAPHS = (
    "周三清晨，山谷里的三十二个村庄同时听到了钟声。“谁也不知道是谁敲的，”牧羊人说。",
    "On Wednesday morning, 32 villages in the valley heard the bells. Mr. Shepherd said nobody knew why.",
    "那年冬天格外漫长，河面上的冰直到四月才融化。有人记得，有人早已忘了。",
)
HEADLINE = "山谷里的钟声与漫长的冬天"
PAGE = f"""<!DOCTYPE html>
<html lang="zh-hans"><head><meta charset="utf-8"><title>{HEADLINE} - 纽约时报中文网</title>
<!-- a comment about shepherds --><style>.shepherd {{ color: red }}</style>
<script>var shepherd = "bells"</script>
<meta property="og:title" content="{HEADLINE}">
<meta name="description" content="三十二个村庄同时听到了钟声，谁也不知道为什么。">
<meta property="article:published_time" content="2025-02-05T15:56:31+08:00">
<meta name="viewport" content="width=device-width">
<link rel="canonical" href="{URL}"><link rel="stylesheet" href="/bells.css">
<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "{HEADLINE}",
"dateModified": "2025-02-06T00:00:00Z"}}</script>
</head><body data-secret="shepherd">
<div class="article-header"><header>
<h1 id="the-bells" style="color: red">山谷里的<b>钟声</b>与漫长的冬天</h1></header>
<address>储百亮, AMY SAMPLE</address><time datetime="2025-02-05 03:56:31">2025年2月5日</time></div>
<section class="article-body">
<div class="article-paragraph">{PARAGRAPHS[0]}
<a href="https://www.nytimes.com/2025/02/04/world/bells.html" title="bells of all">听见钟声的人们</a>。</div>
<div class="article-paragraph">{PARAGRAPHS[1]}</div>
<figure><img src="data:image/gif;base64,AAAA" data-src="https://static01.nyt.com/1.jpg" alt="a shepherd">
<figcaption>山谷里的一座钟楼，摄于冬天最冷的那一天。<cite>Ana Fotografa/Agency</cite></figcaption></figure>
<div class="article-paragraph">{PARAGRAPHS[2]}</div>
<div class="article-paragraph">（欢迎点击<a href="/newsletters/">此处</a>订阅NYT简报，我们每日发送。）</div>
</section>
<footer class="author-info"><p>翻译：杜然</p>
<p><a href="https://www.nytimes.com/2025/02/04/world/bells-original.html">点击查看本文英文版。</a></p></footer>
</body></html>"""


def shapes(page):
    links = [(link.target, link.role, link.paragraph) for link in page.links]
    return (
        links,
        page.body.count("\n\n"),
        page.authors,
        page.translators,
        page.date_published,
        page.in_language,
    )


# Rebuilding


def test_a_rebuilt_page_is_read_like_the_original():
    """Links with place and role, paragraphs, names, dates, pictures, counts: all as they were."""
    original, rebuilt = parse_page(URL, PAGE), parse_page(URL, golden.rebuild(URL, PAGE))
    assert shapes(original)[1:3] == (2, original.authors)
    assert len(original.links) == 2
    assert shapes(rebuilt) == shapes(original)
    assert golden.differences(original, rebuilt) == []
    assert rebuilt.date_modified == original.date_modified


def test_a_rebuilt_page_has_none_of_the_prose():
    """No twelve characters in a row of any text are left, in elements, meta tags or JSON-LD."""
    html = golden.rebuild(URL, PAGE)
    text = re.sub(r"<(script|style).*?</\1>", "", PAGE, flags=re.DOTALL)
    names = r"AMY SAMPLE|Ana Fotografa/Agency|[\d年月日:-]+"
    lines = re.sub(names, "\n", "\n".join(re.findall(r">([^<]+)<", text))).split("\n")
    windows = {line[i : i + 12] for line in (HEADLINE, *lines) for i in range(len(line) - 11)}
    assert len(windows) > 100
    assert [window for window in windows if window in html] == []
    assert golden.prose_left(parse_page(URL, PAGE), html) is None
    for word in (
        "钟声",
        "hepherd",
        "bells of",
        "Wednesday",
        "the-bells",
        "color",
        "viewport",
        "stylesheet",
        "base64",
    ):
        assert word not in html
    assert "invented" in html


def test_an_attribute_that_is_no_name():
    """Scripts' `@click`, and what follows a stray quotation mark."""
    html = golden.rebuild(URL, PAGE.replace("<p>", '<p @click="x" "stray class="kept">'))
    assert "@click" not in html
    assert "stray" not in html


def test_prose_that_stays_is_found():
    """The check that stands before the writing does see what was left."""
    page = parse_page(URL, PAGE)
    left = golden.prose_left(page, f"<p>{PARAGRAPHS[2][:20]}")
    assert left == PARAGRAPHS[2][:12]
    assert golden.prose_left(page, f'<meta name="x" content="{PARAGRAPHS[1]}">') in PARAGRAPHS[1]


def test_differences_are_named():
    """What a rebuilt page lacks is said by its name."""
    page = parse_page(URL, PAGE)
    assert [text.split()[0] for text in golden.differences(page, new_page(URL))][:3] == [
        "layout",
        "paragraphs",
        "links",
    ]


def test_what_was_equal_stays_equal():
    """Headline, title and og:title agree as before, whatever tags stand in them."""
    page = parse_page(URL, golden.rebuild(URL, PAGE))
    assert page.headline
    assert page.alternative_headline is None


def invented(text):
    html = f'<section class="article-body"><p>{text}</p></section>'
    return parse_page(URL, golden.rebuild(URL, html)).body or ""


@pytest.mark.parametrize(
    "text",
    [
        "这里说的是开车去东边的门，会有什么问题。",
        "這裡說的是開車去東邊的門，會有什麼問題。",
        "It’s a well-known U.S. figure, Mr. Nobody said: 3.5 percent. “Really?” he asked.",
        "用 ChatGPT 写的 12 句话。",
        "日本語のテキストです。",
        "Прошлой зимой река замёрзла.",
    ],
)
def test_words_have_the_same_shape(text):
    """Script, length, punctuation and counts stay; the words do not."""
    new = invented(text)
    assert len(new) == len(text)
    assert re.sub(r"\w", "", new) == re.sub(r"\w", "", text)
    assert (count_words(new), count_han(new)) == (count_words(text), count_han(text))
    assert chinese_script(new) == chinese_script(text)
    assert [character.isupper() for character in new] == [character.isupper() for character in text]
    assert not set(re.findall(r"\w{4,}", new)) & set(re.findall(r"\w{4,}", text))


@settings(deadline=None)
@given(st.text(max_size=300) | st.text(alphabet="<>/=p a\0\x01\ud800\"'&#;汉é1.", max_size=60))
def test_any_text_is_rebuilt(text):
    """Nothing raises, and a rebuilt page says what it is."""
    assert "invented" in golden.rebuild(URL, text)


# Real pages


@pytest.mark.skipif(not REAL, reason="../shared/corpus is not beside the repository")
@pytest.mark.parametrize("record", REAL, ids=lambda record: record["file"].removesuffix(".html")[:60])
def test_a_real_page_keeps_its_structure_and_loses_its_prose(record):
    """Every page of the corpus, in every layout; nothing is written anywhere."""
    url = record["url"] or "https://www.nytimes.com/1977/05/26/movies/x.html"
    html = (CORPUS / "pages" / record["file"]).read_bytes().decode("utf-8", "replace")
    original = parse_page(url, html)
    rebuilt = golden.rebuild(url, html)
    # in 2021 a script alone tells the times of posts, and scripts are not kept
    told = {"times of posts"} if original.extractor.layout == "live-2021" else set()
    lost = golden.differences(original, parse_page(url, rebuilt))
    assert [text for text in lost if not any(text.startswith(name) for name in told)] == []
    assert golden.prose_left(original, rebuilt) is None
    assert len(rebuilt) <= len(html)


# The command


def savepage(*arguments, **environment):
    """Runs the command as a user would."""
    line = [sys.executable, "-m", "scrapy", "savepage", *map(str, arguments)]
    return subprocess.run(
        line, cwd=PROJECT, env={**os.environ, **environment}, capture_output=True, text=True, timeout=60
    )


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "saved.html"
    path.write_text(PAGE, encoding="utf-8")
    return path


def test_a_file_is_recorded_and_not_overwritten(saved, tmp_path):
    """page.html and page.json are written once; again only with --force."""
    run = savepage(saved, "--into", tmp_path)
    folder = tmp_path / "cn.nytimes.com" / "china-20250205-invented"
    assert (run.returncode, run.stderr) == (0, "")
    assert str(folder) in run.stdout
    item = json.loads((folder / "page.json").read_text(encoding="utf-8"))
    page = parse_page(item["url"], (folder / "page.html").read_text(encoding="utf-8"))
    assert golden.to_json(page) == (folder / "page.json").read_text(encoding="utf-8")
    assert Counter(link["role"] for link in item["links"]) == {"citation": 1, "translation": 1}

    (folder / "page.json").write_text("mine")
    again = savepage(saved, "--into", tmp_path)
    assert (again.returncode, again.stderr.count("\n")) == (2, 1)
    assert "--force" in again.stderr
    assert (folder / "page.json").read_text() == "mine"
    assert savepage(saved, "--into", tmp_path, "--force").returncode == 0


def test_a_page_that_is_golden_already(tmp_path):
    """Only its item is written: the page stays as somebody wrote it."""
    path = tmp_path / "page.html"
    path.write_text('<section class="article-body"><p>虚构</p></section>', encoding="utf-8")
    without = savepage(path)
    assert (without.returncode, without.stderr.count("\n")) == (2, 1)
    assert savepage(path, "--url", URL).returncode == 0
    assert json.loads((tmp_path / "page.json").read_text(encoding="utf-8"))["body"] == "虚构"
    assert path.read_text(encoding="utf-8") == '<section class="article-body"><p>虚构</p></section>'
    assert savepage(path).returncode == 2
    assert savepage(path, "--force").returncode == 0


@pytest.mark.parametrize(
    ("content", "arguments", "complaint"),
    [
        (None, [], "can't be read"),
        ("<p>no address</p>", [], "--url"),
        ("<p id=cmsg>x</p>", ["--url", URL], "block page"),
        (PAGE, ["--into", "/dev/null/x"], "can't be written"),
    ],
)
def test_what_can_not_be_recorded(tmp_path, content, arguments, complaint):
    """One line that says why, exit status 2 (73 for the place), nothing written."""
    path = tmp_path / "saved.html"
    if content:
        path.write_text(content, encoding="utf-8")
    run = savepage(path, "--into", tmp_path / "out", *arguments)
    assert (run.returncode, run.stderr.count("\n")) == (73 if "written" in complaint else 2, 1)
    assert complaint in run.stderr
    assert not (tmp_path / "out").exists()


def test_a_live_page_is_asked_for_once_and_only_where_robots_allow(tmp_path):
    """robots.txt, then the page, by our name; what is forbidden is not asked for; a 404 is not recorded."""
    pages = {
        "https://cn.nytimes.com/robots.txt": Reply("User-agent: *\nDisallow: /search/\n"),
        URL: Reply(PAGE),
    }
    with Web(pages, tmp_path) as web:
        environment = {"https_proxy": web.proxy, "http_proxy": web.proxy, "no_proxy": ""}
        options = ("--into", tmp_path, "-s", "DOWNLOAD_VERIFY_CERTIFICATES=0", "-s", "DOWNLOAD_DELAY=0.01")
        assert savepage(URL, *options, **environment).returncode == 0
        assert web.urls(robots=True) == ["https://cn.nytimes.com/robots.txt", URL]
        assert web.asked[1].headers["user-agent"].startswith("RelatedArticles")
        forbidden = savepage("https://cn.nytimes.com/search/x/", *options, **environment)
        missing = savepage("https://cn.nytimes.com/x/20250101/y/", *options, **environment)
    assert (tmp_path / "cn.nytimes.com" / "china-20250205-invented" / "page.json").exists()
    assert "https://cn.nytimes.com/search/x/" not in web.urls()
    assert (forbidden.returncode, missing.returncode) == (69, 69)
    assert "robots.txt forbids it" in forbidden.stderr
    assert "404" in missing.stderr
    assert (forbidden.stderr.count("\n"), missing.stderr.count("\n")) == (1, 1)


def test_nothing_but_golden_pages_is_beside_them():
    """A page and its item, and no other way to record them."""
    files = {path.name for path in (Path(__file__).parent / "pages").rglob("*") if path.is_file()}
    assert files == {"page.html", "page.json"}
