# The front door: each target is one line that calls a script in tools/ (which calls cargo and mvn). `make` alone prints help.
# PROFILE=release builds with thin LTO (minutes); the default, ci, is the profile of tests and of CI.
PROFILE ?= ci
export PROFILE

.DEFAULT_GOAL := help
.PHONY: help build test test-gateway soak-gateway fuzz-gateway bench-gateway demo gateway package bench bench-full bench-diff bench-quick conformance soak meter-nightly hostile hostile-nightly soak-hostile guests fmt check clean

help: ## print this list
	@tools/help
build: ## build the native library and the jars, without running tests
	@tools/build
test: ## run every test: Rust, Java on the default JDK, the same classes on JDK 25
	@tools/test
conformance: ## ask the WebAssembly testsuite, another binding and the ABI's table whether we are right (minutes)
	@tools/conformance
demo: ## run plugins in five languages in front of an embedded database, and watch their limits hold
	@tools/run plugins-test io.sluice.test.Demo
test-gateway: ## run the gateway's tests on MariaDB and on a real MySQL, with clients of six makes, all fetched for them
	@tools/test-gateway
soak-gateway: ## load a gateway for half an hour while its plugin is replaced every five seconds (MINUTES=… for less)
	@tools/soak-gateway $(MINUTES)
fuzz-gateway: ## send a million spoiled packets through a gateway (COUNT=… for another number, SEED=… for others)
	@tools/fuzz-gateway $(or $(COUNT),1000000) $(SEED)
bench-gateway: ## measure the gateway against direct connections, HAProxy and ShardingSphere-Proxy (at most 25 minutes; ARGS="rounds=2 seconds=2" for less)
	@tools/bench-gateway $(ARGS)
gateway: ## serve the MySQL gateway on 127.0.0.1:13306 in front of a MariaDB started for it; ARGS=… for sluice gateway
	@tools/gateway $(ARGS)
package: ## pack the command with what it needs: target/package/sluice/sluice.jar, lib/ beside it, a systemd unit, a container file
	@tools/package
bench: ## measure what a plugin costs against its rivals, with the release library and several forks (at most 40 minutes); ROW=request measures that group alone
	@tools/bench thinned $(if $(ROW),row=$(ROW)) $(ARGS)
bench-full: ## the same, every row with every contestant (hours)
	@tools/bench full $(if $(ROW),row=$(ROW)) $(ARGS)
bench-diff: ## say what moved beyond noise between two folders of results: A=… B=…
	@tools/bench diff "$(A)" "$(B)"
bench-quick: ## measure the request path against its rivals (at most 4 minutes); FOLDER=… takes the results that bench-diff compares
	@FOLDER="$(FOLDER)" tools/bench quick
soak: ## make millions of calls and see that memory and handles return to where they were
	@tools/run plugins-test io.sluice.test.Soak
meter-nightly: ## compare a million generated modules with the meter and without (hours; COUNT=… for another number)
	@tools/meter-nightly $(COUNT)
hostile: ## attack with guests, modules and misuse in JVMs of their own (at most 15 minutes); EXTRA=DIR runs every .wasm in DIR instead
	@tools/hostile full $(EXTRA)
hostile-nightly: ## the same, without a bound of time
	@tools/hostile nightly
soak-hostile: ## an hour of a hostile, a leaking and a replaced plugin beside a good one, which must not suffer (MINUTES=… for less)
	@tools/hostile soak $(MINUTES)
guests: ## build the guest plugins again from their sources
	@tools/guests
fmt: ## format all Rust and Java sources
	@tools/fmt
check: ## rustfmt, clippy, Java format, lints, licences, features
	@tools/check
clean: ## remove everything that was built
	@tools/clean
