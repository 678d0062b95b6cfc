"""What the servers on Python share: the restricted handlers, and the line that each run of a handler prints."""

import json
import sys
import threading

RESTRICTED = {
    "/admin/users": "admin",
    "/team/list": "team",
    "/secret": "secret",
    "/v1/private": "private",
    "/write": "write",
    "/upload": "upload",
    "/beta": "beta",
}
STATUS = 203
_printing = threading.Lock()


def record(handler, method, path, query, host, headers, body):
    line = json.dumps(
        {
            "handler": handler,
            "method": method,
            "path": path,
            "query": query,
            "host": host,
            "headers": [[name, value] for name, value in headers],
            "body": body,
        }
    )
    with _printing:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    return f"{handler} {query}\n"


def environ_headers(environ):
    """Headers as WSGI hands them to applications (PEP 3333): X-Forwarded-For and X_Forwarded_For are one name."""
    for key, value in environ.items():
        if key.startswith("HTTP_"):
            yield key[5:].replace("_", "-").lower(), value


def text(value):
    return value if isinstance(value, str) else value.decode("latin-1")
