"""What the way in by REST is told."""

from datetime import datetime
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from adapters.exports.settings import ExportSettings, TokenFile, is_loopback
from schemas.settings import LocalPath, Strict


def _protected(given: str) -> str:
    parts = urlsplit(given)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("is no address of a server (example: https://lims.plant:8443)")
    if parts.username is not None or parts.password is not None:
        raise ValueError("a secret stands in token_file, never in the configuration")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError(f"{parts.hostname} is another machine: https is needed")
    return given


def _since(given: str) -> str:
    if not given.isdecimal():
        datetime.fromisoformat(given)
    return given


class SinceSettings(Strict):
    """Only what is new is asked for."""

    parameter: str = Field(min_length=1, description="Parameter of the query.", examples=["modified_since"])
    column: str = Field(
        min_length=1, description="Column (in a tree: path from a row on) of which the highest is given the next time."
    )
    start: Annotated[str, AfterValidator(_since)] = Field(
        description="What is given the first time: a time (ISO 8601) or a whole number.",
        examples=["2026-01-01T00:00:00Z"],
    )
    look_back: float = Field(
        600.0,
        ge=0,
        le=31_622_400,
        description="How far behind the highest is asked again, for rows that come late: seconds, or units of a "
        "column of whole numbers.",
    )


class PagesSettings(Strict):
    """A list that comes in pages."""

    by: Literal["link", "number", "token"] = Field(
        description="What the next page is known by: the header `Link` (RFC 8288), its number, until one has no rows, "
        "or a token or address in a body of JSON."
    )
    parameter: str | None = Field(None, min_length=1, description="Parameter of the query for number or token.")
    first: int = Field(1, ge=0, description="Number of the first page.")
    path: str | None = Field(
        None, min_length=1, description="Where the token stands in the body, names with dots.", examples=["paging.next"]
    )
    most: int = Field(10_000, ge=1, le=1_000_000, description="Most pages; more are a fault of the server.")

    @model_validator(mode="after")
    def _as_known(self) -> Self:
        if (self.parameter is None) != (self.by == "link"):
            raise ValueError("number and token need a parameter, link has none")
        if (self.path is None) != (self.by != "token"):
            raise ValueError("token needs a path, the others have none")
        return self


class RequestSettings(Strict):
    """What is asked for."""

    name: str = Field(
        pattern=r"^[^./\x00][^/\x00]*$", max_length=128, description="Its files are `NAME.ENDING`, or `NAME-1.ENDING` "
        "and so on where it has `since` or `pages`.", examples=["results"],
    )  # fmt: skip
    path: str = Field(pattern=r"^/", description="Path, with a query.", examples=["/api/v1/results?site=3"])
    ending: Literal["json", "csv", "xml"] = Field("json", description="What is asked for.")
    since: SinceSettings | None = Field(None, description="For a list that grows; else all of it is read.")
    pages: PagesSettings | None = Field(None, description="For a list that comes in pages.")

    def file(self, number: int) -> str:
        """The name of a page, as mappings see it."""
        counted = self.since is not None or self.pages is not None
        return f"{self.name}-{number}.{self.ending}" if counted else f"{self.name}.{self.ending}"


class RestSettings(ExportSettings):
    """Lists of a web service, which is only asked (GET)."""

    type: Literal["rest"] = Field(description="Lists of a web service.")
    url: Annotated[str, AfterValidator(_protected)] = Field(
        description="The server; https beyond loopback.", examples=["https://lims.plant:8443"]
    )
    token_file: TokenFile | None = Field(None, description="File with the token. Relative to this file.")
    token_header: str = Field(
        "Authorization", pattern=r"^[A-Za-z0-9-]{1,64}$", description="Where the token goes; there as `Bearer …`."
    )
    trust: LocalPath | None = Field(
        None, description="Authorities of the server's certificate (PEM); else those that the machine trusts."
    )
    certificate: LocalPath | None = Field(None, description="Our certificate with its chain (PEM), where it asks.")
    private_key: LocalPath | None = Field(None, description="Its private key (PEM). Relative to this file.")
    requests: tuple[RequestSettings, ...] = Field(min_length=1, max_length=64, description="What is asked for.")
    poll_interval: float = Field(60.0, ge=0.1, le=86_400, description="Seconds from one look to the next.")
    patience: float = Field(20.0, ge=0.1, le=600, description="Seconds to wait for the server's next octets.")

    @property
    def look_interval(self) -> float:
        """As `SourceSettings`."""
        return self.poll_interval

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.certificate is None) != (self.private_key is None):
            raise ValueError("certificate and private_key go together")
        if len({one.name for one in self.requests}) != len(self.requests):
            raise ValueError("two requests have the same name")
        for one in self.requests:
            if not any(mapped.fit(one.file(1)) for mapped in self.mappings):
                raise ValueError(f"no mapping is for {one.file(1)}")
        self.check_silence("patience", self.patience)
        return self
