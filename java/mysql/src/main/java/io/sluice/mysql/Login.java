package io.sluice.mysql;

import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The client's answer to the greeting, as the gateway passes it on.
 *
 * @param capabilities what the client asked for and the gateway offered
 * @param maxPacketBytes the largest packet that the client takes
 * @param collation the number of the client's collation
 * @param user the account's name, in the client's bytes
 * @param proof the answer to the scramble
 * @param database the default database; empty if there is none
 * @param authMethod how the proof was made; empty if the client does not say
 * @param attributes the connection's attributes, as they came; empty if there are none
 */
@SuppressWarnings("ArrayRecordComponent") // neither compared nor handed out of the package
record Login(
        int capabilities,
        int maxPacketBytes,
        int collation,
        byte[] user,
        byte[] proof,
        byte[] database,
        byte[] authMethod,
        byte[] attributes) {
    private static final int TLS_REQUEST_BYTES = 32;

    /**
     * Reads an answer in the layout of the capabilities that the client names; those that were not offered are then dropped.
     *
     * @throws MalformedPacketException if it is not one, or asks for TLS or for a protocol that the gateway does not speak
     */
    static Login parse(byte[] payload, int offered) {
        PayloadReader in = new PayloadReader(payload, "log-in of the client");
        int asked = in.i32();
        if (!Capability.has(asked, Capability.PROTOCOL_41) || !Capability.has(asked, Capability.SECURE_CONNECTION)) {
            throw in.malformed("a client older than MySQL 4.1");
        }
        if (Capability.has(asked, Capability.SSL) && !Capability.has(offered, Capability.SSL)) {
            throw in.malformed("a request for TLS, which the gateway did not offer");
        }
        int maxPacketBytes = in.i32();
        int collation = in.u8();
        in.skip(23); // MariaDB's extended capabilities are the last four of them
        byte[] user = in.untilNul();
        byte[] proof = Capability.has(asked, Capability.PLUGIN_AUTH_LENENC_DATA) ? in.lenencBytes() : in.bytes(in.u8());
        byte[] database =
                Capability.has(asked, Capability.CONNECT_WITH_DB) && in.remaining() > 0 ? in.untilNul() : new byte[0];
        byte[] method =
                Capability.has(asked, Capability.PLUGIN_AUTH) && in.remaining() > 0 ? in.untilNul() : new byte[0];
        byte[] attributes =
                Capability.has(asked, Capability.CONNECT_ATTRS) && in.remaining() > 0 ? in.lenencBytes() : new byte[0];
        return new Login(asked & offered, maxPacketBytes, collation, user, proof, database, method, attributes);
    }

    /** Whether a first answer is but a request to encrypt, after which the answer itself comes. */
    static boolean isTlsRequest(byte[] payload) {
        return payload.length == TLS_REQUEST_BYTES && Capability.has(payload[1] << 8, Capability.SSL);
    }

    /** The request to the server to encrypt. */
    byte[] tlsRequest() {
        return Arrays.copyOf(payload(), TLS_REQUEST_BYTES);
    }

    String authMethodText() {
        return new String(authMethod, StandardCharsets.UTF_8);
    }

    /** The log-in that a COM_CHANGE_USER asks for on a connection of this one. */
    Login changedBy(byte[] payload) {
        PayloadReader in = new PayloadReader(payload, "COM_CHANGE_USER");
        in.skip(1);
        byte[] newUser = in.untilNul();
        byte[] newProof = in.bytes(in.u8());
        byte[] newDatabase = in.untilNul();
        int newCollation = in.remaining() >= 2 ? in.u16() : collation;
        byte[] method = Capability.has(capabilities, Capability.PLUGIN_AUTH) && in.remaining() > 0
                ? in.untilNul()
                : new byte[0];
        return new Login(
                capabilities, maxPacketBytes, newCollation & 0xff, newUser, newProof, newDatabase, method, attributes);
    }

    /** The same without what the gateway does itself. */
    Login forServer(boolean encrypted) {
        int own = capabilities & ~(Capability.OWN | Capability.SSL);
        if (encrypted) {
            own |= Capability.SSL;
        }
        if (Capability.has(capabilities, Capability.MULTI_STATEMENTS)) {
            own |= Capability.MULTI_RESULTS; // comes with it
        }
        return new Login(own, maxPacketBytes, collation, user, proof, database, authMethod, attributes);
    }

    /** The answer for the server. */
    byte[] payload() {
        PacketWriter out = new PacketWriter(Unpooled.EMPTY_BUFFER, 0);
        out.i32(capabilities).i32(maxPacketBytes).u8(collation).zeros(23).withNul(user);
        if (Capability.has(capabilities, Capability.PLUGIN_AUTH_LENENC_DATA)) {
            out.lenencBytes(proof);
        } else {
            if (proof.length > 255) {
                throw new MalformedPacketException("malformed log-in of the client: a proof of " + proof.length
                        + " bytes where the server takes 255");
            }
            out.u8(proof.length).bytes(proof);
        }
        if (Capability.has(capabilities, Capability.CONNECT_WITH_DB)) {
            out.withNul(database);
        }
        if (Capability.has(capabilities, Capability.PLUGIN_AUTH)) {
            out.withNul(authMethod);
        }
        if (Capability.has(capabilities, Capability.CONNECT_ATTRS)) {
            out.lenencBytes(attributes);
        }
        return out.takePayload();
    }
}
