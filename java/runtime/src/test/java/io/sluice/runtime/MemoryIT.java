package io.sluice.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MemoryIT {
    private static final int PAGE = 65_536;

    private Sandbox box;
    private Instance instance;
    private Memory memory;

    @BeforeEach
    void open() {
        box = Sandbox.of("memory");
        instance = box.instance();
        memory = instance.memory("memory");
    }

    @AfterEach
    void close() {
        box.close();
    }

    @Test
    void everyWidthIsWrittenAndRead() {
        memory.writeByte(0, (byte) -1);
        assertThat(memory.readByte(0)).isEqualTo((byte) -1);
        memory.writeShort(2, (short) -2);
        assertThat(memory.readShort(2)).isEqualTo((short) -2);
        memory.writeInt(4, Integer.MIN_VALUE);
        assertThat(memory.readInt(4)).isEqualTo(Integer.MIN_VALUE);
        memory.writeLong(9, Long.MIN_VALUE + 1);
        assertThat(memory.readLong(9)).isEqualTo(Long.MIN_VALUE + 1);
        memory.writeFloat(20, -0f);
        assertThat(memory.readFloat(20)).isEqualTo(-0f);
        memory.writeDouble(31, Math.PI);
        assertThat(memory.readDouble(31)).isEqualTo(Math.PI);
    }

    @Test
    void valuesAreLittleEndianAndSeenByTheGuest() {
        memory.writeInt(100, 0x0102_0304);
        assertThat(memory.readByte(100)).isEqualTo((byte) 4);
        assertThat(instance.func("load").callRaw(100)).isEqualTo(0x0102_0304);
        instance.func("store").callRaw(100, 7);
        assertThat(memory.readInt(100)).isEqualTo(7);
    }

    @Test
    void aWriteTouchesOnlyItsWidth() {
        memory.fill(0, (byte) 0x55, 32);
        memory.writeShort(8, (short) 0);
        assertThat(memory.readLong(0)).isEqualTo(0x5555_5555_5555_5555L);
        assertThat(memory.readInt(8)).isEqualTo(0x5555_0000);
    }

    @Test
    void bytesAreCopiedInAndOut() {
        memory.write(50, new byte[] {1, 2, 3, 4, 5});
        byte[] back = new byte[5];
        memory.read(50, back);
        assertThat(back).containsExactly(1, 2, 3, 4, 5);
        memory.write(60, new byte[] {9, 1, 2, 9}, 1, 2);
        byte[] part = new byte[4];
        memory.read(60, part, 2, 2);
        assertThat(part).containsExactly(0, 0, 1, 2);
        memory.write(PAGE, new byte[0]);
        memory.read(PAGE, new byte[0]);
    }

    @Test
    void textIsUtf8() {
        assertThat(memory.readUtf8(16, 12)).isEqualTo("grüße 😀");
        assertThat(memory.writeUtf8(200, "函数 😀\0")).isEqualTo(12);
        assertThat(memory.readUtf8(200, 12)).isEqualTo("函数 😀\0");
        assertThat(memory.readUtf8(200, 0)).isEmpty();
        memory.write(300, new byte[] {(byte) 0xFF, 'a'});
        assertThat(memory.readUtf8(300, 2)).isEqualTo("\uFFFDa");
        assertThat(memory.writeUtf8(310, "\ud83d")).isEqualTo(1);
        assertThat(memory.readUtf8(310, 1)).isEqualTo("?");
    }

    @Test
    void rangesAreCopiedAndFilled() {
        memory.write(0, new byte[] {1, 2, 3, 4});
        memory.copy(2, 0, 4);
        byte[] bytes = new byte[6];
        memory.read(0, bytes);
        assertThat(bytes).containsExactly(1, 2, 1, 2, 3, 4);
        memory.fill(0, (byte) -1, 3);
        memory.read(0, bytes);
        assertThat(bytes).containsExactly(-1, -1, -1, 2, 3, 4);
        memory.fill(PAGE, (byte) 1, 0);
    }

    @Test
    void sizeAndGrowthAreInPages() {
        assertThat(memory.byteSize()).isEqualTo(PAGE);
        assertThat(memory.pages()).isEqualTo(1);
        assertThat(memory.grow(0)).isEqualTo(1);
        assertThat(memory.grow(1)).isEqualTo(1);
        assertThat(memory.byteSize()).isEqualTo(2 * PAGE);
        assertThat(memory.readLong(2 * PAGE - 8)).isZero();
        assertThat(instance.func("grow").callRaw(1)).isEqualTo(2);
        assertThat(memory.pages()).isEqualTo(3);
        assertThat(memory.grow(1)).isEqualTo(-1);
        assertThat(memory.grow(Long.MAX_VALUE)).isEqualTo(-1);
        assertThatThrownBy(() -> memory.grow(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("deltaPages is -1, it must be 0 to 9223372036854775807");
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, PAGE - 1, PAGE, 0xFFFF_FFFFL, 1L << 32, Long.MAX_VALUE, Long.MIN_VALUE})
    void nothingOutsideIsReadOrWritten(long offset) {
        String message = " bytes at offset " + offset + " do not lie inside its 65536 bytes";
        assertThatThrownBy(() -> memory.readShort(offset))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessage("memory: 2" + message);
        assertThatThrownBy(() -> memory.readInt(offset)).hasMessage("memory: 4" + message);
        assertThatThrownBy(() -> memory.readLong(offset)).hasMessage("memory: 8" + message);
        assertThatThrownBy(() -> memory.readFloat(offset)).hasMessage("memory: 4" + message);
        assertThatThrownBy(() -> memory.readDouble(offset)).hasMessage("memory: 8" + message);
        assertThatThrownBy(() -> memory.writeShort(offset, (short) 1)).hasMessage("memory: 2" + message);
        assertThatThrownBy(() -> memory.writeInt(offset, 1)).hasMessage("memory: 4" + message);
        assertThatThrownBy(() -> memory.writeLong(offset, 1)).hasMessage("memory: 8" + message);
        assertThatThrownBy(() -> memory.writeFloat(offset, 1)).hasMessage("memory: 4" + message);
        assertThatThrownBy(() -> memory.writeDouble(offset, 1)).hasMessage("memory: 8" + message);
        assertThatThrownBy(() -> memory.read(offset, new byte[3])).hasMessage("memory: 3" + message);
        assertThatThrownBy(() -> memory.write(offset, new byte[3])).hasMessage("memory: 3" + message);
        assertThatThrownBy(() -> memory.readUtf8(offset, 5)).hasMessage("memory: 5" + message);
        assertThatThrownBy(() -> memory.writeUtf8(offset, "abcde")).hasMessage("memory: 5" + message);
        assertThatThrownBy(() -> memory.fill(offset, (byte) 1, 6)).hasMessage("memory: 6" + message);
        assertThatThrownBy(() -> memory.copy(offset, 0, 7)).hasMessage("memory: 7" + message);
        assertThatThrownBy(() -> memory.copy(0, offset, 7)).hasMessage("memory: 7" + message);
        assertThat(memory.readByte(PAGE - 1)).isZero();
    }

    @Test
    void theLastByteIsInside() {
        memory.writeByte(PAGE - 1, (byte) 3);
        assertThat(memory.readByte(PAGE - 1)).isEqualTo((byte) 3);
        assertThatThrownBy(() -> memory.writeByte(PAGE, (byte) 3)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> memory.readByte(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void absurdLengthsAreRefusedBeforeAnythingIsAllocated() {
        assertThatThrownBy(() -> memory.readUtf8(0, Integer.MAX_VALUE))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessage("memory: 2147483647 bytes at offset 0 do not lie inside its 65536 bytes");
        assertThatThrownBy(() -> memory.readUtf8(0, -1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> memory.fill(0, (byte) 1, -1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> memory.fill(1, (byte) 1, Long.MAX_VALUE))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> memory.copy(0, 0, Long.MIN_VALUE)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void arraysAreBounded() {
        byte[] four = new byte[4];
        assertThatThrownBy(() -> memory.read(0, four, 3, 2))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessage("dst: 2 bytes at offset 3 do not lie inside its 4 bytes");
        assertThatThrownBy(() -> memory.write(0, four, 0, -1)).hasMessageStartingWith("src: -1 bytes");
        assertThatThrownBy(() -> memory.write(0, four, Integer.MAX_VALUE, 2))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    @SuppressWarnings("NullAway") // null is what is tested
    void nullIsRefusedByName() {
        assertThatThrownBy(() -> memory.read(0, null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("dst");
        assertThatThrownBy(() -> memory.write(0, null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("src");
        assertThatThrownBy(() -> memory.writeUtf8(0, null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("text");
    }

    @Test
    void useAfterCloseThrows() {
        box.store.close();
        assertThatThrownBy(memory::byteSize)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("store is closed");
        assertThatThrownBy(() -> memory.readInt(0)).hasMessage("store is closed");
        assertThatThrownBy(() -> memory.writeInt(0, 0)).hasMessage("store is closed");
        assertThatThrownBy(() -> memory.read(0, new byte[1])).hasMessage("store is closed");
        assertThatThrownBy(() -> memory.write(0, new byte[1])).hasMessage("store is closed");
        assertThatThrownBy(() -> memory.copy(0, 0, 0)).hasMessage("store is closed");
        assertThatThrownBy(() -> memory.fill(0, (byte) 0, 0)).hasMessage("store is closed");
        assertThatThrownBy(() -> memory.grow(0)).hasMessage("store is closed");
    }
}
