"""Who receives: the mailbox provider behind a recipient's domain."""

from __future__ import annotations

_DOMAINS = {
    "gmail": "gmail.com googlemail.com",
    "outlook": "outlook.com hotmail.com live.com msn.com hotmail.co.uk hotmail.fr hotmail.de outlook.de live.co.uk",
    "yahoo": "yahoo.com ymail.com rocketmail.com yahoo.co.uk yahoo.fr yahoo.de yahoo.co.jp aol.com",
    "apple": "icloud.com me.com mac.com",
    "gmx": "gmx.de gmx.net gmx.at gmx.ch gmx.com web.de",
    "proton": "proton.me protonmail.com pm.me",
    "yandex": "yandex.ru yandex.com ya.ru",
    "mail.ru": "mail.ru inbox.ru list.ru bk.ru",
    "qq": "qq.com foxmail.com",
    "163": "163.com 126.com",
}
_BY_DOMAIN = {domain: name for name, domains in _DOMAINS.items() for domain in domains.split()}
OTHER = "other"


def receiver_of(recipient: str) -> str:
    """Return the mailbox provider of an address, `other` for one that is not known, `` for no address."""
    domain = recipient.rpartition("@")[2].lower()
    return _BY_DOMAIN.get(domain, OTHER) if domain else ""
