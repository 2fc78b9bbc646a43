package io.sluice.mysql;

import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The server's first packet, handshake version 10, as the gateway passes it on: the scramble, the connection's number and the server's
 * version stay the server's own, so that the client's answer to the scramble is one to the server and the gateway knows no password.
 *
 * @param version the server's version text
 * @param connectionId the number that {@code connection_id()} gives and {@code KILL} takes
 * @param scramble what the client mixes with its password: 8 bytes, and 12 or more with a NUL at the end
 * @param capabilities what both the server and the gateway can
 * @param collation the server's default collation
 * @param status the server's status flags
 * @param authMethod the server's default method; empty if it names none
 */
@SuppressWarnings("ArrayRecordComponent") // neither compared nor handed out of the package
record Greeting(
        String version,
        int connectionId,
        byte[] scramble,
        int capabilities,
        int collation,
        int status,
        String authMethod) {
    private static final int VERSION_10 = 10;
    private static final int FIRST_PART = 8;

    /**
     * Reads a greeting and leaves of its capabilities those that the gateway allows.
     *
     * @throws MalformedPacketException if it is not one, or the server cannot do what the gateway needs
     */
    static Greeting parse(byte[] payload, int allowed) {
        PayloadReader in = new PayloadReader(payload, "greeting of the server");
        int protocol = in.u8();
        if (protocol != VERSION_10) {
            throw in.malformed("protocol version " + protocol + " where " + VERSION_10 + " is due");
        }
        String version = new String(in.untilNul(), StandardCharsets.UTF_8);
        int connectionId = in.i32();
        byte[] first = in.bytes(FIRST_PART);
        in.skip(1);
        int capabilities = in.u16();
        int collation = in.u8();
        int status = in.u16();
        capabilities |= in.u16() << 16;
        int scrambleLength = in.u8();
        in.skip(10); // MariaDB's extended capabilities are the last four of them
        if (!Capability.has(capabilities, Capability.SECURE_CONNECTION)
                || !Capability.has(capabilities, Capability.PROTOCOL_41)) {
            throw in.malformed("a server older than MySQL 4.1");
        }
        byte[] second = in.bytes(Math.max(13, scrambleLength - FIRST_PART));
        String method = "";
        if (Capability.has(capabilities, Capability.PLUGIN_AUTH)) {
            method = new String(in.untilNul(), StandardCharsets.UTF_8);
        }
        byte[] scramble = new byte[FIRST_PART + second.length];
        System.arraycopy(first, 0, scramble, 0, FIRST_PART);
        System.arraycopy(second, 0, scramble, FIRST_PART, second.length);
        return new Greeting(version, connectionId, scramble, capabilities & allowed, collation, status, method);
    }

    /** The same with TLS offered, or not. */
    Greeting withTls(boolean offered) {
        int own = offered ? capabilities | Capability.SSL : capabilities & ~Capability.SSL;
        return new Greeting(version, connectionId, scramble, own, collation, status, authMethod);
    }

    /** The greeting for the client. */
    byte[] payload() {
        PacketWriter out = new PacketWriter(Unpooled.EMPTY_BUFFER, 0);
        out.u8(VERSION_10).withNul(version.getBytes(StandardCharsets.UTF_8)).i32(connectionId);
        byte[] first = Arrays.copyOf(scramble, FIRST_PART);
        byte[] second = Arrays.copyOfRange(scramble, FIRST_PART, scramble.length);
        out.bytes(first).u8(0).u16(capabilities).u8(collation).u16(status).u16(capabilities >>> 16);
        boolean named = Capability.has(capabilities, Capability.PLUGIN_AUTH);
        out.u8(named ? scramble.length : 0).zeros(10).bytes(second);
        if (named) {
            out.withNul(authMethod.getBytes(StandardCharsets.UTF_8));
        }
        return out.takePayload();
    }
}
