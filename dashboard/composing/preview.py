"""A template as a document for the sandboxed frame: it cannot run, load, send or lead anywhere.

The frame is `sandbox=""` and its policy forbids everything but inline styles and images within the text, so nothing
rests on this file alone. It takes out what could never work there, so that an author sees what is left: scripts,
frames, forms, handlers, and addresses of links and images. What is not known here is dropped and its text kept.

It works on the stream of tags and builds no tree: a tree of hostile HTML can grow far beyond its text, in time and in
memory, and the browser builds its own from what stands here.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from dashboard.composing.markup import VOID, End, Piece, Start, Text, read_pieces

# The document says it too, so that it holds wherever the document is shown.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'"
ADDRESS_LENGTH = 300

_STYLE = (
    ":root{color-scheme:light}body{margin:0;background:#fff;color:#111;overflow-wrap:break-word}"
    "img{max-width:100%}"
    "img:not([src]){display:inline-block;box-sizing:border-box;min-width:24px;min-height:24px;overflow:hidden;"
    "background:#e8e8ec;color:#44444c;outline:1px dashed #9a9aa4;outline-offset:-1px;"
    "font:12px/1.4 system-ui,sans-serif;text-align:center;vertical-align:middle}"
)
_TAG_NAMES = (
    "a abbr address article aside b bdi bdo big blockquote body br caption center cite code col colgroup dd del dfn "
    "div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr html i img ins kbd li main mark nav ol p "
    "pre q s samp section small span strike strong style sub sup table tbody td tfoot th thead tr tt u ul var"
)
_ATTRIBUTE_NAMES = (
    "abbr align alt aria-hidden aria-label bgcolor border cellpadding cellspacing class color colspan dir face height "
    "hspace id lang media nowrap reversed role rowspan scope size span start style summary title type valign value "
    "vspace width"
)
_TAGS, _ATTRIBUTES = frozenset(_TAG_NAMES.split()), frozenset(_ATTRIBUTE_NAMES.split())
_IMAGES = tuple(f"data:image/{kind};base64," for kind in ("png", "jpeg", "gif", "webp"))
# Leads nowhere, and still is a link to the eye and to the keyboard.
_NOWHERE = "#nowhere"


def make_preview(html: str) -> str:
    """Make a whole document that shows the mail; images from elsewhere are a box with their alternative text."""
    content = "".join(_kept(read_pieces(html)))
    return (
        '<!doctype html><html><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">'
        '<meta name="referrer" content="no-referrer"><meta name="viewport" content="width=device-width">'
        f"<title>Preview</title><style>{_STYLE}</style></head><body>{content}</body></html>"
    )


def _kept(pieces: Iterator[Piece]) -> Iterator[str]:
    for piece in pieces:
        if isinstance(piece, Start) and piece.name in _TAGS:
            yield _start(piece)
        elif isinstance(piece, End) and piece.name in _TAGS - VOID - {"html", "body"}:
            yield f"</{piece.name}>"
        elif isinstance(piece, Text) and piece.within == "style":
            yield piece.text
        elif isinstance(piece, Text) and not piece.within:
            yield escape(piece.text, quote=False)


def _start(piece: Start) -> str:
    attributes = {name: value for name, value in piece.attributes.items() if name in _ATTRIBUTES}
    if piece.name == "a" and piece.attributes.get("href"):
        attributes.setdefault("title", piece.attributes["href"][:ADDRESS_LENGTH])
        attributes["href"] = _NOWHERE
    if piece.name == "img" and piece.attributes.get("src", "").lower().startswith(_IMAGES):
        attributes["src"] = piece.attributes["src"]
    written = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
    return f"<{piece.name}{written}>"
