/**
 * WebAssembly in the JVM: Wasmtime behind a small set of types, with every call bounded in fuel, time and memory.
 *
 * <p>An {@link io.sluice.runtime.Engine} compiles bytes into a {@link io.sluice.runtime.Module}. A
 * {@link io.sluice.runtime.Linker} knows what guests may import; linker and module give an
 * {@link io.sluice.runtime.InstancePre}, which a {@link io.sluice.runtime.Store} instantiates. The
 * {@link io.sluice.runtime.Instance} has exports: a {@link io.sluice.runtime.Func} to call, a
 * {@link io.sluice.runtime.Memory} to read and write, globals and tables.
 *
 * <p>Priorities, in this order: the JVM survives whatever guest and caller do; a guest gets no further than its limits; a
 * call costs one JNI crossing and allocates nothing.
 *
 * <p><b>Threads.</b> Three kinds of objects. <i>Shared</i> ones ({@code Engine}, {@code Module}, {@code Linker},
 * {@code InstancePre}, {@code MemoryBudget}) may be used by any threads at the same time. <i>Confined</i> ones
 * ({@code Store}) may be used by one thread at a time, whichever it is; a second one gets an
 * {@link java.lang.IllegalStateException} at once. <i>Borrowed</i> ones ({@code Instance}, {@code Func}, {@code Memory},
 * {@code Global}, {@code Table}) belong to their store, are confined as it is and end with it.
 *
 * <p><b>Ownership.</b> Shared and confined objects are closed by whoever made them, in any order: what is still in use lives
 * on until its last user is closed. Closing twice does nothing; using what is closed throws {@code IllegalStateException}.
 * A {@link java.lang.ref.Cleaner} frees what was forgotten, some time; run with {@code -Dsluice.leaks=track} to be told
 * where it was made.
 *
 * <p><b>Cost.</b> A call of a func through {@code callRaw} is one crossing and allocates nothing. A host function in Java is
 * an upcall and allocates; host functions of the ABIs in {@link io.sluice.runtime.abi} run natively and do neither.
 *
 * <p><b>Errors.</b> What a guest does wrong is a {@link io.sluice.runtime.WasmException}; what the caller does wrong is one
 * of the JDK's exceptions: {@code NullPointerException}, {@code IllegalArgumentException}, {@code IllegalStateException},
 * {@code IndexOutOfBoundsException}. A host function's own exception comes out of the call as the same object.
 */
@NullMarked
package io.sluice.runtime;

import org.jspecify.annotations.NullMarked;
