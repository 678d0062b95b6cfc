"""wsgiref's server with a plain WSGI application: `python wsgiref_app.py HOST PORT`."""

import socketserver
import sys
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from record import RESTRICTED, STATUS, environ_headers, record


def app(environ, start_response):
    handler = RESTRICTED.get(environ["PATH_INFO"], "any")
    body = len(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))
    said = record(
        handler,
        environ["REQUEST_METHOD"],
        environ["PATH_INFO"],
        environ["QUERY_STRING"],
        environ.get("HTTP_HOST", ""),
        environ_headers(environ),
        body,
    )
    start_response(f"{STATUS} Echo", [("Content-Type", "text/plain")])
    return [said.encode("latin-1", "replace")]


class Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        """A connection that ends early is no news here."""


class Quiet(WSGIRequestHandler):
    def log_message(self, *_args):
        """Prints nothing."""


make_server(sys.argv[1], int(sys.argv[2]), app, Server, Quiet).serve_forever()
