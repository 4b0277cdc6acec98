"""Who agrees: the two parties, their persons, lines and keys (107, template 3.2 and annex 2; guide 4 (11) 1, 2)."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from gateway.cleanroom.levels import RoomId, Words
from schemas.settings import Identifier, Strict

Province = Annotated[str, Field(pattern=r"^[1-9][0-9]$")]
"""Province by the first two digits of its administrative code (GB/T 2260): 13 Hebei, 32 Jiangsu."""
PersonId = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,32}$")]


class Post(StrEnum):
    """Key persons (107, guide 4 (11) 2) and contacts (134 (5), (6))."""

    LEGAL_REPRESENTATIVE = "legal_representative"
    HEAD = "head"
    PRODUCTION_HEAD = "production_head"
    QUALITY_HEAD = "quality_head"
    QUALIFIED_PERSON = "qualified_person"
    QUALITY_CONTACT = "quality_contact"
    VIGILANCE_CONTACT = "vigilance_contact"
    RESIDENT = "resident"
    """Sent by the registrant of an implantable device to the manufacturer (MD V)."""
    OTHER = "other"


class Person(Strict):
    """A key person or contact."""

    id: PersonId = Field(description="Short name by which the agreement names the person elsewhere.")
    name: Words = Field(description="Name.")
    posts: tuple[Post, ...] = Field(min_length=1, description="What the person is.")
    title: Words = Field(description="Title for people.")
    phone: str = Field(description="Telephone.")
    fax: str | None = Field(None, description="Fax.")
    email: str = Field(description="E-mail.", pattern=r"^[^@\s]+@[^@\s]+$")


Suite = Literal["ed25519", "sm2-sm3", "ml-dsa-44"]
"""Signature suite: Ed25519 with SHA-256 trees; SM2 with SM3 (GB/T 32918, 32905); ML-DSA-44 (FIPS 204)."""


class PublicKey(Strict):
    """A public key that the other side trusts from this agreement on; `note` has the text of its file."""

    key: str = Field(description="One line of a `.vkey` file.", pattern=r"^[^\s+]+\+[0-9a-f]{8}\+\S+$")
    since: date = Field(description="First day.")
    until: date | None = Field(None, description="Last day; empty where none is agreed.")
    suite: Suite = Field("ed25519", description="Signature suite: `ed25519`, `sm2-sm3` or `ml-dsa-44`.")

    @property
    def name(self) -> str:
        """Name of the key: `<party>/<role>/<id>`."""
        return self.key.partition("+")[0]


class Party(Strict):
    """One of the two (107, template, head and annex 2)."""

    id: Identifier = Field(description="Short name; a part of topics and keys.")
    name: Words = Field(description="Registered name.")
    licence: str = Field(description="Number of the drug or device manufacturing licence.")
    credit_code: str = Field(description="Unified social credit code (GB 32100).", pattern=r"^[0-9A-HJ-NPQRTUWXY]{18}$")
    address: Words = Field(description="Registered address.")
    postcode: str = Field(description="Post code.", pattern=r"^\d{6}$")
    province: Province | None = Field(None, description="Province, first two digits of GB/T 2260; none abroad.")
    country: str = Field("CN", description="Country (ISO 3166-1 alpha-2).", pattern=r"^[A-Z]{2}$")
    persons: tuple[Person, ...] = Field(min_length=1, description="Key persons and contacts.")
    keys: tuple[PublicKey, ...] = Field((), description="Keys that the other side trusts.")


class ProductionLine(Strict):
    """A line and the rooms that belong to it."""

    id: Identifier = Field(description="Production line (ISA-95 work center), as in the site file.")
    name: Words = Field(description="Name for people.")
    rooms: tuple[RoomId, ...] = Field(min_length=1, description="Its rooms, those shared with other lines too.")


class Manufacturer(Party):
    """The manufacturer (受托方)."""

    production_address: Words = Field(description="Where it is made.")
    lines: tuple[ProductionLine, ...] = Field(min_length=1, description="Lines that make the products.")
