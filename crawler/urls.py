"""URLs of the two sites: one spelling per page that can still be fetched, and what that spelling tells.

Everything here is pure and total: any text is accepted, nothing raises, and every question about a URL
has the same answer for all spellings of that URL. The grammar is written down in tables, on top.
"""

import datetime as dt
import html
import posixpath
import re
from collections.abc import Collection
from functools import lru_cache
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from w3lib.url import safe_url_string

CN = "cn.nytimes.com"
WWW = "www.nytimes.com"

HOST_ALIASES = {"nytimes.com": WWW, "mobile.nytimes.com": WWW, "m.cn.nytimes.com": CN}

NOT_A_PAGE = {
    *("about", "blob", "data", "fb-messenger", "intent", "javascript", "mailto", "nyt", "nytimes"),
    *("sms", "tel", "viber", "weixin", "whatsapp"),
}

# Added by whoever passes the link on; no server needs them. Names are compared in lower case.
TRACKING = {
    *("fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "twclid", "ttclid", "yclid"),
    *("igshid", "mc_cid", "mc_eid", "mkt_tok", "srsltid", "_ga", "_gl", "_hsenc", "_hsmi"),
}
# The newspaper's own; robots.txt of www refuses URLs that carry some of them. None selects content.
NYT_TRACKING = {
    *("inline", "module", "action", "pgtype", "region", "context", "state", "block", "variant", "version"),
    *("contentcollection", "contentplacement", "contentid", "moduledetail", "src", "ref", "rref", "hp", "em"),
    *("_r", "smid", "smprod", "partner", "emc", "searchresultposition", "campaignid", "wt.nav", "query"),
    *("clicksource", "scp", "sq", "st", "iht", "mcubz", "login", "auth", "legacy", "i", "t", "pagemode"),
}

# Services of the sites, not pages: their query is left as it is, and they are never requested.
SERVICES = ("/search", "/async/", "/tools/", "/sso/", "/users/", "/email/", "/svc/", "/login")
CLOSED_PATHS = (*SERVICES, "/subscription", "/auth/", "/gateway")
CLOSED_HOSTS = {
    *("myaccount.nytimes.com", "store.nytimes.com", "help.nytimes.com"),
    *("itunes.apple.com", "apps.apple.com", "play.google.com"),
}
NOT_HTML = {
    *(
        ".pdf",
        ".jpg",
        ".jpeg",
        ".png",
        ".gif",
        ".webp",
        ".svg",
        ".ico",
        ".mp3",
        ".m4a",
        ".mp4",
        ".mov",
        ".zip",
    ),
    *(
        ".gz",
        ".xml",
        ".rss",
        ".json",
        ".txt",
        ".csv",
        ".css",
        ".js",
        ".doc",
        ".docx",
        ".xls",
        ".xlsx",
        ".ppt",
    ),
}

# Last part of a path on cn, after the slug. `zh-hans` and `zh-cn` name the default and are left out of a URL.
CN_VARIANTS = {
    "zh-hans": "zh-Hans",
    "zh-cn": "zh-Hans",
    "zh-hant": "zh-Hant",
    "zh-hk": "zh-Hant",
    "dual": "dual",
    "zh-cn+en": "dual",
    "en-us": "en",
    "en": "en",
}
# First part of a path on www, where English has none.
WWW_LANGUAGES = {"zh-hans": "zh-Hans", "zh-hant": "zh-Hant", "es": None}

CN_SECTIONS = (
    "africa americas art asia-pacific bits books business cartoon china china-biz china-ec culture dealbook"
    " education europe fashion film-tv food-wine foreign-relations global-biz global-ec health hk-taiwan lens"
    " letters lifestyle mideast morning-brief op-column op-ed opinion personal-tech policy real-estate"
    " science society south-asia sports style technology travel two-meetings usa world"
).replace(" ", "|")

# Read from top to bottom against `host/path`, without the language version; the first that matches says it.
GRAMMAR = tuple(
    (re.compile(pattern), page_type)
    for pattern, page_type in (
        (r"nyti\.ms/", "other"),
        (r"(www|cn)\.nytimes\.com/$", "home"),
        (r"topics\.nytimes\.com/", "topic"),
        (r"query\.nytimes\.com/gst/(abstract|fullpage)\.html", "article"),
        (rf"cn\.nytimes\.com/({CN_SECTIONS})/(\d+/)?$", "section"),
        (r"[^/]+/(comments|issue|timesmachine|sitemap)/", "other"),
        (r"[^/]+/live/.", "live"),
        (r"[^/]+/(interactive|projects)/.", "interactive"),
        (r"[^/]+/video/.", "video"),
        (r"[^/]+/slideshow/.", "slideshow"),
        (r"[^/]+/(topic|column|spotlight|news-event|series|category|tag)/.", "topic"),
        (r"[^/]+/section/.", "section"),
        (r"[^/]+/(by|author)/.", "author"),
        (r"[^/]+/article/[^/]+\.html$", "article"),
        (r"cn\.nytimes\.com/[a-z-]+/\d{8}/[^/]+/$", "article"),
        (r"[^/]+/([^/]+/){0,3}\d{4}/\d\d/\d\d/.", "article"),
    )
)
STORIES = {"article", "live", "interactive", "video", "slideshow"}

_INVISIBLE = re.compile(r"\s*[\x00-\x1f\x7f-\x9f\u2028\u2029]+\s*|[\u200b\u200e\u200f\u2060\ufeff]")
# Only with its semicolon: `html.unescape` would read `&region=` as `®ion=`.
_ENTITY = re.compile(r"&(?:#\d+|#[xX][0-9a-fA-F]+|amp|quot|apos|lt|gt|nbsp);")
# Two URLs in one href. After a slash or `=` the second one belongs to the first: web.archive.org/…/https://…
_JOINED = re.compile(r"(https?://[^?#]*?\w)\s*https?://.*", re.IGNORECASE | re.DOTALL)
_HOST = re.compile(r"localhost|(?:[a-z0-9_-]{1,63}\.)+[a-z0-9-]{1,63}|\[[0-9a-f:.]+\]")
_ESCAPE = re.compile(r"%[0-9a-fA-F]{2}")
_SPACES_AT_END = re.compile(r"(?:%20|%C2%A0)+(?=/|$)")
_SECOND_URL = re.compile(r"/https?:/.*")
_AMP = re.compile(r"(?:\.amp)+\.html$")
_WWW_SLASHLESS = re.compile(
    r"/(?:zh-hans/|zh-hant/)?(?:live|by|topic|column|section|spotlight|news-event|series|interactive|article"
    r"|video|newsletters|elections|guides|times-insider|slideshow)(?:/|$)|.*\.html$"
)
_WWW_LANGUAGE = re.compile(r"/(zh-hans|zh-hant|es)(?=/)")
# The slug follows the date and may itself be called `dual` or `en`.
_CN_VARIANT = re.compile(
    r"(?<!/\d{8})(?<!/\d\d/\d\d)((?:/(?:" + "|".join(map(re.escape, CN_VARIANTS)) + r"))+)/$"
)
_CN_DEFAULT = re.compile(r"(?<!/\d{8})(?<!/\d\d/\d\d)(?:/zh-(?:hans|cn))+(?=/$|/dual/$)")
_CN_RESIDUE = re.compile(r"(/[a-z-]+/\d{8}/[^/]+/)zh(?:%20[^/]*)?/?$")
_CN_DATE = re.compile(r"/(\d{4})(\d\d)(\d\d)/")
_WWW_DATE = re.compile(r"/(\d{4})/(\d\d)/(\d\d)/")


def canonicalize(url: str) -> str | None:
    """Give the one spelling under which a page is stored and requested; None if no http(s) page can be read.

    Idempotent. On the newspaper's hosts it removes all that does not select content; elsewhere only the
    fragment, credentials, a default port and the well-known tracking parameters.
    """
    parts = _split(url)
    if parts is None:
        return None
    if _is_nyt(parts.netloc):
        parts = parts._replace(scheme="https", path=_nyt_path(parts.netloc, parts.path))
    return urlunsplit(parts._replace(query=_selecting(parts), fragment=""))


def is_page_link(href: str) -> bool:
    """Tell whether an href is meant as a page: a broken one still is, `#top` and `mailto:` are not."""
    text = _clean(href)
    return bool(text) and not text.startswith("#") and text.partition(":")[0].lower() not in NOT_A_PAGE


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
        return CN_VARIANTS[suffix[1].rpartition("/")[2]] if suffix else "zh-Hans"
    if not _is_nyt(parts.netloc) or parts.netloc == "nyti.ms":
        return None
    prefix = _WWW_LANGUAGE.match(parts.path)
    return WWW_LANGUAGES[prefix[1]] if prefix else "en"


def page_type_of(url: str) -> str:
    """Name the kind of page by the grammar of its URL; `external` outside the two sites."""
    parts = _parts(url)
    if not _is_nyt(parts.netloc):
        return "external" if parts.netloc else "other"
    address = _plain_address(parts)
    return next((page_type for pattern, page_type in GRAMMAR if pattern.match(address)), "other")


def story_key(url: str) -> str | None:
    """Give a story's URL without its language version or page number; None for all that is no story.

    The whole path is the key: two articles share a slug on two dates. Stories in Chinese on www are apart.
    """
    parts = _parts(url)
    if page_type_of(url) not in STORIES:
        return None
    if parts.netloc == CN:
        parts = parts._replace(path=_CN_VARIANT.sub("/", parts.path))
    return urlunsplit(parts._replace(query=_without(parts.query, {"pagewanted"})))


def published_on(url: str) -> str | None:
    """Give the date in a story's URL as YYYY-MM-DD: on cn the day of the Chinese version."""
    if page_type_of(url) not in STORIES:
        return None
    parts = _parts(url)
    found = _CN_DATE.search(parts.path) if parts.netloc == CN else None
    found = found or _WWW_DATE.search(parts.path)
    try:
        return dt.date(*map(int, found.groups())).isoformat() if found else None
    except ValueError:
        return None


def readable_title(url: str) -> str:
    """Make a title from a URL alone: its slug in words and its date, or host and path."""
    parts = _parts(url)
    if page_type_of(url) in {"external", "other"}:
        where = _words(f"{parts.path}?{parts.query}" if parts.query else parts.path)
        return ": ".join(filter(None, (parts.netloc.removeprefix("www."), where))) or url.strip()
    slugs = [s for s in _plain_address(parts).split("/")[1:] if s and not s.isdigit() and s != "index.html"]
    date = published_on(url)
    return (_words(slugs[-1]) if slugs else parts.netloc) + (f" ({date})" if date else "")


def is_fetchable(url: str) -> bool:
    """Tell whether a page may be requested at all: no login, shop, search or account, nothing but HTML."""
    parts = _parts(url)
    if not parts.netloc or parts.netloc in CLOSED_HOSTS:
        return False
    if posixpath.splitext(parts.path.lower())[1] in NOT_HTML:
        return False
    closed = parts.path.startswith(CLOSED_PATHS) or "query=" in parts.query
    return not (closed and _is_nyt(parts.netloc))


def _clean(text: str) -> str:
    """Undo what editing and copying leave in an href: entities, control characters, spaces around it."""
    while (cleaned := _INVISIBLE.sub("", _ENTITY.sub(lambda m: html.unescape(m[0]), text)).strip()) != text:
        text = cleaned
    return text


def _split(url: str) -> SplitResult | None:
    """Split an absolute http(s) URL, escaped, its host in plain lower-case form."""
    text = _JOINED.sub(r"\1", _clean(url))
    if text.startswith("//"):
        text = f"https:{text}"
    try:
        parts = urlsplit(safe_url_string(text))
        host = _host(parts)
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or host is None:
        return None
    escaped = {"path": parts.path or "/", "query": parts.query}
    return parts._replace(
        netloc=host, **{k: _ESCAPE.sub(lambda m: m[0].upper(), v) for k, v in escaped.items()}
    )


def _host(parts: SplitResult) -> str | None:
    name = (parts.hostname or "").rstrip(".")
    name = f"[{name}]" if ":" in name else HOST_ALIASES.get(name, name)
    if not _HOST.fullmatch(name):
        return None
    default = {80, 443} if _is_nyt(name) else {443 if parts.scheme == "https" else 80}
    return name if parts.port is None or parts.port in default else f"{name}:{parts.port}"


@lru_cache(maxsize=4096)
def _parts(url: str) -> SplitResult:
    """Split the canonical URL; all parts are empty where there is none."""
    return urlsplit(canonicalize(url) or "")


def _is_nyt(host: str) -> bool:
    return host.endswith(".nytimes.com") or host == "nyti.ms"


def _nyt_path(host: str, path: str) -> str:
    """Put a path of the newspaper in its usual form."""
    path = _SPACES_AT_END.sub("", _SECOND_URL.sub("/", path))
    slash = "/" if path.endswith(("/", "/.", "/..")) else ""
    path = posixpath.normpath(f"/{path.lstrip('/')}")
    path = _AMP.sub(".html", path)
    if path == "/":
        return path
    if host == CN:
        return _cn_path(path, slash)
    if path == "/es":
        return "/es/"
    return path if host == WWW and _WWW_SLASHLESS.match(path) else path + slash


def _cn_path(path: str, slash: str) -> str:
    """Add the slash that ends a page's path on cn, and leave out what names the default version."""
    if path.startswith(SERVICES) or "." in posixpath.basename(path):
        return path + slash
    return _CN_DEFAULT.sub("", _CN_RESIDUE.sub(r"\1", f"{path}/")) or "/"


def _selecting(parts: SplitResult) -> str:
    """Keep the parameters that select content, in their order: another server may care about it."""
    if not _is_nyt(parts.netloc) or parts.path.startswith(SERVICES):
        return _without(parts.query, TRACKING)
    if parts.netloc == CN:
        return ""
    first_page = {"pagewanted"} if re.search(r"(?:^|&)pagewanted=(?:1|print|)(?:&|$)", parts.query) else set()
    return _without(parts.query, TRACKING | NYT_TRACKING | first_page)


def _without(query: str, names: set[str]) -> str:
    pairs = (pair for pair in query.split("&") if pair)
    named = ((pair.partition("=")[0].lower(), pair) for pair in pairs)
    return "&".join(pair for name, pair in named if name not in names and not name.startswith("utm_"))


def _plain_address(parts: SplitResult) -> str:
    """Give `host/path` without language version and without the archive it is kept in."""
    if parts.netloc == CN:
        return CN + _CN_VARIANT.sub("/", parts.path)
    address = parts.netloc + _WWW_LANGUAGE.sub("", parts.path, count=1)
    return re.sub(r"^archive\.nytimes\.com/(?=[a-z0-9.-]+\.nytimes\.com/)", "", address)


def _words(slug: str) -> str:
    """Turn a slug or path into words."""
    text = unquote(slug).removesuffix(".html").strip("/")
    return " ".join(re.sub(r"[-_/+\s]+", " ", text).split())[:200]
