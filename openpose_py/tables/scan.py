"""The text of JSON files, as OpenPose lays it out, into numbers: compiled, five times as fast as
a JSON reader. What it does not understand it leaves to `parse.py`, which says what a text means.
"""

import numpy as np

from openpose_py.compiled import compiled, inlined
from openpose_py.tables.columns import EMPTY, LARGEST_ID

BEHIND = np.uint8(0)  # a byte that stands behind each text, and in no text
COMMA, COLON, DOT, MINUS, PLUS = (np.uint8(ord(sign)) for sign in ",:.-+")
OPEN_LIST, CLOSE_LIST, OPEN_TABLE, CLOSE_TABLE = (np.uint8(ord(sign)) for sign in "[]{}")
ZERO, NINE, SMALL_E, LARGE_E = (np.uint8(ord(sign)) for sign in "09eE")
SPACE, TAB, LINE, RETURN = (np.uint8(ord(sign)) for sign in " \t\n\r")
DIGITS = 15  # so many are exact in a double
POWERS = 10.0 ** np.arange(23)  # exact as well, so a quotient or product is rounded once
NO = -1  # the place behind something that is not understood
ID_WORD = 2


@compiled
def scan(
    text: np.ndarray,
    starts: np.ndarray,
    words: np.ndarray,
    word_sizes: np.ndarray,
    values_a_point: np.ndarray,
    fields: np.ndarray,
    numbers: np.ndarray,
) -> tuple[int, int, int]:
    """Texts one after the other, each with BEHIND after it, until one is not understood.

    text: uint8. starts: int64 (texts,). words: uint8 (3 + kinds, longest): "version", "people",
    "person_id" and the kinds' keys, with quotes. Filled: fields, int64 (room, 5): text, person,
    id, kind, count of numbers; numbers, float32. Returns texts read, fields and numbers filled.
    """
    used = np.zeros(2, np.int64)
    for number in range(len(starts)):
        before_fields, before_numbers = used[0], used[1]
        end = starts[number + 1] if number + 1 < len(starts) else len(text)
        at = _text(
            text, starts[number], number, words, word_sizes, values_a_point, fields, numbers, used
        )
        if at != end - 1:
            return number, before_fields, before_numbers
    return len(starts), used[0], used[1]


@inlined
def _text(
    text: np.ndarray,
    at: int,
    number: int,
    words: np.ndarray,
    word_sizes: np.ndarray,
    values_a_point: np.ndarray,
    fields: np.ndarray,
    numbers: np.ndarray,
    used: np.ndarray,
) -> int:
    """Every step from NO leads to NO: that is the last byte of all, BEHIND, which fits nothing."""
    at = _sign(text, at, OPEN_TABLE)
    at = _word(text, at, words[0], word_sizes[0])
    at, _ = _number(text, _skip(text, at))
    at = _sign(text, at, COMMA)
    at = _word(text, at, words[1], word_sizes[1])
    at = _skip(text, _sign(text, at, OPEN_LIST))
    if text[at] == CLOSE_LIST:
        _add(fields, used, number, EMPTY, EMPTY, 0)
    else:
        people, more = 0, True
        while more:
            at = _person(
                text, at, number, people, words, word_sizes, values_a_point, fields, numbers, used
            )
            at = _skip(text, at)
            more = text[at] == COMMA
            at += more
            people += 1
    at = _sign(text, at, CLOSE_LIST)
    return _skip(text, _sign(text, at, CLOSE_TABLE))


@inlined
def _person(
    text: np.ndarray,
    at: int,
    number: int,
    person: int,
    words: np.ndarray,
    word_sizes: np.ndarray,
    values_a_point: np.ndarray,
    fields: np.ndarray,
    numbers: np.ndarray,
    used: np.ndarray,
) -> int:
    first, identity, last_word, more = used[0], -1.0, 1, True
    at = _sign(text, at, OPEN_TABLE)
    while more:
        last_word, behind = _next_word(text, at, words, word_sizes, last_word + 1)
        if behind == NO:
            return NO
        before = used[1]
        at = _list(text, behind, numbers, used)
        count = used[1] - before
        if last_word == ID_WORD:
            if count != 1 or abs(numbers[before]) >= LARGEST_ID:
                return NO
            identity = numbers[before]
            used[1] = before
        elif count % values_a_point[last_word - ID_WORD - 1] != 0:
            return NO
        elif count > 0:
            _add(fields, used, number, person, last_word - ID_WORD - 1, count)
        at = _skip(text, at)
        more = text[at] == COMMA
        at += more
    if used[0] == first:
        _add(fields, used, number, person, EMPTY, 0)
    fields[first : used[0], 2] = np.int64(identity)
    return _sign(text, at, CLOSE_TABLE)


@inlined
def _next_word(
    text: np.ndarray, at: int, words: np.ndarray, word_sizes: np.ndarray, first: int
) -> tuple[int, int]:
    """The first that fits of the words from `first` on, so that they must stand in their order."""
    for number in range(first, len(words)):
        behind = _word(text, at, words[number], word_sizes[number])
        if behind != NO:
            return number, behind
    return first, NO


@inlined
def _list(text: np.ndarray, at: int, numbers: np.ndarray, used: np.ndarray) -> int:
    at = _skip(text, _sign(text, at, OPEN_LIST))
    if text[at] == CLOSE_LIST:
        return at + 1
    filled, more = used[1], True
    while more:
        at, value = _number(text, _skip(text, at))
        numbers[filled] = value
        filled += 1
        at = _skip(text, at)
        more = text[at] == COMMA
        at += more
    used[1] = filled
    return _sign(text, at, CLOSE_LIST)


@inlined
def _number(text: np.ndarray, at: int) -> tuple[int, float]:
    """The value that Python's `float` reads; numbers for which that would be hard are left."""
    negative = text[at] == MINUS
    at += negative
    start = at
    mantissa, at = _digits(text, at, 0)
    digits, places, exponent = at - start, 0, 0
    if digits == 0 or (digits > 1 and text[start] == ZERO):
        return NO, 0.0
    if text[at] == DOT:
        start = at + 1
        mantissa, at = _digits(text, start, mantissa)
        places = at - start
        if places == 0:
            return NO, 0.0
    if text[at] == SMALL_E or text[at] == LARGE_E:
        at += 1
        downwards = text[at] == MINUS
        at += downwards or text[at] == PLUS
        start = at
        exponent, at = _digits(text, at, 0)
        if at == start or at - start > DIGITS:
            return NO, 0.0
        exponent = -exponent if downwards else exponent
    exponent -= places
    if digits + places > DIGITS or abs(exponent) >= len(POWERS):
        return NO, 0.0
    value = mantissa * POWERS[exponent] if exponent >= 0 else mantissa / POWERS[-exponent]
    return at, -value if negative else value


@inlined
def _digits(text: np.ndarray, at: int, value: int) -> tuple[int, int]:
    """value with the digits from `at` on behind it, and the place behind them."""
    while ZERO <= text[at] <= NINE:
        value = value * 10 + int(text[at] - ZERO)
        at += 1
    return value, at


@inlined
def _word(text: np.ndarray, at: int, word: np.ndarray, size: int) -> int:
    """The place behind a word and a colon."""
    at = _skip(text, at)
    for k in range(size):
        if text[at + k] != word[k]:
            return NO
    return _sign(text, at + size, COLON)


@inlined
def _sign(text: np.ndarray, at: int, sign: int) -> int:
    """The place behind a sign and the blanks before it."""
    at = _skip(text, at)
    return at + 1 if text[at] == sign else NO


@inlined
def _skip(text: np.ndarray, at: int) -> int:
    while text[at] <= SPACE and text[at] in (SPACE, TAB, LINE, RETURN):
        at += 1
    return at


@inlined
def _add(
    fields: np.ndarray, used: np.ndarray, number: int, person: int, kind: int, count: int
) -> None:
    row = fields[used[0]]
    row[0], row[1], row[2], row[3], row[4] = number, person, EMPTY, kind, count
    used[0] += 1
