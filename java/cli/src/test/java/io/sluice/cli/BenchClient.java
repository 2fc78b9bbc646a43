package io.sluice.cli;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/** A client that costs as little as one can, so that a benchmark measures what is in front of it: text queries, native passwords. */
final class BenchClient implements AutoCloseable {
    private static final int CAPABILITIES = 0x8000 | 0x80000 | 0x200 | 0x1 | 0x4 | 0x8;

    /** An error packet; the connection can be used on. */
    static final class Refused extends IOException {
        private static final long serialVersionUID = 1L;

        Refused(String text) {
            super(text);
        }
    }

    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;
    private byte[] buffer = new byte[64 << 10];
    private int length;

    BenchClient(int port, String user, String password, String database) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(60_000);
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 64 << 10));
        out = socket.getOutputStream();
        read();
        byte[] scramble = scrambleOfGreeting();
        ByteBuffer answer = ByteBuffer.allocate(512).order(ByteOrder.LITTLE_ENDIAN);
        answer.putInt(CAPABILITIES).putInt(1 << 24).put((byte) 45).put(new byte[23]);
        answer.put(user.getBytes(StandardCharsets.US_ASCII)).put((byte) 0);
        byte[] proof = proof(password, scramble);
        answer.put((byte) proof.length).put(proof);
        answer.put(database.getBytes(StandardCharsets.US_ASCII)).put((byte) 0);
        answer.put("mysql_native_password\0".getBytes(StandardCharsets.US_ASCII));
        write(1, Arrays.copyOf(answer.array(), answer.position()));
        read();
        if ((buffer[0] & 0xff) == 0xfe) { // another scramble
            int from = 1;
            while (buffer[from++] != 0) {}
            write(3, proof(password, Arrays.copyOfRange(buffer, from, from + 20)));
            read();
        }
        if (buffer[0] != 0) {
            throw new IOException("log-in refused: " + new String(buffer, 0, length, StandardCharsets.UTF_8));
        }
    }

    private byte[] scrambleOfGreeting() {
        int at = 1;
        while (buffer[at++] != 0) {}
        at += 4;
        byte[] scramble = Arrays.copyOfRange(buffer, at, at + 20);
        System.arraycopy(buffer, at + 8 + 1 + 18, scramble, 8, 12);
        return scramble;
    }

    private static byte[] proof(String password, byte[] scramble) {
        if (password.isEmpty()) {
            return new byte[0];
        }
        try {
            MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
            byte[] once = sha1.digest(password.getBytes(StandardCharsets.UTF_8));
            byte[] twice = sha1.digest(once);
            sha1.update(scramble);
            byte[] mask = sha1.digest(twice);
            for (int i = 0; i < once.length; i++) {
                once[i] ^= mask[i];
            }
            return once;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private void write(int sequence, byte[] body) throws IOException {
        byte[] packet = new byte[body.length + 4];
        packet[0] = (byte) body.length;
        packet[1] = (byte) (body.length >> 8);
        packet[2] = (byte) (body.length >> 16);
        packet[3] = (byte) sequence;
        System.arraycopy(body, 0, packet, 4, body.length);
        out.write(packet);
    }

    private void read() throws IOException {
        length = in.readUnsignedByte() | in.readUnsignedByte() << 8 | in.readUnsignedByte() << 16;
        in.readByte();
        if (length > buffer.length) {
            buffer = new byte[length];
        }
        in.readFully(buffer, 0, length);
    }

    /** The bytes of a query's rows; an error is an exception. */
    long query(byte[] command) throws IOException {
        write(0, command);
        read();
        refuseError();
        if (buffer[0] == 0) {
            return 0;
        }
        long bytes = 0;
        for (int ends = 0; ends < 2; ) {
            read();
            refuseError();
            if ((buffer[0] & 0xff) == 0xfe && length < 9) {
                ends++;
            } else if (ends == 1) {
                bytes += length;
            }
        }
        return bytes;
    }

    private void refuseError() throws IOException {
        if ((buffer[0] & 0xff) == 0xff) {
            throw new Refused(new String(buffer, 0, length, StandardCharsets.UTF_8));
        }
    }

    /** The command of a text. */
    static byte[] command(String sql) {
        byte[] text = sql.getBytes(StandardCharsets.UTF_8);
        byte[] command = new byte[text.length + 1];
        command[0] = 3;
        System.arraycopy(text, 0, command, 1, text.length);
        return command;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
