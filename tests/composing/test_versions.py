"""Two versions side by side."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.composing.versions import LINES_COMPARED, RowKind, compare_texts


def told(difference):
    return [(row.kind.value, row.left_number, row.right_number) for row in difference.rows]


def side(segments):
    return "".join(f"[{segment.text}]" if segment.is_marked else segment.text for segment in segments)


def test_changed_words_are_marked():
    (row,) = compare_texts("Hello dear Ada, welcome", "Hello Ada, be welcome").rows

    assert row.kind is RowKind.CHANGED
    assert side(row.left) == "Hello[ dear] Ada, welcome"
    assert side(row.right) == "Hello Ada, [be ]welcome"


def test_lines_with_little_in_common_are_marked_whole():
    (row,) = compare_texts("abc", "xyz uvw").rows

    assert (side(row.left), side(row.right)) == ("[abc]", "[xyz uvw]")


def test_added_and_removed_lines_stand_alone():
    difference = compare_texts("a\nb\nc", "b\nc\nd")

    assert told(difference) == [("removed", 1, None), ("same", 2, 1), ("same", 3, 2), ("added", None, 3)]
    assert (difference.added, difference.removed, difference.was_cut) == (1, 1, False)


def test_long_unchanged_runs_are_folded():
    # 20 lines, the 10th changed: 1-9 leave three (7-9), 11-20 leave three (11-13)
    left = [str(number) for number in range(1, 21)]
    right = [*left[:9], "x", *left[10:]]

    rows = compare_texts("\n".join(left), "\n".join(right)).rows

    assert [(row.kind.value, row.left_number, row.folded) for row in rows] == [
        ("folded", 1, 6),
        ("same", 7, 0),
        ("same", 8, 0),
        ("same", 9, 0),
        ("changed", 10, 0),
        ("same", 11, 0),
        ("same", 12, 0),
        ("same", 13, 0),
        ("folded", 14, 7),
    ]


def test_same_texts_have_no_difference():
    difference = compare_texts("a\r\nb\rc", "a\nb\nc")

    assert difference.is_empty
    assert [row.kind for row in difference.rows] == [RowKind.FOLDED]
    assert compare_texts("", "").rows == ()


def test_first_version_is_all_added():
    difference = compare_texts("", "a\nb")

    assert told(difference) == [("added", None, 1), ("added", None, 2)]


def test_what_is_left_counts_as_changed_when_the_time_is_over():
    instants = iter([0.0, *[9.0] * 1000])

    difference = compare_texts("a\nb\nc", "x\nb\ny", clock=lambda: next(instants))

    assert difference.was_cut
    assert [row.kind for row in difference.rows] == [RowKind.CHANGED] * 3


@pytest.mark.parametrize(
    ("left", "right", "was_cut"),
    [
        ("\n" * 250_000 + "a", "b" + "\n" * 249_000, True),
        ("x " * 250_000, "y " * 250_000, False),
        ("\n".join(map(str, range(LINES_COMPARED + 1))), "\n".join(map(str, range(LINES_COMPARED + 1, 0, -1))), True),
        (
            "\n".join(str(number % 90) for number in range(9_999)),
            "\n".join(str(number % 91) for number in range(9_999)),
            True,
        ),
    ],
)
def test_large_texts_are_compared_soon(left, right, was_cut):
    began = time.monotonic()

    difference = compare_texts(left, right)

    assert time.monotonic() - began < 10
    assert difference.was_cut is was_cut


LINES = st.lists(st.sampled_from(["a", "b b", "c c c", ""]), max_size=30)


@settings(deadline=None)
@given(LINES, LINES)
def test_both_texts_can_be_read_from_the_rows(left, right):
    rows = compare_texts("\n".join(left), "\n".join(right)).rows

    shown = [row for row in rows if row.kind is not RowKind.FOLDED]
    for row in shown:
        assert row.left_number is None or "".join(part.text for part in row.left) == left[row.left_number - 1]
        assert row.right_number is None or "".join(part.text for part in row.right) == right[row.right_number - 1]
    lines = ("\n".join(left)).split("\n") if "\n".join(left) else []
    assert sum(row.left_number is not None for row in shown) + sum(row.folded for row in rows) == len(lines)
