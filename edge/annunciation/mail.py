"""One mail, handed to the server. Blocking: for a thread."""

import smtplib
import ssl
from email.message import EmailMessage

from edge.annunciation.settings import MailSettings


class NotToldError(Exception):
    """The message did not get out; one line says why."""


def send_mail(settings: MailSettings, message: EmailMessage) -> None:
    """Returns once the server answers for it (RFC 5321, 4.2.5). Raises NotToldError."""
    where = f"{settings.host}:{settings.port}"
    try:
        context = None if settings.tls == "none" else ssl.create_default_context(cafile=settings.ca_file)
        with _connected(settings, context) as server:
            if settings.tls == "starttls":
                server.starttls(context=context)  # raises where the server does not offer it
            if settings.user is not None and settings.password_file is not None:
                server.login(settings.user, settings.password_file.read_text(encoding="utf-8").strip())
            refused = server.send_message(message)
    except smtplib.SMTPResponseException as error:
        said = error.smtp_error.decode(errors="replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
        raise NotToldError(f"mail server {where}: {error.smtp_code} {said}") from error
    except smtplib.SMTPRecipientsRefused as error:
        raise NotToldError(f"mail server {where} refuses {', '.join(error.recipients)}") from error
    except (smtplib.SMTPException, OSError, ValueError) as error:
        raise NotToldError(f"mail server {where}: {error}") from error
    if refused:
        raise NotToldError(f"mail server {where} refuses {', '.join(refused)}")


def _connected(settings: MailSettings, context: ssl.SSLContext | None) -> smtplib.SMTP:
    if settings.tls == "tls":
        return smtplib.SMTP_SSL(settings.host, settings.port, timeout=settings.timeout, context=context)
    return smtplib.SMTP(settings.host, settings.port, timeout=settings.timeout)
