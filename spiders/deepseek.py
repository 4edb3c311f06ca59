"""The crawl this project exists for."""

from spiders.articles import ArticlesSpider


class DeepSeekSpider(ArticlesSpider):
    """Starts at seeds/deepseek.toml."""

    name = "deepseek"
    default_seed = "deepseek"
