# One image for Binder, Codespaces, JupyterHub and a classroom server: PyTorch's CPU build,
# JupyterLab, the lessons and their digits. It fetches nothing when it starts, and nobody is root.
#
#   make image                                          builds it as gan-lessons
#   docker run --rm -p 8888:8888 gan-lessons            prints the address to open
#   docker run … -v "$PWD/my_lessons:/course/my_lessons" gan-lessons    keeps a learner's copies
FROM python:3.12-slim

ARG NB_USER=learner
ARG NB_UID=1000
ENV NB_USER=${NB_USER} NB_UID=${NB_UID} USER=${NB_USER} HOME=/home/${NB_USER}

RUN apt-get update \
    && apt-get install --yes --no-install-recommends git make \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --home-dir "${HOME}" --uid "${NB_UID}" "${NB_USER}" \
    && install --directory --owner="${NB_USER}" /course

WORKDIR /course
USER ${NB_USER}
COPY --chown=${NB_UID} . .

# The environment of `make lesson`, and what Binder and JupyterHub start.
ENV PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
RUN make .venv/.lab TORCH=cpu \
    && .venv/bin/python -m pip install --quiet "notebook>=7.4" "jupyterhub>=5"

ENV PATH=/course/.venv/bin:${PATH}
EXPOSE 8888
CMD ["make", "lesson", "LAB_ARGS=--ip=0.0.0.0 --port=8888 --no-browser"]
