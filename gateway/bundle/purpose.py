"""For whom a copy is made, why, who asked and who approved: part of what the manifest signs (F10). Pure.

Manufacturer and holder may be in different provinces, and both authorities may ask (134 (23)). What goes to one abroad
needs the approval of the competent authority at home (Data Security Law, art. 36).
"""

import json
import re
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Self

from schemas.errors import ToldError

_PROVINCES = """11 Beijing 北京市|12 Tianjin 天津市|13 Hebei 河北省|14 Shanxi 山西省|15 Inner Mongolia 内蒙古自治区
21 Liaoning 辽宁省|22 Jilin 吉林省|23 Heilongjiang 黑龙江省|31 Shanghai 上海市|32 Jiangsu 江苏省|33 Zhejiang 浙江省
34 Anhui 安徽省|35 Fujian 福建省|36 Jiangxi 江西省|37 Shandong 山东省|41 Henan 河南省|42 Hubei 湖北省|43 Hunan 湖南省
44 Guangdong 广东省|45 Guangxi 广西壮族自治区|46 Hainan 海南省|50 Chongqing 重庆市|51 Sichuan 四川省|52 Guizhou 贵州省
53 Yunnan 云南省|54 Tibet 西藏自治区|61 Shaanxi 陕西省|62 Gansu 甘肃省|63 Qinghai 青海省|64 Ningxia 宁夏回族自治区
65 Xinjiang 新疆维吾尔自治区"""
HOME = "CN"
AUTHORITIES: dict[str, tuple[str, str]] = {
    HOME: ("National Medical Products Administration", "国家药品监督管理局"),
    **{
        code: (f"Medical Products Administration of {english}", f"{chinese}药品监督管理局")
        for code, english, chinese in re.findall(r"(\d\d) ([A-Z][A-Za-z ]+) (\S+?)(?:\||\s|$)", _PROVINCES)
    },
}
"""English and Chinese name, by CN or the first two digits of the province's code (GB/T 2260)."""
MAX_TEXT = 500
"""Longest text of a field."""


class PurposeError(ToldError):
    """What was said of a copy's purpose is not enough, or not allowed; the message says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """Why a copy is made. `authority` is CN, a province's code, or a country (ISO 3166-1) abroad.

    `approval` is the number under which an authority at home approved that the data go abroad.
    """

    authority: str
    reason: str
    asked_by: str
    approved_by: str
    approval: str | None = None

    def __post_init__(self) -> None:
        """Raises PurposeError."""
        for one in fields(self):
            text = getattr(self, one.name)
            if text is not None and not (text.strip() and text.isprintable() and len(text) <= MAX_TEXT):
                option = f"--{one.name.replace('_', '-')}"
                raise PurposeError(f"{option}: write one line of at most {MAX_TEXT} characters")
        if self.authority in AUTHORITIES:
            return
        if not re.fullmatch(r"[A-Z]{2}", self.authority):
            raise PurposeError(
                f"--for {self.authority}: is no authority; name CN, a province by the first two digits of its code "
                "(GB/T 2260), or a country by its two letters"
            )
        if self.approval is None:
            raise PurposeError(
                f"--for {self.authority}: an authority abroad gets nothing without the approval of the competent "
                "authority (Data Security Law, art. 36); name it with --approval"
            )

    def names(self) -> tuple[str, str]:
        """The authority in English and Chinese."""
        return AUTHORITIES.get(
            self.authority, (f"an authority of {self.authority}", f"境外主管机关（{self.authority}）")
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """What a copy is of, who made it and when, POSIX seconds; `entries` are their numbers in words."""

    purpose: Purpose
    of: str
    entries: str
    by: str
    made: int

    def to_bytes(self) -> bytes:
        """The file `purpose` of the bundle."""
        told = asdict(self) | {"made": _moment(self.made), "for": list(self.purpose.names())}
        return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()

    @classmethod
    def parse(cls, octets: bytes) -> Self:
        """The copy that a file tells of. Raises PurposeError."""
        try:
            told = json.loads(octets)
            made = round(datetime.fromisoformat(told["made"]).timestamp())
            texts = {name: str(told[name]) for name in ("of", "entries", "by")}
            found = cls(purpose=Purpose(**told["purpose"]), made=made, **texts)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise PurposeError(f"does not tell for whom the copy is: {error}") from error
        if found.to_bytes() != octets:
            raise PurposeError("is not as it was written")
        return found

    def lines(self) -> tuple[str, str]:
        """What stands on the copy, in English and Chinese."""
        one, (english, chinese) = self.purpose, self.purpose.names()
        approval = (f", approval {one.approval}", f"，批准文号：{one.approval}") if one.approval else ("", "")
        made = _moment(self.made)
        in_english = (
            f"COPY for {english} ({one.authority}) of entries {self.entries} of {self.of}, made {made} "
            f"by {self.by}: {one.reason}. Asked for by {one.asked_by}, approved by {one.approved_by}{approval[0]}."
        )
        in_chinese = (
            f"副本，提供给{chinese}（{one.authority}）：{self.of} 的记录 {self.entries}，由 {self.by} 于 {made} 制作。"
            f"事由：{one.reason}。申请人：{one.asked_by}，批准人：{one.approved_by}{approval[1]}。"
        )
        return in_english, in_chinese


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
