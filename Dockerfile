# One image for web, worker, beat and the one-shot preparation of the database; docker-compose.yml gives the commands.
# It runs as an ordinary user on a read-only file system: what has to be written goes to /tmp and /dev/shm.

FROM python:3.13-slim-trixie AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /site
RUN python -m venv /venv
COPY requirements.txt requirements-speech.txt ./
# The second also holds what transcribes spoken answers, some 400 MB: name requirements.txt again to do without.
ARG REQUIREMENTS=requirements-speech.txt
RUN /venv/bin/pip install --only-binary :all: --require-hashes -r requirements.txt -r "$REQUIREMENTS"
COPY . .
# Settings want these names; no static file depends on their values, and none stays in the image.
RUN SECRET_KEY=only-while-the-static-files-are-collected ALLOWED_HOSTS=build \
    DATABASE_URL=postgres://build REDIS_URL=redis://build \
    /venv/bin/python manage.py collectstatic --no-input \
    && /venv/bin/python -m compileall -q accounts config interviews questions \
    && /venv/bin/python -m questions.running.snapshot --strict

FROM python:3.13-slim-trixie
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin holdout \
    && install -d -o 10001 -g 10001 -m 700 /files
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp WEB_BIND=0.0.0.0:8000
WORKDIR /site
COPY --from=build /venv /venv
COPY --from=build /site /site
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
CMD ["gunicorn", "config.wsgi", "-c", "python:config.gunicorn"]
