"""HTML files as text: the first bytes decide, then what the file says of itself, else UTF-8."""

import codecs

import pytest

from dashboard.composing.reading import find_title, read_html
from dashboard.errors import Invalid

TEXT = "<p>Grüße € Ж</p>"


def sentence(data):
    with pytest.raises(Invalid) as raised:
        read_html(data)
    (fault,) = raised.value.fields
    assert fault.path == "file"
    return fault.message


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
    ],
    ids=["utf-8", "marked", "utf-16-le", "utf-16-be"],
)
def test_file_is_read_by_its_first_bytes(data):
    assert read_html(data) == TEXT


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("iso-8859-1", "cp1252"), ("windows-1252", "cp1252"), ("ISO-8859-15", "iso8859-15"), ("utf-16", "utf-8"),
        ("us-ascii", "cp1252"),
    ],
)  # fmt: skip
def test_file_is_read_as_it_says_itself_and_says_utf_8_afterwards(name, codec):
    source = '<head><meta http-equiv="Content-Type" content="text/html; charset={}"></head>Grüße €'

    assert read_html(source.format(name).encode(codec)) == source.format("utf-8")


def test_mark_is_stronger_than_what_the_file_says():
    data = codecs.BOM_UTF8 + '<meta charset="iso-8859-1">Grüße'.encode()

    assert read_html(data) == '<meta charset="utf-8">Grüße'


@pytest.mark.parametrize("name", ["utf-7", "rot13", "base64", "idna", "unicode_escape", "nonsense", "zlib"])
def test_encoding_that_is_none_of_the_webs_is_refused(name):
    assert "which is not known here" in sentence(f'<meta charset="{name}">x'.encode())


def test_bytes_that_are_not_what_was_said_are_told_with_their_line():
    assert sentence(b"a\nb\n\xe4").startswith("Line 3 is not written in utf-8")
    assert sentence(b'<meta charset="shift_jis">\xff\xff').startswith("Line 1 is not written in shift_jis")


def test_file_with_nul_characters_is_no_html():
    assert sentence(b"GIF89a\0\0") == "This is no HTML file: it has NUL characters in it."


def test_title_is_found_on_one_line():
    assert find_title("<head><TITLE> A &amp;\n B </title></head><title>2</title>") == "A & B"
    assert find_title("<p>none</p>") == ""
