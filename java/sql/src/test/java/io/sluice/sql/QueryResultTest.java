package io.sluice.sql;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class QueryResultTest {
    private static final ResultField ID =
            new ResultField("id", ResultType.INT64.code(), "t", "t0", "shop", "id0", 20, 63, 0, 49667, "bigint");
    private static final ResultField NAME = ResultField.of("name", ResultType.VARCHAR);

    @Test
    void whatIsWrittenIsRead() {
        QueryResultWriter writer = QueryResultWriter.of(List.of(ID, NAME), 1 << 20);
        writer.row(new byte[][] {text("7"), text("Zoë")});
        writer.row(new byte[][] {text("8"), null});
        writer.row(new byte[][] {text(""), text("")});

        QueryResult result = QueryResult.parse(writer.finish());

        assertThat(result.fields()).containsExactly(ID, NAME);
        assertThat(result.rowCount()).isEqualTo(3);
        assertThat(result.row(0).text(0)).isEqualTo("7");
        assertThat(result.row(0).text(1)).isEqualTo("Zoë");
        assertThat(result.row(1).isNull(1)).isTrue();
        assertThat(result.row(1).copyBytes(1)).isNull();
        assertThat(result.row(2).text(1)).isEmpty();
        assertThat(result.hasFields()).isTrue();
    }

    @Test
    void countsAreWrittenAndRead() {
        QueryResult result = QueryResult.parse(QueryResultWriter.ofUpdate(3, -1));

        assertThat(result.rowsAffected()).isEqualTo(3);
        assertThat(Long.toUnsignedString(result.insertId())).isEqualTo("18446744073709551615");
        assertThat(result.hasFields()).isFalse();
    }

    @Test
    void noBytesAreAResultOfNothing() {
        QueryResult result = QueryResult.parse(new byte[0]);

        assertThat(result.rowCount()).isZero();
        assertThat(result.fields()).isEmpty();
        assertThat(result.info()).isEmpty();
        assertThat(result.sessionStateChanges()).isEmpty();
    }

    @Test
    void unknownAndUnpackedFieldsAreTaken() throws IOException {
        byte[] row = message(out -> {
            out.writeSInt64(1, 1);
            out.writeSInt64(1, -1);
            out.writeString(2, "x");
            out.writeString(15, "of the future");
        });
        byte[] bytes = message(out -> {
            out.writeByteArray(4, row);
            out.writeByteArray(1, message(field -> field.writeString(1, "a")));
            out.writeByteArray(1, message(field -> field.writeString(1, "b")));
            out.writeString(6, "remark");
            out.writeString(7, "state");
            out.writeInt32(99, 1);
        });

        QueryResult result = QueryResult.parse(bytes);

        assertThat(result.row(0).text(0)).isEqualTo("x");
        assertThat(result.row(0).isNull(1)).isTrue();
        assertThat(result.info()).isEqualTo("remark");
        assertThat(result.sessionStateChanges()).isEqualTo("state");
    }

    @Test
    void unknownTypeIsBytes() {
        byte[] bytes = QueryResultWriter.of(
                        List.of(new ResultField("v", 2086, "", "", "", "", 0, 0, 0, 0, "")), 1 << 20)
                .finish();

        ResultField field = QueryResult.parse(bytes).fields().get(0);

        assertThat(field.typeCode()).isEqualTo(2086);
        assertThat(field.type()).isEqualTo(ResultType.UNKNOWN);
        assertThat(field.type().isBinary()).isTrue();
    }

    @Test
    void rowsThatDoNotFitTheirFieldsAreRefused() throws IOException {
        assertRefused(rowOf(out -> out.writeString(2, "x")), "row 0 has 0 values but the result has 1 fields");
        assertRefused(
                rowOf(out -> {
                    out.writeSInt64(1, 1);
                    out.writeSInt64(1, 0);
                    out.writeString(2, "x");
                }),
                "row 0 has 2 values but the result has 1 fields");
        assertRefused(
                rowOf(out -> {
                    out.writeSInt64(1, 2);
                    out.writeString(2, "x");
                }),
                "row 0 has lengths that add up to 2 but 1 bytes of values");
        assertRefused(
                rowOf(out -> {
                    out.writeSInt64(1, -2);
                    out.writeString(2, "x");
                }),
                "row 0 has a value of length -2");
        assertRefused(
                rowOf(out -> {
                    out.writeSInt64(1, 1L << 40);
                    out.writeString(2, "x");
                }),
                "row 0 has a value of length 1099511627776");
        assertRefused(
                message(out -> out.writeByteArray(4, new byte[0])), "row 0 is there but the result has no fields");
    }

    @Test
    void lengthsThatOverflowTheirSumAreRefused() throws IOException {
        byte[] row = message(out -> {
            for (int i = 0; i < 3; i++) {
                out.writeSInt64(1, Integer.MAX_VALUE);
            }
        });
        byte[] bytes = message(out -> {
            for (int i = 0; i < 3; i++) {
                out.writeByteArray(1, message(field -> field.writeString(1, "c")));
            }
            out.writeByteArray(4, row);
        });

        assertRefused(bytes, "row 0 has lengths that add up to 6442450941 but 0 bytes of values");
    }

    @Test
    void bytesThatAreNoMessageAreRefused() {
        assertThatThrownBy(() -> QueryResult.parse(new byte[] {(byte) 0xff, (byte) 0xff}))
                .isInstanceOf(MalformedResultException.class)
                .hasMessageStartingWith("malformed query result: it is not a QueryResult of query.proto: ");
        assertThatThrownBy(() -> QueryResult.parse(new byte[] {0x22, 0x7f}))
                .isInstanceOf(MalformedResultException.class)
                .hasMessageStartingWith("malformed query result: it is not a QueryResult of query.proto: ");
    }

    @Test
    void resultAboveTheLimitIsRefusedWhileItIsWritten() {
        QueryResultWriter writer = QueryResultWriter.of(List.of(NAME), 100);
        writer.row(new byte[][] {new byte[40]});

        assertThatThrownBy(() -> writer.row(new byte[][] {new byte[40]}))
                .isInstanceOf(ResultTooLargeException.class)
                .hasMessage(
                        "the query's result has more than 100 bytes, which a plugin that reads results may be given;"
                                + " ask for fewer rows or raise PluginLimits.maxResultBytes");
    }

    @Test
    void rowOfAnotherWidthIsRefused() {
        QueryResultWriter writer = QueryResultWriter.of(List.of(NAME), 100);

        assertThatThrownBy(() -> writer.row(new byte[2][]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the row has 2 values but the result has 1 fields");
    }

    @Test
    void rowPastTheLastIsRefused() {
        QueryResult result = QueryResult.parse(new byte[0]);

        assertThatThrownBy(() -> result.row(0)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void aMillionRowsAreReadWithoutAnObjectEach() {
        QueryResultWriter writer = QueryResultWriter.of(List.of(ID), 64 << 20);
        for (int i = 0; i < 1_000_000; i++) {
            writer.row(new byte[][] {text(Integer.toString(i))});
        }

        QueryResult result = QueryResult.parse(writer.finish());

        assertThat(result.rowCount()).isEqualTo(1_000_000);
        assertThat(result.row(999_999).text(0)).isEqualTo("999999");
    }

    private interface Body {
        void write(CodedOutputStream out) throws IOException;
    }

    private static byte[] message(Body body) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        body.write(out);
        out.flush();
        return bytes.toByteArray();
    }

    private static byte[] rowOf(Body row) throws IOException {
        return message(out -> {
            out.writeByteArray(1, message(field -> field.writeString(1, "c")));
            out.writeByteArray(4, message(row));
        });
    }

    private static void assertRefused(byte[] bytes, String message) {
        assertThatThrownBy(() -> QueryResult.parse(bytes))
                .isInstanceOf(MalformedResultException.class)
                .hasMessage("malformed query result: " + message);
    }

    private static byte[] text(String text) {
        return text.getBytes(UTF_8);
    }
}
