/**
 * Measures what a plugin costs per request, against the same logic in plain Java and against rivals.
 *
 * <p>Every contestant stands behind one interface, {@link io.sluice.bench.Contestant}: bytes of a query in, bytes of the
 * error message out. All contestants that run WebAssembly run the same guest. Sluice runs with its default settings and
 * all limits on; no rival has limits. {@link io.sluice.bench.Requests} checks every answer before anything is timed.
 *
 * <p>{@link io.sluice.bench.QuickBench} is the entry point of {@code make bench-quick}. {@link
 * io.sluice.bench.RequestBenchmark} compares contestants, {@link io.sluice.bench.CrossingBenchmark} looks at a bare call,
 * {@link io.sluice.bench.WescaleCallBenchmark} is the gate on Java allocation.
 */
@NullMarked
package io.sluice.bench;

import org.jspecify.annotations.NullMarked;
