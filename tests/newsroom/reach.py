"""What a crawl of the sample archive must come to, worked out from its facts alone.

An independent check: nothing here comes from the crawler. The rules are those of the issue. A citation is
one hop; a translation and a redirect cost none; only pages of the seed's sites are asked for.
"""

import json
from collections import deque
from pathlib import Path
from urllib.parse import urlsplit

FACTS = Path(__file__).parents[2] / "seeds" / "newsroom.jsonl"
SITES = ("cn.nytimes.com", "www.nytimes.com")
HOPS = {"citation": 1, "translation": 0}
UNREAD = {"revision", "chrome"}
"""Facts that are not of a page in the archive, or not of day one."""


def facts(path=FACTS):
    """{url: facts} of day one, absent and refused pages too."""
    lines = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return {fact["url"]: fact for fact in lines if fact["kind"] not in UNREAD}


def revised(path=FACTS):
    """{url: facts} of the pages that are others on day two."""
    lines = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return {fact["url"]: fact for fact in lines if fact["kind"] == "revision"}


def links(fact):
    """The links a page's document must hold, in reading order: (role, target, anchor text, paragraph).

    An anchor without words is none, nor is one to the page itself in whatever version.
    """
    found = []
    for link in fact.get("links", ()):
        if link.get("adjoins"):  # one anchor split in two is one link
            role, target, text, paragraph = found[-1]
            found[-1] = (role, target, text + link["text"], paragraph)
        else:
            found.append((link["role"], link["target"], link["text"], link.get("paragraph")))
    return [link for link in found if link[2] and story(link[1]) != story(fact["url"])]


def expected(start, depth, sites=SITES, pages=None):
    """{url: least depth} of the pages that a breadth-first crawl asks for, from one URL or several."""
    pages = facts() if pages is None else pages
    depths = {}
    queue = deque((url, 0) for url in ([start] if isinstance(start, str) else start))
    while queue:
        url, hops = queue.popleft()
        if hops > depth or site(url) not in sites or depths.get(url, depth + 1) <= hops:
            continue
        depths[url] = hops
        fact = pages.get(url, {})
        if "target" in fact:
            queue.appendleft((fact["target"], hops))
        for role, target, _, _ in links(fact):
            if role == "translation":
                queue.appendleft((target, hops))
            elif role in HOPS:
                queue.append((target, hops + HOPS[role]))
    return depths


def story(url):
    """The URL without its language version."""
    return url.removesuffix("dual/").removesuffix("zh-hant/")


def site(url):
    """The publication a URL belongs to: all other hosts of the newspaper count as www."""
    host = urlsplit(url).hostname or ""
    ours = host == "nyti.ms" or host.endswith(".nytimes.com")
    return "www.nytimes.com" if ours and host != "cn.nytimes.com" else host
