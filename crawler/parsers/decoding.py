"""From bytes to text."""

from w3lib.encoding import html_to_unicode


def decode(body: bytes, content_type: str | None = None) -> str:
    """A page as text: what decodes as UTF-8 is UTF-8, whatever charset is declared; else what is declared.

    `content_type` is the HTTP header; meta tags and byte order marks are heeded as well.
    """
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return html_to_unicode(content_type, body)[1]
