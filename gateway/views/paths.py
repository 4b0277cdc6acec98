"""Addresses of pages as views name them: routes without their language. Pure."""

from urllib.parse import quote, urlencode


def batch_path(number: str, **query: str) -> str:
    """The route of a batch."""
    return f"/batches/{quote(number, safe='')}" + (f"?{urlencode(query)}" if query else "")


def trend_path(*tags: str, **query: str) -> str:
    """The route of a trend of these tags, of the last hour where nothing else is said."""
    return f"/trend?{urlencode({'tag': tags, **(query or {'range': '1h'})}, doseq=True)}"


def lot_path(lot: str) -> str:
    """The route of a lot."""
    return f"/lots?{urlencode({'lot': lot})}"
