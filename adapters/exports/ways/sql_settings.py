"""What the way in from a database is told."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from adapters.exports.mapping import load
from adapters.exports.settings import ExportSettings, SecretFile, is_loopback
from schemas.settings import LocalPath, Strict

POSTGRESQL = "postgresql"
_SECRET = frozenset({"password", "passfile", "sslpassword"})


def database(given: str) -> URL:
    """The address, with our driver for PostgreSQL. Raises ValueError."""
    try:
        url = make_url(given)
    except ArgumentError as error:
        raise ValueError(
            f"is no address of a database (example: postgresql://reader@db.plant/lims): {error}"
        ) from error
    return url.set(drivername="postgresql+psycopg") if url.drivername == POSTGRESQL else url


def _without_secret(given: str) -> str:
    url = database(given)
    if url.password is not None or _SECRET & url.query.keys():
        raise ValueError("the password stands in password_file, never in the configuration")
    return given


class ViewSettings(Strict):
    """A view, or a table, that is read from where the last reading ended."""

    view: str = Field(
        pattern=r"^[^./\x00][^/\x00]*$", max_length=128, description="Its name, with the schema where it has one.",
        examples=["export.results"],
    )  # fmt: skip
    order: tuple[Annotated[str, Field(min_length=1, max_length=128)], ...] = Field(
        min_length=1,
        max_length=8,
        description="Columns that together are another for each row and grow with each row that is made or changed: "
        "the time of the change first, then the key. None of them is ever empty.",
        examples=[["changed_at", "id"]],
    )
    look_back: float = Field(
        600.0,
        ge=0,
        le=31_622_400,
        description="How far behind the last row is read again, for rows that are committed late: seconds, or units of "
        "the first column where that is a number. As long as the longest transaction there.",
    )

    def file(self, page: int) -> str:
        """The name of a page of it, as mappings see it."""
        return f"{self.view}-{page:08d}.csv"


class SqlSettings(ExportSettings):
    """Views of a database. Nothing is written there: a user that may only read is enough, and another one is told."""

    type: Literal["sql"] = Field(description="Views of a database.")
    url: Annotated[str, AfterValidator(_without_secret)] = Field(
        description="The database as SQLAlchemy writes it, without a password. PostgreSQL is tested; others need their "
        "driver, and its own options for TLS stand behind the `?`.",
        examples=["postgresql://reader@db.plant:5432/lims"],
    )
    password_file: SecretFile | None = Field(None, description="File with the password. Relative to this file.")
    trust: LocalPath | None = Field(
        None, description="PostgreSQL: authorities of the server's certificate (PEM); needed beyond loopback."
    )
    certificate: LocalPath | None = Field(None, description="PostgreSQL: our certificate (PEM), where it asks for one.")
    private_key: LocalPath | None = Field(None, description="Its private key (PEM), readable for nobody else.")
    views: tuple[ViewSettings, ...] = Field(min_length=1, max_length=64, description="What is read.")
    page: int = Field(5000, ge=1, le=100_000, description="Most rows that are fetched and kept as one file.")
    poll_interval: float = Field(30.0, ge=0.1, le=86_400, description="Seconds from one look to the next.")
    patience: float = Field(
        25.0, ge=1, le=600, description="Seconds to connect, and that a statement may take at the server."
    )

    @property
    def look_interval(self) -> float:
        """As `SourceSettings`."""
        return self.poll_interval

    @property
    def address(self) -> URL:
        """Where it is."""
        return database(self.url)

    @model_validator(mode="after")
    def _protected(self) -> Self:
        url, tls = self.address, (self.trust, self.certificate, self.private_key)
        if url.get_backend_name() == POSTGRESQL:
            if self.trust is None and url.host is not None and not is_loopback(url.host):
                raise ValueError(f"{url.host} is another machine: trust is needed, so that nobody takes its place")
        elif any(tls):
            raise ValueError("trust, certificate and private_key are for PostgreSQL; others are told in url")
        if (self.certificate is None) != (self.private_key is None):
            raise ValueError("certificate and private_key go together")
        self.check_silence("patience", self.patience)
        return self

    @model_validator(mode="after")
    def _mapped(self) -> Self:
        if len({one.view for one in self.views}) != len(self.views):
            raise ValueError("a view stands more than once")
        for view in self.views:
            fitting = [one.mapping for one in self.mappings if one.fit(view.file(1))]
            if not fitting:
                raise ValueError(f"no mapping is for {view.file(1)}, as pages of {view.view} are named")
            for path in fitting:
                written = load(path).format
                if (written.type, written.encoding, written.delimiter) != ("csv", "utf-8", ","):
                    raise ValueError(f"{path}: pages of a view are CSV in UTF-8 with commas; leave out its format")
        return self
