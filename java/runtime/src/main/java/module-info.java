/** The binding: engine, module, store, instance, func and memory of Wasmtime for Java, and the ABIs that run natively. */
module io.sluice.runtime {
    requires static org.jspecify;

    exports io.sluice.runtime;
    exports io.sluice.runtime.abi;
}
