"""Transcribes ../shared/graph into seeds/newsroom.jsonl and seeds/newsroom.toml; for maintainers.

Facts only: addresses, headlines, bylines, dates, links. Where a fact is not known (an English headline)
or a case is added for the demonstration, the entry says so: `…_invented`, `invented`.
Run from the repository root: python tests/newsroom/facts.py
"""

import json
import re
import sys
from pathlib import Path
from urllib.parse import quote, urlsplit

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from newsroom.reach import SITES, expected, site  # noqa: E402 - found beside this file

GRAPH = ROOT / ".." / "shared" / "graph" / "cn_articles_2025.jsonl"
JSONL = ROOT / "seeds" / "newsroom.jsonl"
TOML = ROOT / "seeds" / "newsroom.toml"
SEED = "https://cn.nytimes.com/technology/20250205/deepseek-china-reaction/"
CN, WWW = "https://cn.nytimes.com", "https://www.nytimes.com"

# Where one anchor is split in two in the page (read in the text): the second half by article and words.
SPLIT = {("trump-musk", "不离手"), ("shen-yun-federal-investigation", "信息")}
SPLIT |= {("pandas-fans-china-washington-dc-national-zoo", "回一只瘦弱的熊猫")}
SPLIT |= {("trump-executive-order-retribution", "行政命令")}  # the first half is empty

# The special cases, all on pages that the deepseek crawl comes to.
REDIRECTS = {
    f"{WWW}/2025/01/17/technology/tiktok-ban-bytedance.html": (
        301,
        f"{WWW}/2025/01/17/technology/tiktok-ban-sale-supreme-court.html",
    ),
    f"{CN}/technology/20160801/china-didi-uber/": (302, "/business/20171222/didi-chuxing-softbank-uber/"),
    f"{CN}/business/20171222/didi-chuxing-softbank-uber/": (
        301,
        f"{CN}/business/20171222/didi-chuxing-softbank-uber/dual/",
    ),
    f"{WWW}/2022/12/10/technology/ai-chat-bot-chatgpt.html": (
        301,
        "/inyt/2022/12/10/technology/ai-chat-bot-chatgpt.html",
    ),
    f"{CN}/technology/20210830/china-didi-crackdown/": (
        302,
        "/technology/20210830/china-didi-crackdown/zh-hant/",
    ),
}
ROBOTS_REFUSED = f"{WWW}/inyt/2022/12/10/technology/ai-chat-bot-chatgpt.html"
NOT_FOUND = f"{CN}/technology/20210412/china-alibaba-monopoly-fine/"
BLOCKED = f"{WWW}/2024/10/30/business/tiktok-bytedance-tokopedia-indonesia.html"
TRUNCATED = f"{WWW}/2023/07/05/business/artificial-intelligence-power-data-centers.html"
ABSENT = f"{WWW}/2023/12/27/business/media/new-york-times-open-ai-microsoft-lawsuit.html"
TRADITIONAL = SEED + "zh-hant/"
CAPTION_LINKS = {  # article: the citation whose target its first caption links to as well
    f"{CN}/business/20250121/tiktok-red-note-china-internet/": 0,
    f"{CN}/world/20250116/panama-canal-trump-china/": 1,
}
ROBOTS = {
    CN: [
        "User-agent: Scrapy",
        "Disallow: /",
        "",
        "User-agent: *",
        *(f"Disallow: /{path}/" for path in ("async", "email", "search", "sso", "tools", "users")),
        "Disallow: /*?*changeLang=zh-hans",
        "Disallow: /*?*changeLang=zh-hant",
    ],
    WWW: [
        "User-agent: *",
        *(f"Disallow: /{path}" for path in ("inyt/", "search", "svc", "*.pdf$")),
        *(f"Disallow: /*?*{name}=" for name in ("campaignId", "login", "mcubz", "partner", "query")),
        *(f"Disallow: /*?*{name}=" for name in ("searchResultPosition", "smid", "smprod", "utm_source")),
    ],
}


def main(jsonl=JSONL, toml=TOML):
    rows = [json.loads(line) for line in GRAPH.read_text(encoding="utf-8").splitlines()]
    rows.sort(key=lambda row: row["feed_ms"])
    day_one = {}
    for row in rows:
        day_one.setdefault(row["url"], row)
    pages = [article(row) for row in day_one.values()]
    add_related(pages)
    pages += [english(page) for page in pages if page["english_original"]]
    pages += [traditional(page) for page in pages if page["url"] == SEED]
    pages += special_cases()
    pages += [
        {"url": f"{host}/robots.txt", "kind": "robots", "rules": rules} for host, rules in ROBOTS.items()
    ]
    starts = cover({page["url"]: page for page in pages})
    known = {page["url"]: page for page in pages}
    reached = expected(SEED, 3, pages=known) | expected(starts, 3, pages=known)
    pages += [filler(url) for url in reached if url not in known]
    pages += [revision(row, known) for row in rows if is_revision(row, day_one[row["url"]])]
    pages.append(chrome(next(row for row in rows if any(link.get("sub") == "nav" for link in row["links"]))))
    write_facts(pages, jsonl)
    write_seed(starts, toml)


def article(row):
    """Facts of one saved article."""
    links = [
        link(row, entry) for entry in row["links"] if "feedx" not in entry["href"] and not entry.get("sub")
    ]
    number_paragraphs(links)
    page = {
        "url": row["url"],
        "kind": "article",
        "status": 200,
        "headline": row["title"],
        "byline": row["byline"],
        "datetime": row["datetime"],
        "feed_ms": row["feed_ms"],
        "translator": row["translator"],
        "english_original": row["english_original"] and canonical(row["english_original"]),
        "images": row["images"],
        "links": links,
    }
    if row["url"] in CAPTION_LINKS:
        links.insert(0, caption_link(links, CAPTION_LINKS[row["url"]]))
    return page | variants_of(page)


def link(row, entry):
    """One anchor as it stands in the page, with what it means and where it leads."""
    found = {
        "href": entry["href"],
        "text": entry["text"],
        "role": "citation",
        "target": canonical(entry["href"]),
    }
    if entry["where"] == "footer":
        found["role"] = footer_role(row, entry, found["target"])
    elif (row["url"].split("/")[-2], entry["text"]) in SPLIT:
        found["adjoins"] = True
    return found


def footer_role(row, entry, target):
    if row["english_original"] and target == canonical(row["english_original"]) and "英文版" in entry["text"]:
        return "translation"
    return {"by": "author", "topic": "topic"}.get(urlsplit(target).path.split("/")[1], "footer")


def number_paragraphs(links):
    """Spread the in-text links over the paragraphs, in order: the first has none, each other one or two."""
    count = 0
    for entry in links:
        if entry["role"] == "citation":
            count += not entry.get("adjoins")
            entry["paragraph"] = 2 + (count - 1) * 2 // 3


def caption_link(links, index):
    cited = [entry for entry in links if entry["role"] == "citation"][index]
    keep = {name: cited[name] for name in ("href", "text", "target")}
    return keep | {"role": "caption", "invented": True}


def add_related(pages):
    """Editors' related coverage under each article: invented, as the real lists are not known."""
    for page in pages:
        section = page["url"].split("/")[3]
        nearby = [other for other in pages if other is not page and other["url"].split("/")[3] == section]
        nearby.sort(key=lambda other: (abs(other["feed_ms"] - page["feed_ms"]), other["url"]))
        page["links"] += [related_to(other) for other in nearby[:2]]


def related_to(other):
    found = {"href": other["url"].removeprefix(CN), "text": other["headline"], "role": "related"}
    return found | {"target": other["url"], "invented": True}


def english(page):
    """The English original, which leads back to its translation."""
    url = page["english_original"]
    back = {"href": page["url"], "text": "阅读简体中文版", "role": "translation", "target": page["url"]}
    found = filler(url) | {"kind": "english", "links": [back]}
    if page["byline"].isascii():
        found["byline"] = page["byline"]
    found.setdefault("published", page["datetime"][:10])
    return found | variants_of(page)


def variants_of(page):
    """The versions that a page offers beside the one it links to: the same story, so no link of their own."""
    return {"variants": [TRADITIONAL]} if page["url"] == SEED else {}


def traditional(page):
    """The traditional version: the same links; its headline is invented."""
    copied = ("byline", "datetime", "translator", "english_original", "images", "links")
    return (
        filler(TRADITIONAL) | {name: page[name] for name in copied} | {"kind": "variant", "variants": [SEED]}
    )


def special_cases():
    for url, (status, location) in REDIRECTS.items():
        target = location if "://" in location else "https://" + urlsplit(url).netloc + location
        yield {"url": url, "kind": "redirect", "status": status, "location": location, "target": target}
    dual = REDIRECTS[f"{CN}/business/20171222/didi-chuxing-softbank-uber/"][1]
    yield filler(dual) | {"kind": "variant"}
    yield filler(f"{CN}/technology/20210830/china-didi-crackdown/zh-hant/") | {"kind": "variant"}
    yield {"url": NOT_FOUND, "kind": "not_found", "status": 404}
    yield {"url": BLOCKED, "kind": "blocked", "status": 403}
    yield filler(TRUNCATED) | {"kind": "truncated"}
    yield {"url": ABSENT, "kind": "absent", "status": None}
    yield {"url": ROBOTS_REFUSED, "kind": "robots_refused", "status": None}


def filler(url):
    """A page of which no more than its address is known."""
    parts = [part for part in urlsplit(url).path.split("/") if part]
    slug = next(part for part in reversed(parts) if part not in ("dual", "zh-hant", "index.html"))
    words = re.sub(r"[-_]+", " ", slug.removesuffix(".html"))
    label = "[Sample headline]" if site(url) == SITES[1] else "[样本标题]"
    if url.endswith("/zh-hant/"):
        label = "[樣本標題]"
    page = {
        "url": url,
        "kind": "filler",
        "status": 200,
        "headline": f"{label} {words}",
        "headline_invented": True,
    }
    return page | ({"published": day(url)} if day(url) else {})


def day(url):
    found = re.search(r"/(20\d\d|19\d\d)/?(\d\d)/?(\d\d)/", url)
    return "-".join(found.groups()) if found else None


def is_revision(row, first):
    """Whether a later copy of an article differs in what is known of it."""
    links = [(entry["href"], entry["text"]) for entry in row["links"] if "feedx" not in entry["href"]]
    before = [(entry["href"], entry["text"]) for entry in first["links"] if "feedx" not in entry["href"]]
    return row is not first and (row["datetime"] != first["datetime"] or links != before)


def revision(row, known):
    """The article as it stood later. Of its related coverage, invented as ever, one has moved on."""
    page = article(row) | {"kind": "revision"}
    related = [link for link in known[row["url"]]["links"] if link["role"] == "related"]
    taken = {row["url"], *(link["target"] for link in related)}
    others = [page for page in known.values() if page["kind"] == "article" and page["url"] not in taken]
    nearest = min(others, key=lambda other: (abs(other["feed_ms"] - row["feed_ms"]), other["url"]))
    page["links"] += [*related[:1], related_to(nearest)]
    return page


def chrome(row):
    """What stands around every article of cn, none of it a link of the article."""
    blocks = {"popular": [], "nav": [], "app": []}
    for entry in row["links"]:
        if entry.get("sub") in blocks:
            blocks[entry["sub"]].append([entry["href"], entry["text"].strip()])
    return {"url": "chrome:cn.nytimes.com", "kind": "chrome"} | blocks


def cover(pages):
    """Start URLs of the second seed: each the one that reaches most of the articles still missing."""
    articles = {url for url, page in pages.items() if page["kind"] == "article"}
    reach = {url: articles & expected(url, 3, pages=pages).keys() for url in sorted(articles)}
    missing = articles - reach[SEED]
    starts = []
    while missing:
        best = max(sorted(missing), key=lambda url: len(reach[url] & missing))
        starts.append(best)
        missing -= reach[best]
    return starts


def canonical(href):
    """Where a link leads: the oddities of these articles, each looked at, and nothing more general."""
    href = re.sub(r"(?<=\.html)https?://.*", "", href.split("#")[0])  # two addresses in one href
    host, path, query = urlsplit(href)[1:4]
    if site(href) not in SITES:
        tracked = re.sub(r"[?&](utm_medium|srsltid)=.*", "", href)  # each at the end of its address
        return quote(tracked, safe="/:?&=%@+,;~!*'()$")
    if re.match("/(live|interactive|by|topic)/", path) and host != "cn.nytimes.com":
        path = path.rstrip("/")
    return f"https://{host}{path}" + (f"?{query}" if query.startswith("res=") else "")


def write_facts(pages, path):
    ordered = sorted(pages, key=lambda page: (page["url"], page["kind"] == "revision"))
    lines = [json.dumps(page, ensure_ascii=False, separators=(",", ":")) for page in ordered]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_seed(starts, path):
    quoted = ",\n".join(f'    "{url}"' for url in starts[1:])
    path.write_text(
        "# The second demo seed: it starts where the deepseek crawl does not come.\n"
        "# Written by tests/newsroom/facts.py.\n"
        f'name = "newsroom"\nurl = "{starts[0]}"\nurls = [\n{quoted},\n]\n'
        'depth = 3\nmax_pages = 500\nsites = ["cn.nytimes.com", "www.nytimes.com"]\n'
        'roles = ["citation", "translation"]\n',
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
