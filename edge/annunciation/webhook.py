"""One CloudEvent (1.0.2, HTTP binding, structured content mode), posted. Blocking: for a thread.

Redirects are not followed: they could lead away from what was configured.
"""

import http.client
import json
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from edge.annunciation.mail import NotToldError
from edge.annunciation.settings import WebhookSettings

CONTENT = "application/cloudevents+json; charset=utf-8"


def post(settings: WebhookSettings, event: Mapping[str, Any]) -> None:
    """Returns once the server answers 2xx. Raises NotToldError."""
    url = urlsplit(settings.url)
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    connection: http.client.HTTPConnection | None = None
    try:
        connection = _connection(settings)
        headers = {"Content-Type": CONTENT}
        if settings.token_file is not None:
            headers["Authorization"] = f"Bearer {settings.token_file.read_text(encoding='utf-8').strip()}"
        connection.request("POST", path, json.dumps(event, ensure_ascii=False).encode(), headers)
        answer = connection.getresponse()
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NotToldError(f"webhook {settings.name}: {error or type(error).__name__}") from error
    finally:
        if connection is not None:
            connection.close()
    if not 200 <= answer.status < 300:
        raise NotToldError(f"webhook {settings.name}: answers {answer.status} {answer.reason}")


def _connection(settings: WebhookSettings) -> http.client.HTTPConnection:
    url = urlsplit(settings.url)
    host = url.hostname or ""
    if url.scheme == "http":
        return http.client.HTTPConnection(host, url.port, timeout=settings.timeout)
    context = ssl.create_default_context(cafile=settings.ca_file)
    return http.client.HTTPSConnection(host, url.port, timeout=settings.timeout, context=context)
