"""Mail over a real server."""

from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from edge.annunciation.mail import NotToldError, send_mail
from edge.annunciation.settings import MailSettings
from simulators.ports import free_port
from tests.edge.annunciation.parts import certificate, mail_server


def settings(port: int, **more: Any) -> MailSettings:
    given = {"host": "127.0.0.1", "port": port, "from": "line@plant.example", "recipients": ["qa@plant.example"]}
    return MailSettings.model_validate(given | {"tls": "none", "timeout": 5} | more)


def mail() -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "line@plant.example", "qa@plant.example", "报警 M1"
    message.set_content("M1 → C1 低于纠偏限度\n")
    return message


def test_a_mail_goes_over_starttls_with_a_user(tmp_path: Path) -> None:
    """The certificate is verified, the password comes from its file, and Chinese arrives as Chinese."""
    trusted, context = certificate(tmp_path)
    (tmp_path / "password").write_text("secret\n")
    user = {"user": "line", "password_file": tmp_path / "password"}
    with mail_server(context) as (box, port):
        send_mail(settings(port, tls="starttls", ca_file=trusted, **user), mail())
    assert (box.users, box.encrypted) == (["line"], [True])
    assert (box.mails[0]["Subject"], box.bodies()) == ("报警 M1", ["M1 → C1 低于纠偏限度\n"])


def test_a_server_that_is_not_trusted_gets_nothing(tmp_path: Path) -> None:
    """Neither mail nor password; and none where it does not offer STARTTLS at all."""
    _, context = certificate(tmp_path)
    with mail_server(context) as (box, port), pytest.raises(NotToldError, match="certificate verify failed"):
        send_mail(settings(port, tls="starttls"), mail())
    with mail_server() as (plain, port), pytest.raises(NotToldError, match="STARTTLS"):
        send_mail(settings(port, tls="starttls"), mail())
    assert box.mails == plain.mails == []
    assert box.users == []


def test_what_goes_wrong_is_one_line(tmp_path: Path) -> None:
    """A refused mail with the server's words, a wrong password, a server that is away."""
    with mail_server() as (box, port):
        box.refuses = "554 no thanks"
        with pytest.raises(NotToldError, match=rf"127.0.0.1:{port}: 554 no thanks"):
            send_mail(settings(port), mail())
    trusted, context = certificate(tmp_path)
    (tmp_path / "password").write_text("wrong")
    user = {"user": "line", "password_file": tmp_path / "password"}
    with mail_server(context) as (_, port), pytest.raises(NotToldError, match="535"):
        send_mail(settings(port, tls="starttls", ca_file=trusted, **user), mail())
    with pytest.raises(NotToldError, match="refused"):
        send_mail(settings(free_port()), mail())
