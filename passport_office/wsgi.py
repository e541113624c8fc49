"""What the web server calls."""

import gc
import os
from pathlib import Path

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "passport_office.settings.production")

if folder := os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
    Path(folder).mkdir(parents=True, exist_ok=True)

django_application = get_wsgi_application()

from passport_office.first_come import FirstCome  # noqa: E402 - they read the settings
from passport_office.page_cache import PageCache  # noqa: E402
from passport_office.room_answers import RoomAnswers  # noqa: E402

application = RoomAnswers(FirstCome(PageCache(django_application)))

# What is loaded by now stays for good: the collector need not walk through it again and again.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)
