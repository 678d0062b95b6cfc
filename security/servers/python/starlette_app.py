"""Starlette, for uvicorn and for hypercorn."""

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from record import RESTRICTED, STATUS, record


def endpoint(handler):
    class Endpoint:
        """A class, so that Starlette hands over every method."""

        def __init__(self, scope, receive, send):
            self.asgi = (scope, receive, send)

        def __await__(self):
            return self.run().__await__()

        async def run(self):
            from starlette.requests import Request

            scope, receive, send = self.asgi
            request = Request(scope, receive)
            try:
                body = len(await request.body())
            except ClientDisconnect:
                return
            query = scope["query_string"].decode("latin-1")
            host = request.url.hostname or ""
            said = record(
                handler, request.method, request.url.path, query, host, request.headers.items(), body
            )
            await PlainTextResponse(said, status_code=STATUS)(scope, receive, send)

    return Endpoint


routes = [Route(path, endpoint(handler)) for path, handler in RESTRICTED.items()]
routes.append(Route("/{rest:path}", endpoint("any")))
app = Starlette(routes=routes)
