"""What each provider asks for in the DNS of a domain that it sends for, as one table.

A value may offer alternatives (`a|b`: the first is shown, any is right) and hold `*` for what differs by account,
`{selector}` and `{dashed}` (the domain with hyphens for dots) for what follows from the domain.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record stands and where it leads; no host means that the person chooses it at the provider."""

    value: str
    host: str = ""
    type: str = "CNAME"


@dataclass(frozen=True, slots=True)
class Facts:
    """One provider. `selectors` are those that all its accounts share; none means that they come from the account."""

    title: str
    include: str = ""  # the SPF include of the domain itself
    return_include: str = ""  # the SPF include of the return path, where that is no CNAME
    selectors: tuple[str, ...] = ()
    dkim_target: str = ""  # of a CNAME; none means that the key itself is published, as TXT
    entered_target: str | None = None  # of a selector that the person entered, where that is different
    return_path: Place | None = None
    tracking: Place | None = None
    inbound: tuple[str, ...] = ()


FACTS = {
    "ses": Facts(
        "Amazon SES",
        return_include="amazonses.com", dkim_target="{selector}.dkim.amazonses.com|{selector}.*.amazonses.com",
        return_path=Place("10 feedback-smtp.*.amazonses.com", "mail", "MX"), tracking=Place("r.*.awstrack.me"),
        inbound=("10 inbound-smtp.*.amazonaws.com",),
    ),
    "brevo": Facts(
        "Brevo",
        selectors=("brevo1", "brevo2"), dkim_target="b{number}.{dashed}.dkim.brevo.com|b{number}.*dkim.brevo.com",
        entered_target="",
    ),
    "mailersend": Facts(
        "MailerSend",
        include="_spf.mailersend.net", selectors=("mlsend2",), dkim_target="{selector}._domainkey.mailersend.net",
        entered_target="{selector}.*mailersend.net", return_path=Place("mailersend.net", "mta"),
        tracking=Place("links.mailersend.net|*.mailersend.net", "email"), inbound=("10 inbound.mailersend.net",),
    ),
    "mailgun": Facts(
        "Mailgun",
        include="mailgun.org|eu.mailgun.org|_spf.mailgun.org|_spf.eu.mailgun.org",
        tracking=Place("mailgun.org|eu.mailgun.org", "email"),
        inbound=("10 mxa.mailgun.org|10 mxa.eu.mailgun.org", "10 mxb.mailgun.org|10 mxb.eu.mailgun.org"),
    ),
    "mailjet": Facts(
        "Mailjet",
        include="spf.mailjet.com", selectors=("mailjet",), return_path=Place("bnc3.mailjet.com|*.mailjet.com", "bnc3"),
        tracking=Place("*.mailjet.com"), inbound=("10 parse.mailjet.com",),
    ),
    "mailtrap": Facts(
        "Mailtrap",
        selectors=("rwmt1", "rwmt2"), dkim_target="{selector}.dkim.smtp.mailtrap.live",
        return_path=Place("smtp.mailtrap.live"), tracking=Place("*.mailtrap.live", "mt-link"),
    ),
    "mandrill": Facts(
        "Mandrill",
        include="spf.mandrillapp.com", selectors=("mte1", "mte2"), dkim_target="dkim{number}.mandrillapp.com",
        entered_target="", return_path=Place("mandrillapp.com"), tracking=Place("mandrillapp.com"),
        inbound=("10 *.in1.mandrillapp.com", "20 *.in2.mandrillapp.com"),
    ),
    "postal": Facts(
        "Postal",
        include="spf.*|*", return_path=Place("rp.*|*", "psrp"), tracking=Place("track.*|*"), inbound=("10 mx.*|*",),
    ),
    "postmark": Facts(
        "Postmark",
        return_path=Place("pm.mtasv.net", "pm-bounces"), inbound=("10 inbound.postmarkapp.com",),
    ),
    "resend": Facts(
        "Resend",
        return_include="amazonses.com", selectors=("resend",),
        return_path=Place("10 feedback-smtp.*.amazonses.com", "send", "MX"), tracking=Place("*.resend-dns.com"),
        inbound=("10 inbound-smtp.*.amazonaws.com",),
    ),
    "scaleway": Facts(
        "Scaleway",
        include="_spf.tem.scaleway.com|_spf.scw-tem.cloud",
    ),
    "sendgrid": Facts(
        "SendGrid",
        selectors=("s1", "s2"), dkim_target="{selector}.domainkey.u*.sendgrid.net",
        return_path=Place("u*.wl*.sendgrid.net|u*.sendgrid.net"), tracking=Place("sendgrid.net"),
        inbound=("10 mx.sendgrid.net",),
    ),
    "sparkpost": Facts(
        "SparkPost",
        return_path=Place("sparkpostmail.com|eu.sparkpostmail.com|*.mail.e.sparkpost.com", "bounces"),
        tracking=Place("spgo.io|eu.spgo.io"),
        inbound=("10 rx1.sparkpostmail.com|10 rx1.eu.sparkpostmail.com",),
    ),
    "unisender": Facts(
        "Unisender Go",
        include="spf.unisender.com|spf.unisender.ru|spf.unione.io", selectors=("us",),
    ),
}  # fmt: skip
