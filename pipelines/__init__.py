"""Item pipelines: thin adapters between Scrapy and the crawler's own modules."""
