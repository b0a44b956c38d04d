# The dashboard in a container; `scripts/container build` and `run` build and run it with
# docker, podman or buildah, read-only and without privileges, as compose.yaml does.
ARG BASE=python:3.12-slim

# Everything that needs pip or writes: packages with checked hashes, and the compiled kernels.
FROM ${BASE} AS build
WORKDIR /app
ENV OPENBLAS_NUM_THREADS=1 NUMBA_NUM_THREADS=1 NUMBA_CACHE_DIR=/kernels PYTHONDONTWRITEBYTECODE=1
RUN python3 -m venv --without-pip /venv
COPY requirements.txt ./
RUN python3 -m pip --python /venv/bin/python install --no-cache-dir --require-hashes \
        --only-binary :all: --requirement requirements.txt \
    && find /venv -name tests -type d -prune -exec rm -rf {} +
# What no page uses: Arrow's servers and stores, headers, and extensions for notebooks.
RUN find /venv/lib -path '*/pyarrow/*' \
        \( -name '*flight*' -o -name '*s3*' -o -name include -o -name src \) -prune -exec rm -rf {} + \
    && find /venv \( -path '*/pydeck/nbextension' -o -path '*/plotly/labextension' \
        -o -path /venv/share/jupyter \) -prune -exec rm -rf {} + \
    && find /venv -name '*.py[ixd]' -type f -delete
COPY . .
RUN ["/venv/bin/python", "-m", "dashboard.service.kernels"]

FROM ${BASE}
# numba looks at the machine's cores, not at the container's share of them.
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    OPENBLAS_NUM_THREADS=1 NUMBA_NUM_THREADS=1 NUMBA_CACHE_DIR=/kernels \
    HOME=/tmp MPLCONFIGDIR=/tmp
WORKDIR /app
COPY --from=build /venv /venv
# Owned by root, so that what runs cannot change what it runs; read as bytecode.
COPY . .
RUN ["python", "-m", "compileall", "-q", "/app"]
# Kernels for other processors are compiled at the start; the volume keeps them.
COPY --from=build --chown=1000:1000 /kernels /kernels
USER 1000:1000
EXPOSE 8501
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://localhost:8501/_stcore/health', timeout=4)"]
STOPSIGNAL SIGINT
CMD ["python", "-m", "dashboard", "--server.headless=true", "--server.address=0.0.0.0", "--server.port=8501"]
