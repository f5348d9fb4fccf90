"""DKIM keys are read as receivers read them."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.dns.dkim import examine
from tests.dns.answering import KEY_1024, KEY_2048, KEY_ED25519, WEAK_KEY


@pytest.mark.parametrize("text", [
    f"v=DKIM1; k=rsa; p={KEY_2048}",
    f"v=DKIM1; k=rsa; p={KEY_2048};",
    f"p={KEY_2048}",
    f"V=DKIM1;K=RSA;T=s;H=sha1:sha256;S=email;N=a note;P={KEY_2048} ; ",
    f"k=rsa; p={KEY_2048[:100]} {KEY_2048[100:]}",
])  # fmt: skip
def test_key_of_2048_bits_is_free_of_faults(text):
    report = examine((text,))

    assert (report.algorithm, report.bits, report.errors, report.warnings) == ("rsa", 2048, (), ())


def test_key_of_1024_bits_is_a_warning():
    assert examine((f"v=DKIM1; p={KEY_1024}",)).warnings == ("The key has 1024 bits; 2048 are recommended.",)


def test_key_of_fewer_bits_is_a_fault():
    report = examine((f"v=DKIM1; p={WEAK_KEY}",))

    assert (report.bits, report.errors) == (768, ("The key has only 768 bits; receivers ask for 1024 or more.",))


def test_ed25519_key_is_taken():
    report = examine((f"v=DKIM1; k=ed25519; p={KEY_ED25519}",))

    assert (report.algorithm, report.errors, report.warnings) == ("ed25519", (), ())


def test_revoked_key_is_told():
    report = examine(("v=DKIM1; k=rsa; p=",))

    assert (report.is_revoked, report.errors) == (True, ("The key was revoked: p= is empty.",))


def test_test_flag_is_a_warning():
    report = examine((f"v=DKIM1; t=y:s; p={KEY_2048}",))

    assert (report.is_testing, report.warnings) == (
        True,
        ("The key is marked as a test (t=y); receivers may ignore it.",),
    )


def test_two_keys_are_a_fault_and_the_same_told_twice_is_one():
    one, other = f"v=DKIM1; p={KEY_2048}", f"v=DKIM1; p={KEY_1024}"

    assert examine((one, other)).errors == ("There are 2 keys; receivers may take the wrong one.",)
    assert examine((one, one)).errors == ()
    assert examine((one, "unrelated text")).errors == ()


@pytest.mark.parametrize(("text", "fault"), [
    (f"v=DKIM2; p={KEY_2048}", "The version is DKIM2"),
    (f"p={KEY_2048}; v=DKIM1", "v=DKIM1 must come first"),
    ("v=DKIM1; k=rsa", "p= is missing"),
    ("v=DKIM1; p=not*base64", "not valid base64"),
    (f"v=DKIM1; p={KEY_2048[:100]}", "cut off"),
    (f"v=DKIM1; p={KEY_2048[:101]}", "not valid base64"),
    (f"v=DKIM1; k=dsa; p={KEY_2048}", "The kind of key, dsa"),
    (f"v=DKIM1; k=ed25519; p={KEY_2048}", "has 32 bytes"),
    (f"v=DKIM1; h=sha1; p={KEY_2048}", "no SHA-256"),
    (f"v=DKIM1; s=web; p={KEY_2048}", "not allow the key for e-mail"),
    (f"v=DKIM1; p={KEY_2048}; p={KEY_1024}", "The tag p is there twice"),
    ("just some text", "it has no p="),
])  # fmt: skip
def test_fault_is_named(text, fault):
    assert any(fault in error for error in examine((text,)).errors)


def test_no_text_is_no_record():
    report = examine(())

    assert (report.texts, report.algorithm, report.errors) == ((), "", ())


@given(
    st.lists(
        st.one_of(
            st.text(max_size=120), st.builds("v=DKIM1; k={}; p={}".format, st.text(max_size=8), st.text(max_size=60))
        ),
        max_size=3,
    )
)
def test_any_text_can_be_read(texts):
    report = examine(tuple(texts))

    assert report.bits is None or report.bits > 0


@given(st.binary(max_size=200))
def test_any_bytes_can_be_a_key(raw):
    assert examine((f"v=DKIM1; p={base64.b64encode(raw).decode()}",)).texts
