"""Words that a holder may not read, found in text however they are written. Pure.

Both are compared without case, width, accents, spaces, hyphens and underscores (Unicode NFKD, case folding), so that a
name is found in a file's name too. Traditional and simplified characters stay different. What stands within one of
the reader's own words is no find: LYO-50 is forbidden to whom LYO-50C belongs, and LYO-50C is not.
"""

import unicodedata
from collections.abc import Iterable, Iterator

BLACK = "███"
"""Stands for a word, whatever its length."""
_LEFT_OUT = {"Mn", "Me", "Zs", "Zl", "Zp", "Cc", "Cf", "Pd", "Pc"}
"""Categories of Unicode that are not compared: marks, spaces, controls, dashes, connectors."""
_REMEMBERED = 65_536
_LONGEST = 4096


class _Compared(dict[int, str]):
    """What is compared of each character, for `str.translate`."""

    def __missing__(self, code: int) -> str:
        found = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", chr(code)).casefold())
        self[code] = "".join(one for one in found if unicodedata.category(one) not in _LEFT_OUT)
        return self[code]


_COMPARED = _Compared()


def compared(text: str) -> str:
    """What is compared of a text."""
    return text.translate(_COMPARED)


class _Words:
    """Words as they are compared, found in a text in one pass, however many they are."""

    def __init__(self) -> None:
        self._words: set[str] = set()
        self._lengths: dict[str, set[int]] = {}
        """Of the words that begin with these one or two characters."""

    def __len__(self) -> int:
        return len(self._words)

    def add(self, words: Iterable[str]) -> bool:
        """Whether one of them is new."""
        new = {word for word in map(compared, words) if word} - self._words
        for word in new:
            self._lengths.setdefault(word[:2], set()).add(len(word))
        self._words |= new
        return bool(new)

    def remove(self, words: Iterable[str]) -> bool:
        """Whether one of them was here."""
        gone = self._words & set(map(compared, words))
        self._words -= gone
        return bool(gone)

    def places(self, plain: str) -> Iterator[tuple[int, int]]:
        """Where they stand, in order of their begin."""
        lengths, words = self._lengths, self._words
        for at in range(len(plain)):
            for length in (*lengths.get(plain[at : at + 2], ()), *lengths.get(plain[at], ())):
                if plain[at : at + length] in words:
                    yield at, at + length


class Terms:
    """A set of forbidden words, and of the reader's own. A text is looked through once: what was found is remembered.

    Words of which nothing is compared, as a hyphen alone, are left out.
    """

    def __init__(self, words: Iterable[str] = (), own: Iterable[str] = ()) -> None:
        self._words, self._own = _Words(), _Words()
        self._known: dict[str, bool] = {}
        self.add(words, own)

    def __len__(self) -> int:
        """How many different words are forbidden."""
        return len(self._words)

    def add(self, words: Iterable[str] = (), own: Iterable[str] = ()) -> None:
        """Forbid these too; and these are the reader's own. What is forbidden now is its own no longer."""
        words = list(words)
        if any([self._own.remove(words), self._words.add(words), self._own.add(own)]):
            self._known.clear()

    def stand_in(self, text: str) -> bool:
        """Whether one of the forbidden words stands in the text."""
        known = self._known.get(text)
        if known is not None:
            return known
        found = any(True for _ in self._found(compared(text)))
        if len(text) <= _LONGEST:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[text] = found
        return found

    def blackened(self, text: str) -> str:
        """The text with each of the words blacked out; neighbours become one."""
        parts, at = list[str](), 0
        for begin, end in self._spans(text):
            parts += [text[at:begin], BLACK]
            at = end
        return "".join([*parts, text[at:]])

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where words stand, in order and apart from each other."""
        pieces = [_COMPARED[ord(one)] for one in text]
        places = [at for at, piece in enumerate(pieces) for _ in piece]
        begin = end = 0
        for low, high in sorted((places[low], places[high - 1] + 1) for low, high in self._found("".join(pieces))):
            if low > end and end:
                yield begin, end
            begin = begin if end and low <= end else low
            end = max(end, high)
        if end:
            yield begin, end

    def _found(self, plain: str) -> Iterator[tuple[int, int]]:
        """Where forbidden words stand that are no part of one of the reader's own."""
        found = list(self._words.places(plain))
        own = list(self._own.places(plain)) if found else []
        return (one for one in found if not any(begin <= one[0] and one[1] <= end for begin, end in own))
