"""What a file is, told by its bytes."""

import io

import pytest

from dashboard.errors import Invalid
from dashboard.services.file_types import find_type
from dashboard.vocabulary.files import MEDIA_TYPES, UNKNOWN, media_type
from tests.files import HTML, PNG, SVG, archive

TAKEN = {
    "PNG": (PNG, "x.png"),
    "JPEG": (b"\xff\xd8\xff\xe0" + bytes(20), "x.jpg"),
    "GIF": (b"GIF89a" + bytes(20), "x.gif"),
    "WebP": (b"RIFF\x10\0\0\0WEBPVP8 " + bytes(20), "x.webp"),
    "PDF": (b"%PDF-1.7\n%\xe2\xe3", "x.pdf"),
    "DOCX": (archive("[Content_Types].xml", "_rels/.rels", "word/document.xml"), "x.docx"),
    "XLSX": (archive("[Content_Types].xml", "xl/workbook.xml"), "x.xlsx"),
    "ZIP": (archive("a.txt"), "x.zip"),
    "CSV": ("name;größe\n".encode(), "x.csv"),
    "Text": (b"\xef\xbb\xbfhello", "x.txt"),
    "SVG": (SVG, "x.svg"),
    "HTML": (HTML, "x.html"),
}
# What is one thing and says that it is another.
LYING = {
    "a page named as a picture": (HTML, "x.png", "HTML"),
    "a page behind blanks": (b"\xef\xbb\xbf \n\t<SCRIPT >", "x.txt", "HTML"),
    "a comment": (b"<!-- x --><svg onload=x>", "x.txt", "SVG"),
    "a drawing named as text": (SVG, "x.txt", "SVG"),
    "a drawing behind a type": (b'<!DOCTYPE svg><svg xmlns="x"/>', "x.csv", "SVG"),
    "text named as a page": (b"hello", "x.HTML", "HTML"),
    "text named as a picture": (b"hello", "x.png", "Text"),
    "a picture named as text": (PNG, "x.txt", "PNG"),
    "a picture without a name": (PNG, "file", "PNG"),
    "office files without their folder": (archive("[Content_Types].xml", "a.xml"), "x.docx", "ZIP"),
    "an archive named as office": (archive("a.txt", "word.txt"), "x.docx", "ZIP"),
    "less than": (b"a < b and <svgish>", "x.txt", "Text"),
}
REFUSED = {
    "nothing": (b"", "x.txt", "The file is empty."),
    "a program of Windows": (b"MZ\x90\0", "x.png", "Programs and scripts are not taken."),
    "a program of Linux": (b"\x7fELF\x02", "x", "Programs and scripts are not taken."),
    "a script": (b"#!/bin/sh\nrm", "x.txt", "Programs and scripts are not taken."),
    "a program by its name": (b"echo", "x.BAT", "Programs and scripts are not taken."),
    "an archive that is run": (archive("META-INF/MANIFEST.MF"), "x.jar", "Programs and scripts are not taken."),
    "unknown bytes": (b"\0\x01\x02", "x.dat", "Files of this type are not taken."),
    "text in UTF-16": ("hello".encode("utf-16"), "x.txt", "Files of this type are not taken."),
    "text in Latin-1": ("größe".encode("latin-1"), "x.csv", "This is no text in UTF-8"),
    "text that ends within a letter": ("ö".encode()[:1], "x.csv", "This is no text in UTF-8"),
    "text with a zero behind its beginning": (b"x" * 70_000 + b"\0", "x.csv", "This is no text in UTF-8"),
    "text that is none behind its beginning": (b"x" * 70_000 + b"\xff", "x.csv", "This is no text in UTF-8"),
    "half of a picture's mark": (b"\x89PNG", "x.png", "This is no text in UTF-8"),
}


@pytest.mark.parametrize("label", TAKEN)
def test_type_is_told_by_the_bytes(label):
    content, name = TAKEN[label]

    assert find_type(io.BytesIO(content), name).label == label


@pytest.mark.parametrize("case", LYING)
def test_name_of_a_file_that_lies_does_not_count(case):
    content, name, expected = LYING[case]

    assert find_type(io.BytesIO(content), name).label == expected


@pytest.mark.parametrize("case", REFUSED)
def test_file_is_refused_with_a_sentence_when_it_is(case):
    content, name, sentence = REFUSED[case]

    with pytest.raises(Invalid) as refused:
        find_type(io.BytesIO(content), name)

    assert refused.value.message.startswith(sentence)
    assert [fault.path for fault in refused.value.fields] == ["file"]


def test_large_office_file_is_told_by_its_list_at_the_end():
    names = [f"a/{number:05}.xml" for number in range(3_000)]
    content = archive(*names, "[Content_Types].xml", "xl/workbook.xml")

    assert len(content) > 200_000
    assert find_type(io.BytesIO(content), "x.xlsx").label == "XLSX"


def test_only_pictures_of_dots_are_shown():
    assert {one.label for one in MEDIA_TYPES.values() if one.is_shown} == {"PNG", "JPEG", "GIF", "WebP"}


def test_no_download_names_a_type_that_runs():
    sent = {one.sent_as for one in MEDIA_TYPES.values()}

    assert not any("html" in name or "svg" in name for name in sent)


def test_type_of_another_day_is_a_file():
    assert media_type("application/x-old") is UNKNOWN
