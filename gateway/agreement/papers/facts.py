"""What the sentences of the paper are filled in with, in one language."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from gateway.agreement.agreement import Agreement
from gateway.agreement.profile import Profile, terms
from gateway.agreement.terms import Deadline, NoticeKind, Side, Term
from gateway.cleanroom.levels import Words
from gateway.configuration import plain
from gateway.languages import Language

Pair = tuple[str, str]


@cache
def labels() -> Mapping[str, Mapping[str, Pair]]:
    """Words by group and code, Chinese and English."""
    text = files("gateway.agreement.papers").joinpath("labels.yaml").read_text(encoding="utf-8")
    return {group: {str(code): tuple(pair) for code, pair in words.items()} for group, words in plain(text).items()}


@cache
def template() -> Sequence[Mapping[str, Any]]:
    """The sections, as `template.yaml` has them."""
    text = files("gateway.agreement.papers").joinpath("template.yaml").read_text(encoding="utf-8")
    sections: Sequence[Mapping[str, Any]] = plain(text)
    return sections


class Speaker:
    """Says codes in one language."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._at = 0 if language is Language.ZH else 1

    def label(self, group: str, code: str) -> str:
        """The word for a code; the code itself where it is none of ours."""
        pair = labels()[group].get(code)
        return code if pair is None else pair[self._at]

    def say(self, key: str, **fields: object) -> str:
        """A text of the tables, filled in."""
        return labels()["say"][key][self._at].format(**fields)

    def words(self, words: Words) -> str:
        """What the agreement says in both languages."""
        return words.zh if self.language is Language.ZH else words.en

    def join(self, parts: Sequence[str]) -> str:
        """Several names in a row."""
        return ("、" if self.language is Language.ZH else ", ").join(parts)

    def lines(self, parts: Sequence[str]) -> str:
        """Several sayings in a row."""
        return ("；" if self.language is Language.ZH else "; ").join(parts)

    def term(self, term: Term, *, before: bool = False) -> str:
        """A length of time."""
        if term.amount is None:
            return self.say("at_once_alone")
        unit = self.label("unit", term.unit)
        if self.language is Language.EN and term.amount == 1:
            unit = unit.removesuffix("s")
        text = f"{term.amount} {unit}"
        text = self.say("before", term=text) if before else text
        return self.say("at_once", term=text) if term.at_once else text


class Lookup:
    """What `{name[key]}` in a template stands for."""

    def __init__(self, find: Callable[[str], str]) -> None:
        self._find = find

    def __getitem__(self, key: str) -> str:
        return self._find(key)


class Facts:
    """An agreement in one language, as the template asks for it. `profiles` say terms where it is silent."""

    def __init__(
        self, agreement: Agreement, language: Language, profiles: Sequence[Profile], digest: str | None
    ) -> None:
        self.agreement, self.profiles, self.digest = agreement, profiles, digest
        self.speak = Speaker(language)

    def fields(self) -> dict[str, object]:
        """Every name that a sentence may use."""
        agreement, speak = self.agreement, self.speak
        kept, audits = agreement.retention, agreement.audits
        return {
            "holder": speak.words(agreement.holder.name),
            "cmo": speak.words(agreement.cmo.name),
            "site": speak.words(agreement.cmo.production_address),
            "lines": speak.lines([speak.words(one.name) for one in agreement.cmo.lines]),
            "products_count": len(agreement.products),
            "profiles": self._profile_names(),
            "suppliers": agreement.suppliers.version if agreement.suppliers else speak.say("none"),
            "carriers": self._carriers(),
            "effective": agreement.effective,
            "until": agreement.until,
            "zone": agreement.zone,
            "leading": speak.label("language", agreement.leading),
            "keep_years": f"{kept.after_expiry_years:g}",
            "papers_years": f"{kept.inspection_papers_years:g}",
            "ask_months": kept.ask_before_months,
            "sample_years": f"{kept.samples_after_expiry_years:g}",
            "material_years": f"{kept.materials_after_release_years:g}",
            "audit_months": audits.every_months,
            "visit_months": audits.visit_every_months,
            "plan_within": speak.term(audits.plan_within),
            "check_within": speak.term(audits.check_within),
            "who": Lookup(self._who),
            "due": Lookup(self._due),
        }

    def holds(self, when: str | None) -> bool:
        """Whether a sentence that is only for some agreements is for this one."""
        audits = self.agreement.audits
        return {
            None: True,
            "device": any(one.type == "medical_device" for one in self.agreement.products),
            "implantable": any(one.implantable for one in self.agreement.products),
            "visit": audits.visit_every_months is not None,
            "for_cause": audits.for_cause,
            "until": self.agreement.until is not None,
            "remote": audits.remote,
        }[when]

    def deadline(self, kind: NoticeKind, one: Deadline) -> str:
        """The term of a step, with the classes that it is for."""
        if one.term is not None:
            return self._classed(self.speak.term(one.term, before=one.before), one.classes)
        return self._by_profiles(kind, one.step, (one.by,)) or self.speak.say("not_agreed")

    def _who(self, duty: str) -> str:
        found = [one.by for one in self.agreement.duties if one.duty == duty]
        return self.speak.lines([self.speak.label("side", by) for by in found]) or self.speak.say("not_agreed")

    def _due(self, path: str) -> str:
        """`kind.step.side`: what that side owes, or both do; `both` is whoever owes it."""
        kind, step, side = path.split(".")
        notices = [one for one in self.agreement.notices if one.kind == kind]
        sides: tuple[str, ...] = ("holder", "cmo", "both") if side == "both" else (side, "both")
        steps = [one for notice in notices for one in notice.deadlines if one.step == step and one.by in sides]
        said = list(dict.fromkeys(self.deadline(NoticeKind(kind), one) for one in steps))
        silent = self._by_profiles(NoticeKind(kind), step, sides) if not said else ""
        return self.speak.lines(said) or silent or self.speak.say("not_agreed")

    def _by_profiles(self, kind: NoticeKind, step: str, sides: Sequence[Side | str]) -> str:
        """What the last profile that says anything says, on the agreement's first day."""
        for profile in reversed(self.profiles):
            found = [
                one
                for one in terms(profile, self.agreement.effective)
                if (one.kind, one.step) == (kind, step) and one.by in (*sides, "both")
            ]
            if found:
                texts = [self._classed(self.speak.term(one.term, before=one.before), one.classes) for one in found]
                name = self.speak.words(profile.title)
                return self.speak.say("by_profile", term=self.speak.lines(texts), profile=name)
        return ""

    def _classed(self, text: str, classes: Sequence[str]) -> str:
        names = [self.speak.label("class", one) for one in classes]
        return text + (self.speak.say("of_classes", classes=self.speak.join(names)) if names else "")

    def _profile_names(self) -> str:
        titles = {one.name: self.speak.words(one.title) for one in self.profiles}
        names = [titles.get(name, name) for name in self.agreement.profiles]
        return self.speak.join(names) or self.speak.say("none")

    def _carriers(self) -> str:
        carriers = [one.carrier for one in self.agreement.products if one.carrier]
        names = [self.speak.words(one.name) if one.name else self.speak.label("carrier", one.by) for one in carriers]
        return self.speak.join(list(dict.fromkeys(names))) or self.speak.say("none")
