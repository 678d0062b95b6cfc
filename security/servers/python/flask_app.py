"""Flask, for gunicorn."""

from flask import Flask, request

from record import RESTRICTED, STATUS, environ_headers, record

METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT"]
app = Flask(__name__)


def run(handler):
    body = request.get_data(cache=False)
    query = request.query_string.decode("latin-1")
    headers = environ_headers(request.environ)
    return record(handler, request.method, request.path, query, request.host, headers, len(body)), STATUS


def add(path, handler, name):
    app.add_url_rule(
        path, name, lambda **_: run(handler), methods=METHODS, provide_automatic_options=False
    )


for route, kind in RESTRICTED.items():
    add(route, kind, kind)
add("/", "any", "root")
add("/<path:rest>", "any", "rest")
