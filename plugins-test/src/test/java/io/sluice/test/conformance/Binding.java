package io.sluice.test.conformance;

import java.util.List;

/** A binding to a WebAssembly engine, as far as {@link PeerCases} needs one. Values are raw bits, by their type's letter. */
interface Binding {
    /** A host function of module {@code env}. */
    record Import(String name, String params, String results, Code code) {}

    interface Code {
        /** Gets the parameters' bits and gives the results'. */
        long[] call(long[] arguments);
    }

    /** The end of a call other than by returning: a trap's kind in Sluice's words, or that the host threw. */
    final class Ended extends Exception {
        private static final long serialVersionUID = 1L;

        Ended(String how) {
            super(how, null, false, false);
        }
    }

    /** An instance. */
    interface Guest extends AutoCloseable {
        long[] call(String export, String params, String results, long... arguments) throws Ended;

        byte[] memory(int offset, int length);

        void write(int offset, byte[] bytes);

        long memoryByteSize();

        @Override
        void close();
    }

    /** The module must import these, in this order. */
    Guest instantiate(byte[] wasm, List<Import> imports) throws Ended;
}
