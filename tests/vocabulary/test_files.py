"""Names under which files are kept."""

import pytest

from dashboard.vocabulary.files import MAX_FILE_NAME, safe_name

NAMES = {
    "logo.png": "logo.png",
    "../../etc/passwd": "passwd",
    "C:\\Users\\uma\\Angebot.pdf": "Angebot.pdf",
    "  two   words .txt ": "two words .txt",
    "a\r\nSet-Cookie: x.txt": "aSet-Cookie: x.txt",
    "a%0D%0Ab%22c.txt": 'ab"c.txt',
    "Gru\u0308n.png": "Grün.png",
    "invoice\u202egnp.exe": "invoicegnp.exe",
    "zero\u200bwidth\ufeff.txt": "zerowidth.txt",
    "\U0001f469\u200d\U0001f4bb.txt": "\U0001f469\u200d\U0001f4bb.txt",
    "日本語.csv": "日本語.csv",
    "lone\ud800.txt": "lone.txt",
    "": "file",
    "..": "file",
    " . ": "file",
    "folder/": "file",
    "\x00\x1f": "file",
    ".htaccess": ".htaccess",
}


@pytest.mark.parametrize(("given", "expected"), NAMES.items())
def test_name_is_kept_without_folders_and_without_what_is_not_seen(given, expected):
    assert safe_name(given) == expected


def test_long_name_keeps_its_ending():
    name = safe_name("x" * 300 + ".png")

    assert (len(name), name[-5:]) == (MAX_FILE_NAME, "x.png")


def test_long_name_without_an_ending_is_cut():
    assert safe_name("é" * 300) == "é" * MAX_FILE_NAME


def test_long_ending_is_none():
    assert len(safe_name("a." + "x" * 300)) == MAX_FILE_NAME
