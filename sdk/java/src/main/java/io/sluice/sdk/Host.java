package io.sluice.sdk;

import java.nio.charset.StandardCharsets;
import org.teavm.backend.wasm.runtime.WasiBuffer;
import org.teavm.interop.Address;
import org.teavm.interop.Export;
import org.teavm.interop.Import;

/** The functions of the host as Java calls them, and the exports that the host calls. */
final class Host {
    static final int OK = 0;
    static final int NOT_FOUND = 1;
    static final int BAD_ARGUMENT = 2;

    static SqlPlugin plugin = new SqlPlugin() {};

    /** What the host asked for last. The collector moves arrays, so the host's address of it is good only until the next allocation. */
    private static byte[] lent = new byte[1];

    /** The query that the call is about, as the host knows it. */
    private static long ctx;

    private Host() {}

    @Import(module = "env", name = "InfoLogOnHost")
    static native int infoLog(Address text, int length);

    @Import(module = "env", name = "ErrorLogOnHost")
    static native int errorLog(Address text, int length);

    @Import(module = "env", name = "GetQueryOnHost")
    static native int getQuery(long ctx, Address value, Address length);

    @Import(module = "env", name = "SetQueryOnHost")
    static native int setQuery(long ctx, Address text, int length);

    @Import(module = "env", name = "GetErrorMessageOnHost")
    static native int getErrorMessage(long ctx, Address value, Address length);

    @Import(module = "env", name = "SetErrorMessageOnHost")
    static native int setErrorMessage(long ctx, Address text, int length);

    @Import(module = "env", name = "GetQueryResultOnHost")
    static native int getQueryResult(long ctx, Address value, Address length);

    @Import(module = "env", name = "SetQueryResultOnHost")
    static native int setQueryResult(long ctx, Address bytes, int length);

    @Export(name = "malloc")
    public static int malloc(int length) {
        lent = new byte[Math.max(length, 1)];
        return Address.ofData(lent).toInt();
    }

    @Export(name = "free")
    public static void free(int address) {}

    @Export(name = "RunBeforeExecutionOnGuest")
    public static void runBefore(long ctx) {
        Host.ctx = ctx;
        plugin.before(new Query(ctx));
    }

    @Export(name = "RunAfterExecutionOnGuest")
    public static void runAfter(long ctx) {
        Host.ctx = ctx;
        plugin.after(new Query(ctx));
    }

    /** Where the host writes an address and a length: the static buffer of the runtime, for it does not move. */
    static Address value() {
        return WasiBuffer.getBuffer();
    }

    static Address length() {
        return WasiBuffer.getBuffer().add(4);
    }

    /** Takes over what the host gave. */
    static byte[] take() {
        int length = length().getInt();
        byte[] value = lent;
        if (value.length != length) {
            value = new byte[length];
            System.arraycopy(lent, 0, value, 0, length);
        }
        lent = new byte[1];
        return value;
    }

    /** Gives the query an error. One that the host does not take, because it is empty or too long, is replaced. */
    static void reject(String message) {
        byte[] bytes = utf8(message);
        if (bytes.length == 0 || setErrorMessage(ctx, Address.ofData(bytes), bytes.length) != OK) {
            byte[] plain = utf8("the plugin rejects the query for a reason that is empty or too long");
            if (setErrorMessage(ctx, Address.ofData(plain), plain.length) != OK) {
                // The query must not go on.
                throw new IllegalStateException("the host takes no error");
            }
        }
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static String text(byte[] utf8) {
        return new String(utf8, StandardCharsets.UTF_8);
    }
}
