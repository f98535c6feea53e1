"""Java's regular expressions, as far as RE2 matches the same.

Both find the leftmost match and prefer the first alternative. They differ in what `.`, `$` and `\\s` mean, in
Unicode classes and word boundaries; RE2 has no look-around, back-references or possessive quantifiers.
What is the same is passed on, what can be written otherwise is, everything else is refused.
Sources: `java.util.regex.Pattern` and RE2's syntax page.
"""

from __future__ import annotations

from dataclasses import dataclass

from .refusal import Refusal

_BREAKS = r"\n\r\x{85}\x{2028}\x{2029}"
_CLASSES = {"d": "0-9", "w": "a-zA-Z0-9_", "s": r"\t\n\x0b\f\r "}
_ESCAPES = {"t": r"\t", "n": r"\n", "r": r"\r", "f": r"\f"}
_MOST = 1000


@dataclass(frozen=True)
class Pattern:
    """A regular expression in RE2's words.

    Args:
        re2: the expression.
        groups: how many groups it captures.
        empty: whether it can match nothing at all.
        ends: whether it ends with `$`, which in Java also stands before a line break that ends the text.
        nested: whether a captured group may be matched several times.
    """

    re2: str
    groups: int
    empty: bool
    ends: bool
    nested: bool


def translate(pattern: str) -> Pattern:
    """The pattern for RE2.

    Raises:
        Refusal: it holds something whose meaning differs, or that RE2 has not.
    """
    return _Reader(pattern).whole()


class _Reader:
    def __init__(self, pattern: str) -> None:
        self.text, self.at = pattern, 0
        self.groups, self.nested, self.ends, self.fold = 0, False, False, False

    def refuse(self, what: str, remedy: str = "") -> Refusal:
        return Refusal(
            f"{what} in the regular expression '{self.text}' is not supported.",
            remedy or "Use literals, classes, . \\\\d \\\\w \\\\s, groups, |, * + ? {n,m}, ^ and $.",
        )

    def whole(self) -> Pattern:
        if self.text.startswith("(?i)"):
            self.at, self.fold = 4, True
        sql, empty = self.alternatives(0)
        if self.at < len(self.text):
            raise self.refuse("An unmatched )")
        return Pattern(sql, self.groups, empty, self.ends, self.nested)

    def alternatives(self, depth: int) -> tuple[str, bool]:
        parts, empties = [], []
        while True:
            part, empty = self.sequence(depth)
            parts.append(part)
            empties.append(empty)
            if not self.take("|"):
                break
            if self.ends:
                raise self.refuse("$ before |")
        if self.ends and len(parts) > 1:
            raise self.refuse("$ behind |", "Put the alternatives into (?: ).")
        if len(parts) > 1 and any(part == "" for part in parts):
            raise self.refuse("An empty alternative")
        return "|".join(parts), any(empties)

    def take(self, text: str) -> bool:
        if self.text.startswith(text, self.at):
            self.at += len(text)
            return True
        return False

    def sequence(self, depth: int) -> tuple[str, bool]:
        parts: list[str] = []
        empty = True
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            before = self.groups
            char = self.text[self.at]
            if char == "^":
                if parts or depth:
                    raise self.refuse("^ behind something")
                self.at += 1
                parts.append("^")
                continue
            if char == "$":
                if self.at != len(self.text) - 1:
                    raise self.refuse("$ before something")
                self.at += 1
                self.ends = True
                continue
            atom, nothing = self.atom(depth)
            quantifier, optional = self.quantifier()
            if quantifier:
                if nothing and quantifier not in ("?", "??"):
                    raise self.refuse(f"{quantifier} behind something that can be empty")
                if self.groups > before and quantifier not in ("?", "??"):
                    self.nested = True
            parts.append(atom + quantifier)
            empty = empty and (nothing or optional)
        return "".join(parts), empty

    def quantifier(self) -> tuple[str, bool]:
        if self.at >= len(self.text):
            return "", False
        char = self.text[self.at]
        if char in "*+?":
            self.at += 1
            found, optional = char, char != "+"
        elif char == "{":
            end = self.text.find("}", self.at)
            numbers = self.text[self.at + 1 : end].split(",") if end > 0 else []
            if not 1 <= len(numbers) <= 2 or not numbers[0].isascii() or not numbers[0].isdigit():
                raise self.refuse("{ without numbers", "Write \\\\{ for the character.")
            if any(number and (not number.isdigit() or int(number) > _MOST) for number in numbers):
                raise self.refuse(f"A repetition of more than {_MOST}")
            found, optional = self.text[self.at : end + 1], int(numbers[0]) == 0
            self.at = end + 1
        else:
            return "", False
        if self.take("+"):
            raise self.refuse("A possessive quantifier")
        if self.take("?"):
            found += "?"
        if self.at < len(self.text) and self.text[self.at] in "*+?{":
            raise self.refuse("A quantifier behind a quantifier")
        return found, optional

    def atom(self, depth: int) -> tuple[str, bool]:
        char = self.text[self.at]
        self.at += 1
        if char == "(":
            return self.group(depth)
        if char == "[":
            return self.char_class(), False
        if char == ".":
            return f"[^{_BREAKS}]", False
        if char == "\\":
            return self.escape(), False
        if char in "*+?{":
            raise self.refuse(f"{char} behind nothing")
        return self.literal(char), False

    def literal(self, char: str) -> str:
        if self.fold and char.isalpha():
            if not char.isascii():
                raise self.refuse("A letter beyond ASCII behind (?i)")
            return f"[{char.lower()}{char.upper()}]"
        return _quoted(char)

    def group(self, depth: int) -> tuple[str, bool]:
        if self.take("?:"):
            opened = "(?:"
        elif self.text.startswith("?", self.at):
            raise self.refuse(f"({self.text[self.at : self.at + 2]}", "Use ( ) or (?: ).")
        else:
            self.groups += 1
            opened = "("
        inner, empty = self.alternatives(depth + 1)
        if self.ends:
            raise self.refuse("$ in a group")
        if not self.take(")"):
            raise self.refuse("An unmatched (")
        return f"{opened}{inner})", empty

    def escape(self) -> str:
        if self.at >= len(self.text):
            raise self.refuse("A \\ at the end")
        char = self.text[self.at]
        self.at += 1
        if char.lower() in _CLASSES:
            return f"[{'^' if char.isupper() else ''}{_CLASSES[char.lower()]}]"
        return self.escaped(char)

    def escaped(self, char: str) -> str:
        if char in _ESCAPES:
            return _ESCAPES[char]
        if char.isalnum() or not char.isascii():
            raise self.refuse(f"\\{char}")
        return _quoted(char)

    def char_class(self) -> str:
        parts = ["[^" if self.take("^") else "["]
        first = True
        while True:
            if self.at >= len(self.text):
                raise self.refuse("An unmatched [")
            char = self.text[self.at]
            if char == "]" and not first:
                self.at += 1
                return "".join(parts) + "]"
            if char in "[]^" or self.text.startswith("&&", self.at):
                raise self.refuse(f"{char} in a class", f"Write \\\\{char} for the character.")
            parts.append(self.member())
            first = False

    def member(self) -> str:
        low = self.class_char()
        if len(low) > 1 and low[0] != "\\":
            return low  # \d, \w, \s
        following = self.text[self.at + 1 : self.at + 2]
        if self.text.startswith("-", self.at) and following not in ("]", ""):
            self.at += 1
            high = self.class_char()
            if len(high) > 1 and high[0] != "\\":
                raise self.refuse("A range up to a class")
            return self.folded_range(low, high)
        return self.folded(low)

    def class_char(self) -> str:
        char = self.text[self.at]
        self.at += 1
        if char == "[":
            raise self.refuse("[ in a class")
        if char != "\\":
            return _quoted(char)
        if self.at >= len(self.text):
            raise self.refuse("A \\ at the end")
        char = self.text[self.at]
        self.at += 1
        return _CLASSES[char] if char in _CLASSES else self.escaped(char)

    def folded(self, char: str) -> str:
        if self.fold and char.isalpha():
            if not char.isascii():
                raise self.refuse("A letter beyond ASCII behind (?i)")
            return char.lower() + char.upper()
        return char

    def folded_range(self, low: str, high: str) -> str:
        plain = f"{low}-{high}"
        if not self.fold:
            return plain
        if low.isalpha() and high.isalpha() and low.isascii() and high.isascii():
            if low.islower() == high.islower():
                return f"{plain.lower()}{plain.upper()}"
        elif low.isdigit() and high.isdigit():
            return plain
        raise self.refuse(f"The range {plain} behind (?i)")


def _quoted(char: str) -> str:
    """A character that stands for itself, in a class or outside."""
    if char == "\0":
        return r"\x00"
    return f"\\{char}" if char in "\\.[]{}()*+-?^$|" else char
