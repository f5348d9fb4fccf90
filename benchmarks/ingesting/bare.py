"""The bare Flask app that acceptance is measured against: the signature is checked, the body parsed, nothing kept."""

import hashlib
import hmac
import os

import orjson
from flask import Flask, Response, request

app = Flask(__name__)
SECRET = os.environ.get("BARE_SECRET", "").encode()


@app.post("/")
def receive():
    body = request.get_data(cache=False)
    expected = hmac.digest(SECRET, body, hashlib.sha256).hex()
    if not hmac.compare_digest(expected, request.headers.get("X-Webhook-Signature", "")):
        return Response(b'{"status":"refused"}', 401, content_type="application/json")
    orjson.loads(body)
    return Response(b'{"status":"accepted"}', content_type="application/json")
