"""Webhooks over a real HTTP server."""

from pathlib import Path

import pytest

from edge.annunciation.mail import NotToldError
from edge.annunciation.settings import WebhookSettings
from edge.annunciation.webhook import post
from tests.edge.annunciation.parts import certificate, hook_server

EVENT = {"specversion": "1.0", "id": "1", "data": {"text": "报警"}}


def test_an_event_is_posted_by_https_with_its_token(tmp_path: Path) -> None:
    """The certificate is verified; the body is UTF-8 JSON of the CloudEvents type."""
    trusted, context = certificate(tmp_path)
    (tmp_path / "token").write_text("abc\n")
    with hook_server(context) as (hook, port):
        url = f"https://localhost:{port}/hook?line=3"
        post(WebhookSettings(name="pager", url=url, ca_file=trusted, token_file=tmp_path / "token"), EVENT)
        with pytest.raises(NotToldError, match=r"webhook pager: .*certificate verify failed"):
            post(WebhookSettings(name="pager", url=url), EVENT)
    ((path, headers, body),) = hook.posts
    assert (path, body, headers["Authorization"]) == ("/hook?line=3", EVENT, "Bearer abc")
    assert headers["Content-Type"] == "application/cloudevents+json; charset=utf-8"


@pytest.mark.parametrize("status", [302, 404, 503])
def test_only_2xx_is_told(status: int) -> None:
    """A redirect is not followed: it could lead anywhere."""
    with hook_server() as (hook, port):
        hook.answer = status
        with pytest.raises(NotToldError, match=f"answers {status}"):
            post(WebhookSettings(name="pager", url=f"http://127.0.0.1:{port}"), EVENT)
    assert len(hook.posts) == 1
