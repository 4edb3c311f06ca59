"""A real browser as a download handler, for pages that nothing but a script fills with text.

scrapy-playwright drives it; here stands what keeps a hostile page in bounds: it is given so many seconds, and
opens and keeps nothing that is no text. What it may load is said in crawler/visit.py.
"""

import asyncio
import os
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any
from urllib.request import getproxies

from playwright.async_api import BrowserContext, Page, Route, WebSocketRoute
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Request as Asked
from playwright.async_api import TimeoutError as PlaywrightTimeout
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadFailedError, NotSupported
from scrapy.http import Response
from scrapy_playwright.handler import BrowserContextWrapper, ScrapyPlaywrightDownloadHandler

from crawler.visit import Visit

STARTS = 20.0
"""Seconds the browser has to start."""
CLOSES = 10.0
"""Seconds it has to end."""
PAGES = 2
"""Pages that are open at a time."""
ANSWERS = 15.0
"""Seconds in which a server has to answer."""
SETTLES = 8.0
"""Seconds a page may go on loading; it is taken as it stands then."""
LIMIT = 30.0
"""Seconds after which a page is given up, whatever it does."""

_ANY = re.compile("")
_OF_THE_SHELL = ("ETag", "Last-Modified", "Content-Length", "Transfer-Encoding")
"""Headers that do not hold for the page that a script made of the shell."""


class BrowserHandler(ScrapyPlaywrightDownloadHandler):  # type: ignore[misc]  # ships no types
    """Scrapy's own handler, and a browser for requests with `meta["playwright"]`.

    The browser is started by the first of them, and again where it died. Where it can't be started at all,
    that request and all that follow fail with NotSupported.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._proxy = getproxies().get("https")
        self.config.launch_options = launch_options(crawler.settings["BROWSER_BIN"], self._proxy)
        self.config.max_pages_per_context = 2 * PAGES  # never reached
        self.config.navigation_timeout_ms = ANSWERS * 1000
        self._context = {
            "user_agent": crawler.settings["USER_AGENT"],  # what the page's scripts are told, too
            "ignore_https_errors": not crawler.settings.getbool("DOWNLOAD_VERIFY_CERTIFICATES"),
            "accept_downloads": False,
            "service_workers": "block",
        }
        # The places of scrapy-playwright's own are not given free where the browser dies.
        self._places = asyncio.Semaphore(PAGES)
        self._visits: dict[Page, Visit] = {}
        self._unusable: str | None = None

    async def _maybe_launch_in_thread(self) -> None:
        """Nothing yet: most crawls meet no page that needs a browser."""

    async def _maybe_launch_browser(self) -> None:
        try:
            if not hasattr(self, "browser_provider"):
                await self._launch()
            await super()._maybe_launch_browser()
        except (PlaywrightError, OSError) as error:
            self._unusable = f"the browser does not start: {_first_line(error)}"
            raise NotSupported(self._unusable) from None

    async def _close(self) -> None:
        """Not for ever: what is left goes when this process does."""
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSES):
                await super()._close()

    async def _create_browser_context(self, *args: Any, **kwargs: Any) -> BrowserContextWrapper:
        wrapper = await super()._create_browser_context(*args, **kwargs)
        context: BrowserContext = wrapper.context
        # Pages of ours have a route of their own, which goes before: this one meets windows they open.
        await context.route("**", _abort)
        await context.route_web_socket(_ANY, _shut)  # what they bring comes after the text, and from anywhere
        return wrapper

    async def _create_page(self, *args: Any, **kwargs: Any) -> Page:
        page: Page = await super()._create_page(*args, **kwargs)
        page.on("popup", _close)
        return page

    def _make_request_handler(self, **_: Any) -> Callable[[Route, Asked], Awaitable[None]]:
        """The headers are the browser's own: to ask for them takes for ever where the page is closed."""
        return self._answer

    async def _answer(self, route: Route, asked: Asked) -> None:
        with suppress(PlaywrightError):  # the page is closed already
            visit = self._visits.get(asked.frame.page)
            if visit is None or await visit.refuses(asked):  # none: it is over
                await route.abort("aborted")  # any other code would show a page of errors
            else:
                await route.continue_()

    async def _download_request(self, request: Request, spider: Any = None) -> Response:
        request.meta["playwright_page_goto_kwargs"] = {"wait_until": "commit"}
        request.meta["playwright_context_kwargs"] = self._context
        async with self._places:
            if self._unusable:
                raise NotSupported(self._unusable)
            try:
                async with asyncio.timeout(STARTS + 2 * LIMIT):
                    response: Response = await super()._download_request(request, spider)
            except PlaywrightError as error:
                raise DownloadFailedError(_first_line(error)) from None
            except TimeoutError:
                self._unusable = "the browser hangs"
                raise NotSupported(self._unusable) from None
        for name in _OF_THE_SHELL:
            response.headers.pop(name, None)
        return response

    async def _download_request_with_page(self, request: Request, page: Page, spider: Any) -> Response:
        # within the place that closes the page, which a cancellation from outside would pass by
        deadline = asyncio.timeout(LIMIT)
        visit = Visit(page, request.url, deadline, looks_up=not self._proxy)
        try:
            async with deadline:
                self._visits[page] = visit
                await visit.guard()
                response: Response = await super()._download_request_with_page(request, page, spider)
                return response
        except TimeoutError:
            raise PlaywrightError(f"the page {visit.problem or f'is not done after {LIMIT:g} s'}") from None
        finally:
            visit.is_over = True
            self._visits.pop(page, None)

    async def _apply_page_methods(self, page: Page, request: Request, spider: Any) -> None:  # noqa: ARG002
        with suppress(PlaywrightTimeout):
            await page.wait_for_load_state("networkidle", timeout=SETTLES * 1000)


def launch_options(binary: str, proxy: str | None) -> dict[str, Any]:
    """How to start the browser: in its sandbox, which root has none of; by the proxy that Scrapy takes."""
    return {
        "executable_path": binary,
        "chromium_sandbox": os.geteuid() != 0,
        "args": ["--disable-dev-shm-usage"],  # a container has little of it
        "timeout": STARTS * 1000,
        **({"proxy": {"server": proxy}} if proxy else {}),
    }


async def _shut(web_socket: WebSocketRoute) -> None:
    await web_socket.close()


async def _abort(route: Route) -> None:
    await route.abort()


async def _close(window: Page) -> None:
    with suppress(PlaywrightError):  # it may be closed already
        await window.close()


def _first_line(error: Exception) -> str:
    """A message without Playwright's log of the call and its advice in a box."""
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
