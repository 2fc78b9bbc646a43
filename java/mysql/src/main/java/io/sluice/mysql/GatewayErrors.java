package io.sluice.mysql;

import io.sluice.sql.SqlError;

/** The errors that are the gateway's own, with MySQL's numbers. */
final class GatewayErrors {
    private GatewayErrors() {}

    /** What a server answers to every statement but a change of the password. */
    static final int PASSWORD_EXPIRED = 1820;

    static SqlError tooManyConnections(int limit) {
        return new SqlError(1040, "08004", "too many connections: the gateway takes " + limit);
    }

    static SqlError unreachable(String host, int port) {
        return new SqlError(2003, "HY000", "the gateway cannot connect to the server at " + host + ":" + port);
    }

    static SqlError tlsRequired() {
        return new SqlError(3159, "HY000", "this gateway takes encrypted connections only; connect with TLS");
    }

    static SqlError serverWithoutTls() {
        return new SqlError(2026, "HY000", "the server behind the gateway offers no TLS, which the gateway must have");
    }

    static SqlError noTls(String why) {
        return new SqlError(2026, "HY000", "the gateway cannot encrypt its connection to the server: " + why);
    }

    static SqlError mixedTls(String method) {
        return new SqlError(
                1251,
                "08004",
                "authentication method '" + method
                        + "' is not passed on where one side is encrypted and the other is not");
    }

    static SqlError draining() {
        return new SqlError(1053, "08S01", "the gateway is about to end and takes no new clients");
    }

    static SqlError idle(int millis) {
        return new SqlError(
                4031, "HY000", "the client sent nothing for " + millis + " ms, the most that the gateway waits");
    }

    static SqlError notReady(String why) {
        return new SqlError(3168, "HY000", "the gateway serves no clients yet: " + why);
    }

    static SqlError connectionLost() {
        return new SqlError(1927, "70100", "the gateway lost its connection to the server");
    }

    static SqlError malformed(MalformedPacketException e) {
        return new SqlError(1835, "HY000", String.valueOf(e.getMessage()));
    }

    static SqlError unknownCommand(int code) {
        return new SqlError(1047, "08S01", "unknown command " + code);
    }

    static SqlError refused(String what) {
        return new SqlError(1235, "42000", what);
    }

    static SqlError refusedCommand(Command command) {
        return refused(command.wireName() + " is refused by this gateway, whose filters could not see what it does");
    }

    static SqlError refusedMethod(String method) {
        return new SqlError(
                1251, "08004", "authentication method '" + method + "' is not one that this gateway passes on");
    }

    static SqlError unknownStatement(int id, String command) {
        return new SqlError(
                1243,
                "HY000",
                "unknown prepared statement handler (" + Integer.toUnsignedString(id) + ") given to " + command);
    }
}
