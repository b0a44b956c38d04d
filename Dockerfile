# The dashboard in a container:
#   docker build -t two-layer-dynamics . && docker run --rm -p 8501:8501 two-layer-dynamics
FROM python:3.12-slim

RUN useradd --create-home --uid 1000 user
WORKDIR /app

# numba looks at the machine's cores, not at the container's share of them.
ENV PYTHONUNBUFFERED=1 \
    OPENBLAS_NUM_THREADS=1 \
    NUMBA_NUM_THREADS=1 \
    NUMBA_CACHE_DIR=/home/user/.numba_cache

COPY requirements.txt ./
RUN pip install --no-cache-dir --requirement requirements.txt

COPY --chown=user . .
USER user

# Compile the kernels now; the start does it again, since numba keys its cache by the CPU.
RUN python -m engine solve --m 16 --t-max 1 > /dev/null

EXPOSE 8501
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://localhost:8501/_stcore/health', timeout=4)"]

CMD ["sh", "-c", "python -m engine solve --m 16 --t-max 1 > /dev/null && exec streamlit run app.py --server.headless true --server.address 0.0.0.0 --server.port 8501"]
