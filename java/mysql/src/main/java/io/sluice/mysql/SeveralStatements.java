package io.sluice.mysql;

import io.sluice.sql.SqlDialect;
import java.util.List;

/**
 * The statements of one COM_QUERY of several, which go to the server one by one.
 *
 * <p>The server's connection takes one statement at a time, whatever the client may: a text that was cut in the wrong place is refused
 * there, not executed unseen.
 *
 * <p><b>Threads.</b> Confined.
 */
final class SeveralStatements {
    private final byte[] payload;
    private final List<int[]> statements;
    private final SqlDialect dialect;
    private int next;

    SeveralStatements(byte[] payload, List<int[]> statements, SqlDialect dialect) {
        this.payload = payload;
        this.statements = statements;
        this.dialect = dialect;
    }

    /** Whether a COM_QUERY can have several: it has a semicolon that is not its end. */
    static boolean mayBe(byte[] payload) {
        int end = payload.length;
        while (end > 1 && (isBlank(payload[end - 1]) || payload[end - 1] == ';')) {
            end--;
        }
        for (int i = 1; i < end; i++) {
            if (payload[i] == ';') {
                return true;
            }
        }
        return false;
    }

    /** Whether the texts mean what they meant when they were cut. */
    boolean isStillCutFor(SqlDialect now) {
        return dialect.equals(now);
    }

    /** Whether another one comes after the one that {@link #next} gave last. */
    boolean hasNext() {
        return next < statements.size();
    }

    /** The next one as a COM_QUERY of its own. */
    byte[] next() {
        int[] range = statements.get(next++);
        int from = 1 + range[0];
        int to = 1 + range[1];
        // As the server, which drops the blanks around each.
        while (from < to && isBlank(payload[from])) {
            from++;
        }
        while (to > from && isBlank(payload[to - 1])) {
            to--;
        }
        byte[] one = new byte[to - from + 1];
        one[0] = Command.QUERY.code();
        System.arraycopy(payload, from, one, 1, one.length - 1);
        return one;
    }

    private static boolean isBlank(byte c) {
        return c == ' ' || (c >= '\t' && c <= '\r');
    }
}
