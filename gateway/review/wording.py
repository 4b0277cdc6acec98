"""What a rule answered, in a person's words: title, what was expected, what was found. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from gateway.languages import Language, Words
from gateway.review.outcome import Code, Outcome, Said, Value, Verdict
from gateway.views.display import Clock, micros_of

PACKAGE = "gateway.review.words"


@cache
def words_in(language: Language) -> Words:
    """The console's words and those of the review."""
    return Words(language, PACKAGE)


@dataclass(frozen=True, slots=True)
class Wording:
    """Says answers in one language, times in the plant's zone."""

    words: Words
    zone: ZoneInfo

    def title(self, code: Code) -> str:
        """The finding's name."""
        return self.words(f"review.rules.{code}")

    def verdict(self, verdict: Verdict) -> str:
        """Passed, failed or not evaluable."""
        return self.words(f"review.verdicts.{verdict}")

    def expected(self, outcome: Outcome) -> str:
        """What should be."""
        return self.sentences([outcome.judged.expected])

    def found(self, outcome: Outcome) -> str:
        """What is, or what is missing to tell."""
        return self.sentences(outcome.judged.found)

    def sentences(self, said: Iterable[Said]) -> str:
        """One after another."""
        return self.words("review.between").join(self._say(one) for one in said)

    def _say(self, one: Said) -> str:
        fields = {name: self._value(name, value) for name, value in one.fields}
        return self.words(f"review.said.{one.key}", **fields).strip()

    def _value(self, name: str, value: Value) -> Value:
        if isinstance(value, datetime):
            return Clock(self.zone).stamp(micros_of(value))
        if name == "names":
            return ", ".join(self.words.texts.get(f"review.names.{one}", one) for one in str(value).split(", "))
        if name == "event":
            return self.words(f"review.events.{value}")
        return value
