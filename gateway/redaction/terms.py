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


class Terms:
    """A set of forbidden words, and of the reader's own. A text is looked through once: what was found is remembered.

    Words of which nothing is compared, as a hyphen alone, are left out.
    """

    def __init__(self, words: Iterable[str] = (), own: Iterable[str] = ()) -> None:
        self._words: dict[str, None] = {}
        self._own: dict[str, None] = {}
        self._known: dict[str, bool] = {}
        self.add(words, own)

    def __len__(self) -> int:
        """How many different words are forbidden."""
        return len(self._words)

    def add(self, words: Iterable[str] = (), own: Iterable[str] = ()) -> None:
        """Forbid these too; and these are the reader's own."""
        for given, there in ((words, self._words), (own, self._own)):
            new = dict.fromkeys(word for word in map(compared, given) if word and word not in there)
            if new:
                there.update(new)
                self._known.clear()

    def stand_in(self, text: str) -> bool:
        """Whether one of the forbidden words stands in the text."""
        known = self._known.get(text)
        if known is not None:
            return known
        plain = compared(text)
        found = any(word in plain for word in self._words) and any(True for _ in self._found(plain))
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
        plain = "".join(pieces)
        begin = end = 0
        for low, high in sorted((places[low], places[high - 1] + 1) for low, high in self._found(plain)):
            if low > end and end:
                yield begin, end
            begin = begin if end and low <= end else low
            end = max(end, high)
        if end:
            yield begin, end

    def _found(self, plain: str) -> Iterator[tuple[int, int]]:
        """Where forbidden words stand that are no part of one of the reader's own."""
        own = list(_places(plain, self._own))
        for low, high in _places(plain, self._words):
            if not any(begin <= low and high <= end for begin, end in own):
                yield low, high


def _places(plain: str, words: Iterable[str]) -> Iterator[tuple[int, int]]:
    for word in words:
        at = plain.find(word)
        while at >= 0:
            yield at, at + len(word)
            at = plain.find(word, at + 1)
