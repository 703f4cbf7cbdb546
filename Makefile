# Everything is done by tests/stack; `make` alone lists what there is.
PYTHON ?= python3
STACK = @$(PYTHON) -m tests.stack

.PHONY: help setup demo test odoo-tests scenario bench lint i18n format stop clean

help:
	@echo 'make demo [SERVE=0] [HTTP_PORT=8069]  bill a demo dealer and serve Odoo'
	@echo 'make test [T=path_or_keyword]         run all tests, or a part'
	@echo 'make odoo-tests [T=sale,account …]     run tests of Odoo itself with our modules'
	@echo 'make scenario FILE=path               bill scenario file(s) in Odoo'
	@echo 'make bench [BENCH_N=500]               measure (docs/performance.md)'
	@echo 'make lint                             run the linters'
	@echo 'make i18n                             bring .pot and translations up to date'
	@echo 'make format                           format the Python files'
	@echo 'make setup                            only build what the above need'
	@echo 'make stop                             stop the database server'
	@echo 'make clean                            delete build/ and its databases'

setup:
	$(STACK) setup

demo:
	$(STACK) demo $(if $(filter 0,$(SERVE)),--no-serve)

test:
	$(STACK) test $(if $(T),"$(T)")

# An hour and more.
odoo-tests:
	$(STACK) odoo-tests $(if $(T),"$(T)")

# make answers 2 to whatever failure of a recipe, but 1 or 2 as it was when it is
# asked a question (-q), which runs recipes marked + all the same.
ifeq ($(MAKECMDGOALS),scenario)
MAKEFLAGS += -q
endif
scenario:
	+@test -n "$(FILE)" || { echo 'Name a file or folder: make scenario FILE=…' >&2; exit 2; }
	+$(STACK) scenario "$(FILE)"

bench:
	$(STACK) bench $(if $(BENCH_N),--size $(BENCH_N)) \
		$(if $(BENCH_LARGE),--large $(BENCH_LARGE)) \
		$(if $(BENCH_ROUNDS),--rounds $(BENCH_ROUNDS)) \
		$(if $(BENCH_READINGS),--readings $(BENCH_READINGS)) \
		$(if $(BENCH_STORED),--stored $(BENCH_STORED)) \
		$(if $(BENCH_REPORTS),--reports $(BENCH_REPORTS)) \
		$(if $(BENCH_PARTNERS),--partners $(BENCH_PARTNERS)) \
		$(if $(BENCH_MESSAGES),--messages $(BENCH_MESSAGES))

lint:
	$(STACK) lint

i18n:
	$(STACK) i18n

format: setup
	@build/venv/bin/ruff check --fix .
	@build/venv/bin/ruff format .

stop:
	$(STACK) stop

clean:
	$(STACK) clean
