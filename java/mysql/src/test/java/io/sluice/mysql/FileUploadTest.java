package io.sluice.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.sluice.mysql.ResponseTracker.Shape;
import io.sluice.mysql.ServerLink.Keep;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What belongs to a file, and what to the answer that follows it. */
class FileUploadTest {
    private static final String FILE_ASKED = "fbrows.tsv";
    private static final byte[] OK = {0, 0, 0, 2, 0, 0, 0};

    private final EmbeddedChannel client = new EmbeddedChannel();
    private final EmbeddedChannel server = new EmbeddedChannel();
    private final ServerLink link = new ServerLink(client, server, true, true, 0);

    @AfterEach
    void close() {
        link.close();
        client.finishAndReleaseAll();
        server.finishAndReleaseAll();
    }

    private static ByteBuf packet(int number, byte[] payload) {
        return Unpooled.buffer().writeMediumLE(payload.length).writeByte(number).writeBytes(payload);
    }

    private static byte[] question() {
        byte[] payload = FILE_ASKED.substring(1).getBytes(StandardCharsets.US_ASCII);
        payload[0] = (byte) 0xfb;
        return payload;
    }

    private void ask(Keep keep) {
        link.send(new byte[] {Command.QUERY.code()}, Shape.RESULTS, keep, 1 << 20, () -> {});
        link.bytes(packet(1, question()));
        assertThat(link.isUploading()).isTrue();
        client.outboundMessages().clear();
    }

    @Test
    void emptyPacketBehindAFullOneEndsThePacketAndNotTheFile() {
        ask(Keep.RELAY);
        link.upload(packet(2, new byte[PacketWriter.MAX_PAYLOAD]));
        link.upload(packet(3, new byte[0]));
        assertThat(link.isUploading()).isTrue();
        link.upload(packet(4, new byte[] {'x'}));
        assertThat(link.isUploading()).isTrue();
        link.upload(packet(5, new byte[0]));
        assertThat(link.isUploading()).isFalse();
    }

    @Test
    void serverThatAnswersBeforeTheEndOfTheFileIsNotBelieved() {
        ask(Keep.RELAY);
        link.upload(packet(2, new byte[] {'x'}));
        assertThat(link.nextSequence(1)).isEqualTo(-1);
        assertThatThrownBy(() -> link.bytes(packet(3, OK)))
                .isInstanceOf(MalformedPacketException.class)
                .hasMessage("malformed answer of the server: bytes before the end of the file that it asked for");
    }

    @Test
    void answerInThePlaceOfTheServersIsNumberedOnFromTheFile() {
        ask(Keep.BUFFER);
        link.upload(packet(2, new byte[] {'x'}));
        link.upload(packet(3, new byte[0]));
        link.bytes(packet(4, OK));
        assertThat(link.isEnded()).isTrue();
        link.discard();
        link.own(packet(1, OK));
        client.flush();
        ByteBuf header = client.readOutbound();
        assertThat(header.getUnsignedByte(3)).isEqualTo((short) 4);
        header.release();
    }
}
