import java.nio.charset.StandardCharsets;
import org.teavm.backend.wasm.runtime.WasiBuffer;
import org.teavm.interop.Address;
import org.teavm.interop.Export;
import org.teavm.interop.Import;

/** The functions of the host as Java calls them, and the exports that the host calls. */
final class Host {
    private static final int OK = 0;

    /** What the host asked for last. The collector moves arrays, so the host's address of it is good only until the next allocation. */
    private static byte[] lent = new byte[1];

    private Host() {}

    @Import(module = "env", name = "GetQueryOnHost")
    private static native int getQuery(long ctx, Address value, Address length);

    @Import(module = "env", name = "SetQueryOnHost")
    private static native int setQuery(long ctx, Address text, int length);

    @Import(module = "sluice", name = "get_configuration")
    private static native int getConfiguration(Address value, Address length);

    @Import(module = "sluice", name = "get_property")
    private static native int getProperty(Address name, int nameLength, Address value, Address length);

    @Import(module = "sluice", name = "set_error")
    private static native int setError(int code, Address state, int stateLength, Address message, int length);

    @Export(name = "malloc")
    public static int malloc(int length) {
        lent = new byte[Math.max(length, 1)];
        return Address.ofData(lent).toInt();
    }

    @Export(name = "free")
    public static void free(int address) {}

    @Export(name = "RunBeforeExecutionOnGuest")
    public static void runBefore(long ctx) {
        Authenticate.before(ctx);
    }

    @Export(name = "RunAfterExecutionOnGuest")
    public static void runAfter(long ctx) {}

    /** The query; null for an empty one. */
    static byte[] query(long ctx) {
        Address pair = pair();
        return valueOf(getQuery(ctx, pair, pair.add(4)));
    }

    static void setQuery(long ctx, byte[] text, int offset, int length) {
        setQuery(ctx, Address.ofData(text).add(offset), length);
    }

    /** The plugin's configuration; null for none. */
    static byte[] configuration() {
        Address pair = pair();
        return valueOf(getConfiguration(pair, pair.add(4)));
    }

    /** A property of the query; null if it has none or the plugin is not granted it. */
    static byte[] property(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        Address pair = pair();
        return valueOf(getProperty(Address.ofData(bytes), bytes.length, pair, pair.add(4)));
    }

    static void setError(int code, String state, String message) {
        byte[] stateBytes = state.getBytes(StandardCharsets.UTF_8);
        byte[] messageBytes = message.getBytes(StandardCharsets.UTF_8);
        setError(code, Address.ofData(stateBytes), stateBytes.length, Address.ofData(messageBytes), messageBytes.length);
    }

    /** Where the host writes an address and a length: the static buffer of the runtime, for it does not move. */
    private static Address pair() {
        return WasiBuffer.getBuffer();
    }

    private static byte[] valueOf(int status) {
        if (status != OK) {
            return null;
        }
        int length = pair().add(4).getInt();
        byte[] value = new byte[length];
        System.arraycopy(lent, 0, value, 0, length);
        return value;
    }
}
