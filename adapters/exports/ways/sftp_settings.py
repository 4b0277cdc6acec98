"""What the way in over SFTP is told."""

from typing import Literal, Self

from pydantic import Field, model_validator

from adapters.exports.settings import SecretFile, WatchSettings
from schemas.settings import LocalPath


class SftpSettings(WatchSettings):
    """A watched folder of another machine. An account that may only read is enough."""

    type: Literal["sftp"] = Field(description="Files of a folder, over SFTP.")
    host: str = Field(min_length=1, max_length=253, description="Name or address of the server.", examples=["10.1.2.3"])
    port: int = Field(22, ge=1, le=65_535, description="TCP port.")
    folder: str = Field(
        min_length=1, max_length=4096, description="The folder there; relative to where the account begins.",
        examples=["/out/lims"],
    )  # fmt: skip
    user: str = Field(min_length=1, max_length=128, description="The account.")
    password_file: SecretFile | None = Field(None, description="File with its password. Relative to this file.")
    private_key: LocalPath | None = Field(None, description="Its private key, instead. Relative to this file.")
    passphrase_file: SecretFile | None = Field(
        None, description="What protects the private key, which is PKCS #8 (PEM) then."
    )
    known_hosts: LocalPath | None = Field(
        None, description="File with the server's key, as OpenSSH keeps it. Relative to this file."
    )
    fingerprint: str | None = Field(
        None,
        pattern=r"^SHA256:[A-Za-z0-9+/]{43}$",
        description="Of the server's key, instead, as `ssh-keygen -l` shows it.",
        examples=["SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"],
    )
    poll_interval: float = Field(30.0, ge=0.1, le=3600, description="Seconds from one look to the next.")
    patience: float = Field(15.0, ge=0.1, le=600, description="Seconds to wait for an answer of the server.")

    @model_validator(mode="after")
    def _known_on_both_sides(self) -> Self:
        if (self.password_file is None) == (self.private_key is None):
            raise ValueError("give either password_file or private_key")
        if (self.known_hosts is None) == (self.fingerprint is None):
            raise ValueError("give either known_hosts or fingerprint: another server would take our password")
        self.check_silence("patience", self.patience)
        return self
