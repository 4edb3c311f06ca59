"""The rules and oddities of the two sites' URLs as tables of (given, expected), and what any text gives."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scrapy import Request

from crawler import items, urls

SHARED = Path(__file__).resolve().parents[2] / "shared"

CN = "https://cn.nytimes.com"
WWW = "https://www.nytimes.com"
CN_STORY = f"{CN}/technology/20250205/deepseek-china-reaction/"
WWW_STORY = f"{WWW}/2025/01/28/business/deepseek-china-reaction.html"

# The newspaper's parameters that select nothing, all of them.
TRACKED = [
    "inline",
    "module",
    "action",
    "pgtype",
    "region",
    "context",
    "state",
    "block",
    "variant",
    "version",
    "src",
    "contentCollection",
    "contentPlacement",
    "contentID",
    "moduleDetail",
    "ref",
    "rref",
    "hp",
    "em",
    "_r",
    "smid",
    "partner",
    "emc",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "searchResultPosition",
    "unlocked_article_code",
    "smtyp",
    "fta",
    "campaignId",
    "WT.nav",
    *("clickSource", "scp", "sq", "st", "iht", "mcubz", "smprod", "login", "auth", "legacy", "i", "t"),
    *("algo", "hpw", "imp_id", "oref", "referringSource", "rsrc", "adxnnl", "adxnnlx"),
    # of a newsletter: they name its reader
    *("campaign_id", "instance_id", "nl", "nlid", "em_pos", "regi_id", "segment_id", "te", "user_id"),
    # of phones, walls, old feeds and searches
    *("referrer", "referer", "mtrref", "gwh", "gwt", "assetType", "WT.mc_id", "WT.z_sma", "mabReward"),
    *("ribbon-ad-idx", "bicmp", "bicmst", "ex", "ei", "en", "n", "sec", "spon"),
]
GENERIC = [
    "utm_source",
    "UTM_Medium",
    "utm_anything",
    "gclid",
    "fbclid",
    "msclkid",
    "dclid",
    "igshid",
    "mc_cid",
    "_ga",
]

UNCHANGED = [
    CN_STORY,
    WWW_STORY,
    f"{CN}/",
    f"{WWW}/",
    f"{WWW}/es/",
    f"{CN}/china/20220518/shanghai-covid/dual/",
    f"{CN}/china/20220518/shanghai-covid/zh-hant/",
    f"{CN}/china/20220518/shanghai-covid/zh-hant/dual/",
    f"{CN}/china/20130415/c15abuse/en-us/",
    f"{CN}/article/world/2012/08/02/c02texas/zh-hk/",
    f"{CN}/article/world/2012/08/02/c02texas/zh-cn+en/",
    f"{CN}/china/20250101/zh-hans-zh-hant/",
    f"{CN}/china/20250101/zh-hans/",  # a slug, not a version
    f"{CN}/business/2/",
    f"{CN}/rss.html",
    f"{CN}/search?query=deepseek&lang=",
    f"{WWW}/live/2025/01/21/us/trump-executive-orders-news/trump-john-bolton-security",
    f"{WWW}/article/what-we-know-tiktok.html",
    f"{WWW}/zh-hans/2022/06/25/technology/china-surveillance-chinese.html",
    f"{WWW}/2010/02/07/business/global/07toyota.html?pagewanted=2",
    f"{WWW}/2010/02/07/business/global/07toyota.html?pagewanted=all",
    f"{WWW}/athletic/6105465/2025/02/01/a-trade/",
    "https://nyti.ms/4K9g6u",
    "https://query.nytimes.com/gst/abstract.html?res=9C0CE7D8",
    "https://opinionator.blogs.nytimes.com/category/fixes",
    "https://opinionator.blogs.nytimes.com/2011/12/01/health-care-for-a-changing-work-force/",
    "https://archive.nytimes.com/www.nytimes.com/politics/first-draft/2016/01/06/trump-cruz/",
    "https://dealbook.on.nytimes.com/public/overview?symbol=AKAM",
    "http://haaretz.com/israel-news",  # others keep their scheme, slashes and order of parameters
    "https://example.com/b?z=1&a=2&a=1",
    "https://example.com//a//b/",
    "https://web.archive.org/web/2020/https://www.nytimes.com/2020/01/01/us/a.html",
    "https://example.com/share?url=https://www.nytimes.com/",
    "http://localhost:8000/a",
    "http://127.0.0.1:8000/a",
]

CANONICAL = [
    # scheme, host, port, credentials
    ("http://cn.nytimes.com/technology/20250205/deepseek-china-reaction/", CN_STORY),
    ("HTTPS://CN.NYTimes.com/technology/20250205/deepseek-china-reaction/", CN_STORY),
    ("//cn.nytimes.com/technology/20250205/deepseek-china-reaction/", CN_STORY),
    ("https://m.cn.nytimes.com/technology/20250205/deepseek-china-reaction/", CN_STORY),
    ("https://cn.nytimes.com:443/technology/20250205/deepseek-china-reaction/", CN_STORY),
    ("http://cn.nytimes.com:80/technology/20250205/deepseek-china-reaction/", CN_STORY),
    ("https://cn.nytimes.com./technology/20250205/deepseek-china-reaction/", CN_STORY),
    ("http://nytimes.com/2025/01/28/business/deepseek-china-reaction.html", WWW_STORY),
    ("https://mobile.nytimes.com/2025/01/28/business/deepseek-china-reaction.html", WWW_STORY),
    ("http://m.nytimes.com/2025/01/28/business/deepseek-china-reaction.html?referrer=", WWW_STORY),
    ("http://www.nytimes.com:443/2025/01/28/business/deepseek-china-reaction.html", WWW_STORY),
    ("https://me:secret@www.nytimes.com/2025/01/28/business/deepseek-china-reaction.html", WWW_STORY),
    ("http://dealbook.nytimes.com/2011/04/11/a/?src=dlbksb", "https://dealbook.nytimes.com/2011/04/11/a/"),
    ("http://nyti.ms/4K9g6u?smid=url-share", "https://nyti.ms/4K9g6u"),
    (CN, f"{CN}/"),
    # versions and closing slashes
    (f"{CN_STORY}zh-hans/", CN_STORY),
    (f"{CN_STORY}zh-hans", CN_STORY),
    (f"{CN_STORY}zh-hant", f"{CN_STORY}zh-hant/"),
    (f"{CN_STORY}zh-hans/dual/", f"{CN_STORY}dual/"),
    (f"{CN}/business/zh-hans/", f"{CN}/business/"),
    (f"{CN}/zh-hans/", f"{CN}/"),
    (CN_STORY.rstrip("/"), CN_STORY),
    (f"{CN}/topic/20180823/the-new-new-world", f"{CN}/topic/20180823/the-new-new-world/"),
    (f"{CN}/slideshow/20160719/t19rnc-ss", f"{CN}/slideshow/20160719/t19rnc-ss/"),
    (f"{CN}//technology/20250205//deepseek-china-reaction/", CN_STORY),
    (f"{CN}/china/../technology/./20250205/deepseek-china-reaction/", CN_STORY),
    (
        "http://cn.nytimes.com/article/world/2012/08/02/c02texas/en",
        f"{CN}/article/world/2012/08/02/c02texas/en/",
    ),
    (f"{WWW}/live/2025/02/03/us/trump-tariffs/", f"{WWW}/live/2025/02/03/us/trump-tariffs"),
    (f"{WWW}/by/li-yuan/", f"{WWW}/by/li-yuan"),
    (f"{WWW}/topic/company/yahoo-inc/?inline=nyt-org", f"{WWW}/topic/company/yahoo-inc"),
    (f"{WWW}/column/paul-krugman/", f"{WWW}/column/paul-krugman"),
    (f"{WWW}/section/world/asia/", f"{WWW}/section/world/asia"),
    (f"{WWW}/spotlight/podcasts/", f"{WWW}/spotlight/podcasts"),
    (f"{WWW}/news-event/attacks-in-paris/", f"{WWW}/news-event/attacks-in-paris"),
    (f"{WWW}/series/modern-love/", f"{WWW}/series/modern-love"),
    (f"{WWW}/interactive/2016/us/map/", f"{WWW}/interactive/2016/us/map"),
    (f"{WWW}/zh-hans/series/daily-briefing-chinese/", f"{WWW}/zh-hans/series/daily-briefing-chinese"),
    (f"{WWW_STORY}/", WWW_STORY),
    (f"{WWW}/es", f"{WWW}/es/"),
    (WWW_STORY.replace(".html", ".amp.html"), WWW_STORY),
    # fragments and parameters
    (f"{WWW_STORY}#story", WWW_STORY),
    (f"{WWW_STORY}#:~:text=China%20reacts,now", WWW_STORY),
    (f"{WWW}/live/2021/03/23/us/boulder#the-post", f"{WWW}/live/2021/03/23/us/boulder"),
    (f"{CN_STORY}?utm_source=RSS", CN_STORY),
    (f"{CN_STORY}?utm_source=top10-in-article&utm_medium=articlepage&utm_campaign=web", CN_STORY),
    (f"{CN_STORY}?_ga=1.2&changeLang=zh-hant&langkey=zh-hant&url=/a/&pagemode=print", CN_STORY),
    (f"{CN}/search?query=a&utm_source=nav", f"{CN}/search?query=a"),
    (f"{WWW_STORY}?", WWW_STORY),
    (f"{WWW_STORY}?pagewanted=1&hp", WWW_STORY),
    (f"{WWW_STORY}?pagewanted=2&_r=1", f"{WWW_STORY}?pagewanted=2"),
    (f"{WWW_STORY}?_r=1&pagewanted=all&pagemode=print", f"{WWW_STORY}?pagewanted=all"),
    (f"{WWW_STORY}?contentCollection=New%20York&REGION=Footer", WWW_STORY),
    (
        "https://query.nytimes.com/gst/fullpage.html?res=9C0&scp=1",
        "https://query.nytimes.com/gst/fullpage.html?res=9C0",
    ),
    # what editing and copying leave behind
    (f"{CN}/china/20210630/hong-kong-law/zh%200", f"{CN}/china/20210630/hong-kong-law/"),
    (f"{CN}/china/20210630/hong-kong-law/zh 0", f"{CN}/china/20210630/hong-kong-law/"),
    (f"{CN}/china/20210630/hong-kong-law/zh%200/", f"{CN}/china/20210630/hong-kong-law/"),
    (f"{CN_STORY}%20", CN_STORY),
    *((f"{WWW_STORY}{mark}", WWW_STORY) for mark in (*",.;)\"'”’。，）、", "%C2%A0", "%22%20", "。”", "）/")),
    *((f"{CN_STORY}{mark}", CN_STORY) for mark in ("。", "%22", "\u00a0", "，")),
    (CN_STORY.rstrip("/") + "。", CN_STORY),
    (f"{CN}/china/20250101/mr.-x/", f"{CN}/china/20250101/mr.-x/"),
    (f"{WWW}/2025/01/28/us/u.s.", f"{WWW}/2025/01/28/us/u.s."),
    ("https://example.com/a.html,", "https://example.com/a.html,"),
    (WWW_STORY + WWW_STORY, WWW_STORY),
    (WWW_STORY + CN_STORY, WWW_STORY),
    (f"{WWW_STORY} {CN_STORY}", WWW_STORY),
    (f"{WWW_STORY}%20{CN_STORY}", WWW_STORY),
    (f"{CN_STORY}{WWW_STORY}", CN_STORY),
    (WWW + WWW_STORY, f"{WWW}/"),
    (f"https://example.com/a.html{WWW_STORY}", "https://example.com/a.html"),
    (f"  \n{CN_STORY}\t ", CN_STORY),
    (f"\ufeff{CN_STORY}\u200b", CN_STORY),
    (f"{CN}/technology/20250205/\n   deepseek-china-reaction/", CN_STORY),
    (f"{CN}/technology/\x0020250205/deepseek-\x7fchina-reaction/", CN_STORY),
    (f"{WWW_STORY}?action=click&amp;module=inline&region=Footer", WWW_STORY),
    (f"{WWW_STORY}?pagewanted=2&amp;amp;hp", f"{WWW_STORY}?pagewanted=2"),
    ("https://example.com/?copy=1&copy=2&amp;reg=3&#x3D;", "https://example.com/?copy=1&copy=2&reg=3="),
    (
        "https://itunes.apple.com/app/apple-store/id807498298?pt&#x3D;13036&amp;ct&#x3D;mnews-article&amp;mt&#x3D;8",
        "https://itunes.apple.com/app/apple-store/id807498298?pt=13036&ct=mnews-article&mt=8",
    ),
    ("https://dset.tw/teams/張智程/", "https://dset.tw/teams/%E5%BC%B5%E6%99%BA%E7%A8%8B/"),
    (
        "https://dset.tw/teams/%e5%bc%b5%e6%99%ba%e7%a8%8b/",
        "https://dset.tw/teams/%E5%BC%B5%E6%99%BA%E7%A8%8B/",
    ),
    (f"{CN}/china/20250101/r&d/", f"{CN}/china/20250101/r&d/"),
    (f"{CN}/china/20250101/r&amp;d/", f"{CN}/china/20250101/r&d/"),
    ("https://example.com/a b?q=c d", "https://example.com/a%20b?q=c%20d"),
    # other hosts
    ("https://Example.COM:443/A?utm_source=x&b=2&fbclid=y&a=1#top", "https://example.com/A?b=2&a=1"),
    ("http://example.com:80", "http://example.com/"),
    ("http://example.com:443/", "http://example.com:443/"),
    ("https://me:secret@example.com/", "https://example.com/"),
    ("https://例子.中国/", "https://xn--fsqu00a.xn--fiqs8s/"),
    (
        "https://books.google.com/books?id=yju&pg=PA658&dq=#_blank",
        "https://books.google.com/books?id=yju&pg=PA658&dq=",
    ),
    ("https://open.substack.com/pub/n/p/m?r=j83&utm_medium=ios", "https://open.substack.com/pub/n/p/m?r=j83"),
    ("https://example.com/?ref=a&smid=b&pagewanted=1", "https://example.com/?ref=a&smid=b&pagewanted=1"),
    ("http://[2001:DB8::1]:80/a", "http://[2001:db8::1]/a"),
]

UNREADABLE = [
    "",
    " ",
    "#",
    "#top",
    "//",
    "//?utm_source=nav-footer",
    "/",
    "/china/20250101/a/",
    "china/20250101/a/",
    "?a=1",
    "mailto:editor@nytimes.com",
    "mailto:a@b.c?body=https://www.nytimes.com/",
    "javascript:void(0)",
    "tel:+1",
    *("data:text/html,x", "ftp://www.nytimes.com/a", "htpp://www.nytimes.com/a", "Link: null", "null"),
    "http://",
    "https:///a",
    "https:/www.nytimes.com/a",
    "https://https://www.nytimes.com/a",
    "www.nytimes.com/a",
    "http://[::1",
    "http://[nonsense]/",
    "http://]/",
    "http://a.com:99999/",
    "http://a.com:port/",
    "http://a.com:-1/",
    "http://exa mple.com/",
    "http://..com/",
    "http://nohost/",
    "http://a\\b.com/",
    f"http://a.com:{'9' * 5000}/",
    *("https://www.nytimes.com/\ud800", "https://\u2100.com/"),
]

NOT_PAGES = [
    "",
    " \n",
    "#",
    "#top",
    " #top",
    "mailto:a@b.c",
    "MAILTO:a@b.c",
    "javascript:void(0)",
    "java\nscript:x",
    *("tel:+1", "sms:1", "data:text/html,x", "about:blank", "blob:x", "whatsapp://send", "nyt://article/1"),
]
MEANT_AS_PAGES = [
    *(CN_STORY, "/china/", "china/a/", "//?utm_source=nav-footer", "?a=1", "about", "mailto", "data/a.html"),
    *("htpp://www.nytimes.com/a", "ftp://example.com/a", "Link: null", "http://[::1"),
]

# url, page type, date, readable title
GRAMMAR = [
    (CN_STORY, "article", "2025-02-05", "deepseek china reaction (2025-02-05)"),
    (f"{CN_STORY}zh-hant/", "article", "2025-02-05", "deepseek china reaction (2025-02-05)"),
    (f"{CN_STORY}dual/", "article", "2025-02-05", "deepseek china reaction (2025-02-05)"),
    (f"{CN_STORY}zh-hant/dual/", "article", "2025-02-05", "deepseek china reaction (2025-02-05)"),
    (f"{CN}/china/20130415/c15abuse/en-us/", "article", "2013-04-15", "c15abuse (2013-04-15)"),
    (f"{CN}/china/20250101/dual/", "article", "2025-01-01", "dual (2025-01-01)"),
    (f"{CN}/china/20250101/covid-19/dual/", "article", "2025-01-01", "covid 19 (2025-01-01)"),
    (f"{CN}/article/world/2012/08/02/c02texas/", "article", "2012-08-02", "c02texas (2012-08-02)"),
    (f"{CN}/article/world/2012/08/02/c02texas/en/", "article", "2012-08-02", "c02texas (2012-08-02)"),
    (f"{CN}/article/a/2012/08/02/b/zh-hk/", "article", "2012-08-02", "b (2012-08-02)"),
    (f"{CN}/article/a/2012/08/02/b/zh-cn+en/", "article", "2012-08-02", "b (2012-08-02)"),
    (f"{CN}/morning-brief/20250205/a-b/", "article", "2025-02-05", "a b (2025-02-05)"),
    (f"{CN}/slideshow/20160719/t19rnc-ss/", "slideshow", "2016-07-19", "t19rnc ss (2016-07-19)"),
    (f"{CN}/topic/20180823/the-new-new-world/", "topic", None, "the new new world"),
    (f"{CN}/china/20251345/impossible-day/", "article", None, "impossible day"),
    (f"{CN}/asia-pacific/", "section", None, "asia pacific"),
    (f"{CN}/business/zh-hant/", "section", None, "business"),
    (f"{CN}/business/2/", "section", None, "business"),
    (f"{CN}/section/world/", "section", None, "world"),
    (f"{CN}/", "home", None, "cn.nytimes.com"),
    (f"{CN}/zh-hant/", "home", None, "cn.nytimes.com"),
    (f"{CN}/search?query=a", "other", None, "cn.nytimes.com: search query=a"),
    (WWW_STORY, "article", "2025-01-28", "deepseek china reaction (2025-01-28)"),
    (f"{WWW}/1974/12/22/archives/a-b.html", "article", "1974-12-22", "a b (1974-12-22)"),
    (f"{WWW}/2025/02/30/us/a.html", "article", None, "a"),
    (f"{WWW}/article/what-we-know.html", "article", None, "what we know"),
    (f"{WWW}/athletic/6105465/2025/02/01/a-trade/", "article", "2025-02-01", "a trade (2025-02-01)"),
    (f"{WWW}/athletic/live-blogs/a-vs-b/x1/", "live", None, "x1"),
    (f"{WWW}/athletic/author/ana-sample/", "author", None, "ana sample"),
    (f"{WWW}/wirecutter/reviews/best-kettle/", "article", None, "best kettle"),
    (f"{WWW}/wirecutter/kitchen-dining/", "other", None, "nytimes.com: wirecutter kitchen dining"),
    (f"{WWW}/aponline/2018/05/09/world/ap-a.html", "article", "2018-05-09", "ap a (2018-05-09)"),
    (f"{WWW}/pages/world/asia/index.html", "section", None, "asia"),
    (f"{WWW}/international/section/world", "section", None, "world"),
    (f"{WWW}/fr/2019/01/02/monde/a-b.html", "article", "2019-01-02", "a b (2019-01-02)"),
    (f"{WWW}/gst/fullpage.html?res=9C0", "article", None, "nytimes.com: gst fullpage res=9C0"),
    (f"{WWW}/live/2025/02/03/us/trump-tariffs/", "live", "2025-02-03", "trump tariffs (2025-02-03)"),
    (f"{WWW}/live/2025/02/03/us/tariffs/a-post", "live", "2025-02-03", "a post (2025-02-03)"),
    (f"{WWW}/interactive/2024/11/29/a.html", "interactive", "2024-11-29", "a (2024-11-29)"),
    (f"{WWW}/interactive/2016/books/review/best-books.html", "interactive", None, "best books"),
    (f"{WWW}/projects/a-b/", "interactive", None, "a b"),
    (f"{WWW}/video/us/100000009/a-b.html", "video", None, "a b"),
    (f"{WWW}/slideshow/2014/01/02/us/a.html", "slideshow", "2014-01-02", "a (2014-01-02)"),
    (f"{WWW}/by/li-yuan", "author", None, "li yuan"),
    (f"{WWW}/topic/company/yahoo-inc", "topic", None, "yahoo inc"),
    (f"{WWW}/column/paul-krugman", "topic", None, "paul krugman"),
    (f"{WWW}/news-event/attacks-in-paris", "topic", None, "attacks in paris"),
    (f"{WWW}/section/world/asia", "section", None, "asia"),
    (f"{WWW}/", "home", None, "www.nytimes.com"),
    (f"{WWW}/es/", "home", None, "www.nytimes.com"),
    (f"{WWW}/es/2020/01/02/a-b.html", "article", "2020-01-02", "a b (2020-01-02)"),
    (f"{WWW}/zh-hans/2022/06/25/technology/a-b.html", "article", "2022-06-25", "a b (2022-06-25)"),
    (f"{WWW}/zh-hans/interactive/2023/02/16/a.html", "interactive", "2023-02-16", "a (2023-02-16)"),
    (f"{WWW}/zh-hant/2022/06/25/a.html", "article", "2022-06-25", "a (2022-06-25)"),
    (f"{WWW}/zh-hans/series/daily-briefing-chinese", "topic", None, "daily briefing chinese"),
    (f"{WWW}/elections/2016/results/kentucky", "other", None, "nytimes.com: elections 2016 results kentucky"),
    ("https://caucus.blogs.nytimes.com/2011/07/12/a-b/", "article", "2011-07-12", "a b (2011-07-12)"),
    ("https://opinionator.blogs.nytimes.com/tag/jobs/", "topic", None, "jobs"),
    ("https://topics.nytimes.com/top/people/o/barack_obama/index.html", "topic", None, "barack obama"),
    (
        "https://archive.nytimes.com/www.nytimes.com/politics/first-draft/2016/01/06/a-b/",
        "article",
        "2016-01-06",
        "a b (2016-01-06)",
    ),
    (
        "https://query.nytimes.com/gst/abstract.html?res=9C0CE7D8",
        "article",
        None,
        "query.nytimes.com: gst abstract res=9C0CE7D8",
    ),
    (
        "https://community.nytimes.com/comments/dealbook.nytimes.com/2011/04/11/a/",
        "other",
        None,
        "community.nytimes.com: comments dealbook.nytimes.com 2011 04 11 a",
    ),
    ("https://nyti.ms/2A8kKxs", "other", None, "nyti.ms: 2A8kKxs"),
    ("https://arxiv.org/abs/2501.12948", "external", None, "arxiv.org: abs 2501.12948"),
    ("https://www.youtube.com/watch?v=J-8", "external", None, "youtube.com: watch v=J-8"),
    ("https://dset.tw/teams/張智程/", "external", None, "dset.tw: teams 張智程"),
    ("https://example.com/2025/01/02/a.html", "external", None, "example.com: 2025 01 02 a"),
    ("https://example.com", "external", None, "example.com"),
    ("https://notnytimes.com/", "external", None, "notnytimes.com"),
    ("//?utm_source=nav-footer", "other", None, "//?utm_source=nav-footer"),
]

# url, site, variant
VERSIONS = [
    (CN_STORY, urls.CN, "zh-Hans"),
    (f"{CN_STORY}zh-hant/", urls.CN, "zh-Hant"),
    (f"{CN_STORY}dual/", urls.CN, "dual"),
    (f"{CN_STORY}zh-hant/dual/", urls.CN, "dual"),
    (f"{CN}/china/20130415/c15abuse/en-us/", urls.CN, "en"),
    (f"{CN}/china/20250101/dual/", urls.CN, "zh-Hans"),
    (f"{CN}/china/20250101/covid-19/dual/", urls.CN, "dual"),
    (f"{CN}/article/world/2012/08/02/c02texas/", urls.CN, "zh-Hans"),
    (f"{CN}/article/world/2012/08/02/c02texas/en/", urls.CN, "en"),
    (f"{CN}/article/a/2012/08/02/b/zh-hk/", urls.CN, "zh-Hant"),
    (f"{CN}/article/a/2012/08/02/b/zh-cn+en/", urls.CN, "dual"),
    (f"{CN}/business/zh-hant/", urls.CN, "zh-Hant"),
    (f"{CN}/", urls.CN, "zh-Hans"),
    (f"{CN}/zh-hant/", urls.CN, "zh-Hant"),
    (f"{CN}/search?query=a", urls.CN, "zh-Hans"),
    (WWW_STORY, urls.WWW, "en"),
    (f"{WWW}/live/2025/02/03/us/trump-tariffs/", urls.WWW, "en"),
    (f"{WWW}/topic/company/yahoo-inc", urls.WWW, "en"),
    (f"{WWW}/", urls.WWW, "en"),
    (f"{WWW}/es/", urls.WWW, None),
    (f"{WWW}/es/2020/01/02/a-b.html", urls.WWW, None),
    (f"{WWW}/fr/2019/01/02/monde/a-b.html", urls.WWW, None),
    (f"{WWW}/zh-hans/2022/06/25/technology/a-b.html", urls.WWW, "zh-Hans"),
    (f"{WWW}/zh-hans/interactive/2023/02/16/a.html", urls.WWW, "zh-Hans"),
    (f"{WWW}/zh-hant/2022/06/25/a.html", urls.WWW, "zh-Hant"),
    (f"{WWW}/zh-hans/series/daily-briefing-chinese", urls.WWW, "zh-Hans"),
    ("https://caucus.blogs.nytimes.com/2011/07/12/a-b/", urls.WWW, "en"),
    ("https://topics.nytimes.com/top/people/o/barack_obama/index.html", urls.WWW, "en"),
    ("https://archive.nytimes.com/www.nytimes.com/politics/first-draft/2016/01/06/a-b/", urls.WWW, "en"),
    ("https://query.nytimes.com/gst/abstract.html?res=9C0CE7D8", urls.WWW, "en"),
    ("https://nyti.ms/2A8kKxs", urls.WWW, None),
    ("https://arxiv.org/abs/2501.12948", "arxiv.org", None),
    ("https://www.youtube.com/watch?v=J-8", "www.youtube.com", None),
    ("https://dset.tw/teams/張智程/", "dset.tw", None),
    ("https://example.com", "example.com", None),
    ("https://notnytimes.com/", "notnytimes.com", None),
    ("//?utm_source=nav-footer", "", None),
]

STORY_KEYS = [
    (CN_STORY, CN_STORY),
    (f"{CN_STORY}zh-hans/", CN_STORY),
    (f"{CN_STORY}zh-hant/", CN_STORY),
    (f"{CN_STORY}zh-hant/dual/?utm_source=RSS", CN_STORY),
    (f"{CN}/china/20130415/c15abuse/en-us/", f"{CN}/china/20130415/c15abuse/"),
    (f"{CN}/article/world/2012/08/02/c02texas/en/", f"{CN}/article/world/2012/08/02/c02texas/"),
    (f"{CN}/china/20250101/dual/zh-hant/", f"{CN}/china/20250101/dual/"),
    (f"{WWW_STORY}?pagewanted=all", WWW_STORY),
    (f"{WWW_STORY}?pagewanted=2", WWW_STORY),
    (f"{WWW}/zh-hans/2022/06/25/technology/a.html", f"{WWW}/zh-hans/2022/06/25/technology/a.html"),
    (
        "https://query.nytimes.com/gst/abstract.html?res=9C0",
        "https://query.nytimes.com/gst/abstract.html?res=9C0",
    ),
    (f"{CN}/topic/20180823/the-new-new-world/", None),
    (f"{WWW}/by/li-yuan", None),
    (f"{CN}/", None),
    ("https://arxiv.org/abs/2501.12948", None),
    ("", None),
]

CLOSED = [
    "https://myaccount.nytimes.com/auth/login?asset=opttrunc",
    "https://store.nytimes.com/",
    "https://help.nytimes.com/a",
    f"{WWW}/subscription?campaignId=89WYR",
    f"{WWW}/subscription",
    f"{WWW}/auth/login",
    f"{WWW}/gateway/a",
    f"{WWW}/login",
    f"{WWW}/search?query=a",
    f"{CN}/search?query=a",
    f"{CN}/tools/r.html?url=/business/",
    f"{CN}/async/mostviewed/all/",
    "https://itunes.apple.com/app/id807498298",
    "https://play.google.com/store/apps/details?id=com.nytimes.cn",
    "https://example.com/a.pdf",
    "https://example.com/A.PDF?x=1",
    "https://static01.nyt.com/a.jpg",
    f"{CN}/robots.txt",
    *("mailto:a@b.c", "javascript:void(0)", "#", "", "/china/", "http://[::1"),
]
OPEN = [
    CN_STORY,
    WWW_STORY,
    f"{CN}/",
    f"{CN}/rss.html",
    f"{WWW}/live/2025/02/03/us/trump-tariffs",
    "https://nyti.ms/4K9g6u",
    *("https://arxiv.org/abs/2501.12948", "https://example.com/login", "https://example.com/search?query=a"),
    f"{WWW}/2025/01/02/us/search.html",
    f"{WWW}/athletic/1/2025/02/01/a/",
    f"{CN}/technology/20250205/search/",
]


@pytest.mark.parametrize("url", UNCHANGED)
def test_canonical_urls_stay(url):
    """A URL that is canonical already is given back as it is."""
    assert urls.canonicalize(url) == url


@pytest.mark.parametrize(("given_url", "expected"), CANONICAL)
def test_canonicalize(given_url, expected):
    """Each spelling met in the wild leads to the page's one URL."""
    assert urls.canonicalize(given_url) == expected


@pytest.mark.parametrize("name", TRACKED)
def test_tracking_parameters_of_the_newspaper(name):
    """Each parameter that selects nothing goes, with or without a value, and leaves its neighbours alone."""
    for query in (name, f"{name}=a", f"{name}=a%26b&{name}", f"{name.upper()}=a"):
        assert urls.canonicalize(f"{WWW_STORY}?{query}") == WWW_STORY
    assert urls.canonicalize(f"{WWW_STORY}?a=1&{name}=x&b=2&{name}x=3") in {
        f"{WWW_STORY}?a=1&b=2&{name}x=3",
        f"{WWW_STORY}?a=1&b=2",  # utm_ is a prefix
    }


@pytest.mark.parametrize("name", GENERIC)
def test_tracking_parameters_everywhere(name):
    """The well-known tracking parameters go on every host."""
    assert urls.canonicalize(f"https://example.com/a?b=1&{name}=x&a=2") == "https://example.com/a?b=1&a=2"


@pytest.mark.parametrize("url", UNREADABLE)
def test_unreadable_urls(url):
    """What names no http(s) page gives None, and never an exception."""
    assert urls.canonicalize(url) is None


@pytest.mark.parametrize("href", NOT_PAGES)
def test_hrefs_that_mean_no_page(href):
    """Anchors, mail addresses, scripts and empty hrefs are neither links nor broken links."""
    assert not urls.is_page_link(href)


@pytest.mark.parametrize("href", MEANT_AS_PAGES)
def test_hrefs_that_mean_a_page(href):
    """Relative and even broken hrefs are meant to lead to a page."""
    assert urls.is_page_link(href)


@pytest.mark.parametrize(("url", "site", "variant"), VERSIONS)
def test_site_and_version(url, site, variant):
    """Host and path name the publication and the language version."""
    assert urls.site_of(url) == site
    assert urls.variant_of(url) == variant


@pytest.mark.parametrize(("url", "page_type", "date", "title"), GRAMMAR)
def test_what_a_url_tells(url, page_type, date, title):
    """Kind of page, date and a readable title can be read in the URL's grammar."""
    assert urls.page_type_of(url) == page_type
    assert urls.published_on(url) == date
    assert urls.readable_title(url) == title


def test_values_are_those_of_the_schema():
    """Every page type and variant the tables can give is a value of the item schema."""
    page_types = {page_type for _, page_type in urls.GRAMMAR} | {"external"} | urls.STORY_TYPES
    variants = {*urls.CN_VARIANTS.values(), *urls.WWW_VARIANTS.values()} - {None}
    assert page_types <= set(items.PageType)
    assert variants == set(items.Variant)


@pytest.mark.parametrize(("url", "expected"), STORY_KEYS)
def test_story_key(url, expected):
    """The versions and parts of one story share a key; what is no story has none."""
    assert urls.story_key(url) == expected


def test_a_slug_alone_is_no_key():
    """Two articles with one slug and two dates stay two stories."""
    keys = {urls.story_key(f"{CN}/china/{date}/china-tibet-earthquake/") for date in ("20250109", "20250110")}
    assert len(keys) == 2


def test_in_scope():
    """Scope goes by publication, so that blogs and short links belong to www; a look-alike host does not."""
    both = ("cn.nytimes.com", "www.nytimes.com")
    scoped = [
        CN_STORY,
        WWW_STORY,
        "http://m.cn.nytimes.com/",
        "https://caucus.blogs.nytimes.com/",
        "http://nyti.ms/a",
    ]
    assert all(urls.in_scope(url, both) for url in scoped)
    assert not any(
        urls.in_scope(url, both) for url in ("https://nytimes.com.evil.org/", "https://arxiv.org/", "")
    )
    assert not urls.in_scope(WWW_STORY, ["cn.nytimes.com"])


@pytest.mark.parametrize("url", CLOSED)
def test_urls_never_requested(url):
    """Logins, shops, searches, app stores and files are not for a crawler."""
    assert not urls.is_fetchable(url)


@pytest.mark.parametrize("url", OPEN)
def test_urls_that_may_be_requested(url):
    """Pages are, whatever their slug."""
    assert urls.is_fetchable(url)


HOSTS = [
    "cn.nytimes.com",
    "www.nytimes.com",
    "nytimes.com",
    "mobile.nytimes.com",
    "m.cn.nytimes.com",
    "nyti.ms",
    "WWW.NYTimes.com",
    "opinionator.blogs.nytimes.com",
    "archive.nytimes.com",
    "example.com",
    "例子.中国",
    "[::1]",
]
SEGMENTS = [
    "",
    ".",
    "..",
    "2025",
    "02",
    "30",
    "05",
    "20250205",
    "20251399",
    "china",
    "live",
    "article",
    "topic",
    "by",
    "es",
    "zh-hans",
    "zh-hant",
    "zh-hk",
    "dual",
    "en",
    "en-us",
    "zh-cn+en",
    "zh%200",
    "zh 0",
    "search",
    "a-slug",
    "a.html",
    *("a.html,", "a.html.", "a。", "”", "a.html%22"),
    "a.amp.html",
    "a.amp.amp.html",
    "張智程",
    "r&d",
    "r&amp;d",
    "%e5%bc",
    "%20",
    " ",
    "100%",
    "www.nytimes.com",
    *("http:", "https:", "zh%200", "x.amp.html"),
]
PAIRS = [
    *TRACKED,
    *("pagewanted=1", "pagewanted=2", "res=9C", "utm_a=b", "a=b&amp;c", "", "q=張", "b='", "lt;"),
]
NYT_LIKE = st.builds(
    "{}{}{}{}/{}{}{}{}{}".format,
    st.sampled_from(["", " ", "\n"]),
    st.sampled_from(["http://", "https://", "HTTPS://", "//", "http://a:b@"]),
    st.sampled_from(HOSTS),
    st.sampled_from(["", ":80", ":443", ":8080", ":", "."]),
    st.lists(st.sampled_from(SEGMENTS), max_size=8).map("/".join),
    st.sampled_from(["", "/", "?", "/?"]),
    st.lists(st.sampled_from(PAIRS), max_size=4).map("&".join),
    st.sampled_from(["", "#a", "#:~:text=b"]),
    st.sampled_from(["", WWW_STORY, f" {CN_STORY}", "\t"]),
)
ANY_URL = NYT_LIKE | st.text() | st.text().map("https://".__add__) | st.text().map(f"{CN}/".__add__)


@settings(deadline=None)  # a busy machine is no defect
@given(ANY_URL)
@example(f"{CN}/china/20250101/a/zh-hans/zh-hans/dual/")
@example("https://example.com/&amp;amp;#38;amp;")
@example(f"{WWW}/http:https://x")
@example(f"{WWW}/2020/01/02/world/slug.amp.html/zh%200")
@example(f"{CN}/china/20250101/a/zh-hans/dual/zh-hans/")
@example(f"https://a.com/&#{'9' * 5000};")
def test_canonicalize_is_idempotent_and_fetchable(url):
    """Whatever text comes in: None, or an http(s) URL with a host, canonical and safe for Scrapy."""
    canonical = urls.canonicalize(url)
    if canonical is not None:
        assert urls.canonicalize(canonical) == canonical
        assert urls.urlsplit(canonical).scheme in {"http", "https"}
        assert urls.urlsplit(canonical).hostname
        assert Request(canonical).url == canonical


@settings(deadline=None)
@given(st.from_regex(urls._PLAIN, fullmatch=True))
def test_plain_addresses_are_read_like_all_others(url):
    """They take a shorter way; a space before them, which is cut off, makes them take the long one."""
    assert urls.canonicalize(url) == urls.canonicalize(f" {url}")


QUESTIONS = [
    *(urls.site_of, urls.variant_of, urls.page_type_of, urls.story_key, urls.published_on, urls.is_fetchable),
    urls.readable_title,
]


@settings(deadline=None)
@given(ANY_URL)
def test_every_spelling_gives_the_same_answers(url):
    """No question raises, and the canonical URL is answered like the text it was read from."""
    canonical = urls.canonicalize(url)
    for ask in QUESTIONS:
        answer = ask(url)
        assert canonical is None or ask(canonical) == answer
    assert canonical is None or (urls.readable_title(url) and urls.is_page_link(url))


@settings(deadline=None)
@given(ANY_URL)
def test_story_keys_are_canonical(url):
    """A story's key is itself a canonical URL with that same key."""
    key = urls.story_key(url)
    assert key is None or (urls.canonicalize(key) == key and urls.story_key(key) == key)


@pytest.mark.parametrize(
    "noise", ["/dual", "%20", " ", ".amp", "&amp;", "https://", "/../", "\n ", "?a&", "%e5"]
)
def test_a_huge_url_is_read_in_time(noise):
    """A URL of 50,000 characters still has its canonical form, within a second."""
    started = time.perf_counter()
    canonical = urls.canonicalize(f"{CN}/china/20250101/a{noise * (50_000 // len(noise))}b")
    assert time.perf_counter() - started < 1
    assert urls.canonicalize(canonical) == canonical


def _hrefs():
    for line in (SHARED / "graph" / "cn_articles_2025.jsonl").read_text("utf-8").splitlines():
        article = json.loads(line)
        yield article["url"]
        yield from (link["href"] for link in article["links"])


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the corpus beside the repository (../shared)")
def test_every_link_of_the_saved_articles_is_read():
    """Of the links in ninety real articles none is lost, none of the newspaper's is of a kind unknown."""
    hrefs = {href for href in _hrefs() if href and not href.startswith("/")}
    assert len(hrefs) > 500
    for href in hrefs:
        canonical = urls.canonicalize(href)
        assert canonical, href
        assert urls.canonicalize(canonical) == canonical
        assert Request(canonical).url == canonical
        assert urls.page_type_of(href) != "other" or not urls.is_fetchable(href), href
