"""Django, as WSGI and as ASGI application."""

import django
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse
from django.urls import re_path

from record import RESTRICTED, STATUS, record

settings.configure(
    ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, MIDDLEWARE=[], SECRET_KEY="none", USE_X_FORWARDED_HOST=False
)


def view(handler):
    def run(request, *_args, **_kwargs):
        body = len(request.read())
        query = request.META.get("QUERY_STRING", "")
        host = request.get_host()
        headers = [(name.lower(), value) for name, value in request.headers.items()]
        return HttpResponse(
            record(handler, request.method, request.path, query, host, headers, body), status=STATUS
        )

    return run


urlpatterns = [re_path(f"^{path[1:]}$", view(handler)) for path, handler in RESTRICTED.items()]
urlpatterns.append(re_path("", view("any")))

django.setup()
asgi = ASGIHandler()
wsgi = WSGIHandler()
