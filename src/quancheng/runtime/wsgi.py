"""WSGI entry point, for servers that know no ASGI (event streams need ASGI)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quancheng.runtime.settings")
application = get_wsgi_application()
