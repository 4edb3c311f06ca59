"""Builds seeds/shimbun.warc.gz, the pages of an invented newspaper, the same records every time.

All are Shift_JIS, and every other one says so in the page only; some characters end in a backslash's byte.
Run from the repository root: python tests/newsroom/shimbun.py [TARGET]
"""

import datetime as dt
import sys
import uuid
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT)]

from crawler.warc import ArchiveWriter, http_message  # noqa: E402 - found beside this file

ARCHIVE = ROOT / "seeds" / "shimbun.warc.gz"
DAY_ONE = dt.datetime(2026, 1, 6, 8, tzinfo=dt.UTC)
HOST = "https://www.shimbun.example"
OUTSIDE = "https://example.org/report"

JAPANESE = "これは見本のために作られた文章であり、実在の人物や出来事とは関係がありません。"
ENGLISH = "This sentence was made up for a sample and has nothing to do with any person or event."

# path: (headline, byline, published in Tokyo, twin, what the paragraphs cite, related)
PAGES = {
    "/kiji/20260105/hyoji/": (
        "見本の表示、ソフトの能力を予想",
        "見本太郎、見本花子",
        "2026-01-05T00:30:00+09:00",
        "/en/2026/01/05/display/",
        ["/kiji/20260104/yosan/", OUTSIDE],
        ["/kiji/20260101/gantan/"],
    ),
    "/en/2026/01/05/display/": (
        "A Sample Display",
        "Taro Mihon and Hanako Mihon",
        "2026-01-05T09:00:00+09:00",
        "/kiji/20260105/hyoji/",
        ["/en/2026/01/03/ships/"],
        [],
    ),
    "/kiji/20260104/yosan/": (
        "見本の予算案",
        "見本花子",
        "2026-01-04T18:00:00+09:00",
        None,
        ["/kiji/20260103/fune/", "https://[壊れた/"],
        [],
    ),
    "/en/2026/01/03/ships/": (
        "Sample Ships",
        "Taro Mihon",
        "2026-01-03T21:00:00+09:00",
        "/kiji/20260103/fune/",
        [],
        [],
    ),
    "/kiji/20260103/fune/": (
        "見本の船",
        "見本太郎",
        "2026-01-03T12:00:00+09:00",
        "/en/2026/01/03/ships/",
        ["/kiji/20260102/tooi/"],
        [],
    ),
    "/kiji/20260102/tooi/": ("遠い見本", "見本太郎", "2026-01-02T12:00:00+09:00", None, [], []),
    "/kiji/20260101/gantan/": ("見本の元旦", "見本太郎", "2026-01-01T12:00:00+09:00", None, [], []),
}


def main(target=ARCHIVE):
    Path(target).unlink(missing_ok=True)  # a writer only ever appends
    writer = ArchiveWriter(
        target,
        provenance="sample",
        now=lambda: DAY_ONE,
        new_id=lambda name: uuid.uuid5(uuid.NAMESPACE_URL, f"shimbun {name}"),
    )
    writer.write(f"{HOST}/robots.txt", None, response("User-agent: *\nAllow: /\n", "text/plain"))
    for number, path in enumerate(PAGES):
        charset = "; charset=Shift_JIS" if number % 2 else ""
        writer.write(HOST + path, None, response(page(path), f"text/html{charset}"))
    writer.close()


def response(text, kind):
    body = text.encode("shift_jis")
    headers = [("Content-Type", kind), ("Content-Length", str(len(body)))]
    return http_message("HTTP/1.1 200 OK", headers, body)


def page(path):
    headline, byline, time, twin, cited, related = PAGES[path]
    english = path.startswith("/en/")
    sentence, words = (ENGLISH, "a report") if english else (JAPANESE, "記事")
    cites = [f'{sentence}<a href="{url}">{words}{number}</a>。' for number, url in enumerate(cited, 1)]
    body = "".join(f"<p>{paragraph}</p>" for paragraph in (sentence, *cites))
    editions = {path: "en" if english else "ja"} | ({twin: "ja" if english else "en"} if twin else {})
    links = "".join(
        f'<link rel="alternate" hreflang="{language}" href="{url}">' for url, language in editions.items()
    )
    return (
        f'<html lang="{editions[path]}"><head>'
        '<meta http-equiv="Content-Type" content="text/html; charset=Shift_JIS">'
        f'<title>{headline}</title>{links}</head><body><nav><a href="/">見本新聞</a></nav>'
        f'<h1 class="midashi">{headline}</h1><p class="kisha">{byline}</p>'
        f'<time datetime="{time}">{time[:10]}</time>'
        f'<div class="honbun">{body}</div>'
        f'<ul class="kanren">{"".join(f"<li><a href={url}>{PAGES[url][0]}</a></li>" for url in related)}</ul>'
        '<footer><a href="/kaisha/">会社案内</a></footer></body></html>'
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
