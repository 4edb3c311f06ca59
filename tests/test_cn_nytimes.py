"""cn.nytimes.com: its scripts, its two-column rows, its lists, its slideshows, what is missing."""

import pytest

from crawler.items import Role
from crawler.parsers import parse_page
from crawler.parsers.cn_nytimes.lists import ENTRY_LIMIT
from crawler.parsers.text import SIMPLIFIED, TRADITIONAL, chinese_script

ARTICLE = "https://cn.nytimes.com/china/20250205/invented/"
FRONT = "https://cn.nytimes.com/business/"


def article(body, lang="zh", head=""):
    return f'<html lang="{lang}"><head>{head}</head><body><section class="article-body">{body}</section>'


def row(*columns):
    cells = "".join(f'<div class="col-lg-6"><div class="article-paragraph">{c}</div></div>' for c in columns)
    return f'<div class="row article-dual-body-item">{cells}</div>'


def entry(href, words="虚构的文章"):
    return f'<h3 class="regularSummaryHeadline"><a href="{href}">{words}</a></h3>'


# Scripts


def test_the_two_scripts_have_no_character_in_common():
    """Each character of the table is in one script only, and has its twin in the other."""
    assert len(SIMPLIFIED) == len(TRADITIONAL) == len(set(SIMPLIFIED)) == len(set(TRADITIONAL))
    assert not set(SIMPLIFIED) & set(TRADITIONAL)
    assert {chinese_script(character) for character in SIMPLIFIED} == {"zh-Hans"}
    assert {chinese_script(character) for character in TRADITIONAL} == {"zh-Hant"}


@pytest.mark.parametrize(
    ("url", "lang", "text", "expected"),
    [
        (ARTICLE, "zh-hans", "這段文字是虛構的", "zh-Hant"),
        (f"{ARTICLE}zh-hant/", "zh-hant", "这段文字是虚构的", "zh-Hans"),
        (f"{ARTICLE}zh-hant/", "", "文字", "zh-Hant"),
        (f"{ARTICLE}dual/", "zh", "這段文字是虛構的", "zh-Hant"),
        (f"{ARTICLE}en-us/", "zh-hans", "All of this text is invented", "en"),
        (ARTICLE, "zh-hans", "All of this text is invented", "en"),
    ],
)
def test_language_by_evidence(url, lang, text, expected):
    """The characters tell the script, whatever the address and the page's head say."""
    page = parse_page(url, article(f'<div class="article-paragraph">{text}</div>', lang))
    assert page.in_language == expected


# Days


@pytest.mark.parametrize(
    ("clock", "day"),
    [
        ("2025-02-05 03:56:31", "2025-02-05"),
        ("2025-02-06 00:10:00", "2025-02-06"),  # past midnight
        ("2025-02-12 02:51:03", "2025-02-05"),  # fed again
        ("2025-02-01 02:51:03", "2025-02-01"),
    ],
)
def test_an_article_that_is_fed_again_keeps_its_day(clock, day):
    """The page's clock is set anew then; its address stays."""
    page = parse_page(ARTICLE, article("<p>x</p>", head=f'<time datetime="{clock}">x</time>'))
    assert (page.published_on, page.date_precision) == (day, "day")


# Two columns

ZH, EN = "这段文字是虚构的。", "This text is invented."


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param([(EN, ZH)], [(ZH, EN)], id="English first"),
        pytest.param([(ZH, EN)], [(ZH, EN)], id="Chinese first"),
        pytest.param([(EN, ZH), (ZH, EN)], [(ZH, EN)] * 2, id="now one, now the other"),
        pytest.param(
            [(EN, ZH), ("OpenAI", "OpenAI, Inc."), (EN, ZH)],
            [(ZH, EN), ("OpenAI, Inc.", "OpenAI"), (ZH, EN)],
            id="both Latin: as in the other rows",
        ),
        pytest.param([(ZH, EN), ("一", "二")], [(ZH, EN), ("一", "二")], id="both Chinese"),
        pytest.param([(EN, ZH), (EN,)], [(ZH, EN), ("", EN)], id="English alone"),
        pytest.param([(EN, ZH), (ZH,)], [(ZH, EN), (ZH, None)], id="Chinese alone"),
        pytest.param([(EN, ZH), ("", ZH)], [(ZH, EN), (ZH, None)], id="an empty column"),
        pytest.param([(EN, ZH), ()], [(ZH, EN)], id="an empty row"),
    ],
)
def test_rows_are_aligned(rows, expected):
    """Columns are told apart by script, whichever comes first; the body is the Chinese, and only that."""
    page = parse_page(f"{ARTICLE}dual/", article("".join(row(*columns) for columns in rows)))
    assert [(paragraph.text, paragraph.text_en) for paragraph in page.paragraphs] == expected
    assert page.body.split("\n\n") == [chinese for chinese, _ in expected if chinese]


def test_a_row_in_one_wrapper():
    """Some pages have one more element around the two columns."""
    inside = row(EN, ZH).replace("row article-dual-body-item", "row")
    page = parse_page(ARTICLE, article(f'<div class="article-dual-body-item">{inside}</div>'))
    assert [(paragraph.text, paragraph.text_en) for paragraph in page.paragraphs] == [(ZH, EN)]


@pytest.mark.parametrize("first", [("A Headline", "虚构的标题"), ("虚构的标题", "Another Heading")])
def test_a_first_row_that_repeats_the_headline(first):
    """It is no paragraph, and later rows with the same words are."""
    titles = (
        '<div class="article-header"><h1>虚构的标题</h1><h1 class="en-title">A Headline</h1></div>'
        '<section class="article-body">'
    )
    html = article(row(*first) + row(EN, ZH) + row("A Headline", "虚构的标题"))
    page = parse_page(f"{ARTICLE}dual/", html.replace('<section class="article-body">', titles))
    assert (page.headline, page.alternative_headline) == ("虚构的标题", "A Headline")
    assert page.body == f"{ZH}\n\n虚构的标题"
    assert len(page.paragraphs) == 2


def test_links_of_both_columns():
    """A link in both columns is one; the Chinese one has its place."""
    one, two = "https://x.org/1", "https://x.org/2"
    html = article(
        row(f'<a href="{one}">One</a> and <a href="{two}">two</a>.', f'这是<a href="{one}">一</a>。')
    )
    page = parse_page(f"{ARTICLE}dual/", html)
    assert [(link.target, link.anchor_text, link.paragraph) for link in page.links] == [
        (one, "一", 1),
        (two, "two", None),
    ]


# Lists


def test_a_list_has_each_entry_once_and_not_without_end():
    """Entries are `related`, in order, each target once, to ENTRY_LIMIT; menus and popular lists are none."""
    hrefs = [f"/china/20250101/p{number}/" for number in range(ENTRY_LIMIT + 50)]
    html = "<h2>菜单</h2><nav><a href='/world/'>国际</a></nav>" + "".join(map(entry, [hrefs[0], *hrefs]))
    page = parse_page(
        FRONT, html + '<ol class="hotStoryList"><li><a href="/x/20250101/y/">热门</a></li></ol>'
    )
    assert [link.target for link in page.links] == [
        f"https://cn.nytimes.com{href}" for href in hrefs[:ENTRY_LIMIT]
    ]
    assert {link.role for link in page.links} == {Role.RELATED}
    assert (page.body, page.authors, page.date_published, page.main_image) == (None, (), None, None)


@pytest.mark.parametrize(
    ("url", "html", "layout"),
    [
        (FRONT, entry("/a/20250101/x/"), "cn-section-front"),
        (f"{FRONT}2/", entry("/a/20250101/x/"), "cn-section-front"),
        ("https://cn.nytimes.com/", entry("/a/20250101/x/"), "cn-home"),
        ("https://cn.nytimes.com/topic/20180823/x/", entry("/a/20250101/x/"), "cn-topic"),
        (
            "https://m.cn.nytimes.com/world/",
            '<ol class="article-list"><li class="regular-item"><a href="/a/20250101/x/"><h2>虚</h2></a></li>',
            "cn-mobile-list",
        ),
        (FRONT, "<p>没有列表</p>", "unknown"),
        (FRONT, f"<p>您访问的页面未找到</p>{entry('/a/20250101/x/')}", "not_found"),
        (ARTICLE, f"<p>對不起，您訪問的頁面不存在</p>{entry('/a/20250101/x/')}", "not_found"),
        (ARTICLE, article("<p>报道：您访问的页面未找到。</p>"), "cn-2018"),
        (ARTICLE, '<div class="content chinese"><p>正文</p></div>' + entry("/a/20250101/x/"), "cn-2013"),
    ],
)
def test_which_page_is_what(url, html, layout):
    """Articles come before missing pages, those before lists; only what was seen is called verified."""
    page = parse_page(url, f"<html><title>虚构</title><body>{html}")
    assert page.extractor.layout == layout
    assert page.extractor.verified == (layout == "cn-section-front")
    if layout == "not_found":
        assert page.links == ()


def test_a_list_is_never_an_article():
    """Under the address of a story it gives neither headline nor links, so it is no success."""
    page = parse_page(ARTICLE, f"<title>商业 - 纽约时报中文网</title>{entry('/a/20250101/x/')}")
    assert (page.headline, page.links, page.extractor.layout) == (None, (), "cn-section-front")


# Slideshows


def test_slides_are_pictures_and_menus_are_not():
    """A slide is a picture with words to it, outside of the frame of the page."""
    slide = (
        '<figure><img src="/1.jpg"><figcaption>图注<a href="https://x.org/1">链接</a></figcaption></figure>'
    )
    aside = slide.replace("1", "2")
    html = f"<title>图集</title><article>{slide}<figure><img src='/3.jpg'></figure></article>"
    page = parse_page("https://cn.nytimes.com/slideshow/20250101/x/", f"{html}<aside>{aside}</aside>")
    assert [(image.url, image.caption) for image in page.images] == [
        ("https://cn.nytimes.com/1.jpg", "图注链接")
    ]
    assert [(link.target, link.role) for link in page.links] == [("https://x.org/1", Role.CAPTION)]


@pytest.mark.parametrize(
    ("time", "day", "rule"),
    [
        ('<time datetime="2026-09-29 03:00:00">2026年9月29日</time>', "2026-09-29", "@datetime"),
        ('<time pudate="2026-09-29 03:00:00">x</time>', "2026-09-29", "@pudate"),
        ("<time>2026年9月29日</time>", "2026-09-29", "time"),
        ("", "2026-09-30", "url"),
    ],
)
def test_the_day_over_an_article(time, day, rule):
    """As the page shows it, whatever attributes it has; the URL's is that of the Chinese version."""
    html = (
        f'<div class="article-header"><h1>钟声</h1><div class="byline-row">{time}</div></div>'
        '<section class="article-body"><div class="article-paragraph">这是文字。</div></section>'
    )
    page = parse_page("https://cn.nytimes.com/china/20260930/bells/", html)
    assert (page.published_on, page.date_precision) == (day, "day")
    assert page.extractor.rule["date_published"].endswith(rule)
