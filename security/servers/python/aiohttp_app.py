"""aiohttp.web: `python aiohttp_app.py HOST PORT`."""

import logging
import sys

from aiohttp import web

from record import RESTRICTED, STATUS, record


def view(handler):
    async def run(request):
        body = len(await request.read())
        said = record(
            handler,
            request.method,
            request.path,
            request.query_string,
            request.host,
            request.headers.items(),
            body,
        )
        return web.Response(text=said, status=STATUS)

    return run


app = web.Application()
for path, kind in RESTRICTED.items():
    app.router.add_route("*", path, view(kind))
app.router.add_route("*", "/{rest:.*}", view("any"))
logging.disable(logging.CRITICAL)
web.run_app(app, host=sys.argv[1], port=int(sys.argv[2]), print=None, access_log=None)
