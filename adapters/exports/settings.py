"""What the ways in of exported files are told."""

from ipaddress import ip_address
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from adapters.contract import SourceSettings, TagSettings
from adapters.exports.mapping import MappingError, load
from schemas.settings import LocalPath, Strict

TOTALS = ("RowsRead", "Records", "Corrections", "Repeats", "RowsRefused")
"""Rows since the ledger began; the first is the sum of the others."""
FAULTS = ("FilesRefused", "Unaccounted")
"""Files that wait for a person, and rows of which nobody knows what became; each above 0 is an alarm."""
SHORTEST_TOKEN = 16
"""Characters."""
COUNTS = (*TOTALS, "FilesRead", "FilesWaiting", *FAULTS)
"""The tags of a source of files."""


def _loads(given: Path) -> Path:
    try:
        load(given)
    except MappingError as error:
        raise ValueError(str(error)) from error
    return given


def token_in(file: Path) -> str:
    """The token. Raises ValueError."""
    try:
        token = file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeError) as error:
        raise ValueError(f"{file}: cannot be read: {error}") from error
    if len(token) < SHORTEST_TOKEN:
        raise ValueError(f"{file}: the token is shorter than {SHORTEST_TOKEN} characters")
    return token


def secret_in(file: Path) -> str:
    """A password, without the end of its line. Raises ValueError."""
    try:
        secret = file.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeError) as error:
        raise ValueError(f"{file}: cannot be read: {error}") from error
    if not secret:
        raise ValueError(f"{file}: is empty")
    return secret


def _secret_file(given: Path) -> Path:
    secret_in(given)
    return given


SecretFile = Annotated[LocalPath, AfterValidator(_secret_file)]
"""A file that holds a password; a secret never stands in a configuration."""


def _token_file(given: Path) -> Path:
    token_in(given)
    return given


TokenFile = Annotated[LocalPath, AfterValidator(_token_file)]
"""A file that holds a token."""


class MappedFiles(Strict):
    """Which files a mapping is for."""

    files: str = Field(
        pattern=r"^[^./\x00].*$",
        max_length=256,
        description="Pattern of their names with `*`, `?` and `[…]`; one with a `/` is for the path below the folder. "
        "The first pattern that fits counts.",
        examples=["results*.csv", "wms/*.xlsx"],
    )
    mapping: Annotated[LocalPath, AfterValidator(_loads)] = Field(
        description="The mapping file, see `cmo-edge map`. Relative to this file; read anew for each export."
    )

    def fit(self, name: str) -> bool:
        """Whether a file is meant, by its path below the folder."""
        if "/" in self.files:
            return PurePosixPath("/", name).match(f"/{self.files}")
        return PurePosixPath(name).match(self.files)


class ExportSettings(SourceSettings):
    """Files of other systems. Its tags count what became of them."""

    keep: LocalPath = Field(
        description="Folder of the agent's own: each file as it came, by its SHA-256, and the ledger of what was "
        "taken. Part of the backup, together with the journal. Relative to this file."
    )
    mappings: tuple[MappedFiles, ...] = Field(min_length=1, description="What the files mean, by their names.")
    largest_mib: int = Field(1024, ge=1, le=65_536, description="Largest file, MiB; a larger one is refused.")
    silence: float = Field(
        60.0, gt=0, le=3600, description="Seconds without a sign of life after which files count as lost."
    )

    @property
    def own_folder(self) -> Path:
        """As `SourceSettings`."""
        return self.keep

    @property
    def all_tags(self) -> tuple[TagSettings, ...]:
        """Counts; none of them is configured."""
        return tuple(TagSettings(name=f"{self.name}.{count}") for count in COUNTS)

    @property
    def zero_tags(self) -> tuple[str, ...]:
        """Counts that have to be 0."""
        return tuple(f"{self.name}.{count}" for count in FAULTS)


class WatchSettings(ExportSettings):
    """A watched folder, wherever it is. Nothing in it is ever changed, so it may be read-only."""

    poll_interval: float = Field(5.0, ge=0.1, le=3600, description="Seconds from one look to the next.")
    quiet: float = Field(
        10.0,
        ge=0,
        le=86_400,
        description="Seconds that size and times of a file must stand still before it counts as whole. 0 where the "
        "other system renames or marks what is whole.",
    )
    unfinished: tuple[str, ...] = Field(
        (".*", "~$*", "*.tmp", "*.part", "*.filepart", "*.crdownload", "Thumbs.db", "desktop.ini"),
        description="Patterns of names that are never taken: files under another name until they are whole.",
    )
    finished_by: str | None = Field(
        None,
        pattern=r"^[^/\x00]{1,32}$",
        description="Ending of a file that stands beside a whole one: with `.ok`, `a.csv` is taken once there is "
        "`a.csv.ok`.",
        examples=[".ok"],
    )
    mount_marker: str | None = Field(
        None,
        pattern=r"^[^/\x00]{1,255}$",
        description="A file in the folder that is only there while the share is mounted. Without it a folder that "
        "had files and has none counts as not mounted.",
        examples=[".lims-share"],
    )
    subfolders: int = Field(4, ge=0, le=16, description="How deep folders within it are looked into.")
    most_files: int = Field(100_000, ge=1, le=1_000_000, description="Most files that it may hold.")

    @property
    def look_interval(self) -> float:
        """As `SourceSettings`."""
        return self.poll_interval


class FolderSettings(WatchSettings):
    """A watched folder, local or mounted."""

    type: Literal["folder"] = Field(description="Files of a folder.")
    folder: LocalPath = Field(description="The folder. Relative to this file.", examples=["/mnt/lims/out"])

    @model_validator(mode="after")
    def _apart(self) -> Self:
        keep, folder = self.keep.absolute(), self.folder.absolute()
        if keep.is_relative_to(folder) or folder.is_relative_to(keep):
            raise ValueError("keep is a folder of the agent's own, apart from the watched one")
        return self


class PushSettings(ExportSettings):
    """Files that other systems bring: `PUT /files/NAME`, answered once the journal has what came of it."""

    type: Literal["push"] = Field(description="Files brought over HTTP.")
    host: str = Field("127.0.0.1", min_length=1, max_length=253, description="Address to listen on.")
    port: int = Field(ge=1, le=65_535, description="TCP port.", examples=[8443])
    token_file: TokenFile = Field(
        description="File with the token that who brings a file has to know, 16 characters at least: `Authorization: "
        "Bearer …`. Relative to this file."
    )
    certificate: LocalPath | None = Field(
        None, description="Certificate with its chain (PEM), for TLS; needed beyond loopback. Relative to this file."
    )
    private_key: LocalPath | None = Field(None, description="Its private key (PEM). Relative to this file.")
    trust: LocalPath | None = Field(
        None, description="Only clients with a certificate of these authorities (PEM), besides the token (mTLS)."
    )
    patience: float = Field(30.0, ge=1, le=3600, description="Seconds to wait for the next octets of a file.")

    @model_validator(mode="after")
    def _protected(self) -> Self:
        if (self.certificate is None) != (self.private_key is None):
            raise ValueError("certificate and private_key go together")
        if self.trust is not None and self.certificate is None:
            raise ValueError("trust needs a certificate of ours")
        if self.certificate is None and not is_loopback(self.host):
            raise ValueError(f"without a certificate only loopback is listened on, and {self.host} is not")
        return self


def is_loopback(host: str) -> bool:
    """Whether what is sent there stays on this machine."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
