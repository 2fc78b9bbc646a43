package io.sluice.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What holds with every driver and on every database. */
abstract class JdbcCases {
    static final String REJECTION = "error from wasm plugin at after execution stage: error from wasm plugin at"
            + " before execution stage: no where clause";

    final Backend backend;
    FilteredDatabase database;
    Statement statement;
    /** The same database without filters. */
    Connection plain;

    JdbcCases(Backend backend) {
        this.backend = backend;
    }

    @BeforeEach
    void open() throws SQLException {
        database = new FilteredDatabase(backend, "");
        statement = database.connection.createStatement();
        plain = database.driver.getConnection();
        statement.execute("create table person(id int auto_increment primary key, name varchar(60), note varchar(60))");
        statement.execute("insert into person(name, note) values ('Ada', 'pin secret'), ('Zoë 😀 漢字', null)");
        database.filter("c/reject_without_where", "(?is)(update|delete).*");
        database.events.clear();
    }

    @AfterEach
    void close() throws SQLException {
        plain.close();
        statement.close();
        database.close();
        assertThat(database.host.memoryUsedBytes()).isZero();
    }

    static List<@Nullable String> column(ResultSet rows, int column) throws SQLException {
        List<@Nullable String> values = new ArrayList<>();
        try (rows) {
            while (rows.next()) {
                values.add(rows.getString(column));
            }
        }
        return values;
    }

    private List<@Nullable String> names() throws SQLException {
        try (Statement asked = plain.createStatement()) {
            return column(asked.executeQuery("select name from person order by id"), 1);
        }
    }

    static void assertRejected(ThrowingCallable call) {
        assertThatThrownBy(call)
                .asInstanceOf(InstanceOfAssertFactories.throwable(SQLException.class))
                .hasMessage(REJECTION)
                .satisfies(e -> assertThat(e.getErrorCode()).isEqualTo(1105))
                .satisfies(e -> assertThat(e.getSQLState()).isEqualTo("HY000"));
    }

    @Test
    void rejectedStatementNeverReachesTheDatabase() throws SQLException {
        String sql = "update person set name = 'x'";
        assertRejected(() -> statement.executeUpdate(sql));
        assertRejected(() -> statement.executeLargeUpdate(sql));
        assertRejected(() -> statement.execute(sql));
        assertRejected(() -> statement.executeQuery(sql));
        assertRejected(() -> statement.executeUpdate(sql, Statement.RETURN_GENERATED_KEYS));
        assertRejected(() -> statement.execute(sql, new int[] {1}));
        try (PreparedStatement prepared = database.connection.prepareStatement("update person set name = ?")) {
            prepared.setString(1, "x");
            assertRejected(prepared::executeUpdate);
            assertRejected(prepared::execute);
        }

        assertThat(names()).containsExactly("Ada", "Zoë 😀 漢字");
    }

    @Test
    void whatIsLetPassIsAsTheDriverHasIt() throws SQLException {
        assertThat(statement.executeUpdate("update person set name = 'Eve' where id = 1"))
                .isEqualTo(1);
        assertThat(statement.getUpdateCount()).isEqualTo(1);
        assertThat(statement.execute("select name from person order by id")).isTrue();
        ResultSet rows = statement.getResultSet();
        assertThat(rows.getStatement()).isSameAs(statement);
        assertThat(rows.next()).isTrue();
        assertThat(rows.getString(1)).isEqualTo("Eve");
        assertThat(statement.getMoreResults()).isFalse();
        assertThat(statement.getUpdateCount()).isEqualTo(-1);
    }

    @Test
    void rewrittenResultIsWhatTheApplicationGets() throws SQLException {
        database.filter("c/mask_result", "select .*");

        try (ResultSet rows = statement.executeQuery("select id, name, note from person order by id")) {
            assertThat(rows.next()).isTrue();
            assertThat(rows.getString("note")).isEqualTo("pin ******");
            assertThat(rows.getObject("note")).isEqualTo("pin ******");
            assertThat(rows.getInt("id")).isEqualTo(1);
            assertThat(rows.next()).isTrue();
            assertThat(rows.getString(2)).isEqualTo("Zoë 😀 漢字");
            assertThat(rows.getString(3)).isNull();
            assertThat(rows.wasNull()).isTrue();
            assertThat(rows.next()).isFalse();
        }
        try (PreparedStatement prepared =
                database.connection.prepareStatement("select note from person where name = ?")) {
            prepared.setString(1, "Ada");
            assertThat(column(prepared.executeQuery(), 1)).containsExactly("pin ******");
            prepared.setString(1, "Zoë 😀 漢字");
            assertThat(column(prepared.executeQuery(), 1)).containsExactly((String) null);
        }
    }

    @Test
    void rewrittenQueryIsWhatTheDatabaseGets() throws SQLException {
        try (PreparedStatement insert = plain.prepareStatement("insert into person(name) values (?)")) {
            for (int i = 0; i < 30; i++) {
                insert.setString(1, "n" + i);
                insert.addBatch();
            }
            insert.executeBatch();
        }
        database.filter("c/rewrite_query", "select .*");

        assertThat(column(statement.executeQuery("select id from person order by id"), 1))
                .hasSize(10);
        try (PreparedStatement prepared =
                database.connection.prepareStatement("select name from person where id > ? and name <> ?")) {
            prepared.setInt(1, 3);
            prepared.setString(2, "n20");
            assertThat(column(prepared.executeQuery(), 1)).hasSize(10);
            prepared.setMaxRows(4);
            assertThat(column(prepared.executeQuery(), 1)).hasSize(4);
        }
    }

    @Test
    void errorOfTheDatabaseGoesThroughAfterWithItsCause() {
        assertThatThrownBy(() -> statement.executeUpdate("delete from nobody where id = 1"))
                .asInstanceOf(InstanceOfAssertFactories.throwable(SQLException.class))
                .hasMessageStartingWith("error from wasm plugin at after execution stage: ")
                .satisfies(e -> assertThat(e.getErrorCode()).isEqualTo(1105))
                .cause()
                .asInstanceOf(InstanceOfAssertFactories.throwable(SQLException.class))
                .satisfies(e -> assertThat(e.getSQLState()).isEqualTo("42S02"));
        assertThatThrownBy(() -> statement.executeQuery("select * from nobody"))
                .isInstanceOf(SQLException.class)
                .satisfies(e -> assertThat(((SQLException) e).getSQLState()).isEqualTo("42S02"));
    }

    @Test
    void batchGoesOnAfterAnErrorAsTheDriverDoes() throws SQLException {
        String[] texts = {
            "insert into person(id, name) values (10, 'a')",
            "insert into person(id, name) values (10, 'b')",
            "update person set name = 'c' where id in (1, 2)",
            "insert into person(id, name) values (1, 'd')",
            "insert into person(id, name) values (11, 'e'), (12, 'f')"
        };
        BatchUpdateException expected;
        try (Statement asked = plain.createStatement()) {
            plain.setAutoCommit(false);
            expected = failureOfBatch(asked, texts);
            plain.rollback();
            plain.setAutoCommit(true);
        }
        database.filter("c/echo_result", "(?s).*");

        BatchUpdateException actual = failureOfBatch(statement, texts);

        assertThat(actual.getUpdateCounts())
                .containsExactly(1, Statement.EXECUTE_FAILED, 2, Statement.EXECUTE_FAILED, 2);
        assertThat(actual.getUpdateCounts()).isEqualTo(expected.getUpdateCounts());
        assertThat(actual.getLargeUpdateCounts()).isEqualTo(expected.getLargeUpdateCounts());
        assertThat(actual.getCause()).isInstanceOf(SQLException.class);
        assertThat(names()).containsExactly("c", "c", "a", "e", "f");
    }

    static BatchUpdateException failureOfBatch(Statement batched, String... texts) throws SQLException {
        for (String text : texts) {
            batched.addBatch(text);
        }
        try {
            throw new AssertionError("no failure: " + Arrays.toString(batched.executeBatch()));
        } catch (BatchUpdateException e) {
            return e;
        }
    }

    @Test
    void rejectedTextEndsABatch() throws SQLException {
        BatchUpdateException rejected = failureOfBatch(
                statement,
                "insert into person(id, name) values (10, 'a')",
                "delete from person",
                "insert into person(id, name) values (11, 'b')");

        assertThat(rejected.getMessage()).isEqualTo(REJECTION);
        assertThat(rejected.getErrorCode()).isEqualTo(1105);
        assertThat(rejected.getUpdateCounts()).containsExactly(1);
        assertThat(names()).containsExactly("Ada", "Zoë 😀 漢字", "a");
        assertThat(statement.executeBatch()).isEmpty();
    }

    @Test
    void preparedBatchFailsAsTheDriversDoes() throws SQLException {
        String sql = "insert into person(id, name) values (?, ?)";
        BatchUpdateException expected;
        try (PreparedStatement asked = plain.prepareStatement(sql)) {
            plain.setAutoCommit(false);
            expected = failureOfPreparedBatch(asked);
            plain.rollback();
            plain.setAutoCommit(true);
        }
        database.filter("c/echo_result", "insert .*");
        try (PreparedStatement filtered = database.connection.prepareStatement(sql)) {
            BatchUpdateException actual = failureOfPreparedBatch(filtered);
            assertThat(actual.getUpdateCounts()).isEqualTo(expected.getUpdateCounts());
            filtered.setInt(1, 30);
            filtered.setString(2, "x");
            filtered.addBatch();
            assertThat(filtered.executeBatch()).hasSize(1);
            assertThat(filtered.executeBatch()).isEmpty();
        }
    }

    private static BatchUpdateException failureOfPreparedBatch(PreparedStatement batched) throws SQLException {
        for (int id : new int[] {20, 1, 21}) {
            batched.setInt(1, id);
            batched.setString(2, "n" + id);
            batched.addBatch();
        }
        try {
            throw new AssertionError("no failure: " + Arrays.toString(batched.executeBatch()));
        } catch (BatchUpdateException e) {
            return e;
        }
    }

    @Test
    void generatedKeysAreTheDriversWhoeverReadsTheResult() throws SQLException {
        String sql = "insert into person(name) values ('a'), ('b')";
        assertThat(statement.executeUpdate(sql, Statement.RETURN_GENERATED_KEYS))
                .isEqualTo(2);
        List<@Nullable String> unread = column(statement.getGeneratedKeys(), 1);
        database.filter("c/echo_result", "insert .*");
        assertThat(statement.executeUpdate(sql, Statement.RETURN_GENERATED_KEYS))
                .isEqualTo(2);
        ResultSet keys = statement.getGeneratedKeys();
        assertThat(keys.getStatement()).isSameAs(statement);
        List<@Nullable String> read = column(keys, 1);
        try (PreparedStatement prepared = database.connection.prepareStatement(
                "insert into person(name) values (?)", Statement.RETURN_GENERATED_KEYS)) {
            prepared.setString(1, "c");
            assertThat(prepared.executeUpdate()).isEqualTo(1);
            read.addAll(column(prepared.getGeneratedKeys(), 1));
        }
        try (Statement asked = plain.createStatement()) {
            List<@Nullable String> all = column(asked.executeQuery("select id from person where id > 2"), 1);
            assertThat(all).hasSize(5).containsAll(unread).containsAll(read);
        }
        assertThat(read).hasSizeGreaterThanOrEqualTo(2).doesNotContainAnyElementsOf(unread);
    }

    @Test
    void keysOfABatchAreAsTheDriverHasThem() throws SQLException {
        String[] texts = {"insert into person(name) values ('a')", "insert into person(name) values ('b'), ('c')"};
        List<@Nullable String> expected;
        try (Statement asked = plain.createStatement()) {
            for (String text : texts) {
                asked.addBatch(text);
            }
            asked.executeBatch();
            expected = keysOf(asked);
        }
        for (String text : texts) {
            statement.addBatch(text);
        }
        assertThat(statement.executeBatch()).containsExactly(1, 2);
        assertThat(keysOf(statement)).hasSameSizeAs(expected);
    }

    private static List<@Nullable String> keysOf(Statement asked) throws SQLException {
        return column(asked.getGeneratedKeys(), 1);
    }

    @Test
    void transactionsAndSavepointsAreTheDrivers() throws SQLException {
        Connection connection = database.connection;
        database.filter("c/echo_result", "(?s).*");
        connection.setAutoCommit(false);
        statement.executeUpdate("insert into person(name) values ('a')");
        Savepoint savepoint = connection.setSavepoint();
        statement.executeUpdate("insert into person(name) values ('b')");
        assertRejected(() -> statement.executeUpdate("delete from person"));
        connection.rollback(savepoint);
        assertThat(column(statement.executeQuery("select name from person where id > 2"), 1))
                .containsExactly("a");
        assertThat(names()).hasSize(2);
        connection.commit();
        assertThat(names()).hasSize(3);
        connection.setAutoCommit(true);
        assertThat(connection.getTransactionIsolation()).isEqualTo(plain.getTransactionIsolation());
    }

    @Test
    void metadataAndWrappersAreTheDrivers() throws SQLException {
        Connection connection = database.connection;
        assertThat(connection.getMetaData().getDatabaseProductName())
                .isEqualTo(plain.getMetaData().getDatabaseProductName());
        assertThat(connection.getMetaData().getConnection()).isSameAs(connection);
        assertThat(connection.unwrap(plain.getClass())).isInstanceOf(plain.getClass());
        assertThat(connection.isWrapperFor(plain.getClass())).isTrue();
        assertThat(statement.getConnection()).isSameAs(connection);
        assertThat(connection.isValid(5)).isTrue();
        try (PreparedStatement prepared = connection.prepareStatement("select id from person where id = ?")) {
            assertThat(prepared.getParameterMetaData().getParameterCount()).isEqualTo(1);
            assertThat(prepared.getConnection()).isSameAs(connection);
        }
    }

    @Test
    void streamGoesToTheRewrittenText() throws SQLException {
        statement.execute("create table large(id int, t varchar(100), b varbinary(100))");
        database.filter("c/rewrite_query", "select id .*");
        try (PreparedStatement insert = database.connection.prepareStatement("insert into large values (?, ?, ?)");
                PreparedStatement select =
                        database.connection.prepareStatement("select id from large where t = ? and b = ?")) {
            insert.setInt(1, 1);
            insert.setCharacterStream(2, new StringReader("Zoë"));
            insert.setBinaryStream(3, new ByteArrayInputStream(new byte[] {1, 0, 2}), 3);
            assertThat(insert.executeUpdate()).isEqualTo(1);
            select.setCharacterStream(1, new StringReader("Zoë"));
            select.setBinaryStream(2, new ByteArrayInputStream(new byte[] {1, 0, 2}));
            assertThat(column(select.executeQuery(), 1)).containsExactly("1");
            assertThat(database.lastEvent().queryChanged()).isTrue();
            assertThatThrownBy(select::executeQuery)
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining(
                            "the stream given to setCharacterStream was read when the statement was executed"
                                    + " or added to the batch, and the text has been rewritten since, or");
            select.setCharacterStream(1, new StringReader("Zoë"));
            select.setBytes(2, new byte[] {1, 0, 2});
            assertThat(column(select.executeQuery(), 1)).containsExactly("1");
        }
    }

    @Test
    void streamOfABatchGoesToTheTextAsItIs() throws SQLException {
        try (PreparedStatement insert = database.connection.prepareStatement("insert into person(name) values (?)")) {
            insert.setCharacterStream(1, new StringReader("streamed"));
            insert.addBatch();
            insert.setAsciiStream(1, new ByteArrayInputStream("too".getBytes(StandardCharsets.US_ASCII)));
            insert.addBatch();
            insert.executeBatch();
        }
        assertThat(names()).containsExactly("Ada", "Zoë 😀 漢字", "streamed", "too");
    }

    @Test
    void statementClosesWithItsResult() throws SQLException {
        database.filter("c/mask_result", "select .*");
        Statement closing = database.connection.createStatement();
        closing.closeOnCompletion();
        ResultSet rows = closing.executeQuery("select note from person");
        assertThat(closing.isCloseOnCompletion()).isTrue();
        assertThat(closing.isClosed()).isFalse();
        rows.close();
        assertThat(closing.isClosed()).isTrue();
    }

    @Test
    void settingsHoldWhereAPluginReadsTheResult() throws SQLException {
        database.filter("c/echo_result", "select .*");
        statement.setMaxRows(1);
        assertThat(column(statement.executeQuery("select id from person"), 1)).hasSize(1);
        statement.setMaxRows(0);
        assertThat(column(statement.executeQuery("select id from person"), 1)).hasSize(2);
        assertThat(statement.getResultSetType()).isEqualTo(ResultSet.TYPE_FORWARD_ONLY);
        assertThat(statement.getResultSetConcurrency()).isEqualTo(ResultSet.CONCUR_READ_ONLY);
    }

    @Test
    void warningsAreTheDrivers() throws SQLException {
        String sql = backend.isH2() ? "select 1" : "select cast('abc' as signed)";
        database.filter("c/echo_result", "select .*");
        try (Statement asked = plain.createStatement()) {
            asked.executeQuery(sql).close();
            statement.executeQuery(sql).close();
            assertThat(textOf(statement.getWarnings())).isEqualTo(textOf(asked.getWarnings()));
            statement.clearWarnings();
            assertThat(textOf(statement.getWarnings())).isNull();
        }
    }

    private static @Nullable String textOf(@Nullable SQLWarning warning) {
        return warning == null ? null : warning.getMessage();
    }

    @Test
    void listenerThatThrowsHarmsNoQuery() throws SQLException {
        SluiceDataSource failing = database.dataSource.withListener(event -> {
            throw new IllegalStateException("a listener's own failure");
        });
        try (Connection connection = failing.getConnection();
                Statement asked = connection.createStatement()) {
            assertThat(column(asked.executeQuery("select name from person where id = 1"), 1))
                    .containsExactly("Ada");
            assertRejected(() -> asked.executeUpdate("delete from person"));
        }
    }

    @Test
    void textThatTheDatabaseRefusesIsNotExecutedByARewriteOfBefore() throws SQLException {
        assumeTrue(
                backend == Backend.H2 || backend == Backend.MARIADB_SERVER_PREPARED,
                "this driver prepares anything: it asks no server");
        database.filter("c/rewrite_query", "");
        try (PreparedStatement empty = database.connection.prepareStatement("")) {
            assertThat(column(empty.executeQuery(), 1)).containsExactly("1");
            database.filters.drop("rewrite_query");
            assertThatThrownBy(empty::executeQuery).isInstanceOf(SQLException.class);
            database.filter("c/rewrite_query2", "c/rewrite_query", "");
            assertThat(column(empty.executeQuery(), 1)).containsExactly("1");
        }
    }
}
