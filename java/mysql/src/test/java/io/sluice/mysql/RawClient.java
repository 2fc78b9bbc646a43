package io.sluice.mysql;

import io.netty.buffer.Unpooled;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A client that writes whatever bytes a test wants; root has no password on the tests' server. */
final class RawClient implements AutoCloseable {
    final Socket socket;
    final OutputStream out;
    final DataInputStream in;

    RawClient(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(10_000);
        out = socket.getOutputStream();
        in = new DataInputStream(socket.getInputStream());
    }

    /** A client that has logged in. */
    static RawClient loggedIn(int port) throws IOException {
        return loggedIn(port, "root");
    }

    static RawClient loggedIn(int port, String user) throws IOException {
        RawClient client = new RawClient(port);
        client.read();
        client.write(1, login(user));
        byte[] answer = client.read();
        if (answer[0] != 0) {
            throw new IOException("log-in was answered by " + Arrays.toString(answer));
        }
        return client;
    }

    static byte[] login() {
        return login("root");
    }

    private static byte[] login(String user) {
        PacketWriter writer = new PacketWriter(Unpooled.EMPTY_BUFFER, 0);
        int capabilities = Capability.PROTOCOL_41
                | Capability.SECURE_CONNECTION
                | Capability.PLUGIN_AUTH
                | Capability.QUERY_ATTRIBUTES
                | Capability.MULTI_STATEMENTS;
        writer.i32(capabilities).i32(1 << 24).u8(45).zeros(23);
        writer.withNul(user.getBytes(StandardCharsets.US_ASCII)).u8(0);
        writer.withNul("mysql_native_password".getBytes(StandardCharsets.US_ASCII));
        return writer.takePayload();
    }

    void write(int sequence, byte[] payload) throws IOException {
        byte[] packet = new byte[payload.length + 4];
        packet[0] = (byte) payload.length;
        packet[1] = (byte) (payload.length >> 8);
        packet[2] = (byte) (payload.length >> 16);
        packet[3] = (byte) sequence;
        System.arraycopy(payload, 0, packet, 4, payload.length);
        out.write(packet);
        out.flush();
    }

    void query(String sql) throws IOException {
        byte[] text = sql.getBytes(StandardCharsets.UTF_8);
        byte[] payload = new byte[text.length + 1];
        payload[0] = Command.QUERY.code();
        System.arraycopy(text, 0, payload, 1, text.length);
        write(0, payload);
    }

    byte[] read() throws IOException {
        int length = in.readUnsignedByte() | in.readUnsignedByte() << 8 | in.readUnsignedByte() << 16;
        in.readUnsignedByte();
        return in.readNBytes(length);
    }

    String readText() throws IOException {
        return new String(read(), StandardCharsets.UTF_8);
    }

    /** Reads until the other side closes; what it sent last. */
    byte[] readToEnd() throws IOException {
        return in.readAllBytes();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
