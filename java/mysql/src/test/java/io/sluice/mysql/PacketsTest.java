package io.sluice.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PacketsTest {
    @Test
    void messagesOfEveryLengthComeThroughInPieces() {
        for (int length : new int[] {
            0, 1, 250, 65_536, PacketWriter.MAX_PAYLOAD - 1, PacketWriter.MAX_PAYLOAD, PacketWriter.MAX_PAYLOAD + 1
        }) {
            byte[] payload = new byte[length];
            Arrays.fill(payload, (byte) length);
            ByteBuf packets = PacketWriter.framed(payload, 3);
            MessageAssembler assembler = new MessageAssembler("client", 1 << 26);
            byte[] message = null;
            while (packets.isReadable()) {
                assertThat(message)
                        .as("message of " + length + " bytes before its end")
                        .isNull();
                assembler.feed(packets.readSlice(Math.min(packets.readableBytes(), 5_000_011)));
                message = assembler.next(3);
            }
            assertThat(message).isEqualTo(payload);
            assertThat(assembler.packets()).isEqualTo(length / PacketWriter.MAX_PAYLOAD + 1);
            assertThat(assembler.nextSequence()).isEqualTo(3 + assembler.packets());
        }
    }

    @Test
    void messageAboveTheLimitIsRefusedBeforeItHasCome() {
        MessageAssembler assembler = new MessageAssembler("client", 100);
        assembler.feed(Unpooled.wrappedBuffer(new byte[] {101, 0, 0, 0}));
        assertThatThrownBy(() -> assembler.next(0))
                .isInstanceOf(MalformedPacketException.class)
                .hasMessage("packet of the client has 101 bytes or more; the gateway takes 100");
    }

    @Test
    void packetOutOfOrderIsRefused() {
        MessageAssembler assembler = new MessageAssembler("client", 100);
        assembler.feed(Unpooled.wrappedBuffer(new byte[] {1, 0, 0, 4, 9}));
        assertThatThrownBy(() -> assembler.next(0))
                .hasMessage("malformed packet of the client: number 4 where 0 is due");
    }

    @Test
    void lengthIsNotBelievedBeforeItIsChecked() {
        byte[] lie = {(byte) 0xfe, -1, -1, -1, -1, -1, -1, -1, -1};
        assertThatThrownBy(() -> new PayloadReader(lie, "row").lenencBytes())
                .hasMessage("malformed row: a value of 18446744073709551615 bytes where 0 are left");
        assertThatThrownBy(() -> new PayloadReader(new byte[] {5, 1}, "row").lenencBytes())
                .hasMessage("malformed row: a value of 5 bytes where 1 are left");
        assertThatThrownBy(() -> new PayloadReader(new byte[] {'a'}, "log-in").untilNul())
                .hasMessage("malformed log-in: a text without its final NUL");
    }

    @Test
    void logInThatIsCutAnywhereIsRefusedOrWhole() {
        byte[] whole = RawClient.login();
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            try {
                assertThat(Login.parse(cut, ~0).user())
                        .asString(StandardCharsets.US_ASCII)
                        .isEqualTo("root");
            } catch (MalformedPacketException e) {
                assertThat(e).hasMessageStartingWith("malformed log-in of the client: ");
            }
        }
    }

    @Test
    void logInIsPassedOnWithoutWhatWasNotOffered() {
        Login login = Login.parse(RawClient.login(), Capability.ALLOWED);
        assertThat(login.capabilities() & (Capability.QUERY_ATTRIBUTES | Capability.MULTI_STATEMENTS))
                .isZero();
        Login again = Login.parse(login.payload(), ~0);
        assertThat(again.user()).asString(StandardCharsets.US_ASCII).isEqualTo("root");
        assertThat(again.authMethodText()).isEqualTo("mysql_native_password");
        assertThat(again.capabilities()).isEqualTo(login.capabilities());
    }

    @Test
    void logInThatAsksForTlsWhichWasNotOfferedIsRefused() {
        byte[] request = Arrays.copyOf(RawClient.login(), 32);
        assertThat(Login.isTlsRequest(request)).isFalse();
        request[1] |= (byte) (Capability.SSL >> 8);
        assertThat(Login.isTlsRequest(request)).isTrue();
        assertThatThrownBy(() -> Login.parse(request, ~Capability.SSL))
                .hasMessage("malformed log-in of the client: a request for TLS, which the gateway did not offer");
    }

    @Test
    void greetingKeepsTheServersScramble() {
        byte[] scramble = "12345678abcdefghijkl\0".getBytes(StandardCharsets.US_ASCII);
        Greeting greeting = new Greeting("8.4.0", 7, scramble, ~0, 45, 2, "mysql_native_password");
        Greeting read = Greeting.parse(greeting.payload(), Capability.ALLOWED);
        assertThat(read.scramble()).isEqualTo(scramble);
        assertThat(read.connectionId()).isEqualTo(7);
        assertThat(read.capabilities()).isEqualTo(Capability.ALLOWED);
        assertThat(read.authMethod()).isEqualTo("mysql_native_password");
    }
}
