"""URLs of the two sites: one spelling per page that can still be fetched, and what that spelling tells.

Everything here is pure and total: any text is accepted, nothing raises, and a question about a URL has
the same answer for all spellings of that URL. The grammar is written down in tables, on top.
"""

import datetime as dt
import html
import posixpath
import re
from collections.abc import Collection
from functools import lru_cache
from urllib.parse import SplitResult, unquote, urlsplit

from w3lib.url import safe_url_string

CN = "cn.nytimes.com"
WWW = "www.nytimes.com"
SHORT = "nyti.ms"

HOST_ALIASES = {
    "nytimes.com": WWW,
    "m.nytimes.com": WWW,
    "mobile.nytimes.com": WWW,
    "m.cn.nytimes.com": CN,
}

# Hrefs that do not mean a page. An unknown scheme is not here: it is a broken link, worth keeping.
NOT_A_PAGE = re.compile(r"""(?xi)
    \# | (?: about | blob | data | fb-messenger | intent | javascript | mailto | nyt | nytimes
           | sms | tel | viber | weixin | whatsapp ) :
""")

# Parameters, as `name=value` or a bare name. These are added by whoever passes a link on.
TRACKING = re.compile(r"""(?xi)
    (?: utm_[^=]* | fbclid | gclid | gclsrc | dclid | gbraid | wbraid | msclkid | twclid | ttclid | yclid
      | igshid | mc_cid | mc_eid | mkt_tok | srsltid | _ga | _gl | _hsenc | _hsmi ) (?: =.* )?
""")
# The newspaper's own: none selects content, and its robots.txt refuses URLs that carry some of them.
# A gift code opens a page for whoever was given it: it is no address, and we pass nobody's on;
# nor the number of a newsletter's reader.
NYT_TRACKING = re.compile(r"""(?xi)
    (?: inline | module | action | pgtype | region | context | state | block | variant | version | src | ref
      | rref | hp | em | _r | contentCollection | contentPlacement | contentID | moduleDetail | smid | smprod
      | partner | emc | searchResultPosition | campaignId | WT\.nav | clickSource | scp | sq | st | iht
      | mcubz | login | auth | legacy | i | t | query | pagemode | unlocked_article_code | smtyp
      | fta | algo | hpw | imp_id | oref | referringSource | rsrc | adxnnlx?
      | campaign_id | instance_id | nl | nlid | em_pos | regi_id | segment_id | te | user_id
      | referr?er | mtrref | gwh | gwt | assetType | WT\.\w+ | mabReward | ribbon-ad-idx | bicm\w*
      | ex | ei | en | n | sec | spon ) (?: =.* )?
    | pagewanted (?: = (?: 1 | print )? )?   # the article itself; `all` and other numbers are pages
""")
PAGE_NUMBER = re.compile(r"pagewanted=.*", re.IGNORECASE)

# Services of the sites: their query is left as it is.
SERVICE_PATHS = re.compile(r"/(?: search | svc | async | tools | sso | users | email ) (?: / | $ )", re.X)
CLOSED_PATHS = re.compile(r"/(?: login | auth | gateway | subscription s? ) (?: / | $ )", re.X)
CLOSED_HOSTS = re.compile(r"(?: myaccount | store | help )\.nytimes\.com", re.X)
APP_STORES = re.compile(r"(?: itunes | apps )\.apple\.com | play\.google\.com", re.X)
NOT_HTML = re.compile(r"""(?xi)
    .*\.(?: pdf | jpe?g | png | gif | webp | svg | ico | mp3 | m4a | mp4 | mov | zip | gz | xml | rss | json
          | txt | csv | css | js | docx? | xlsx? | pptx? )
""")

# What ends a path on cn. `zh-hans` names the default and is left out; zh-hk and en are the forms of 2012.
CN_VARIANTS = {
    "zh-hans": "zh-Hans",
    "zh-hant": "zh-Hant",
    "zh-hk": "zh-Hant",
    "dual": "dual",
    "zh-cn+en": "dual",
    "en-us": "en",
    "en": "en",
}
# What begins a path on www, where English has nothing.
WWW_VARIANTS = {"zh-hans": "zh-Hans", "zh-hant": "zh-Hant", "es": None, "fr": None, "pt": None, "zh": None}

CN_SECTION = r"""(?x: africa | americas | art | asia-pacific | bits | books | business | cartoon | china
    | china-biz | china-ec | culture | dealbook | education | europe | fashion | film-tv | food-wine
    | foreign-relations | global-biz | global-ec | health | hk-taiwan | lens | letters | lifestyle | mideast
    | morning-brief | op-column | op-ed | opinion | personal-tech | policy | real-estate | science | society
    | south-asia | sports | style | technology | travel | two-meetings | usa | world )"""

# Read from top to bottom against host and path, language versions apart: the first that matches decides.
GRAMMAR = (
    (r"nyti\.ms/", "other"),
    (r"(www|cn)\.nytimes\.com/$", "home"),
    (r"topics\.nytimes\.com/", "topic"),
    (r"(query|select|www)\.nytimes\.com/gst/(abstract|fullpage)\.html", "article"),
    (rf"cn\.nytimes\.com/{CN_SECTION}/(\d+/)?$", "section"),
    (r"[^/]+/(comments|issue|timesmachine|sitemap)/", "other"),
    (r"[^/]+/(athletic/live-blogs|live)/.", "live"),
    (r"[^/]+/(interactive|projects)/.", "interactive"),
    (r"[^/]+/video/.", "video"),
    (r"[^/]+/slideshow/.", "slideshow"),
    (r"[^/]+/(topic|column|spotlight|news-event|series|category|tag)/.", "topic"),
    (r"[^/]+/(international/)?section/.", "section"),
    (r"www\.nytimes\.com/pages/.", "section"),
    (r"[^/]+/(athletic/)?(by|author)/.", "author"),
    (r"www\.nytimes\.com/wirecutter/(blog|gifts|money|reviews)/.", "article"),
    (r"[^/]+/article/[^/]+\.html$", "article"),
    (r"cn\.nytimes\.com/[a-z-]+/\d{8}/[^/]+/$", "article"),
    (r"[^/]+/([^/]+/){0,3}\d{4}/\d\d/\d\d/.", "article"),
)
STORY_TYPES = {"article", "live", "interactive", "video", "slideshow"}

# One match is several times as fast as one for each row; a row's group is named by its number.
_GRAMMAR = re.compile("|".join(f"(?P<_{number}>{pattern})" for number, (pattern, _) in enumerate(GRAMMAR)))
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_INVISIBLE = re.compile(r"[\u200b\u200e\u200f\u2060\ufeff]")
# Only with its semicolon: html.unescape alone would read `&region=` as `®ion=`.
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|amp|quot|apos|lt|gt|nbsp);")
# Two URLs in one href. After `/` or `=` the second belongs to the first: web.archive.org/web/2020/https://…
_JOINED = re.compile(r"((?:https?:)?//[^?#]*?)(?<=[\w\s])(?<!%[0-9a-f]{2})https?://", re.IGNORECASE)
_HOST = re.compile(r"localhost|(?:[a-z0-9_-]{1,63}\.)+[a-z0-9-]{1,63}|\[[0-9a-f:.]+\]")
_ESCAPE = re.compile(r"%[0-9a-fA-F]{2}")
# Most addresses, and every canonical one that is mere words: nothing in them to undo, to escape or to lower.
_PLAIN = re.compile(
    r"(https?)://((?:[a-z0-9_-]{1,63}\.)+[a-z0-9-]{1,63})((?:/[\w.~-]*)*)(?:\?([\w.~=&-]*))?(?:\#[\w.~=&/-]*)?",
    re.ASCII,
)

_SECOND_URL = re.compile(r"/?https?:(?:/.*)?$")
_SPACES = re.compile(r"(?<!%20)(?:%20)+(?=/|$)")
_ODD = re.compile(r"[^\w./~-]|\./?$", re.ASCII)
# Punctuation that stood behind an address where it was copied from: no path of the newspaper ends in it.
_BEHIND = re.compile(
    r"""(?x) (?: [,;:!'")\]] | (?<=html)\. | %22 | %C2%A0 | %E2%80%9[89CD] | %E3%80%8[129BDF] | %E3%80%91
    | %EF%BC%8[19C] | %EF%BC%9[ABF] )+ (?= /? $ )"""
)
_AMP = re.compile(r"(?<!\.amp)(?:\.amp)+\.html$")
_WWW_SLASHLESS = re.compile(r"""(?x)
    .*\.html$ | (?: /zh-han[st] )? / (?: article | by | column | elections | guides | interactive | live
    | news-event | newsletters | section | series | slideshow | spotlight | times-insider | topic | video )
    (?: / | $ )
""")
_FRONTS = {"/", *(f"/{name}" for name, variant in WWW_VARIANTS.items() if variant is None)}
_WWW_VARIANT = re.compile(rf"/({'|'.join(WWW_VARIANTS)})(?=/)")
_ARCHIVE = re.compile(r"archive\.nytimes\.com/(?=[a-z0-9.-]+\.nytimes\.com/)")

_NO_SLUG = r"(?<!/\d{8})(?<!/\d\d/\d\d)"  # what follows the date is the slug, even if it is `dual` or `en`
_CN_VARIANT = re.compile(rf"{_NO_SLUG}((?:/(?:{'|'.join(map(re.escape, CN_VARIANTS))}))+)/$")
_CN_DEFAULT = re.compile(rf"{_NO_SLUG}(?:/zh-hans)+(?=/(?:dual/)?$)")
_CN_RESIDUE = re.compile(r"(/[a-z-]+/\d{8}/[^/]+/)zh(?:%20[^/]*)?/$")
_CN_DATE = re.compile(r"/(\d{4})/?(\d\d)/?(\d\d)/")
_DATE = re.compile(r"/(\d{4})/(\d\d)/(\d\d)/")
_NOTHING = SplitResult("", "", "", "", "")


@lru_cache(maxsize=8_192)  # each link is asked for by the parser, the check and the store
def canonicalize(url: str) -> str | None:
    """Give the one spelling under which a page is stored and requested; None if no http(s) page can be read.

    Idempotent. On the newspaper's hosts it drops all that does not select content; elsewhere only
    fragment, credentials, default port and the well-known tracking parameters.
    """
    parts = _parts(url)
    return _written(parts) if parts.netloc else None


def is_page_link(href: str) -> bool:
    """Tell whether an href is meant as a page: a broken one still is, `#top` and `mailto:` are not."""
    text = _clean(href)
    return bool(text) and not NOT_A_PAGE.match(text)


def site_of(url: str) -> str:
    """Name the publication: cn.nytimes.com, www.nytimes.com with all its other hosts, or an external host."""
    host = _parts(url).hostname or ""
    return WWW if _is_nyt(host) and host != CN else host


def in_scope(url: str, sites: Collection[str]) -> bool:
    """Tell whether a page belongs to one of these publications."""
    return site_of(url) in sites


def variant_of(url: str) -> str | None:
    """Name the language version: zh-Hans, zh-Hant, dual or en; None where the URL does not tell."""
    parts = _parts(url)
    if parts.netloc == CN:
        suffix = _CN_VARIANT.search(parts.path)
        return CN_VARIANTS[posixpath.basename(suffix[1])] if suffix else "zh-Hans"
    if not _is_nyt(parts.netloc) or parts.netloc == SHORT:
        return None
    prefix = _WWW_VARIANT.match(parts.path)
    return WWW_VARIANTS[prefix[1]] if prefix else "en"


def page_type_of(url: str) -> str:
    """Name the kind of page by the grammar of its URL; `external` outside the two sites."""
    parts = _parts(url)
    if not _is_nyt(parts.netloc):
        return "external" if parts.netloc else "other"
    address = _address(parts)
    found = _GRAMMAR.match(address)
    return GRAMMAR[int((found.lastgroup or "")[1:])][1] if found else "other"


def story_key(url: str) -> str | None:
    """Give a story's URL without language version and page number; None for what is no story.

    The whole path is the key: two articles share a slug on two dates. A Chinese story on www has its own.
    """
    if page_type_of(url) not in STORY_TYPES:
        return None
    parts = _parts(url)
    path = _CN_VARIANT.sub("/", parts.path) if parts.netloc == CN else parts.path
    return _written(parts._replace(path=path, query=_without(parts.query, PAGE_NUMBER)))


def whole_article(url: str) -> str | None:
    """Give the article of which a URL is a page (`pagewanted=2`, `=all`); None for all other URLs."""
    parts = _parts(url)
    query = _without(parts.query, PAGE_NUMBER)
    is_page = query != parts.query and page_type_of(url) in STORY_TYPES
    return _written(parts._replace(query=query)) if is_page else None


def published_on(url: str) -> str | None:
    """Give the date in a story's URL as YYYY-MM-DD: on cn the day of the Chinese version."""
    parts = _parts(url)
    found = (_CN_DATE if parts.netloc == CN else _DATE).search(parts.path)
    if found is None or page_type_of(url) not in STORY_TYPES:
        return None
    try:
        return dt.date(*map(int, found.groups())).isoformat()
    except ValueError:
        return None


def readable_title(url: str) -> str:
    """Make a title from the URL alone: the slug in words with its date, else host and path."""
    parts = _parts(url)
    if page_type_of(url) in {"external", "other"} or "/gst/" in parts.path:
        path = " ".join(filter(None, (_words(parts.path), unquote(parts.query))))
        return ": ".join(filter(None, (parts.netloc.removeprefix("www."), path)))[:200] or url.strip()
    slugs = [s for s in _address(parts).split("/")[1:] if s and not s.isdigit() and s != "index.html"]
    title = _words(slugs[-1]) if slugs else parts.netloc
    date = published_on(url)
    return f"{title} ({date})" if date else title


def is_fetchable(url: str) -> bool:
    """Tell whether a page may be requested at all: no login, shop, search or account, nothing but HTML."""
    parts = _parts(url)
    if not parts.netloc or APP_STORES.fullmatch(parts.netloc) or NOT_HTML.fullmatch(parts.path):
        return False
    return not (_is_nyt(parts.netloc) and SERVICE_PATHS.match(parts.path)) and not is_closed(url)


def is_closed(url: str) -> bool:
    """Tell whether a page of the newspaper is a door: log in, subscribe, shop, ask for help."""
    parts = _parts(url)
    closed = CLOSED_HOSTS.fullmatch(parts.netloc) or CLOSED_PATHS.match(parts.path)
    return _is_nyt(parts.netloc) and bool(closed)


@lru_cache(maxsize=8_192)  # one spelling is asked many questions
def _parts(url: str) -> SplitResult:
    """Split the canonical URL; all parts are empty where there is none."""
    plain = _PLAIN.fullmatch(url)
    parts = _taken(*plain.groups(default="")) if plain else _split(url)
    if parts is None:
        return _NOTHING
    scheme, host, path, query, _ = parts
    if _is_nyt(host):
        scheme, path = "https", _nyt_path(host, path)
    return SplitResult(scheme, host, path, _selecting(host, path, query), "")


def _written(parts: SplitResult) -> str:
    """Write the address out again."""
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}{parts.path}{query}"


def _taken(scheme: str, host: str, path: str, query: str) -> SplitResult:
    return SplitResult(scheme, HOST_ALIASES.get(host, host), path or "/", query, "")


def _split(url: str) -> SplitResult | None:
    """Split an absolute http(s) URL into parts that are escaped, with a plain lower-case host."""
    text = _clean(url)
    joined = _JOINED.match(text)
    text = joined[1].strip() if joined else text
    try:
        parts = urlsplit(safe_url_string(f"https:{text}" if text.startswith("//") else text))
        host = _host(parts)
    except ValueError:  # an impossible port, IPv6 address or character
        return None
    if parts.scheme not in {"http", "https"} or host is None:
        return None
    return parts._replace(netloc=host, path=_upper(parts.path or "/"), query=_upper(parts.query))


def _clean(text: str) -> str:
    """Undo what editing and copying leave in an href: entities, line breaks, invisible characters."""
    before = None
    while text != before:
        before = text
        text = _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
        text = "".join(line.strip() for line in _CONTROLS.split(_INVISIBLE.sub("", text)))
    return text


def _upper(text: str) -> str:
    return _ESCAPE.sub(lambda escape: escape[0].upper(), text)


def _host(parts: SplitResult) -> str | None:
    """Give host and port without credentials; no port where it is the default or the newspaper's."""
    name, port = (parts.hostname or "").rstrip("."), parts.port
    name = f"[{name}]" if ":" in name else HOST_ALIASES.get(name, name)
    if not _HOST.fullmatch(name):
        return None
    plain = port in {None, 443 if parts.scheme == "https" else 80} or _is_nyt(name)
    return name if plain else f"{name}:{port}"


def _is_nyt(host: str) -> bool:
    return host.endswith(".nytimes.com") or host == SHORT


def _nyt_path(host: str, path: str) -> str:
    """Put a path of the newspaper into its usual form: what one step lays open, the next takes away."""
    before = None
    while path != before:
        before, path = path, _tidied(host, path)
    return path


def _tidied(host: str, path: str) -> str:
    if _ODD.search(path):
        path = _BEHIND.sub("", _SPACES.sub("", _SECOND_URL.sub("/", path)))
    slash = "/" if path.endswith("/") else ""
    path = posixpath.normpath(f"/{path.lstrip('/')}")
    if path.endswith(".amp.html"):
        path = _AMP.sub(".html", path)
    if path in _FRONTS:
        return path.rstrip("/") + "/"
    if host == CN:
        return _cn_path(path, slash)
    return path if host == WWW and _WWW_SLASHLESS.match(path) else path + slash


def _cn_path(path: str, slash: str) -> str:
    """End a page's path on cn with its slash, and leave out what names the default version."""
    if SERVICE_PATHS.match(path) or "." in posixpath.basename(path):
        return path + slash
    return _CN_DEFAULT.sub("", _CN_RESIDUE.sub(r"\1", f"{path}/"))


def _selecting(host: str, path: str, query: str) -> str:
    """Keep the parameters that select content, in their order: another server may care about it."""
    if not _is_nyt(host) or SERVICE_PATHS.match(path):
        return _without(query, TRACKING)
    return "" if host == CN else _without(query, TRACKING, NYT_TRACKING)


def _without(query: str, *unwanted: re.Pattern[str]) -> str:
    pairs = filter(None, query.split("&"))
    return "&".join(pair for pair in pairs if not any(pattern.fullmatch(pair) for pattern in unwanted))


def _address(parts: SplitResult) -> str:
    """Give host and path without language version, and without the archive around them."""
    if parts.netloc == CN:
        return CN + _CN_VARIANT.sub("/", parts.path)
    return _ARCHIVE.sub("", parts.netloc + _WWW_VARIANT.sub("", parts.path, count=1), count=1)


def _words(path: str) -> str:
    text = unquote(path.removesuffix("/").removesuffix(".html"))
    return " ".join(re.split(r"[-_/+\s]+", text)).strip()
