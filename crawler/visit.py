"""What a page may ask for while a browser looks at it: each address is judged before anybody is asked.

Playwright hands over the first address of a chain of redirects and lets the others pass. So the browser is
told, by a session of our own with it, to wait for a word at each of them.
"""

import asyncio
import socket
from contextlib import suppress
from typing import Any
from urllib.parse import urldefrag, urlsplit

from playwright.async_api import CDPSession, Page
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Request as Asked

from crawler.politeness import is_private

REQUESTS = 300
"""Requests of a page; one that makes more is given up."""

_NO_TEXT = {"image", "media", "font", "ping", "manifest", "texttrack", "cspviolationreport", "eventsource"}
_TRACKERS = (
    *(".google-analytics.com", ".googletagmanager.com", ".googletagservices.com", ".googlesyndication.com"),
    *(".doubleclick.net", ".googleadservices.com", ".amazon-adsystem.com", ".adnxs.com", ".criteo.com"),
    *(".scorecardresearch.com", ".chartbeat.com", ".chartbeat.net", ".quantserve.com", ".hotjar.com"),
    *(".facebook.net", ".ads-twitter.com", ".bat.bing.com", ".iterable.com", ".datadoghq-browser-agent.com"),
    *(".et.nytimes.com", ".purr.nytimes.com", ".mwcm.nyt.com", ".als-svc.nytimes.com"),
)
_BLANK = {"", "about:blank"}


class Visit:
    """A page while it is looked at; `looks_up` tells whether the browser finds addresses for names itself."""

    def __init__(self, page: Page, url: str, deadline: asyncio.Timeout, *, looks_up: bool) -> None:
        self.problem: str | None = None
        """Why the page was given up before its time."""
        self.is_over = False
        self._page = page
        self._url = url
        self._host = urlsplit(url).hostname
        self._deadline = deadline
        self._looks_up = looks_up
        self._asked = 0

    async def guard(self) -> None:
        """From now on nothing that the page loads is led on unseen."""
        session = await self._page.context.new_cdp_session(self._page)

        async def paused(event: dict[str, Any]) -> None:
            with suppress(PlaywrightError):  # the page is closed already
                await self._answer(session, event)

        session.on("Fetch.requestPaused", paused)
        await session.send("Fetch.enable")

    async def _answer(self, session: CDPSession, event: dict[str, Any]) -> None:
        answered = {"requestId": event["requestId"]}
        if await self._refuses_paused(event["request"]["url"], event["resourceType"].lower(), event):
            await session.send("Fetch.failRequest", {**answered, "errorReason": "Aborted"})
        else:
            await session.send("Fetch.continueRequest", answered)

    async def _refuses_paused(self, url: str, kind: str, event: dict[str, Any]) -> bool:
        is_hop = "redirectedRequestId" in event
        if kind != "document":
            return is_hop and await self._refuses(url, kind)
        leads_away = urldefrag(url).url != urldefrag(self._url).url
        if leads_away and is_hop and self._page.url in _BLANK:
            self._end(f"leads to {url}")
        return leads_away

    async def refuses(self, asked: Asked) -> bool:
        """Whether the page is not to have what it asks for."""
        return await self._refuses(asked.url, asked.resource_type) or _leaves(asked)

    async def _refuses(self, url: str, kind: str) -> bool:
        self._asked += 1
        if self._asked == REQUESTS:
            self._end(f"asks for more than {REQUESTS} things")
        if self.is_over or self._asked >= REQUESTS or is_unwanted(url, kind, self._host):
            return True
        host = urlsplit(url).hostname or ""
        return self._looks_up and host != self._host and await leads_inside(host)

    def _end(self, problem: str) -> None:
        if not (self.is_over or self._deadline.expired()):
            self.problem = problem
            self._deadline.reschedule(0)


def is_unwanted(url: str, kind: str, page_host: str | None) -> bool:
    """Whether a request brings no text, is in the clear, or goes to a tracker or into a private network."""
    parts = urlsplit(url)
    if parts.scheme != "https" or kind in _NO_TEXT or f".{parts.hostname or ''}".endswith(_TRACKERS):
        return True
    return parts.hostname != page_host and is_private(parts.hostname or "")


async def leads_inside(name: str) -> bool:
    """Whether a host's name has an address in a private network; one that has none at all leads nowhere."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(name, 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False
    return any(is_private(str(address[0])) for *_, address in found)


def _leaves(asked: Asked) -> bool:
    """Whether a page goes elsewhere: robots.txt was asked for its own address, which it may load anew."""
    frame = asked.frame
    if not asked.is_navigation_request():
        return False
    if frame.parent_frame is not None:  # its text would not be the page's
        return True
    return frame.url not in _BLANK and urldefrag(frame.url).url != urldefrag(asked.url).url
