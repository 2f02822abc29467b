"""ASGI entry point, served by granian."""

import os

from django.core.asgi import get_asgi_application

from quancheng.runtime.settle import settle

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quancheng.runtime.settings")
application = get_asgi_application()
settle()
