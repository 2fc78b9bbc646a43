package io.sluice.mysql;

/** The capability bits of the handshake, and those of them that the gateway lets both sides agree on. */
final class Capability {
    static final int CONNECT_WITH_DB = 0x8;
    static final int LOCAL_FILES = 0x80;
    static final int PROTOCOL_41 = 0x200;
    static final int SSL = 0x800;
    static final int SECURE_CONNECTION = 0x8000;
    static final int MULTI_STATEMENTS = 0x10000;
    static final int PLUGIN_AUTH = 0x80000;
    static final int CONNECT_ATTRS = 0x100000;
    static final int PLUGIN_AUTH_LENENC_DATA = 0x200000;
    static final int DEPRECATE_EOF = 0x1000000;
    static final int QUERY_ATTRIBUTES = 0x8000000;

    private static final int LONG_PASSWORD = 0x1;
    private static final int FOUND_ROWS = 0x2;
    private static final int LONG_FLAG = 0x4;
    private static final int NO_SCHEMA = 0x10;
    private static final int ODBC = 0x40;
    private static final int IGNORE_SPACE = 0x100;
    private static final int INTERACTIVE = 0x400;
    private static final int IGNORE_SIGPIPE = 0x1000;
    private static final int TRANSACTIONS = 0x2000;
    private static final int RESERVED = 0x4000;
    static final int MULTI_RESULTS = 0x20000;
    private static final int PS_MULTI_RESULTS = 0x40000;
    private static final int CAN_HANDLE_EXPIRED_PASSWORDS = 0x400000;
    private static final int SESSION_TRACK = 0x800000;

    /**
     * An allow-list: a bit that is not in it is offered to no client and passed to no server. Each of those changes what a packet looks
     * like, or carries a query past the place where filters look for it: SSL, compression, query
     * attributes, metadata left out, further factors, extensions.
     */
    static final int ALLOWED = LONG_PASSWORD
            | FOUND_ROWS
            | LONG_FLAG
            | CONNECT_WITH_DB
            | NO_SCHEMA
            | ODBC
            | IGNORE_SPACE
            | PROTOCOL_41
            | INTERACTIVE
            | IGNORE_SIGPIPE
            | TRANSACTIONS
            | RESERVED
            | SECURE_CONNECTION
            | MULTI_RESULTS
            | PS_MULTI_RESULTS
            | PLUGIN_AUTH
            | CONNECT_ATTRS
            | PLUGIN_AUTH_LENENC_DATA
            | CAN_HANDLE_EXPIRED_PASSWORDS
            | SESSION_TRACK
            | DEPRECATE_EOF;

    /** What the gateway does itself, so that clients are offered it and the server is not asked for it. */
    static final int OWN = MULTI_STATEMENTS;

    private Capability() {}

    static boolean has(int capabilities, int bit) {
        return (capabilities & bit) != 0;
    }
}
