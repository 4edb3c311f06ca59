"""cn.nytimes.com: one class per layout the site has had; articles are asked for before lists."""

from crawler.parsers.base import Layout
from crawler.parsers.cn_nytimes.article import Modern
from crawler.parsers.cn_nytimes.launch import Launch2012, Tabbed2013
from crawler.parsers.cn_nytimes.lists import Front2012, Home, Missing, MobileList, SectionFront, Topic
from crawler.parsers.cn_nytimes.slideshow import Slideshow
from crawler.urls import CN

SITE = CN

LAYOUTS: tuple[type[Layout], ...] = (
    Modern,
    Tabbed2013,
    Launch2012,
    Slideshow,
    Missing,
    Home,
    Topic,
    SectionFront,
    MobileList,
    Front2012,
)
