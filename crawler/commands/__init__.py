"""The commands of `scrapy` in this project: a module each, named like its command."""
