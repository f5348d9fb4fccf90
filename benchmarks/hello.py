"""The bare Flask app that pages are measured against: it opens the session of the same cookie."""

import os

from flask import Flask, jsonify, session

app = Flask(__name__)
app.config.update(SECRET_KEY=os.environ.get("HELLO_KEY", "hello"), SESSION_COOKIE_NAME="sendscope")


@app.get("/")
def hello():
    return jsonify(hello=session.get("token", "")[:4])
