"""One agreement between one manufacturer and one holder: the whole document."""

from datetime import date
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, model_validator

from gateway.agreement.exchange import Exchange
from gateway.agreement.parties import Manufacturer, Party
from gateway.agreement.products import Product
from gateway.agreement.terms import Audits, Duty, Notice, Responsibility, Retention, Revision, Signatory
from gateway.cleanroom.levels import Words
from gateway.review.settings import SupplierList
from schemas.settings import Identifier, Strict


def _check_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("not a time zone of the IANA list, such as Asia/Shanghai") from error
    return name


class Agreement(Strict):
    """A quality agreement (107, template). Its sense and lawfulness are checked apart, each finding with its clause."""

    agreement: Identifier = Field(description="Short name, the same in all versions.")
    version: int = Field(ge=1, description="Version; a new one takes the place of the one before (107 T17).")
    effective: date = Field(description="First day on which it holds, from 00:00 in `zone`.")
    until: date | None = Field(None, description="Last day, where it ends without a new version (107 T17).")
    zone: Annotated[str, AfterValidator(_check_zone)] = Field("Asia/Shanghai", description="Time zone of its dates.")
    title: Words = Field(description="Title.")
    leading: Literal["zh", "en"] = Field("zh", description="Language that decides where the two differ.")
    holder: Party = Field(description="The holder (持有人).")
    cmo: Manufacturer = Field(description="The contract manufacturer (受托方).")
    products: tuple[Product, ...] = Field(min_length=1, description="Products.")
    responsibilities: tuple[Responsibility, ...] = Field(
        min_length=1, description="Responsibility list (107, annex 3)."
    )
    duties: tuple[Duty, ...] = Field((), description="Duties that are finer than a row of the list.")
    suppliers: SupplierList | None = Field(None, description="The holder's list of approved suppliers (107 T7.1).")
    notices: tuple[Notice, ...] = Field(description="What is told to the other side, and until when (134 (7)).")
    exchange: tuple[Exchange, ...] = Field(description="What is exchanged electronically (134 (14)).")
    profiles: tuple[Identifier, ...] = Field(
        (), description="Profiles of terms and classes that hold where it is silent."
    )
    terms_withheld: tuple[str, ...] = Field(
        (), description="Words that no record for this holder may hold; names of other holders and products are added."
    )
    stays_in_country: tuple[str, ...] = Field(
        (), description="Kinds of records, or fields as kind.field, that must not leave the country."
    )
    pseudonyms: bool = Field(False, description="Whether persons' names are replaced by pseudonyms.")
    retention: Retention = Field(description="How long records are kept.")
    audits: Audits = Field(description="Audits by the holder.")
    signatories: tuple[Signatory, ...] = Field(min_length=2, description="Who signs.")
    history: tuple[Revision, ...] = Field(min_length=1, description="Version history (107 T18).")

    @model_validator(mode="after")
    def _one_of_each(self) -> "Agreement":
        for what, names in (
            ("clause", [one.clause for one in self.exchange]),
            ("product", [code for one in self.products for code in (one.code, *one.also)]),
            ("line", [one.id for one in self.cmo.lines]),
        ):
            doubled = sorted({name for name in names if names.count(name) > 1})
            if doubled:
                raise ValueError(f"{what} stands twice: {', '.join(doubled)}")
        return self

    def products_of(self, clause: Exchange) -> tuple[str, ...]:
        """Codes of the products that a clause is about, all spellings."""
        meant = [one for one in self.products if not clause.products or one.code in clause.products]
        return tuple(code for one in meant for code in (one.code, *one.also))
