"""The demo's files: pictures, a price list and a letter, made here byte by byte and uploaded as acme's people would."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from io import BytesIO

import sqlalchemy as sa

from dashboard.clients.storage import Storage
from dashboard.database.engine import Engines, Mode
from dashboard.database.session import open_session
from dashboard.models import User
from dashboard.queries.files import get_usage
from dashboard.services.files import Upload, upload_file
from dashboard.vocabulary.people import CompanyRef, Member, Person
from dashboard.vocabulary.roles import Role

Pixel = tuple[int, int, int]


def add_files(engines: Engines, storage: Storage, company: CompanyRef, now: datetime) -> None:
    """Upload the files, each in a transaction of its own."""
    for days_ago, who, name, content in _files():
        with open_session(engines, Mode.WRITE, directory=True) as session:
            user = session.scalars(sa.select(User).where(User.email == who)).one()
            person = Person(user.id, user.email, user.name, user.theme, user.timezone)
        at = now - timedelta(days=days_ago)
        member = Member(person, company, Role.USER, 0, at, None)
        with open_session(engines, Mode.WRITE, company.id) as session, session.begin():
            usage = get_usage(session)
            upload_file(session, storage, Upload(name, BytesIO(content)), member=member, usage=usage, now=at)


def _files() -> Iterator[tuple[int, str, str, bytes]]:
    """Yield days ago, who, name and content."""
    yield 61, "ada@acme.test", "acme-logo.png", _picture(240, 240, _logo)
    yield 47, "uma@acme.test", "autumn-header.png", _picture(600, 200, _hills)
    yield 30, "uma@acme.test", "price-list-autumn.csv", _PRICES.encode()
    yield 12, "ada@acme.test", "delivery-terms.pdf", _letter("Acme delivery terms", "Parcels leave on working days.")
    yield 3, "uma@acme.test", "newsletter-notes.txt", _NOTES.encode()


_PRICES = """article,name,price
1001,Wool scarf,39.00
1002,Felt slippers,54.50
1003,Enamel mug,16.00
1004,Beeswax candle,12.80
"""
_NOTES = """Newsletter, next issue
- The header is autumn-header.png, 600 x 200.
- The scarf leads, the mug closes.
- Plain text has the same links.
"""


def _picture(width: int, height: int, paint: Callable[[float, float], Pixel]) -> bytes:
    """Return a PNG; `paint` says the colour at a place, both from 0 to 1."""
    lines = bytearray()
    for y in range(height):
        lines.append(0)  # no filter
        for x in range(width):
            lines += bytes(paint(x / width, y / height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(bytes(lines), 9)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in parts)


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def _logo(x: float, y: float) -> Pixel:
    """Paint an arch on a warm ground."""
    away = ((x - 0.5) ** 2 + (y - 0.62) ** 2) ** 0.5
    is_arch = (0.2 < away < 0.33 and y < 0.62) or (0.2 < abs(x - 0.5) < 0.33 and 0.62 <= y < 0.78)
    return (255, 250, 240) if is_arch else (184 - int(40 * y), 74, 44 + int(20 * x))


def _hills(x: float, y: float) -> Pixel:
    """Paint three hills under an evening sky."""
    for edge, curve, colour in ((0.82, 0.5, (92, 64, 40)), (0.68, 1.1, (150, 92, 44)), (0.55, 0.3, (204, 132, 60))):
        if y > edge - 0.16 * (1 - (2 * ((x + curve) % 1) - 1) ** 2):
            return colour
    return (250 - int(60 * y), 214 - int(70 * y), 170 - int(20 * y))


def _letter(title: str, sentence: str) -> bytes:
    """Return a PDF of one page."""
    drawn = f"BT /F1 22 Tf 72 760 Td ({title}) Tj 0 -36 Td /F1 12 Tf ({sentence}) Tj ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
            b" /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>"
        ),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn),
    ]
    made, places = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, start=1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    return bytes(made) + end % (len(objects) + 1, table, len(objects) + 1, len(made))
