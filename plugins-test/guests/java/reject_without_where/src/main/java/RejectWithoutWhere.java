import org.teavm.backend.wasm.runtime.WasiBuffer;
import org.teavm.interop.Address;
import org.teavm.interop.Export;
import org.teavm.interop.Import;

/**
 * Rejects an UPDATE or DELETE statement that has no WHERE of its own: the rule of {@code c/reject_without_where}, compiled by TeaVM.
 * Its {@code main} is the module's {@code _start}, which wants one argument.
 */
public final class RejectWithoutWhere {
    private static final int OK = 0;
    private static final int BAD_ARGUMENT = 2;

    /** What the host asked for last. The collector moves arrays, so the host's address of it is good only until the next allocation. */
    private static byte[] lent = new byte[1];

    private RejectWithoutWhere() {}

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

    @Export(name = "RunBeforeExecutionOnGuest")
    public static void before(long ctx) {
        // The static buffer of the runtime, for it does not move.
        Address pair = WasiBuffer.getBuffer();
        int status = getQuery(ctx, pair, pair.add(4));
        if (status == OK) {
            if (changesEveryRow(lent, pair.add(4).getInt())) {
                setErrorMessage(ctx, "no where clause");
            }
        } else if (status != BAD_ARGUMENT) {
            setErrorMessage(ctx, "cannot read the query");
        }
    }

    @Export(name = "RunAfterExecutionOnGuest")
    public static void after(long ctx) {}

    private static void setErrorMessage(long ctx, String text) {
        byte[] bytes = new byte[text.length()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) text.charAt(i);
        }
        setErrorMessage(ctx, Address.ofData(bytes), bytes.length);
    }

    private static boolean isWord(byte b) {
        return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b == '_' || b == '$' || b < 0;
    }

    private static boolean is(byte[] text, int from, int to, String keyword) {
        boolean same = to - from == keyword.length();
        for (int i = 0; same && i < keyword.length(); i++) {
            same = (text[from + i] | 0x20) == keyword.charAt(i);
        }
        return same;
    }

    private static int afterQuote(byte[] text, int at, int length, byte quote) {
        for (; at < length; at++) {
            if (text[at] == quote) {
                return at + 1;
            }
            if (text[at] == '\\' && quote != '`') {
                at++;
            }
        }
        return length;
    }

    private static int afterComment(byte[] text, int at, int length) {
        for (; at + 1 < length; at++) {
            if (text[at] == '*' && text[at + 1] == '/') {
                return at + 2;
            }
        }
        return length;
    }

    private static int afterLine(byte[] text, int at, int length) {
        while (at < length && text[at] != '\n') {
            at++;
        }
        return at;
    }

    private static boolean changesEveryRow(byte[] text, int length) {
        boolean first = true;
        boolean change = false;
        boolean filtered = false;
        int depth = 0;
        for (int at = 0; at < length; ) {
            int start = at++;
            byte b = text[start];
            if (b == '\'' || b == '"' || b == '`') {
                at = afterQuote(text, at, length, b);
            } else if (b == '/' && at < length && text[at] == '*') {
                at = afterComment(text, at + 1, length);
            } else if (b == '#' || b == '-' && at < length && text[at] == '-' && (at + 1 == length || text[at + 1] >= 0 && text[at + 1] <= ' ')) {
                at = afterLine(text, at, length);
            } else if (b == '(') {
                depth++;
            } else if (b == ')') {
                depth--;
            } else if (b == ';') {
                if (change && !filtered) {
                    return true;
                }
                first = true;
                change = false;
                filtered = false;
                depth = 0;
            } else if (isWord(b) || b == '@' || b == '.') {
                while (at < length && isWord(text[at])) {
                    at++;
                }
                if (first) {
                    first = false;
                    change = is(text, start, at, "update") || is(text, start, at, "delete");
                } else if (depth == 0 && is(text, start, at, "where")) {
                    filtered = true;
                }
            }
        }
        return change && !filtered;
    }
}
