# Two stages: the first has pip and makes the static files, the second has only what runs.
FROM python:3.11-slim-bookworm AS build

ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
RUN python -m venv /venv
COPY requirements/runtime.txt requirements/runtime.txt
RUN /venv/bin/python -m pip install --require-hashes --no-deps -r requirements/runtime.txt

# The voice of the boards; only its audio files go into the image.
RUN apt-get update && apt-get install --yes --no-install-recommends espeak-ng && rm -rf /var/lib/apt/lists/*

COPY . .
# Hashed, gzip and brotli, here and not at the first start. The secrets of this step are thrown away with it.
RUN SECRET_KEY=build-only-build-only-build-only-build-only-build-only- \
    PERSON_KEY=build-only-build-only-build-only \
    FIELD_KEYS=MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE= \
    DATABASE_URL=postgres://nobody@127.0.0.1:1/none REDIS_URL=redis://127.0.0.1:1/0 \
    EMAIL_URL=smtp://127.0.0.1:1 ALLOWED_HOSTS=build.invalid PUBLIC_URL=https://build.invalid \
    DJANGO_SETTINGS_MODULE=passport_office.settings.production \
    sh -c "/venv/bin/python manage.py compile_messages && /venv/bin/python manage.py build_sounds && /venv/bin/python manage.py collectstatic --no-input"


FROM python:3.11-slim-bookworm

ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=passport_office.settings.production
RUN groupadd --system --gid 10001 office && useradd --system --uid 10001 --gid office --no-create-home office \
    && install -d -o office -g office -m 0700 /var/lib/passport-office/paper
WORKDIR /app
COPY --from=build /venv /venv
COPY --from=build /app /app
USER office
EXPOSE 8000
CMD ["python", "-m", "granian", "passport_office.wsgi:application", "--interface", "wsgi", \
     "--host", "0.0.0.0", "--port", "8000", "--workers", "4", "--blocking-threads", "3", \
     "--blocking-threads-idle-timeout", "600", "--http", "1", "--no-ws", "--respawn-failed-workers"]
