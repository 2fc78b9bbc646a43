package io.sluice.mysql;

import java.io.ByteArrayInputStream;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.sql.Timestamp;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** What applications do with a connection, written down as it is seen: the same through the gateway and directly. */
final class Operations {
    private static final String TABLE = "create table every("
            + "id int auto_increment primary key, t tinyint, tu tinyint unsigned, s smallint, m mediumint, i int unsigned,"
            + "b bigint, bu bigint unsigned, f float, d double, n decimal(20,6), da date, ti time(3), dt datetime(6),"
            + "ts timestamp(2) null, y year, c char(7), v varchar(200), tx text, bi binary(4), vb varbinary(9), bl blob,"
            + "bt bit(10), e enum('one','two'), st set('a','b','c'), j json)";
    private static final String[] ROWS = {
        "insert into every(t) values (null)",
        "insert into every values (null,-128,255,-32768,-8388608,4294967295,-9223372036854775808,18446744073709551615,"
                + "1.5,-2.25,12345678901234.123456,'2024-02-29','-12:34:56.789','2024-12-31 23:59:59.123456',"
                + "'2024-01-02 03:04:05.67',2024,'abc','grüße 漢字 😀','',x'00ff0010',x'27',x'5c00',b'1010101010','two','a,c','{\"k\": [1, null]}')",
        "insert into every(v,tx,bl,f,d,ti) values ('it''s','a\\\\b\\n', repeat(char(0),300), 0, 1e300, '838:59:59')"
    };
    private final List<String> seen = new ArrayList<>();
    private final Connection connection;

    private Operations(Connection connection) {
        this.connection = connection;
    }

    /** Does everything on a connection whose database is empty and leaves it so. */
    static List<String> on(Connection connection) throws SQLException {
        Operations operations = new Operations(connection);
        operations.text();
        operations.prepared();
        operations.transactions();
        operations.errors();
        operations.procedures();
        operations.settings();
        return operations.seen;
    }

    /** What is large: a result of many rows, packets at and above their limit in both directions. */
    static List<String> largeOn(Connection connection) throws SQLException {
        Operations operations = new Operations(connection);
        operations.large();
        return operations.seen;
    }

    private void text() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            update(statement, "drop table if exists every");
            update(statement, TABLE);
            for (String row : ROWS) {
                say(row + ": " + statement.executeUpdate(row, Statement.RETURN_GENERATED_KEYS));
                rows("keys", statement.getGeneratedKeys());
            }
            rows("all", statement.executeQuery("select * from every order by id"));
            rows("none", statement.executeQuery("select * from every where id < 0"));
            rows("names", statement.executeQuery("select a.id as `eine ID`, a.v x from every a limit 1"));
            update(statement, "update every set v = 'x' where id > 1");
            statement.execute("select 1 from every where 1/0 or v+0");
            try (ResultSet warnings = statement.executeQuery("show warnings")) {
                rows("warnings", warnings);
            }
            rows("found", statement.executeQuery("select row_count(), last_insert_id()"));
            for (int i = 0; i < 3; i++) {
                statement.addBatch("insert into every(v) values ('batch " + i + "')");
            }
            say("batch " + Arrays.toString(statement.executeBatch()));
            say("valid " + connection.isValid(5));
            say("catalog " + connection.getCatalog());
        }
    }

    private void prepared() throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "insert into every(t,b,f,d,n,da,ti,dt,v,tx,bl,i) values (?,?,?,?,?,?,?,?,?,?,?,?)",
                Statement.RETURN_GENERATED_KEYS)) {
            for (int i = 0; i < 3; i++) {
                insert.setInt(1, i);
                insert.setLong(2, Long.MIN_VALUE + i);
                insert.setFloat(3, 0.5f + i);
                insert.setDouble(4, 1e-9 * i);
                insert.setBigDecimal(5, new BigDecimal("1234567.125"));
                insert.setDate(6, java.sql.Date.valueOf("2024-02-29"));
                insert.setTime(7, java.sql.Time.valueOf("13:14:15"));
                insert.setTimestamp(8, Timestamp.valueOf("2024-05-06 07:08:09.5"));
                insert.setString(9, "wörd '\\ " + i);
                insert.setNull(10, Types.VARCHAR);
                insert.setBytes(11, new byte[] {0, 39, 92, (byte) 0xff});
                insert.setObject(12, 4_000_000_000L);
                say("insert " + insert.executeUpdate());
                rows("keys", insert.getGeneratedKeys());
            }
            for (int i = 0; i < 3; i++) {
                insert.setInt(1, 10 + i);
                insert.addBatch();
            }
            say("batch " + Arrays.toString(insert.executeBatch()));
        }
        try (PreparedStatement select =
                connection.prepareStatement("select * from every where id >= ? and t < ? order by id")) {
            for (int limit = 0; limit < 3; limit++) {
                select.setInt(1, limit);
                select.setInt(2, 50);
                rows("prepared", select.executeQuery());
            }
        }
        try (PreparedStatement stream = connection.prepareStatement("update every set bl = ? where id = 1")) {
            stream.setBinaryStream(1, new ByteArrayInputStream(new byte[60_000]));
            say("stream " + stream.executeUpdate());
        }
        try (PreparedStatement wrong = connection.prepareStatement("select nothing from nowhere where a = ?")) {
            wrong.setInt(1, 1);
            wrong.execute();
            say("a wrong statement was executed");
        } catch (SQLException e) {
            say("wrong " + e.getErrorCode() + " " + e.getSQLState());
        }
    }

    private void large() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            rows("many", statement.executeQuery("select seq, repeat('x', seq % 300) from seq_1_to_5000"));
            try (ResultSet row = statement.executeQuery("select repeat('abcdefgh', 2500000), 1")) {
                row.next();
                say("20 MB " + row.getString(1).hashCode() + " " + row.getInt(2));
            }
            try (ResultSet row = statement.executeQuery("select repeat('a', 16777215 - 4), 7")) {
                row.next();
                say("at the packet's limit " + row.getString(1).length() + " " + row.getInt(2));
            }
            String text = "b".repeat(17 << 20);
            try (ResultSet row = statement.executeQuery("select length('" + text + "')")) {
                row.next();
                say("17 MiB text " + row.getInt(1));
            }
        }
    }

    private void transactions() throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            update(statement, "delete from every");
            Savepoint savepoint = connection.setSavepoint("here");
            update(statement, "insert into every(v) values ('in')");
            connection.rollback(savepoint);
            rows("count", statement.executeQuery("select count(*) from every"));
            connection.rollback();
            rows("count", statement.executeQuery("select count(*) > 0 from every"));
            connection.commit();
            connection.setAutoCommit(true);
            connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
            say("isolation " + connection.getTransactionIsolation());
        }
    }

    private void errors() throws SQLException {
        for (String wrong : List.of(
                "selct 1",
                "select * from no_such_table",
                "insert into every(id) values (1),(1)",
                "use no_such_database",
                "")) {
            try (Statement statement = connection.createStatement()) {
                statement.execute(wrong);
                say(wrong + ": no error");
            } catch (SQLException e) {
                say(wrong + ": " + e.getErrorCode() + " " + e.getSQLState());
            }
        }
    }

    private void procedures() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            update(statement, "drop procedure if exists two");
            update(
                    statement,
                    "create procedure two(n int) begin select n; select n + 1, 'zwei'; update every set v = 'p'; end");
            boolean more = statement.execute("call two(5)");
            for (int i = 0; more || statement.getUpdateCount() >= 0; i++) {
                if (more) {
                    rows("result " + i, statement.getResultSet());
                } else {
                    say("result " + i + " count");
                }
                more = statement.getMoreResults();
            }
        }
    }

    private void settings() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            update(statement, "set @mine = 'kept'");
            update(statement, "create temporary table mine(a int)");
            update(statement, "insert into mine values (1)");
            rows("kept", statement.executeQuery("select @mine, a from mine"));
            update(statement, "set sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'");
            rows("modes", statement.executeQuery("select 'a\\', \"v\" from every limit 1"));
            update(statement, "drop table every");
        }
    }

    private void update(Statement statement, String sql) throws SQLException {
        say(sql + ": " + statement.executeUpdate(sql));
    }

    private void rows(String what, ResultSet rows) throws SQLException {
        try (rows) {
            ResultSetMetaData metaData = rows.getMetaData();
            int columns = metaData.getColumnCount();
            for (int i = 1; i <= columns; i++) {
                say(what + " " + metaData.getColumnLabel(i) + " " + metaData.getColumnName(i) + " "
                        + metaData.getTableName(i)
                        + " " + metaData.getColumnType(i) + " " + typeName(metaData, i) + " "
                        + metaData.getPrecision(i) + " " + metaData.getScale(i) + " " + metaData.isNullable(i) + " "
                        + metaData.isSigned(i) + " " + metaData.getColumnDisplaySize(i));
            }
            while (rows.next()) {
                for (int i = 1; i <= columns; i++) {
                    say(what + " " + i + ": " + rows.getString(i) + " " + bytes(rows, i));
                }
            }
        }
    }

    /** That a text is JSON, MariaDB tells in its extended metadata alone, which the gateway does not offer. */
    private static String typeName(ResultSetMetaData metaData, int column) throws SQLException {
        String name = metaData.getColumnTypeName(column);
        return name.equals("JSON") ? "LONGTEXT" : name;
    }

    private static String bytes(ResultSet rows, int column) {
        try {
            byte[] bytes = rows.getBytes(column);
            return bytes == null ? "null" : HexFormat.of().formatHex(bytes);
        } catch (SQLException e) {
            return String.valueOf(e.getMessage()).replaceFirst("^\\(conn=\\d+\\) ", "");
        }
    }

    private void say(String line) {
        seen.add(line);
    }
}
