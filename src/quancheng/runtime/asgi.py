"""ASGI entry point, served by granian."""

import os

from django.core.asgi import get_asgi_application

from quancheng.runtime.settle import load_addresses, loading

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quancheng.runtime.settings")
with loading():
    application = get_asgi_application()
    load_addresses()
