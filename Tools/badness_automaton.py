"""Turns ftfy's badness heuristic, one regular expression, into a table-driven automaton that finds the same matches.

The expression is read with Python's own parser, so nothing of it is transcribed by hand. Only what it uses is
supported; anything else stops the script.
"""

import re
from re import _constants as op
from re import _parser as parser

EVERYTHING = (1 << 0x110000) - 1 ^ ((1 << 0xE000) - (1 << 0xD800))
START = "start of text"


def bits(scalars):
    """A set of scalars as one large integer, bit n for scalar n."""
    array = bytearray(0x110000 // 8)
    for scalar in scalars:
        array[scalar >> 3] |= 1 << (scalar & 7)
    return int.from_bytes(array, "little") & EVERYTHING


def scalars_matching(pattern):
    """The scalars that a one-character pattern matches, as a bit set."""
    text = "".join(map(chr, scalar_values()))
    return bits(ord(match.group()) for match in re.finditer(pattern, text, re.DOTALL))


def scalar_values():
    """All Unicode scalar values."""
    yield from range(0xD800)
    yield from range(0xE000, 0x110000)


def span(low, high):
    return (1 << high + 1) - (1 << low)


def set_of(code, argument, categories):
    """The bit set of a parsed one-character item."""
    if code is op.LITERAL:
        return 1 << argument
    if code is op.NOT_LITERAL:
        return EVERYTHING & ~(1 << argument)
    if code is op.RANGE:
        return span(*argument) & EVERYTHING
    if code is op.ANY:
        return EVERYTHING & ~(1 << ord("\n"))
    if code is op.CATEGORY:
        return categories[argument]
    if code is op.IN:
        items = [item for item in argument if item[0] is not op.NEGATE]
        result = 0
        for item in items:
            result |= set_of(*item, categories)
        return EVERYTHING & ~result if len(items) < len(argument) else result
    raise SystemExit(f"the expression uses {code}, which this script does not know")


def sequences(pattern, categories):
    """Every alternative as a list of bit sets, `START` standing for the start of the text."""
    parsed = list(parser.parse(pattern, re.VERBOSE))
    alternatives = parsed[0][1][1] if parsed[0][0] is op.BRANCH and len(parsed) == 1 else [parsed]
    result = []
    for alternative in alternatives:
        expanded = [[]]
        for code, argument in alternative:
            if code is op.AT and argument is op.AT_BEGINNING:
                expanded = [sequence + [START] for sequence in expanded]
            elif code is op.MAX_REPEAT and argument[:2] == (0, 1) and len(argument[2]) == 1:
                item = set_of(*argument[2][0], categories)
                expanded += [sequence + [item] for sequence in expanded]
            else:
                item = set_of(code, argument, categories)
                expanded = [sequence + [item] for sequence in expanded]
        result += expanded
    return result


def partition(sets):
    """The coarsest division of all scalars such that each of the sets is a union of parts."""
    parts = [EVERYTHING]
    for item in sets:
        split = []
        for part in parts:
            inside = part & item
            if inside and inside != part:
                split += [inside, part ^ inside]
            else:
                split.append(part)
        parts = split
    return parts


def automaton(pattern):
    """Parts of the scalars, and for each state its successor for each part.

    State 0 is the start, and 1 is reached once a match has been found and never left.
    """
    categories = {
        op.CATEGORY_SPACE: scalars_matching(r"\s"),
        op.CATEGORY_WORD: scalars_matching(r"\w"),
        op.CATEGORY_DIGIT: scalars_matching(r"\d"),
    }
    alternatives = sequences(pattern, categories)
    parts = partition({item for sequence in alternatives for item in sequence if item is not START})
    # Part 0 is the largest: it then need not be listed.
    parts.sort(key=lambda part: -part.bit_count())
    accepts = {}
    for sequence in alternatives:
        for item in sequence:
            if item is not START and item not in accepts:
                accepts[item] = {index for index, part in enumerate(parts) if part & item}

    anywhere = {(index, 0) for index, sequence in enumerate(alternatives) if sequence[0] is not START}
    at_start = {(index, 1) for index, sequence in enumerate(alternatives) if sequence[0] is START}
    found = "match"

    def successor(state, part):
        following = set(anywhere)
        for index, position in state:
            if part in accepts[alternatives[index][position]]:
                if position + 1 == len(alternatives[index]):
                    return found
                following.add((index, position + 1))
        return frozenset(following)

    states, rows = {frozenset(anywhere | at_start): 0, found: 1}, {}
    waiting = list(states)
    while waiting:
        state = waiting.pop(0)
        row = []
        for part in range(len(parts)):
            following = found if state is found or state == found else successor(state, part)
            if following not in states:
                states[following] = len(states)
                waiting.append(following)
            row.append(states[following])
        rows[states[state]] = row
    return parts, minimised([rows[index] for index in range(len(rows))])


def minimised(rows):
    """The same automaton with equivalent states joined (Moore's algorithm); the states stay in order of discovery."""
    group = [1 if index == 1 else 0 for index in range(len(rows))]
    while True:
        signatures = [(group[index], tuple(group[next] for next in row)) for index, row in enumerate(rows)]
        numbers = {}
        refined = [numbers.setdefault(signature, len(numbers)) for signature in signatures]
        if len(numbers) == len(set(group)):
            break
        group = refined
    first = {}
    for index, number in enumerate(group):
        first.setdefault(number, index)
    order = {number: place for place, number in enumerate(sorted(first, key=first.get))}
    return [[order[group[next]] for next in rows[first[number]]] for number in sorted(first, key=first.get)]
