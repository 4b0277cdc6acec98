"""The connection to a database: protected, read-only as far as it lies with us, and bounded in time."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError, NoSuchModuleError, SQLAlchemyError

from adapters.exports.settings import secret_in
from adapters.exports.ways.sql_page import ViewError
from adapters.exports.ways.sql_settings import POSTGRESQL, SqlSettings
from adapters.exports.ways.way import AwayError
from schemas.records import GapCause

LOCKED = 60.0
"""Seconds after a refused login."""
_LONGEST = 300
"""Characters of what a database says."""
_WRITABLE = text("""
SELECT quote_ident(nspname) || '.' || quote_ident(relname)
FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE relkind IN ('r', 'p', 'v', 'f') AND nspname <> 'information_schema' AND NOT starts_with(nspname, 'pg_')
AND has_table_privilege(pg_class.oid, 'INSERT, UPDATE, DELETE, TRUNCATE') LIMIT 1
""")


class Database:
    """Connects when it is asked."""

    def __init__(self, settings: SqlSettings) -> None:
        """Raises AwayError where the driver is missing."""
        self._settings = settings
        self._engine = self._made()

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """In a transaction that changes nothing. Raises AwayError for a connection that cannot be had or is lost, and
        ViewError for what a statement meets.
        """
        try:
            connection = self._engine.connect()
        except (SQLAlchemyError, OSError, ValueError) as error:
            said = _said(error)
            pause = LOCKED if "authentication" in said else 0.0
            raise AwayError(f"{self._where}: {said}", GapCause.DEVICE_UNREACHABLE, pause) from error
        try:
            with connection:
                yield connection
        except DBAPIError as error:
            if error.connection_invalidated:
                raise AwayError(f"{self._where}: {_said(error)}") from error
            raise ViewError(_said(error)) from error
        except SQLAlchemyError as error:
            raise ViewError(_said(error)) from error

    def writable(self) -> str | None:
        """Something that the user could write, or why that is so; None where there is nothing, or nobody knows."""
        with self.connection() as connection:
            if self._engine.dialect.name != POSTGRESQL:
                return None
            if connection.scalar(text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")):
                return "everything, as a superuser"
            found = connection.scalar(_WRITABLE)
        return None if found is None else str(found)

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    @property
    def _where(self) -> str:
        return self._settings.address.render_as_string()

    def _made(self) -> Engine:
        wanted, url = self._settings, self._settings.address
        given: dict[str, Any] = _of_postgresql(wanted) if url.get_backend_name() == POSTGRESQL else {}
        try:
            if wanted.password_file is not None:
                url = url.set(password=secret_in(wanted.password_file))
            return create_engine(url, connect_args=given, pool_size=1, max_overflow=0, pool_pre_ping=True)
        except (NoSuchModuleError, ImportError) as error:
            raise AwayError(f"{self._where}: the driver is missing: {error}", GapCause.OTHER) from error
        except (SQLAlchemyError, ValueError) as error:
            raise AwayError(f"{self._where}: {_said(error)}", GapCause.OTHER) from error


def _of_postgresql(wanted: SqlSettings) -> dict[str, Any]:
    """Parameters of libpq (PostgreSQL manual, 34.1.2). A server that is dead is noticed by TCP, too."""
    limit = round(wanted.patience * 1000)
    tls = {
        "sslmode": "verify-full",
        "sslrootcert": wanted.trust,
        "sslcert": wanted.certificate,
        "sslkey": wanted.private_key,
    }
    return {
        "connect_timeout": max(2, round(wanted.patience)),
        "options": f"-c statement_timeout={limit} -c default_transaction_read_only=on "
        f"-c idle_in_transaction_session_timeout={10 * limit}",
        "application_name": "cmo-edge",
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": limit,
        **({name: str(value) for name, value in tls.items() if value is not None} if wanted.trust else {}),
    }


def _said(error: Exception) -> str:
    """What the database said, in a line."""
    told = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    return " ".join(str(told).split())[:_LONGEST]
