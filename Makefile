# Everything is installed into .venv beside this file; nothing needs root. `make` lists the targets.
#
#   PYTHON=python3.12   the Python that makes .venv (3.10 or newer)
#   TORCH=cpu|cuda      on the first call, PyTorch's CPU build (0.4 GB) or PyPI's (3.2 GB on Linux);
#                       left out, the CPU build where no NVIDIA GPU is seen
#   LAB_ARGS=...        passed to JupyterLab, e.g. LAB_ARGS="--no-browser --port=8899"
#   DEMO_ARGS=...       passed to Voila, e.g. DEMO_ARGS="--no-browser --port=8866"
#   PYTEST_ARGS=...     passed to pytest, e.g. PYTEST_ARGS="-k losses"
#   LESSONS=...         the lessons `make notebooks` builds and `make memory` measures, e.g. "01 06"
#   REMEASURE=1         `make notebooks` stores measured times anew
#   REPO=owner/name     the copy on GitHub that `make colab` points all links at; left out, the one
#                       that this clone came from
#   WALL=http://...     where `make demo` serves, for the links on slides
#   ROOT=data           the folder of MNIST/raw for `make pretrained`

PYTHON ?= python3
TORCH ?=
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
LAB_ARGS ?=
DEMO_ARGS ?=
PYTEST_ARGS ?=
LESSONS ?=
REMEASURE ?=
REPO ?=
ROOT ?= data
WALL ?= http://127.0.0.1:8866

PY := .venv/bin/python
SLIDES := .venv-book/bin/python
BOOK := .venv-book/bin/python -m sphinx --quiet --fail-on-warning
# Progress bars for a person at a terminal, silence for a log.
PIP := -m pip --disable-pip-version-check install $(shell [ -t 2 ] || echo --quiet)
# Two files of tests at a time, the longest first (tests/conftest.py): three took as long on two
# cores, and 8 GB. The cells of a notebook stay together and in order. At the end the ten slowest
# tests are named.
IN_PARALLEL := -n 2 --dist loadfile --no-loadscope-reorder --durations=10 --durations-min=1
SITE := import sysconfig as s; print(*{s.get_path("purelib"), s.get_path("platlib")}, sep="\n")

# A slider's small messages must not wait; see the module.
define LAB_CONFIG
from gan_lesson.send_at_once import connection_class

c.ServerApp.kernel_websocket_connection_class = connection_class()
endef
define CLASSIC_CONFIG
from gan_lesson.send_at_once import in_classic_notebook

in_classic_notebook()
endef
export LAB_CONFIG CLASSIC_CONFIG

.PHONY: help lesson demo book slides class test test-processors test-all notebooks colab figures pretrained bench soak memory image lint clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-15s %s\n", $$1, $$2}' Makefile

lesson: .venv/.lab ## install what is needed, then open the lessons in JupyterLab
	@$(PY) tools/my_lessons.py notebooks my_lessons
	@set -- notebooks/[0-9]*.ipynb; cd my_lessons && \
	    exec ../$(PY) -m jupyterlab --LabApp.default_url="/lab/tree/$${1##*/}" $(LAB_ARGS)

demo: .venv/.demo ## install Voila, then open every explorer and player as a page to project
	@exec $(PY) -m gan_lesson.lessons.wall $(DEMO_ARGS)

book: .venv-book/.made ## make the course a web book, which needs neither a kernel nor a network
	@$(BOOK) --fresh-env --write-all -c book -d build/doctrees . build/book
	@echo "The book is build/book/index.html."

slides: .venv-book/.made ## make slides of every lesson, without answers, which need no network
	@$(SLIDES) tools/make_slides.py build/slides --wall $(WALL)

class: .venv/.lab .venv-book/.made ## collect what a teacher needs: plans, slides, sheets to print, answers
	@$(SLIDES) tools/make_class.py build/class --python $(PY) --wall $(WALL)

test: .venv/.test .venv-classic/.made .venv-book/.made ## install what is needed, then run the tests and every lesson
	@$(PY) -m pytest $(IN_PARALLEL) $(PYTEST_ARGS)

# A run is chaotic across processors; each of the three variables changes sums of its own.
AVX2 := ATEN_CPU_CAPABILITY=avx2 MKL_CBWR=AVX2 ONEDNN_MAX_CPU_ISA=AVX2
DEFAULT := ATEN_CPU_CAPABILITY=default MKL_CBWR=COMPATIBLE ONEDNN_MAX_CPU_ISA=SSE41
# Only the files with such tests are read: to import all others takes a process half a minute.
TRAINS := -m "trains and not browser" $(shell grep -rl --include='test_*.py' 'mark\.trains' tests)

test-processors: .venv/.test ## what trains, as two other processors would compute it
	@$(AVX2) GAN_LESSON_PROCESSOR=avx2 $(PY) -m pytest $(IN_PARALLEL) $(TRAINS) $(PYTEST_ARGS)
	@$(DEFAULT) GAN_LESSON_PROCESSOR=default $(PY) -m pytest $(IN_PARALLEL) $(TRAINS) $(PYTEST_ARGS)

# One file at a time: two with two threads each would wait for each other.
TWO_THREADS := OMP_NUM_THREADS=2 $(PY) -m pytest --durations=10 --durations-min=1 $(TRAINS)
# What is equal bit for bit is so on each processor, and is asked of two threads as well.
EXACT := $(addprefix tests/core/test_,conditional.py player.py side_by_side.py snapshots.py trainer.py)

test-all: export GAN_LESSON_EVERY_CONTROL=1
test-all: test test-processors ## the same and all that is slow, on three processors, with 1 and 2 threads
	@$(TWO_THREADS) $(PYTEST_ARGS)
	@OMP_NUM_THREADS=2 $(PY) -m pytest $(EXACT) $(PYTEST_ARGS)
	@$(AVX2) GAN_LESSON_PROCESSOR=avx2 $(TWO_THREADS) $(PYTEST_ARGS)
	@$(DEFAULT) GAN_LESSON_PROCESSOR=default $(TWO_THREADS) $(PYTEST_ARGS)

notebooks: .venv/.test ## build the notebooks, answers and teacher sheets from notebooks/text
	@$(PY) notebooks/build.py $(if $(REMEASURE),--remeasure) $(LESSONS)

colab: ## point badges and set-up cells at your copy on GitHub: make colab [REPO=owner/name]
	@$(PYTHON) notebooks/stamp.py $(REPO)

figures: .venv/.test ## draw the pictures of the README and the slides
	@$(PY) tools/make_figures.py

pretrained: .venv/.test ## train the networks that the package ships, from ROOT/MNIST/raw
	@$(PY) tools/make_assets.py --root $(ROOT)

bench: .venv/.test .venv-classic/.made ## measure the budgets, the usual way beside ours
	@$(PY) tests/browser/bench.py

soak: .venv/.test .venv-classic/.made ## play for half an hour in each front end and watch memory
	@$(PY) tests/browser/soak.py

memory: .venv/.test ## run every lesson in JupyterLab, play its players, and say how much memory it takes
	@$(PY) tests/browser/soak.py --memory $(LESSONS)

image: ## build the image of Dockerfile, for Binder, Codespaces, JupyterHub or a classroom server
	@docker build --tag gan-lessons .

lint: .venv/.test ## check style, and which way imports point
	@$(PY) -m ruff check .
	@.venv/bin/lint-imports --no-cache --no-logo

clean: ## remove environments and caches; never my_lessons
	@rm -rf .venv .venv-classic .venv-book build dist .pytest_cache .ruff_cache .hypothesis *.egg-info
	@find . -name __pycache__ -prune -exec rm -rf {} +

# The environment. Each stamp says that what it depends on has been installed.

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null \
	    || { echo "The lessons need Python 3.10 or newer: install it, or say make PYTHON=/path/to/it."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	    || { echo "Python's venv is missing: install it, e.g. with 'sudo apt install python3-venv', and run make again."; exit 1; }
	@$(PYTHON) -m venv --clear .venv || { rm -rf .venv; exit 1; }

.venv/.lab: pyproject.toml requirements.txt | $(PY)
	@echo "Installing PyTorch, JupyterLab and the lessons into .venv; only the first call takes minutes."
	@$(PY) tools/install_torch.py "$(TORCH)" $(TORCH_INDEX)
	@$(PY) $(PIP) -e '.[lab]'
	@# JupyterLab's question about news would fetch from the network and cover the lesson.
	@$(PY) -m jupyter labextension disable --level=sys_prefix \
	    @jupyterlab/apputils-extension:announcements 2>/dev/null \
	    || echo "JupyterLab's question about news could not be switched off; say no to it."
	@mkdir -p .venv/etc/jupyter
	@printf '%s\n' "$$LAB_CONFIG" > .venv/etc/jupyter/jupyter_server_config.py
	@touch $@

.venv/.demo: .venv/.lab
	@echo "Installing Voila into .venv."
	@$(PY) $(PIP) -e '.[lab,demo]'
	@# JupyterLab is to stay as it was: no button, no second server in it.
	@$(PY) -m jupyter labextension disable --level=sys_prefix \
	    @voila-dashboards/jupyterlab-preview >/dev/null 2>&1
	@$(PY) -m jupyter server extension disable --sys-prefix voila.server_extension >/dev/null 2>&1
	@touch $@

.venv/.test: .venv/.demo
	@echo "Installing the test tools into .venv."
	@$(PY) $(PIP) -e '.[lab,notebook7,test,frameworks]'
	@touch $@

# Colab's front end. It imports torch and the test tools from .venv, and the package from here.
.venv-classic/.made: tests/classic-requirements.txt | .venv/.test
	@echo "Installing the classic Notebook with Colab's pins into .venv-classic."
	@$(PY) -m venv --clear .venv-classic
	@.venv-classic/bin/python $(PIP) -r tests/classic-requirements.txt
	@{ $(PY) -c '$(SITE)'; echo "$(CURDIR)"; } \
	    > "$$(.venv-classic/bin/python -c '$(SITE)' | head -n 1)/lessons.pth"
	@mkdir -p .venv-classic/etc/jupyter
	@printf '%s\n' "$$CLASSIC_CONFIG" > .venv-classic/etc/jupyter/jupyter_notebook_config.py
	@touch $@

# The book's tools.
.venv-book/.made: book/requirements.txt | $(PY)
	@echo "Installing Sphinx, MyST and MathJax into .venv-book."
	@$(PY) -m venv --clear .venv-book
	@.venv-book/bin/python $(PIP) -r book/requirements.txt
	@touch $@
