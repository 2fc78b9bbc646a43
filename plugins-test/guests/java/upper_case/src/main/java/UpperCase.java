import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.teavm.backend.wasm.runtime.WasiBuffer;
import org.teavm.interop.Address;
import org.teavm.interop.Export;
import org.teavm.interop.Import;

/**
 * Answers with the query in capitals. TeaVM makes its tables of characters when they are first used: in the first request of each
 * instance, unless the host has had it done before it took a snapshot.
 */
public final class UpperCase {
    /** What the host asked for last. The collector moves arrays, so the host's address of it is good only until the next allocation. */
    private static byte[] lent = new byte[1];

    private UpperCase() {}

    @Import(module = "env", name = "GetQueryOnHost")
    private static native int getQuery(long ctx, Address value, Address length);

    @Import(module = "env", name = "SetErrorMessageOnHost")
    private static native int setErrorMessage(long ctx, Address text, int length);

    public static void main(String[] arguments) {}

    @Export(name = "malloc")
    public static int malloc(int length) {
        lent = new byte[Math.max(length, 1)];
        return Address.ofData(lent).toInt();
    }

    @Export(name = "free")
    public static void free(int address) {}

    /** What the first request would do for the first time. There is no query now, so the host refuses the error. */
    @Export(name = "sluice_warm_up")
    public static void warmUp() {
        answer(0, "Größe".getBytes(StandardCharsets.UTF_8));
    }

    @Export(name = "RunBeforeExecutionOnGuest")
    public static void before(long ctx) {
        // The static buffer of the runtime, for it does not move.
        Address pair = WasiBuffer.getBuffer();
        if (getQuery(ctx, pair, pair.add(4)) == 0) {
            int length = pair.add(4).getInt();
            byte[] query = new byte[length];
            System.arraycopy(lent, 0, query, 0, length);
            answer(ctx, query);
        }
    }

    private static void answer(long ctx, byte[] query) {
        String text = new String(query, StandardCharsets.UTF_8);
        byte[] upper = text.toUpperCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8);
        setErrorMessage(ctx, Address.ofData(upper), upper.length);
    }

    @Export(name = "RunAfterExecutionOnGuest")
    public static void after(long ctx) {}
}
