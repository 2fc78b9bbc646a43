package io.sluice.mysql;

import io.sluice.sql.SqlDialect;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The prepared statements of a connection with their texts.
 *
 * <p><b>Threads.</b> Confined.
 */
final class PreparedStatements {
    /** What a connection's statement texts may have together. */
    static final long MAX_TEXT_BYTES = 64L << 20;

    private static final int MAX_REWRITES = 8;
    private static final int FIRST_OWN_ID = 0x4000_0000;

    /** One statement as the client prepared it. */
    static final class Prepared {
        final int id;
        final byte[] text;
        final int parameters;
        /** The statements of texts that plugins put in this one's place, by text: the least recently used first. */
        final Map<String, Integer> rewrites = new LinkedHashMap<>(4, 0.75f, true);

        /** How the server read the text; null if it was not asked, and no filter can judge the text. */
        final @Nullable SqlDialect dialect;

        /** The default database that completes the names of the text. */
        final String database;

        /** The gateway's own statement that this one is; null if the server prepared it. */
        final @Nullable FilterStatement own;

        /** The statement that the server executed last for this one: it has the cursor. */
        int executed;

        byte[] types = new byte[0];
        final boolean[] streamed;

        Prepared(int id, byte[] text, int parameters, @Nullable SqlDialect dialect, String database) {
            this(id, text, parameters, dialect, database, null);
        }

        /** A statement of the gateway's own. */
        Prepared(int id, byte[] text, FilterStatement own) {
            this(id, text, 0, null, "", own);
        }

        private Prepared(
                int id,
                byte[] text,
                int parameters,
                @Nullable SqlDialect dialect,
                String database,
                @Nullable FilterStatement own) {
            this.own = own;
            this.dialect = dialect;
            this.database = database;
            this.id = id;
            this.executed = id;
            this.text = text;
            this.parameters = parameters;
            this.streamed = new boolean[parameters];
        }

        boolean anyStreamed() {
            for (boolean one : streamed) {
                if (one) {
                    return true;
                }
            }
            return false;
        }

        /** Remembers a rewrite; returns the statement that has to be closed for it, or null. */
        @Nullable
        Integer remember(String rewritten, int statement) {
            rewrites.put(rewritten, statement);
            if (rewrites.size() <= MAX_REWRITES) {
                return null;
            }
            String eldest = rewrites.keySet().iterator().next();
            return rewrites.remove(eldest);
        }
    }

    private final Map<Integer, Prepared> byId = new HashMap<>();
    private @Nullable Prepared last;
    private long textBytes;
    private int lastOwnId = FIRST_OWN_ID;

    /** A number for a statement of the gateway's own; servers count from 1. */
    int nextOwnId() {
        lastOwnId = lastOwnId == Integer.MAX_VALUE ? FIRST_OWN_ID : lastOwnId + 1;
        return lastOwnId;
    }

    boolean hasRoomFor(int bytes) {
        return textBytes + bytes <= MAX_TEXT_BYTES;
    }

    void add(Prepared statement) {
        byId.put(statement.id, statement);
        last = statement;
        textBytes += statement.text.length;
    }

    /** Forgets which one was prepared last: preparing failed. */
    void forgetLast() {
        last = null;
    }

    /** The statement of that number, -1 being MariaDB's for the one prepared last; null if there is none. */
    @Nullable
    Prepared find(int id) {
        return id == -1 ? last : byId.get(id);
    }

    void remove(Prepared statement) {
        byId.remove(statement.id);
        textBytes -= statement.text.length;
        if (last == statement) {
            last = null;
        }
    }

    void clear() {
        byId.clear();
        last = null;
        textBytes = 0;
    }
}
