# make run    start Gangway in development mode, with a sandbox in place of Microsoft
# make test   everything a release must pass, on SQLite and PostgreSQL and in a real browser
# make build  the binary and the TypeScript packages, with debug information
# make bench  throughput, latency, memory and start beside nginx
# make crash  servers killed a thousand times under load
# make check  format, lints and house rules: the quick half of what CI does

.PHONY: run test build bench crash check

run:
	@scripts/run

test:
	@scripts/test

build:
	@scripts/build

bench:
	@scripts/bench

crash:
	@scripts/crash

check:
	cargo fmt --check
	rustfmt --check --edition 2024 crates/connectors/catalog/*/mod.rs
	cargo clippy --workspace --all-targets -- --deny warnings
	cargo test --quiet --package tidy
	scripts/ensure-node-modules
	npm run check
