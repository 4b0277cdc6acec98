"""What is made (107, template annex 1)."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from gateway.cleanroom.levels import RoomId, Words
from schemas.settings import Identifier, Strict

ProductCode = Annotated[str, Field(min_length=1, max_length=64)]


class ProductType(StrEnum):
    """What kind of product, by the law it falls under."""

    DRUG = "drug"
    VACCINE = "vaccine"
    HOSPITAL_PREPARATION = "hospital_preparation"
    MEDICAL_DEVICE = "medical_device"


class Specification(Strict):
    """A specification of the product, its materials or its packaging, as both sides approved it (107 G4 (4), T9.1)."""

    code: str = Field(min_length=1, max_length=64, description="Its number.")
    version: str = Field(min_length=1, max_length=32, description="Its version.")
    of: Literal["material", "packaging", "intermediate", "product", "process", "method", "environment", "water"] = (
        Field(description="What it is of.")
    )
    name: Words = Field(description="Its title.")


class AgreedLimits(Strict):
    """The limits of the clean area that were agreed: a profile of limits, in one edition, at one site."""

    site: Identifier = Field(description="Short name of the site, as in its file.")
    profile: str = Field(description="Profile of limits.", examples=["cn-gmp-2010"])
    version: str = Field(description="Its edition.", examples=["2010"])


class Carrier(Strict):
    """Who carries the product to where the holder says (107 G4 (9), T12.2)."""

    by: Literal["holder", "cmo", "third_party"] = Field(description="Who.")
    name: Words | None = Field(None, description="Name of a third party.")
    approved: date | None = Field(None, description="Day on which the holder approved a third party.")


class Product(Strict):
    """One product at the manufacturer."""

    code: ProductCode = Field(description="The manufacturer's internal code; records name the product by it.")
    also: tuple[ProductCode, ...] = Field((), description="Other codes of it in the manufacturer's systems.")
    type: ProductType = Field(description="Kind of product.")
    name: Words = Field(description="Name of the approved product.")
    generic_name: Words = Field(description="Generic name.")
    approval_number: str = Field(description="Number of approval or registration.")
    strength: Words = Field(description="Strength.")
    indication: Words | None = Field(None, description="Indication.")
    usage: Words | None = Field(None, description="Usage and dosage.")
    activities: Words = Field(description="What is entrusted.")
    transport: Words = Field(description="How it is transported.")
    storage: Words = Field(description="Storage conditions.")
    batch_number: Words = Field(description="How batch numbers are made.")
    expiry: Words = Field(description="How dates of manufacture and expiry are set.")
    shelf_life_months: int = Field(gt=0, le=240, description="Shelf life, months.")
    sterile: bool = Field(False, description="Whether it is sterile: a yearly visit on site (134 (5)).")
    high_risk: bool = Field(False, description="Other high-risk product: audits half-yearly (107 T13).")
    device_code: str | None = Field(None, description="Code in the catalogue of medical device classes.")
    implantable: bool = Field(False, description="Of a device: whether it is implanted.")
    specifications: tuple[Specification, ...] = Field((), description="Specifications, each in one version.")
    limits: tuple[AgreedLimits, ...] = Field((), description="Limits of the clean area.")
    carrier: Carrier | None = Field(None, description="Who carries it after release.")
    lines: tuple[Identifier, ...] = Field(min_length=1, description="Lines on which it is made.")
    rooms: tuple[RoomId, ...] = Field(min_length=1, description="Rooms through which its batches go.")
