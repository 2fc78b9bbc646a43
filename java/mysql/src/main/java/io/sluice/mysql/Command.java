package io.sluice.mysql;

import org.jspecify.annotations.Nullable;

/** The commands of the protocol by their first byte, with what the gateway does with each. */
enum Command {
    SLEEP(0x00, Handling.REFUSED),
    QUIT(0x01, Handling.QUIT),
    INIT_DB(0x02, Handling.RELAYED),
    QUERY(0x03, Handling.FILTERED),
    FIELD_LIST(0x04, Handling.RELAYED),
    CREATE_DB(0x05, Handling.REFUSED),
    DROP_DB(0x06, Handling.REFUSED),
    REFRESH(0x07, Handling.REFUSED),
    SHUTDOWN(0x08, Handling.REFUSED),
    STATISTICS(0x09, Handling.RELAYED),
    PROCESS_INFO(0x0a, Handling.REFUSED),
    CONNECT(0x0b, Handling.REFUSED),
    PROCESS_KILL(0x0c, Handling.RELAYED),
    DEBUG(0x0d, Handling.REFUSED),
    PING(0x0e, Handling.RELAYED),
    TIME(0x0f, Handling.REFUSED),
    DELAYED_INSERT(0x10, Handling.REFUSED),
    CHANGE_USER(0x11, Handling.FILTERED),
    BINLOG_DUMP(0x12, Handling.REFUSED),
    TABLE_DUMP(0x13, Handling.REFUSED),
    CONNECT_OUT(0x14, Handling.REFUSED),
    REGISTER_SLAVE(0x15, Handling.REFUSED),
    STMT_PREPARE(0x16, Handling.FILTERED),
    STMT_EXECUTE(0x17, Handling.FILTERED),
    STMT_SEND_LONG_DATA(0x18, Handling.FILTERED),
    STMT_CLOSE(0x19, Handling.FILTERED),
    STMT_RESET(0x1a, Handling.FILTERED),
    SET_OPTION(0x1b, Handling.FILTERED),
    STMT_FETCH(0x1c, Handling.FILTERED),
    DAEMON(0x1d, Handling.REFUSED),
    BINLOG_DUMP_GTID(0x1e, Handling.REFUSED),
    RESET_CONNECTION(0x1f, Handling.RELAYED),
    CLONE(0x20, Handling.REFUSED),
    SUBSCRIBE_GROUP_REPLICATION_STREAM(0x21, Handling.REFUSED),
    STMT_BULK_EXECUTE(0xfa, Handling.REFUSED);

    /** What becomes of a command. */
    enum Handling {
        /** Ends the connection. */
        QUIT,
        /** Carries no statement: goes to the server as it is. */
        RELAYED,
        /** Carries a statement, or belongs to one: the gateway reads it. */
        FILTERED,
        /** Answered by an error that names it. */
        REFUSED
    }

    private static final @Nullable Command[] BY_CODE = new Command[256];

    static {
        for (Command command : values()) {
            BY_CODE[command.code] = command;
        }
    }

    private final int code;
    private final Handling handling;

    Command(int code, Handling handling) {
        this.code = code;
        this.handling = handling;
    }

    /** The command of that byte; null if there is none. */
    static @Nullable Command of(byte code) {
        return BY_CODE[code & 0xff];
    }

    byte code() {
        return (byte) code;
    }

    Handling handling() {
        return handling;
    }

    /** The name in the protocol's documentation. */
    String wireName() {
        return "COM_" + name();
    }
}
