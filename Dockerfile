# syntax=docker/dockerfile:1

# The service: `docker run -p 8080:8080 --env-file preadmit.env preadmit`. The image holds no compiler, no pip and no git:
# the service reads repositories through GitHub's API.
#
# The tag names a release; a digest would name its bytes, and has to be taken from a registry that you trust. Give both:
# `docker build --build-arg PYTHON=3.13.7-slim-bookworm@sha256:...`.
ARG PYTHON=3.13.7-slim-bookworm

FROM python:${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
COPY requirements-build.lock requirements.lock ./
RUN python -m venv /build \
    && /build/bin/pip install --only-binary :all: --require-hashes -r requirements-build.lock \
    && python -m venv --without-pip /opt/preadmit \
    && pip --python /opt/preadmit install --only-binary :all: --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY templates templates
COPY engine engine
COPY bot bot
RUN /build/bin/pip wheel --no-deps --no-build-isolation --no-index --wheel-dir /wheels . \
    && pip --python /opt/preadmit install --no-deps --no-index /wheels/preadmit-*.whl \
    && /opt/preadmit/bin/python -m compileall -q /opt/preadmit/lib

FROM python:${PYTHON}
RUN python -m pip uninstall --yes pip \
    && groupadd --gid 10001 preadmit \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin preadmit \
    && install --directory --owner=10001 --group=10001 --mode=0700 /var/lib/preadmit
COPY --from=build /opt/preadmit /opt/preadmit
ENV PATH=/opt/preadmit/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PYTHONSAFEPATH=1 \
    PORT=8080 \
    PREADMIT_STATE_DIR=/var/lib/preadmit
USER 10001:10001
WORKDIR /var/lib/preadmit
VOLUME /var/lib/preadmit
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=4)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["preadmit"]
CMD ["serve"]
