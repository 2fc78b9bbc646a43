package io.sluice.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.Date;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.sql.Time;
import java.sql.Timestamp;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.Calendar;
import java.util.TimeZone;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Results of drivers that can be read only once, which are kept as they are read. */
class CopiedResultSetIT {
    private static final String ROW = "select 7 as i, cast(9000000000 as bigint) as l, cast(1.50 as decimal(5,2)) as d,"
            + " cast(2.5 as double) as f, true as b, date '2024-02-29' as dt, time '12:34:56' as tm,"
            + " timestamp '2024-02-29 12:34:56.5' as ts, 'text' as s, x'00ff' as bin,"
            + " cast('6f1f5e38-95a5-4f7c-8d15-2f3f0a0a0a0a' as uuid) as u, cast('clob' as clob) as c,"
            + " cast(x'0102' as blob) as bl, null as n";

    private FilteredDatabase database;
    private Statement statement;

    @BeforeEach
    void open() throws SQLException {
        database = new FilteredDatabase();
        statement = database.connection.createStatement();
        database.filter("c/echo_result", "(?s)select .*");
        database.filter("c/mask_result", "(?s)select .*");
    }

    @AfterEach
    void close() throws SQLException {
        statement.close();
        database.close();
    }

    /** A statement that was asked for generated keys cannot be one with results that can be scrolled. */
    private ResultSet unscrollable(String sql) throws SQLException {
        return database.connection
                .prepareStatement(sql, Statement.RETURN_GENERATED_KEYS)
                .executeQuery();
    }

    private ResultSet first(String sql) throws SQLException {
        ResultSet rows = unscrollable(sql);
        assertThat(rows.next()).isTrue();
        assertThat(rows.toString()).isEqualTo("result of 1 rows, read for plugins");
        return rows;
    }

    @Test
    void valueThatNoPluginChangedIsTheDriversOwn() throws SQLException {
        ResultSet rows = first(ROW);

        assertThat(rows.getObject("i")).isEqualTo(7);
        assertThat(rows.getObject("l")).isEqualTo(9_000_000_000L);
        assertThat(rows.getObject("d")).isEqualTo(new BigDecimal("1.50"));
        assertThat(rows.getObject("f")).isEqualTo(2.5);
        assertThat(rows.getObject("b")).isEqualTo(true);
        assertThat(rows.getObject("dt")).isEqualTo(Date.valueOf("2024-02-29"));
        assertThat(rows.getObject("tm")).isEqualTo(Time.valueOf("12:34:56"));
        assertThat(rows.getObject("ts")).isEqualTo(Timestamp.valueOf("2024-02-29 12:34:56.5"));
        assertThat(rows.getObject("u")).isInstanceOf(UUID.class);
        assertThat(rows.getObject("c")).isInstanceOf(Clob.class);
        assertThat(rows.getObject("bl")).isInstanceOf(Blob.class);
        assertThat(rows.getObject("n")).isNull();
    }

    @Test
    void valueIsReadAsTheApplicationAsks() throws SQLException {
        ResultSet rows = first(ROW);

        assertThat(rows.getInt("i")).isEqualTo(7);
        assertThat(rows.getLong("i")).isEqualTo(7);
        assertThat(rows.getShort("i")).isEqualTo((short) 7);
        assertThat(rows.getByte("i")).isEqualTo((byte) 7);
        assertThat(rows.getDouble("d")).isEqualTo(1.5);
        assertThat(rows.getFloat("f")).isEqualTo(2.5f);
        assertThat(rows.getBigDecimal("f")).isEqualByComparingTo("2.5");
        assertThat(rows.getInt("d")).isEqualTo(1);
        assertThat(rows.getBoolean("i")).isTrue();
        assertThat(rows.getBoolean("b")).isTrue();
        assertThat(rows.getInt("b")).isEqualTo(1);
        assertThat(rows.getString("l")).isEqualTo("9000000000");
        assertThat(rows.getString("ts")).isEqualTo("2024-02-29 12:34:56.5");
        assertThat(rows.getDate("ts")).isEqualTo(Date.valueOf("2024-02-29"));
        assertThat(rows.getTime("ts")).isEqualTo(Time.valueOf("12:34:56"));
        assertThat(rows.getTimestamp("dt")).isEqualTo(Timestamp.valueOf("2024-02-29 00:00:00"));
        assertThat(rows.getBytes("bin")).containsExactly(0, 0xff);
        assertThat(rows.getBytes("s")).isEqualTo("text".getBytes(StandardCharsets.UTF_8));
        assertThat(rows.getBytes("bl")).containsExactly(1, 2);
        assertThat(rows.getString("c")).isEqualTo("clob");
        assertThat(rows.getClob("c").getSubString(1, 4)).isEqualTo("clob");
        assertThat(rows.getBlob("bl").length()).isEqualTo(2);
        assertThat(rows.getBinaryStream("bin")).hasBinaryContent(new byte[] {0, (byte) 0xff});
        assertThat(rows.getObject("dt", LocalDate.class)).isEqualTo(LocalDate.of(2024, 2, 29));
        assertThat(rows.getObject("tm", LocalTime.class)).isEqualTo(LocalTime.of(12, 34, 56));
        assertThat(rows.getObject("ts", LocalDateTime.class)).isEqualTo("2024-02-29T12:34:56.5");
        assertThat(rows.getObject("i", Long.class)).isEqualTo(7L);
        assertThat(rows.getObject("i", String.class)).isEqualTo("7");
        assertThat(rows.getInt("n")).isZero();
        assertThat(rows.wasNull()).isTrue();
        assertThat(rows.getString("n")).isNull();
        assertThat(rows.getBoolean("n")).isFalse();
    }

    @Test
    void timestampIsReadInACalendarsZone() throws SQLException {
        ResultSet rows = first("select timestamp '2024-01-01 12:00:00' as ts");
        Calendar tokyo = Calendar.getInstance(TimeZone.getTimeZone("Asia/Tokyo"));

        assertThat(rows.getTimestamp("ts", tokyo).toInstant()).isEqualTo("2024-01-01T03:00:00Z");
    }

    @Test
    void maskedValueIsReadAsItsText() throws SQLException {
        ResultSet rows = first("select 'secret' as s, 5 as i");

        assertThat(rows.getString("s")).isEqualTo("******");
        assertThat(rows.getInt("i")).isEqualTo(5);
        assertThatThrownBy(() -> rows.getInt("s"))
                .isInstanceOf(SQLException.class)
                .hasMessage("the value '******' was asked for as a number, which it is not");
        assertThatThrownBy(() -> rows.getDate("s"))
                .hasMessage("the value '******' was asked for as a date or time, which it is not");
        assertThatThrownBy(() -> rows.getObject("s", UUID.class))
                .hasMessage("the value '******' was asked for as java.util.UUID, which it is not");
    }

    @Test
    void numberOutOfRangeIsRefused() throws SQLException {
        ResultSet rows = first("select cast(9000000000 as bigint) as l");

        assertThatThrownBy(() -> rows.getInt(1))
                .isInstanceOf(SQLException.class)
                .hasMessage("the value 9000000000 is out of the range -2147483648 to 2147483647");
    }

    @Test
    void metadataIsTheDriversOwn() throws SQLException {
        ResultSetMetaData metaData = first(ROW).getMetaData();

        assertThat(metaData.getColumnCount()).isEqualTo(14);
        assertThat(metaData.getColumnTypeName(3)).isEqualTo("DECIMAL");
        assertThat(metaData.isWrapperFor(org.h2.jdbc.JdbcResultSetMetaData.class))
                .isTrue();
    }

    @Test
    void rowsCanBeScrolled() throws SQLException {
        ResultSet rows = unscrollable("select x from system_range(1, 5)");

        assertThat(rows.isBeforeFirst()).isTrue();
        assertThat(rows.last()).isTrue();
        assertThat(rows.getRow()).isEqualTo(5);
        assertThat(rows.isLast()).isTrue();
        assertThat(rows.absolute(2)).isTrue();
        assertThat(rows.getInt(1)).isEqualTo(2);
        assertThat(rows.absolute(-1)).isTrue();
        assertThat(rows.getInt(1)).isEqualTo(5);
        assertThat(rows.relative(-3)).isTrue();
        assertThat(rows.getInt(1)).isEqualTo(2);
        assertThat(rows.previous()).isTrue();
        assertThat(rows.isFirst()).isTrue();
        assertThat(rows.previous()).isFalse();
        rows.afterLast();
        assertThat(rows.isAfterLast()).isTrue();
        assertThat(rows.getRow()).isZero();
        assertThat(rows.first()).isTrue();
        rows.beforeFirst();
        assertThat(rows.next()).isTrue();
        assertThat(rows.getType()).isEqualTo(ResultSet.TYPE_SCROLL_INSENSITIVE);
        assertThat(rows.getConcurrency()).isEqualTo(ResultSet.CONCUR_READ_ONLY);
    }

    @Test
    void misuseIsRefusedWithAMessage() throws SQLException {
        ResultSet rows = unscrollable("select 1 as a");

        assertThatThrownBy(() -> rows.getInt(1)).hasMessage("the result set is not on a row; call next first");
        assertThat(rows.next()).isTrue();
        assertThatThrownBy(() -> rows.getInt(2)).hasMessage("column 2 was asked for, but the result has 1");
        assertThatThrownBy(() -> rows.getInt("b")).hasMessageContaining("Column \"b\" not found");
        assertThatThrownBy(() -> rows.updateInt(1, 2))
                .isInstanceOf(SQLFeatureNotSupportedException.class)
                .hasMessage("updateInt is not offered by a result that was read for plugins");
        assertThatThrownBy(() -> rows.unwrap(String.class))
                .hasMessage("a result that was read for plugins is no java.lang.String");
        assertThat(rows.unwrap(ResultSet.class)).isSameAs(rows);
        assertThat(rows.findColumn("A")).isEqualTo(1);
        rows.close();
        rows.close();
        assertThat(rows.isClosed()).isTrue();
        assertThatThrownBy(rows::next).hasMessage("the result set is closed; execute the query again");
    }
}
