"""The WSGI application that the web server calls."""

import os

from django.core.wsgi import get_wsgi_application
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "passport_office.settings.production")

application = get_wsgi_application()
application.request_class = import_string("core.requests.Request")
