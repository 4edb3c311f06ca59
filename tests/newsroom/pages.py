"""The two sites' pages, rebuilt: element, attribute and class names are theirs, the words are not."""

import json
import random
from html import escape
from itertools import groupby

from newsroom.prose import (
    CAPTION_LINKED,
    CAPTIONS,
    CHINESE,
    CHINESE_LINKED,
    ENGLISH,
    REVISED,
    TRADITIONAL,
    TRADITIONAL_LINKED,
)

VERSIONS = {"zh-hans": "阅读简体中文版", "zh-hant": "閱讀繁體中文版"}


def cn_article(fact, chrome):
    """An article of cn.nytimes.com, as the site writes them since 2018."""
    rng = random.Random(fact["url"])
    figures = [figure(fact, number) for number in range(1, fact.get("images", 0) + 1)]
    body = cn_paragraphs(fact, rng)
    for number, inline in enumerate(figures[1:]):
        body.insert(min(2 * number + 1, len(body)), inline)
    related = [entry for entry in fact.get("links", ()) if entry["role"] == "related"]
    return cn_page(
        fact,
        f"{language_bar(fact)}"
        '<div class="article-area"><article class="article-content"><div class="article-header">'
        f"<header><h1>{escape(fact['headline'])}</h1>{byline(fact)}</header></div>{''.join(figures[:1])}"
        f'<section class="article-body"><div class="article-partial">{"".join(body)}</div></section>'
        f"{author_info(fact)}</article></div>{related_list(related)}{cn_chrome(chrome)}",
    )


def cn_page(fact, body):
    """Head and body of a page of cn.nytimes.com."""
    return (
        f'<!DOCTYPE html><html lang="{version(fact["url"])}"><head><meta charset="utf-8">'
        f'<title>{escape(fact["headline"])}</title><link rel="canonical" href="{fact["url"]}">'
        f'<meta property="og:type" content="article"></head><body>{body}</body></html>'
    )


def cn_paragraphs(fact, rng):
    """Paragraphs of filler with their links in place; adjoining anchors stay next to each other."""
    traditional = version(fact["url"]) == "zh-hant"
    plain, linked = (TRADITIONAL, TRADITIONAL_LINKED) if traditional else (CHINESE, CHINESE_LINKED)
    cited = [entry for entry in fact.get("links", ()) if entry["role"] == "citation"]
    by_number = {
        number: list(group) for number, group in groupby(cited, key=lambda entry: entry["paragraph"])
    }
    paragraphs = []
    for number in range(1, max([2, *by_number]) + 1):
        text = rng.choice(plain)
        for anchors in joined(by_number.get(number, ())):
            text += rng.choice(linked).replace("{}", "".join(map(body_anchor, anchors)))
        paragraphs.append(text)
    if fact["kind"] == "revision":
        paragraphs[1:] = [*paragraphs[1:-1], REVISED + paragraphs[-1], rng.choice(plain)]
    paragraphs = [f'<div class="article-paragraph">{text}</div>' for text in paragraphs]
    return [f'<div class="article-body-item">{paragraph}</div>' for paragraph in paragraphs]


def joined(links):
    """Lists of anchors that touch."""
    groups = []
    for entry in links:
        if entry.get("adjoins"):
            groups[-1].append(entry)
        else:
            groups.append([entry])
    return groups


def body_anchor(entry):
    """Links to the two sites carry the residue of the editing system, others open a window."""
    href = escape(entry["href"])
    ours = "nytimes.com" in entry["href"]
    extra = f'title="Link: {href}"' if ours else 'rel="noopener noreferrer" target="_blank"'
    return f'<a href="{href}" {extra}>{escape(entry["text"])}</a>'


def byline(fact):
    day = fact.get("datetime", fact.get("published", ""))[:10]
    if not day:
        return ""
    year, month, date = day.split("-")
    address = f"<address>{escape(fact['byline'])}</address>" if fact.get("byline") else ""
    time = f'<time datetime="{fact.get("datetime", day)}">{year}年{int(month)}月{int(date)}日</time>'
    return f'<div class="byline-row"><div class="byline">{address}{time}</div></div>'


def figure(fact, number):
    """Picture with an invented caption; every third is loaded late, as on the site."""
    slug = fact["url"].rstrip("/").split("/")[-1]
    source = f"https://static01.nyt.com/images/sample/{slug}-{number}.jpg"
    lazy = f'data-src="{source}" src="data:image/gif;base64,R0lGODlhAQABAAAAACw="'
    image = lazy if number % 3 == 2 else f'src="{source}"'
    caption = CAPTIONS[number % len(CAPTIONS)]
    linked = [entry for entry in fact.get("links", ()) if entry["role"] == "caption"]
    if linked and number == 1:
        caption = CAPTION_LINKED.replace("{}", body_anchor(linked[0]))
    kind = "article-span-photo" if number == 1 else "article-inline-photo"
    return (
        f'<figure class="{kind}"><img {image}><figcaption>{caption} <cite>[样本]</cite></figcaption></figure>'
    )


def author_info(fact):
    """Biography, translator and the English original, each link with its exact words."""
    shown = {"author", "topic", "footer", "translation"}
    lines = [entry for entry in fact.get("links", ()) if entry["role"] in shown]
    bio = "".join(f"编造的一句：{footer_anchor(entry)}" for entry in lines if entry["role"] != "translation")
    credit = f"<p>翻译：{escape(fact['translator'])}</p>" if fact.get("translator") else ""
    original = "".join(f"<p>{footer_anchor(entry)}</p>" for entry in lines if entry["role"] == "translation")
    if not (bio or credit or original):
        return ""
    about = f"<p>[样本]{bio}</p>" if bio else ""
    return f'<footer class="author-info">{about}{credit}{original}</footer>'


def footer_anchor(entry):
    return f'<a rel="nofollow" target="_blank" href="{escape(entry["href"])}">{escape(entry["text"])}</a>'


def related_list(links):
    if not links:
        return ""
    items = ""
    for entry in links:
        text = escape(entry["text"])
        items += f'<li><a href="{escape(entry["href"])}" title="{text}"><h3>{text}</h3></a></li>'
    return f"<h4>相关报道</h4><ul>{items}</ul>"


def language_bar(fact):
    """The switch to the story's other versions."""
    anchors = "".join(f'<a href="{url}">{VERSIONS[version(url)]}</a>' for url in fact.get("variants", ()))
    return f'<div class="setting-bar">{anchors}</div>' if anchors else ""


def version(url):
    return "zh-hant" if url.endswith("/zh-hant/") else "zh-hans"


def cn_chrome(chrome):
    """Popular articles, navigation and app stores, with the hrefs as they stand, the broken one too."""
    popular = "".join(
        f'<li><a href="{href}"><article><h4>{escape(text)}</h4></article></a></li>'
        for href, text in chrome.get("popular", ())
    )
    nav = "".join(f'<li><a href="{href}">{escape(text)}</a></li>' for href, text in chrome["nav"])
    app = "".join(f'<a href="{href}">{escape(text)}</a>' for href, text in chrome.get("app", ()))
    return (
        (f"<h5>最受欢迎</h5><ol>{popular}</ol>" if popular else "")
        + f'<nav><ul>{nav}</ul></nav><div class="download">{app}</div>'
        + '<footer class="copy-footer"><a href="/rss/">RSS</a><a href="/email/">[样本]页脚</a></footer>'
    )


def cn_dual(fact, chrome):
    """A bilingual page: rows of two columns."""
    rng = random.Random(fact["url"])
    words = fact["headline"].split("] ", 1)[1]
    rows = "".join(
        '<div class="row article-dual-body-item">'
        f'<div class="col-lg-6"><div class="article-paragraph">{rng.choice(ENGLISH)}</div></div>'
        f'<div class="col-lg-6"><div class="article-paragraph">{rng.choice(CHINESE)}</div></div></div>'
        for _ in range(4)
    )
    return cn_page(
        fact,
        '<div class="article-area"><article class="article-content"><div class="article-header"><header>'
        f'<h1>{escape(fact["headline"])}</h1><h1 class="en-title">[Sample headline] {escape(words)}</h1>'
        f'{byline(fact)}</header></div><section class="article-body">{rows}</section></article></div>'
        f"{cn_chrome(chrome)}",
    )


def www_article(fact):
    """An article of www.nytimes.com, as the site writes them since 2021."""
    rng = random.Random(fact["url"])
    truncated = fact["kind"] == "truncated"
    columns = "".join(
        f'<div class="StoryBodyCompanionColumn"><div><p>{" ".join(rng.sample(ENGLISH, 3))}</p></div></div>'
        for _ in range(2 if truncated else 3)
    )
    versions = [entry["href"] for entry in fact.get("links", ())] + fact.get("variants", [])
    twins = "".join(
        f'<a href="{url}" data-version="{version(url)}">{VERSIONS[version(url)]}</a>' for url in versions
    )
    headline = escape(fact["headline"])
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{headline}</title>'
        f'{www_metadata(fact)}</head><body><main><article id="story"><header>'
        f'<h1 data-testid="headline">{headline}</h1>{www_byline(fact)}<div>{twins}</div></header>'
        f'<section name="articleBody" itemprop="articleBody" class="meteredContent">{columns}'
        f"{TRUNCATOR if truncated else ''}</section></article></main></body></html>"
    )


TRUNCATOR = (
    '<div><div data-testid="optimistic-truncator-message"><p>[Sample] The invented rest is withheld.</p><p>'
    '<a data-testid="log-in-link" href="https://myaccount.nytimes.com/auth/login?asset=opttrunc">[Sample]</a>'
    '<a href="https://www.nytimes.com/subscription?campaignId=sample">[Sample]</a></p></div></div>'
)


def www_metadata(fact):
    published = fact.get("published")
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": fact["headline"],
        "url": fact["url"],
        "inLanguage": "en",
        "isAccessibleForFree": False,
    }
    meta = ""
    if published:
        data["datePublished"] = published
        meta = f'<meta property="article:published_time" content="{published}">'
    if fact.get("byline"):
        data["author"] = [{"@type": "Person", "name": name} for name in www_names(fact)]
    script = json.dumps(data, ensure_ascii=False)
    return (
        f'<link rel="canonical" href="{fact["url"]}"><meta name="robots" content="noarchive">{meta}'
        f'<script type="application/ld+json">{script}</script>'
    )


def www_names(fact):
    return fact["byline"].split(", ")


def www_byline(fact):
    if not fact.get("byline"):
        return ""
    spans = ", ".join(f'<span itemprop="name">{escape(name)}</span>' for name in www_names(fact))
    return f'<p itemprop="author">By {spans}</p>'


def not_found(recommended):
    """A 404 whose body recommends articles: none of them is a link of the missing page."""
    items = "".join(f'<li><a href="{href}">{escape(text)}</a></li>' for href, text in recommended)
    return (
        '<!DOCTYPE html><html lang="zh-hans"><head><meta charset="utf-8"><title>[样本]</title></head>'
        f'<body><div class="article-area"><h1>[样本]没有这一页</h1><ul class="basic-list">{items}</ul></div>'
        "</body></html>"
    )


BLOCK_PAGE = (
    '<!DOCTYPE html><html lang="en"><head><title>nytimes.com</title></head><body>'
    "<p>[Sample] An invented block page: nothing is served to a robot.</p>"
    '<script src="https://ct.captcha-delivery.com/c.js"></script></body></html>'
)
