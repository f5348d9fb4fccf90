"""What is said about a mail before it is sent."""

import pytest

from dashboard.composing.warnings import Kind, find_weaknesses

GOOD = '<p>Hi</p><a href="https://a.test/unsubscribe?u=1">Unsubscribe</a>'


def kinds(subject="Hello", html=GOOD, text="Hi", variables=()):
    return {finding.kind for finding in find_weaknesses(subject, html, text, variables)}


def test_good_mail_has_no_findings():
    assert kinds() == set()


@pytest.mark.parametrize(
    ("addition", "kind", "count", "where"),
    [
        ("<img src=https://a.test/x.png><img src=y>", Kind.IMAGE_WITHOUT_ALT, 2, "https://a.test/x.png"),
        ("<a href='http://a.test'>x</a>", Kind.INSECURE_LINK, 1, "http://a.test"),
        ("<img alt='' src='HTTP://a.test/x'>", Kind.INSECURE_IMAGE, 1, "HTTP://a.test/x"),
        ("<a>x</a><a href=''>y</a><a href='#'>z</a><a name=top></a>", Kind.LINK_WITHOUT_ADDRESS, 3, "<a>"),
        ("<script>x</script><iframe></iframe><form></form>", Kind.REMOVED_ELEMENT, 3, "<script>"),
        ("<p onClick=x>y</p>", Kind.REMOVED_HANDLER, 1, "<p onclick>"),
        ("<a href=' java\nscript:x'>y</a>", Kind.REMOVED_ADDRESS, 1, " java\nscript:x"),
    ],
)
def test_weak_elements_are_counted_and_shown(addition, kind, count, where):
    (finding,) = find_weaknesses("Hello", GOOD + addition, "Hi")

    assert (finding.kind, finding.count, finding.where) == (kind, count, where)
    assert finding.sentence.endswith(".")


def test_comments_styles_and_scripts_are_not_read_as_elements():
    assert kinds(html=GOOD + "<!-- <img src=x> --><style>a{content:'<img src=x>'}</style>") == set()


@pytest.mark.parametrize(
    "address", ["https://a.test/opt-out", "https://a.test/email_preferences", "mailto:unsubscribe@a.test"]
)
def test_ways_out_are_known(address):
    assert kinds(html=f"<a href='{address}'>x</a>") == set()


def test_mail_without_a_way_out_is_named_unless_a_variable_is():
    assert kinds(html="<a href=https://a.test>unsubscribe</a>") == {Kind.NO_UNSUBSCRIBE}
    assert kinds(html="<a href=https://a.test>x</a>", variables=["links.unsubscribe_url"]) == set()


@pytest.mark.parametrize(
    ("size", "found"),
    [(81_599, set()), (81_600, {Kind.NEARLY_CLIPPED}), (102_000, {Kind.NEARLY_CLIPPED}), (102_001, {Kind.CLIPPED})],
)
def test_size_is_told_in_bytes(size, found):
    # 80 % of 102,000 are 81,600; the letter has two bytes, so one byte of filling makes an odd size
    filling = size - len(GOOD)
    html = GOOD + "é" * (filling // 2) + "x" * (filling % 2)

    assert kinds(html=html) == found


@pytest.mark.parametrize(
    ("subject", "found"),
    [("", {Kind.NO_SUBJECT}), ("  ", {Kind.NO_SUBJECT}), ("x" * 70, set()), ("x" * 71, {Kind.LONG_SUBJECT})],
)
def test_subject_has_a_length(subject, found):
    assert kinds(subject=subject) == found


def test_mail_without_text_is_named():
    assert kinds(text=" \n") == {Kind.NO_TEXT}
