"""www.nytimes.com: one class per layout the site has had, one module per era or kind of page."""

from crawler.parsers.base import Layout
from crawler.parsers.www_nytimes.blogs import Blog, BlogStory
from crawler.parsers.www_nytimes.fronts import Front, Listing
from crawler.parsers.www_nytimes.interactive import Interactive, Interactive2014
from crawler.parsers.www_nytimes.live import LiveBlog, LiveBlog2021
from crawler.parsers.www_nytimes.media import Slideshow, Video
from crawler.parsers.www_nytimes.nyt_text import NytText, Tables
from crawler.parsers.www_nytimes.react import EarlyReact, PhoneReact, React
from crawler.parsers.www_nytimes.story_body import StoryBody
from crawler.urls import WWW

SITE = WWW

# Asked in this order: the newest first, a special kind of page before the general one.
LAYOUTS: tuple[type[Layout], ...] = (
    LiveBlog2021,
    LiveBlog,
    Interactive2014,
    Front,
    React,
    EarlyReact,
    PhoneReact,
    BlogStory,
    Blog,
    StoryBody,
    NytText,
    Tables,
    Interactive,
    Video,
    Slideshow,
    Listing,
)
