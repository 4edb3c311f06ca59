"""Forms of the pages of cn.nytimes.com that no saved page here has, rebuilt around invented words.

Each was told by public code that reads the site: see test_held_out.py for those of www.nytimes.com.
"""

import pytest

from crawler.items import Role
from crawler.parsers import parse_page
from crawler.parsers.chinese import names_of

WWW = "https://www.nytimes.com"


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("储百亮, AMY SAMPLE", ["储百亮", "AMY SAMPLE"]),
        ("本报记者 储百亮", ["储百亮"]),
        ("特约记者：储百亮、王月眉", ["储百亮", "王月眉"]),
        ("撰文：袁莉", ["袁莉"]),
        ("文／袁莉", ["袁莉"]),
        ("袁莉 報導", ["袁莉"]),
        ("储百亮和王月眉", ["储百亮", "王月眉"]),
        ("储百亮 王月眉", ["储百亮", "王月眉"]),
        ("储百亮與王月眉 报道", ["储百亮", "王月眉"]),
        ("托马斯·弗里德曼", ["托马斯·弗里德曼"]),
        ("和田纪子", ["和田纪子"]),
        ("纽约时报编辑部", ["纽约时报编辑部"]),
        ("傅才德 (MICHAEL SAMPLE)", ["傅才德 (MICHAEL SAMPLE)"]),
        ("报道", []),
    ],
)
def test_names_of_a_chinese_byline(byline, names):
    """Names without the office that stands beside them."""
    assert list(names_of(byline)) == names


@pytest.mark.parametrize(
    ("credit", "translators"),
    [
        ("译者：王童鹤", ("王童鹤",)),
        ("翻译: 杜然  校对: 王童鹤", ("杜然",)),
        ("翻譯：李瓊、土土", ("李瓊", "土土")),
    ],
)
def test_who_translated(credit, translators):
    """Not who read the proofs; and a credit at the end of the text is no text."""
    html = (
        f'<section class="article-body"><div class="article-paragraph">钟声。</div><p>{credit}</p></section>'
    )
    page = parse_page("https://cn.nytimes.com/china/20250210/bells/", html)
    assert (page.translators, page.body) == (translators, "钟声。")


def test_a_chinese_article_without_a_heading():
    """The title of the page, without the site's name."""
    html = "<title>山谷的钟声 - 纽约时报中文网</title><section class='article-body'><p>钟声。</p></section>"
    assert parse_page("https://cn.nytimes.com/china/20250210/bells/", html).headline == "山谷的钟声"


# As a spider of 2026 reads the head of cn.nytimes.com: tags whose name may be an id.
CHINESE_HEAD = (
    '<meta {0}="headline" content="山谷的钟声 - 纽约时报中文网">'
    '<meta {0}="byline" content="储百亮, ANA SAMPLE">'
    '<meta {0}="date" content="2026-03-02 11:10:00">'
)
CHINESE_BODY = (
    '<div class="article-area"><article class="article-content"><section class="article-body">'
    '<div class="article-paragraph">钟声。</div><div class="article-paragraph"><figure><img src="/a.jpg">'
    "<figcaption>图注。</figcaption></figure></div></section></article></div>"
)


@pytest.mark.parametrize("name", ["id", "name"])
def test_what_only_the_head_of_a_chinese_article_tells(name):
    """Headline, names and day; the clock of the site has no halves, so a day is all it gives."""
    html = f"<head>{CHINESE_HEAD.format(name)}</head><body>{CHINESE_BODY}</body>"
    page = parse_page("https://cn.nytimes.com/china/20260302/bells/", html)
    assert (page.headline, [author.name for author in page.authors]) == (
        "山谷的钟声",
        ["储百亮", "ANA SAMPLE"],
    )
    assert (page.published_on, page.date_precision) == ("2026-03-02", "day")
    assert (page.body, len(page.images), page.images[0].caption) == ("钟声。", 1, "图注。")


# A home page of October 2015, one of many that a repository of measurements keeps.
def chinese(body, footer="", byline="储百亮, 王月眉"):
    html = (
        f"<div class='article-header'><h1>山谷的钟声</h1><address>{byline}</address></div>"
        f"<section class='article-body'>{body}</section><footer class='author-info'>{footer}</footer>"
    )
    return parse_page("https://cn.nytimes.com/china/20250210/bells/", html)


def test_a_related_list_inside_a_chinese_body():
    """It is no text, and each of its links is there once, as related coverage."""
    page = chinese(
        "<p>钟声。</p>"
        "<div><h4>相关报道</h4><ul><li><a href='/china/20250209/sheep/'><h3>羊</h3></a></li></ul></div>"
        "<p>又响了。</p>"
    )
    assert page.body == "钟声。\n\n又响了。"
    assert [(link.target, link.role) for link in page.links] == [
        ("https://cn.nytimes.com/china/20250209/sheep/", Role.RELATED)
    ]


@pytest.mark.parametrize(
    "line", ["欢迎订阅《纽约时报》中文网每日简报", "【点击此处订阅新闻简报】", "歡迎訂閱簡報", "广告"]
)
def test_a_line_that_asks_to_subscribe_is_no_text(line):
    """Wherever it stands, if it is all of a paragraph."""
    assert chinese(f"<p>钟声。</p><p>{line}</p><p>又响了。</p>").body == "钟声。\n\n又响了。"


def test_a_chinese_correction_is_below_the_text():
    """So is whoever translated it."""
    page = chinese("<p>钟声。</p><p>更正：本文较早版本误写了日期。</p><p>翻译：杜然</p>")
    assert (page.body, page.translators) == ("钟声。", ("杜然",))


def test_an_author_is_told_by_the_line_that_begins_with_the_name():
    """Whoever else is linked to in the footer."""
    page = chinese(
        "<p>钟声。</p>",
        "<p>王月眉是记者。点击查看<a href='https://www.nytimes.com/by/ana-sample'>更多关于她的信息</a>。</p>"
        "<p><a href='https://www.nytimes.com/by/bo-sample'>Bo Sample</a>对本文有报道贡献。</p>",
    )
    assert [author.url for author in page.authors] == [None, f"{WWW}/by/ana-sample"]


def test_an_author_is_described_in_any_box():
    """A reader of bilingual pages knows the box by its class alone, wherever it stands."""
    page = chinese("<p>钟声。</p><div class='author-info'><p>王月眉是记者。</p></div>")
    assert page.body == "钟声。"


def test_boxes_of_the_chinese_home_page():
    """As two readers of the site find them."""
    html = (
        "<h2 class='leadHeadline'><a href='/china/20250210/bells/'>钟声</a></h2>"
        "<div class='storyWindow'><h3><a href='/world/20250210/sheep/'>羊</a></h3></div>"
        "<div class='mothThumbnail'></div><h3><a href='/usa/20250210/snow/'>雪</a></h3>"
        "<h3><a href='/usa/20250210/other/'>其他</a></h3>"
    )
    page = parse_page("https://cn.nytimes.com/", html)
    assert [link.anchor_text for link in page.links] == ["钟声", "羊", "雪"]


def test_a_list_for_phones():
    """Entries have several classes; where the headline is empty, the link's own title says it."""
    entries = (
        "<li class='first-item'><a href='/china/20250211/first/' title='头条'><img></a></li>"
        "<li class='regular-item'><a href='https://cn.nytimes.com/china/20250210/bells/' title='钟声'>"
        "<h2><span></span></h2><div class='summary'>摘要。</div></a></li>"
        "<li class='regular-item'><a href='https://cn.nytimes.com/china/20250209/sheep/'><h2></h2></a></li>"
        "<li><a href='https://cn.nytimes.com/subscribe/'>订阅</a></li>"
    )
    page = parse_page("https://cn.nytimes.com/china/", f"<ol class='article-list'>{entries}</ol>")
    assert [(link.anchor_text, link.target.rpartition("2025")[2]) for link in page.links] == [
        ("头条", "0211/first/"),
        ("钟声", "0210/bells/"),
        ("", "0209/sheep/"),
    ]


def test_small_print_in_a_heading():
    """It is no part of the headline."""
    html = (
        "<div class='article-header'><header><h1>山谷的钟声<small>中国</small></h1></header></div>"
        "<section class='article-body'><p>钟声。</p></section>"
    )
    assert parse_page("https://cn.nytimes.com/china/20250210/bells/", html).headline == "山谷的钟声"
