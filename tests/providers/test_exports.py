"""Files of events: what kind of file it is, element by element, and again from the middle of it."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.providers import exports, generic, records, sendgrid
from dashboard.providers.base import Unreadable
from tests.providers.harness import NOW

EVENT = {"type": "sent", "at": "2026-03-14T09:00:00Z", "message_id": "m1"}


def read(content: bytes, adapter=generic, start: int = 0) -> list[records.Record]:
    file = io.BytesIO(content)
    layout = exports.read_layout(adapter, file)
    return list(exports.read_records(file, layout, start))


def elements(content: bytes, adapter=generic) -> list[object]:
    return [json.loads(record.line) for record in read(content, adapter)]


def reason(content: bytes, adapter=generic) -> str:
    with pytest.raises(Unreadable) as refused:
        exports.check(adapter, io.BytesIO(content), NOW)
    return str(refused.value)


# --- kinds -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "marked"])
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_table_is_read_row_by_row(delimiter, mark, end):
    rows = (["type", "at", "message_id"], list(EVENT.values()), ["sent", "x", "ü"])
    content = mark + end.join(delimiter.join(row) for row in rows).encode()

    assert elements(content) == [EVENT, {"type": "sent", "at": "x", "message_id": "ü"}]


def test_cells_that_are_empty_or_nameless_are_left_out_and_blank_lines_are_none():
    assert elements(b"a,,c,d\n1,2,3,\n\n , ,5\n") == [{"a": "1", "c": "3"}, {"c": "5"}]


def test_numbers_stay_text_and_json_is_read():
    content = b'a,b,c,d\n01,"{""x"": [1, null]}","[""t""]",[not json\n'

    assert elements(content) == [{"a": "01", "b": {"x": [1, None]}, "c": ["t"], "d": "[not json"}]


def test_quoted_cells_may_hold_line_ends_delimiters_and_quotes():
    assert elements(b'a,b\n"1\r\n2","x,""y"""\n3,4\n') == [{"a": "1\r\n2", "b": 'x,"y"'}, {"a": "3", "b": "4"}]


def test_row_with_more_cells_than_the_header_fails_only_itself():
    assert elements(b"a,b\n1,2,3\n1,2,,\n") == [
        {records.FAULT: "It has 3 cells, and the header has 2."},
        {"a": "1", "b": "2"},
    ]


def test_quote_that_is_never_closed_fails_the_rest_of_the_file():
    assert elements(b'a,b\n1,2\n3,"4\n5,6\n')[1:] == [{records.FAULT: "A quotation mark in it is never closed."}]


def test_row_that_is_not_utf8_fails_only_itself():
    assert elements(b"a,b\n" + b"1,2\n" * 20_000 + b"\xff,1\n3,4\n")[-2:] == [
        {records.FAULT: "It is not in UTF-8."},
        {"a": "3", "b": "4"},
    ]


def test_lines_of_json_are_taken_as_they_are():
    assert [record.line for record in read(b'\n{"a": 1}\r\n  {"b":2}\n\nnonsense\n{"c":3}')] == [
        b'{"a": 1}', b'{"b":2}', b"nonsense", b'{"c":3}',
    ]  # fmt: skip


@pytest.mark.parametrize("content", [b'[{"a":1},{"b":"]\\""}]', b' [\n {"a": 1} ,\n\t{"b":\r\n "]\\""}\n]\n'])
def test_list_is_taken_apart(content):
    assert elements(content) == [{"a": 1}, {"b": ']"'}]
    assert all(b"\n" not in record.line and b"\r" not in record.line for record in read(content))


def test_numbers_of_a_list_stay_as_they_are_written():
    assert read(b'[{"id":123456789012345678901234567890,"t":1.10}]')[0].line == (
        b'{"id":123456789012345678901234567890,"t":1.10}'
    )


def test_list_that_is_cut_off_says_where():
    assert elements(b'[{"a":1},{"b"') == [
        {"a": 1},
        {records.FAULT: "The list is broken at byte 10; nothing behind that was read."},
    ]
    assert elements(b'[{"a":1},')[1:] == [
        {records.FAULT: "The list is cut off at byte 10; nothing behind that was read."}
    ]


def test_list_that_is_broken_is_not_read_again_from_its_middle():
    content = b'[{"a":1},nonsense,{"b":2}]'
    broken = read(content)[-1]

    assert broken.end == len(content)


# --- what is too long ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        b'{"a":1}\n{"b":"' + b"x" * 2_000_000 + b'"}\n{"c":3}\n',
        b'[{"a":1},{"b":"' + b"x" * 2_000_000 + b'"},{"c":3}]',
        b"a,c\n1,\n" + b"x" * 2_000_000 + b",2\n,3\n",
        b"a,c\n1,\n" + b'"' + b"x\n" * 300_000 + b'",2\n,3\n',
    ],
    ids=["line", "list", "row", "cell"],
)
def test_element_that_is_too_long_is_not_held(content):
    found = [record.line for record in read(content)]

    assert max(map(len, found)) < 200
    assert b'"a":"1"' in found[0] or b'"a":1' in found[0]
    assert records.FAULT.encode() in found[1]


def test_line_behind_one_that_is_too_long_is_read():
    assert elements(b'{"a":"' + b"x" * 600_000 + b'"}\n{"c":3}\n') == [
        {records.FAULT: "It is longer than 500 kB."},
        {"c": 3},
    ]


# --- from the middle -------------------------------------------------------------------------------

_CELL = st.text(alphabet='ab1 ,;"\n\r{[\té', max_size=12)
_OBJECT = st.dictionaries(_CELL, st.one_of(_CELL, st.integers(), st.none(), st.lists(_CELL, max_size=2)), max_size=4)


@given(st.lists(_OBJECT, max_size=8), st.sampled_from(["lines", "list", "indented"]))
def test_reading_again_from_the_end_of_any_element_gives_the_rest_of_json(told, form):
    if form == "lines":
        content = b'{"first":1}\n' + b"".join(json.dumps(one).encode() + b"\n" for one in told)
    else:
        content = json.dumps([{"first": 1}, *told], indent=1 if form == "indented" else None).encode()

    whole = read(content)

    assert [json.loads(record.line) for record in whole] == [{"first": 1}, *told]
    for place, record in enumerate(whole):
        assert read(content, start=record.end) == whole[place + 1 :]


@given(st.lists(st.lists(_CELL, min_size=3, max_size=3), max_size=8))
def test_reading_again_from_the_end_of_any_row_gives_the_rest_of_a_table(rows):
    quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    content = "\n".join(["one,two,three", *quoted]).encode()

    whole = read(content)

    for place, record in enumerate(whole):
        assert read(content, start=record.end) == whole[place + 1 :]


# --- what is refused before it is taken ------------------------------------------------------------

REFUSED = {
    "empty": (b"", "The file is empty."),
    "blank": (b" \r\n\n", "The file is empty."),
    "empty list": (b"[]", "The file holds no events."),
    "header alone": (b"type,at,message_id\n", "The file holds no events."),
    "one word": (b"hello\n", "The file begins neither with JSON nor with a header of several columns."),
    "twice": (b"type,at,type\n", "The header names 'type' twice."),
    "utf-16": ("type,at\nsent,x".encode("utf-16"), "The file is in UTF-16. Save it as UTF-8 and upload it again."),
    "utf-16 unmarked": ("type,at\nsent,x".encode("utf-16-be"), "The file is in UTF-16."),
    "latin-1": ("type,at\nsent,ü".encode("latin-1"), "The file is not in UTF-8 (byte 14)."),
    "spreadsheet": (b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0", "The file is not text."),
    "packed": (b"\x1f\x8b\x08\x08abcdefgh", "The file is not text."),
    "indented object": (b'{\n  "type": "sent"\n}', "The first line is not a whole JSON object."),
    "other events": (
        b'{"a":1}\n{"b":2}',
        "The file does not begin with Generic events. Its first element: The field",
    ),
}


@pytest.mark.parametrize(("content", "expected"), REFUSED.values(), ids=REFUSED)
def test_file_is_refused_with_a_sentence_when_it_is(content, expected):
    assert reason(content).startswith(expected)


def test_file_is_taken_when_one_of_its_first_events_can_be_read():
    content = b'{"a":1}\n' * 50 + json.dumps(EVENT).encode()

    exports.check(generic, io.BytesIO(content), NOW)


def test_head_that_ends_within_a_character_is_no_fault():
    row = "type,at\nsent," + "é" * exports.HEAD
    for shift in range(2):
        exports.find_layout((" " * shift + row).encode()[: exports.HEAD], {})


# --- columns ---------------------------------------------------------------------------------------


def test_columns_of_a_known_export_become_the_providers_fields():
    found = elements(b"processed,message_id,event,email,mx\n1773480000,abc.x,delivered,bo@x.test,mx1\n", sendgrid)

    assert found == [{"timestamp": "1773480000", "sg_message_id": "abc.x", "event": "delivered", "email": "bo@x.test"}]


def test_column_keeps_its_name_when_the_field_has_a_column_of_its_own():
    found = elements(b"timestamp,processed,event\n1,2,open\n", sendgrid)

    assert found == [{"timestamp": "1", "processed": "2", "event": "open"}]
