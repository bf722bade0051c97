# syntax=docker/dockerfile:1

FROM python:3.13-slim-trixie AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1
WORKDIR /src
# The dependencies first: they change seldom, and their layer is kept while only the program changes.
COPY requirements/build.txt requirements/runtime.txt requirements/
RUN python -m venv /opt/build \
    && /opt/build/bin/pip install --require-hashes -r requirements/build.txt \
    && python -m venv /opt/prospectd \
    && /opt/prospectd/bin/pip install --require-hashes --only-binary=:all: -r requirements/runtime.txt
COPY pyproject.toml README.md LICENSE ./
COPY migrations migrations
COPY connectors connectors
COPY daemon daemon
RUN /opt/build/bin/python -m hatchling build -t wheel -d /tmp/wheel \
    && /opt/prospectd/bin/pip install --no-deps --no-index /tmp/wheel/*.whl \
    && /opt/prospectd/bin/python -m compileall -q /opt/prospectd/lib \
    && /opt/prospectd/bin/pip uninstall --yes pip

FROM python:3.13-slim-trixie
LABEL org.opencontainers.image.title="prospectd" \
      org.opencontainers.image.description="Keeps a CRM supplied with new companies: each one once, none twice." \
      org.opencontainers.image.licenses="MIT"
# The root file system may be mounted read-only: everything that is written goes to /data.
RUN groupadd --system --gid 10001 prospectd \
    && useradd --system --uid 10001 --gid 10001 --home-dir /data --no-create-home \
       --shell /usr/sbin/nologin prospectd \
    && install --directory --owner=10001 --group=10001 --mode=0750 /data
COPY --from=build /opt/prospectd /opt/prospectd
ENV PATH=/opt/prospectd/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PROSPECTD_CONFIG=/etc/prospectd/config.toml \
    PROSPECTD_HTTP__LISTEN=0.0.0.0:8080
WORKDIR /data
VOLUME ["/data"]
USER 10001:10001
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=8s --start-period=60s --retries=3 \
    CMD ["python", "-m", "daemon.web.probe"]
ENTRYPOINT ["prospectd", "-c", "/etc/prospectd/config.toml"]
CMD ["run"]
