"""www.nytimes.com: one class per layout the site has had, one module per era or kind of page."""

from crawler.parsers.base import Layout
from crawler.parsers.www_nytimes.live import LiveBlog, LiveBlog2021
from crawler.parsers.www_nytimes.react import EarlyReact, React

# Asked in this order: the newest first, a special kind of page before the general one.
LAYOUTS: tuple[type[Layout], ...] = (
    LiveBlog2021,
    LiveBlog,
    React,
    EarlyReact,
)
