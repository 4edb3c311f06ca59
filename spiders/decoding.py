"""From bytes to text."""

from scrapy.http import TextResponse


def text_of(response: TextResponse) -> str:
    """The body as text: what decodes as UTF-8 is UTF-8, whatever charset the page declares."""
    try:
        return response.body.decode("utf-8")
    except UnicodeDecodeError:
        return response.text
