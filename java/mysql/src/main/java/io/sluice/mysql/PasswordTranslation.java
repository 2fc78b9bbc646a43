package io.sluice.mysql;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.function.Supplier;
import javax.crypto.Cipher;
import org.jspecify.annotations.Nullable;

/**
 * The full exchange of {@code caching_sha2_password} where one side is encrypted and the other is not: a password comes as it is on an
 * encrypted side and must be encrypted with the receiver's RSA key on the other.
 *
 * <p>The password is in memory from one packet to the next, and then overwritten.
 *
 * <p><b>Threads.</b> Confined.
 */
final class PasswordTranslation {
    static final String METHOD = "caching_sha2_password";
    private static final String CIPHER = "RSA/ECB/OAEPWithSHA-1AndMGF1Padding";
    private static final byte ASK_FOR_KEY = 2;
    private static final byte FULL_EXCHANGE = 4;
    private static final int SCRAMBLE = 20;

    private enum Step {
        RELAY,
        FULL_EXCHANGE,
        KEY_ASKED
    }

    /** What to do with a message: what goes to the client, and what to the server. */
    @SuppressWarnings("ArrayRecordComponent") // neither compared nor handed out of the package
    record Next(byte @Nullable [] toClient, byte @Nullable [] toServer) {
        static Next client(byte[] message) {
            return new Next(message, null);
        }

        static Next server(byte[] message) {
            return new Next(null, message);
        }
    }

    private final boolean clientIsSecure;
    private final Supplier<KeyPair> ownKey;
    private byte[] scramble;
    private Step step = Step.RELAY;
    private byte @Nullable [] password;

    /** @param scramble what the server sent for the client's method */
    PasswordTranslation(boolean clientIsSecure, Supplier<KeyPair> ownKey, byte[] scramble) {
        this.clientIsSecure = clientIsSecure;
        this.ownKey = ownKey;
        this.scramble = Arrays.copyOf(scramble, SCRAMBLE);
    }

    /** The server asked for the method anew, with another scramble. */
    void scramble(byte[] value) {
        scramble = Arrays.copyOf(value, SCRAMBLE);
        step = Step.RELAY;
    }

    /** A message of the server that begins with 1. */
    Next fromServer(byte[] message) {
        byte[] held = password;
        if (step == Step.KEY_ASKED && held != null) {
            step = Step.RELAY;
            password = null;
            return Next.server(encrypted(held, Arrays.copyOfRange(message, 1, message.length)));
        }
        if (message.length == 2 && message[1] == FULL_EXCHANGE) {
            step = Step.FULL_EXCHANGE;
        }
        return Next.client(message);
    }

    /** A message of the client. */
    Next fromClient(byte[] message) {
        if (step != Step.FULL_EXCHANGE) {
            return Next.server(message);
        }
        if (clientIsSecure) {
            step = Step.KEY_ASKED;
            password = message.clone();
            Arrays.fill(message, (byte) 0);
            return Next.server(new byte[] {ASK_FOR_KEY});
        }
        if (message.length == 1 && message[0] == ASK_FOR_KEY) {
            byte[] pem = pem(ownKey.get().getPublic());
            byte[] answer = new byte[pem.length + 1];
            answer[0] = 1;
            System.arraycopy(pem, 0, answer, 1, pem.length);
            return Next.client(answer);
        }
        step = Step.RELAY;
        return Next.server(decrypted(message));
    }

    private byte[] encrypted(byte[] plain, byte[] pem) {
        try {
            String text = new String(pem, StandardCharsets.US_ASCII).replaceAll("-----[A-Z ]*-----|\\s", "");
            PublicKey key = KeyFactory.getInstance("RSA")
                    .generatePublic(new X509EncodedKeySpec(Base64.getDecoder().decode(text)));
            Cipher cipher = Cipher.getInstance(CIPHER);
            cipher.init(Cipher.ENCRYPT_MODE, key);
            mix(plain);
            return cipher.doFinal(plain);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new MalformedPacketException(
                    "malformed log-in of the server: its key cannot be used: " + e.getMessage());
        } finally {
            Arrays.fill(plain, (byte) 0);
        }
    }

    private byte[] decrypted(byte[] message) {
        try {
            Cipher cipher = Cipher.getInstance(CIPHER);
            cipher.init(Cipher.DECRYPT_MODE, ownKey.get().getPrivate());
            byte[] plain = cipher.doFinal(message);
            mix(plain);
            return plain;
        } catch (GeneralSecurityException e) {
            throw new MalformedPacketException(
                    "malformed log-in of the client: its password is not encrypted with the gateway's key");
        }
    }

    private void mix(byte[] text) {
        for (int i = 0; i < text.length; i++) {
            text[i] ^= scramble[i % SCRAMBLE];
        }
    }

    private static byte[] pem(PublicKey key) {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getEncoded());
        return ("-----BEGIN PUBLIC KEY-----\n" + base64 + "\n-----END PUBLIC KEY-----\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    /** Overwrites what is held. */
    void clear() {
        byte[] held = password;
        password = null;
        if (held != null) {
            Arrays.fill(held, (byte) 0);
        }
    }
}
