"""What a source is told about a sensor that keeps sending lines."""

from typing import Literal, Self

from pydantic import Field, model_validator

from adapters.contract import TagSettings
from adapters.serial.pattern import Pattern, compile_pattern
from adapters.serial.settings import LineSettings

Said = Literal["good", "unstable", "overload", "underload", "no-value", "sensor-fault", "device-fault"]


class AsciiTag(TagSettings):
    """One field of the line."""

    field: str = Field(description="Name of the field in `pattern`.", examples=["dp"])
    no_value: tuple[str, ...] = Field(
        (), description="What stands in the field when there is no value: Bad, reason NO_VALUE.", examples=[["-----"]]
    )
    status: tuple[str, ...] | None = Field(
        None, description="Fields of `status` that speak for this tag; all of them where nothing is said."
    )


class AsciiLineSettings(LineSettings):
    """One sensor that sends lines on its own, all of the same form."""

    type: Literal["ascii-line"] = Field(description="Lines of text by declared pattern.")
    pattern: str = Field(
        min_length=1,
        max_length=200,
        description="The line without its end: fixed text, and fields as in Python's str.format, each with its width: "
        "{name:8.2f}, {name:+8.2f} with a sign always, {name:08.2f} with leading zeros, {name:5d}, a word {name:2s}, "
        "anything {:4s}. A line counts only as a whole. The unit is best written as fixed text.",
        examples=["DP {dp:+7.2f} Pa T {t:5.1f} C {state:2s}"],
    )
    terminator: Literal["crlf", "lf", "cr"] = Field("crlf", description="End of the line.")
    status: dict[str, dict[str, Said]] = Field(
        {},
        description="For a word of the pattern, what each of its values says; one that is not listed is Bad, reason "
        "CONFIG.",
        examples=[{"state": {"OK": "good", "WU": "unstable", "SE": "sensor-fault"}}],
    )
    tags: tuple[AsciiTag, ...] = Field(min_length=1, description="Which fields are sent.")

    @property
    def all_tags(self) -> tuple[TagSettings, ...]:
        """As listed."""
        return self.tags

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        fields = _fields(compile_pattern(self.pattern))
        for name in self.status:
            if fields.get(name) is not str:
                raise ValueError(f"status: {name!r} is no word of the pattern; it needs {{{name}:2s}} with its width")
        for tag in self.tags:
            if tag.field not in fields:
                raise ValueError(f"tag {tag.name}: the pattern has no field {tag.field!r}, only {', '.join(fields)}")
            for name in tag.status or ():
                if name not in self.status:
                    raise ValueError(f"tag {tag.name}: {name!r} is not in `status`")
        return self


def _fields(pattern: Pattern) -> dict[str, type]:
    return {field.name: float if field.number else str for field in pattern.fields if field.name}
