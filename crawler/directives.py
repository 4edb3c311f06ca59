"""What a page says to robots that keep copies, in a header or in its head. Pure."""

import re
from collections.abc import Iterable, Iterator

AGENT = "relatedarticles"
"""Our name in a directive that speaks to one agent only, in small letters."""
METAS = ("robots", AGENT)
"""Names of the meta tags that speak to us."""
_WITH_VALUE = frozenset({"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"})
"""Directives whose colon does not follow the name of an agent."""
_FORBID_COPIES = frozenset({"noarchive", "none"})
_BEFORE_VALUE = re.compile(r"\s*:\s*")
_WORD = re.compile(r"[\w:-]+")
_META = re.compile(rb"<meta\b([^<>]*)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(rb"""([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"']+))""")


def forbids_copies(tags: Iterable[str]) -> bool:
    """Whether X-Robots-Tag headers ask us not to keep a copy: `noarchive`, `AGENT: noarchive, …`."""
    return any(_forbids(tag.lower()) for tag in tags)


def _forbids(tag: str) -> bool:
    agent = "*"
    for part in tag.split(","):
        name, colon, rest = part.partition(":")
        directive = name.strip()
        if colon and directive not in _WITH_VALUE:
            agent, directive = directive, rest.strip()
        if directive in _FORBID_COPIES and agent in {"*", AGENT}:
            return True
    return False


def meta_forbids_copies(content: str) -> bool:
    """Whether the content of one of METAS asks the same, whatever stands between its words."""
    words = _WORD.findall(_BEFORE_VALUE.sub(":", content.lower()))  # not `max-image-preview: none`
    return not _FORBID_COPIES.isdisjoint(words) or forbids_copies([content])


def page_forbids_copies(html: bytes) -> bool:
    """Whether an HTML page, as it came, asks the same in its head."""
    return any(meta_forbids_copies(content.decode("latin-1")) for content in _contents(html))


def _contents(html: bytes) -> Iterator[bytes]:
    for meta in _META.findall(html):
        told = {name.lower(): b"".join(values) for name, *values in _ATTRIBUTE.findall(meta)}
        name = told.get(b"property") or told.get(b"name") or b""
        if name.decode("latin-1").strip().lower() in METAS:
            yield told.get(b"content") or told.get(b"value") or b""
