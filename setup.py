"""Builds the egg that scrapyd runs; everything else is said in pyproject.toml."""

from setuptools import setup

setup()
