package io.sluice.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.StringReader;
import java.sql.BatchUpdateException;
import java.sql.CallableStatement;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PreparedStatementIT {
    private static final String REJECTION = "error from wasm plugin at after execution stage: error from wasm plugin at"
            + " before execution stage: no where clause";

    private FilteredDatabase database;

    @BeforeEach
    void open() throws SQLException {
        database = new FilteredDatabase();
        try (Statement statement = database.connection.createStatement()) {
            statement.execute("create table person(id int primary key, name varchar(20))");
            statement.execute("insert into person select x, 'secret ' || x from system_range(1, 50)");
        }
        database.filter("c/reject_without_where", "(?is)(update|delete).*");
        database.events.clear();
    }

    @AfterEach
    void close() throws SQLException {
        database.close();
        assertThat(database.host.memoryUsedBytes()).isZero();
    }

    private PreparedStatement prepare(String sql) throws SQLException {
        return database.connection.prepareStatement(sql);
    }

    private static int count(ResultSet rows) throws SQLException {
        int count = 0;
        try (rows) {
            while (rows.next()) {
                count++;
            }
        }
        return count;
    }

    @Test
    void textIsFilteredEachTimeItIsExecuted() throws SQLException {
        try (PreparedStatement all = prepare("update person set name = ?");
                PreparedStatement one = prepare("update person set name = ? where id = ?")) {
            all.setString(1, "x");
            assertThatThrownBy(all::executeUpdate)
                    .asInstanceOf(InstanceOfAssertFactories.throwable(SQLException.class))
                    .hasMessage(REJECTION)
                    .satisfies(e -> assertThat(e.getErrorCode()).isEqualTo(1105));
            assertThatThrownBy(all::execute).hasMessage(REJECTION);
            assertThatThrownBy(all::executeLargeUpdate).hasMessage(REJECTION);
            one.setString(1, "y");
            one.setInt(2, 7);
            assertThat(one.executeUpdate()).isEqualTo(1);

            database.filters.drop("reject_without_where");
            assertThat(all.executeUpdate()).isEqualTo(50);
        }
    }

    @Test
    void rewrittenTextGetsTheSameParameters() throws SQLException {
        database.filter("c/rewrite_query", "select id .*");
        try (PreparedStatement select = prepare("select id from person where id > ? and name <> ?")) {
            select.setInt(1, 20);
            select.setString(2, "secret 21");
            select.setMaxRows(3);
            assertThat(count(select.executeQuery())).isEqualTo(3);
            select.setMaxRows(0);
            assertThat(count(select.executeQuery())).isEqualTo(10);
            select.setInt(1, 48);
            assertThat(select.execute()).isTrue();
            assertThat(count(select.getResultSet())).isEqualTo(2);
            assertThat(database.lastEvent().executed())
                    .isEqualTo("select id from person where id > ? and name <> ? limit 10");
            assertThat(select.getParameterMetaData().getParameterCount()).isEqualTo(2);

            database.filters.drop("rewrite_query");
            select.setInt(1, 20);
            assertThat(count(select.executeQuery())).isEqualTo(29);

            select.clearParameters();
            assertThatThrownBy(select::executeQuery).isInstanceOf(SQLException.class);
        }
    }

    @Test
    void streamForAParameterThatIsNotThereIsTheDriversError() throws SQLException {
        try (PreparedStatement select = prepare("select id from person where name = ?")) {
            assertThatThrownBy(() -> select.setCharacterStream(2, new StringReader("")))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("parameterIndex");
        }
    }

    @Test
    void streamOfABatchCannotBeSetOnARewrittenText() throws SQLException {
        database.filter("c/rewrite_query", "delete .*");
        try (PreparedStatement delete = prepare("delete from person where name = ?")) {
            delete.setCharacterStream(1, new StringReader("secret 1"));
            delete.addBatch();

            assertThatThrownBy(delete::executeBatch)
                    .isInstanceOf(BatchUpdateException.class)
                    .hasMessageEndingWith("error from wasm plugin at after execution stage: the stream given to"
                            + " setCharacterStream was read when the statement was executed or added to the batch, and"
                            + " the text has been rewritten since, or the batch is filtered row by row; give the stream again"
                            + " before each execution, or the value as bytes or text");
        }
    }

    @Test
    void rewrittenResultIsWhatTheApplicationGets() throws SQLException {
        database.filter("c/mask_result", "select .*");
        try (PreparedStatement select = prepare("select id, name from person where id = ?")) {
            select.setInt(1, 9);
            ResultSet rows = select.executeQuery();
            assertThat(rows.next()).isTrue();
            assertThat(rows.getString("name")).isEqualTo("****** 9");
            assertThat(rows.getLong("id")).isEqualTo(9);
            assertThat(rows.getStatement()).isSameAs(select);
        }
    }

    @Test
    void batchIsOneQuery() throws SQLException {
        try (PreparedStatement insert = prepare("insert into person values (?, ?)");
                PreparedStatement update = prepare("update person set name = ? where id = ?")) {
            for (int id = 100; id < 103; id++) {
                insert.setInt(1, id);
                insert.setString(2, "n" + id);
                insert.addBatch();
                update.setString(1, "m");
                update.setInt(2, id);
                update.addBatch();
            }
            assertThat(insert.executeBatch()).containsExactly(1, 1, 1);
            assertThat(update.executeLargeBatch()).containsExactly(1, 1, 1);
            assertThat(database.events).hasSize(2);
        }
    }

    @Test
    void rejectedBatchIsABatchUpdateException() throws SQLException {
        try (PreparedStatement update = prepare("update person set name = ?")) {
            update.setString(1, "x");
            update.addBatch();
            assertThatThrownBy(update::executeBatch)
                    .asInstanceOf(InstanceOfAssertFactories.throwable(BatchUpdateException.class))
                    .hasMessage(REJECTION)
                    .satisfies(e -> assertThat(e.getUpdateCounts()).isEmpty());
            database.filters.drop("reject_without_where");
            assertThat(update.executeBatch()).isEmpty();
        }
    }

    @Test
    void failedBatchKeepsItsCounts() throws SQLException {
        database.filter("c/allows_all", "insert .*");
        try (PreparedStatement insert = prepare("insert into person values (?, 'x')")) {
            insert.setInt(1, 200);
            insert.addBatch();
            insert.setInt(1, 1);
            insert.addBatch();
            assertThatThrownBy(insert::executeBatch)
                    .asInstanceOf(InstanceOfAssertFactories.throwable(BatchUpdateException.class))
                    .hasMessageStartingWith("error from wasm plugin at after execution stage: ")
                    .satisfies(e -> assertThat(e.getUpdateCounts()).containsExactly(1, Statement.EXECUTE_FAILED));
        }
    }

    @Test
    void batchOfARewrittenTextHasItsRows() throws SQLException {
        database.filter("c/rewrite_query", "delete .*");
        try (PreparedStatement delete = prepare("delete from person where id > ?")) {
            delete.setInt(1, 45);
            delete.addBatch();
            delete.setInt(1, 10);
            delete.addBatch();
            assertThat(delete.executeBatch()).containsExactly(5, 10);
            delete.setInt(1, 0);
            delete.addBatch();
            delete.clearBatch();
            assertThat(delete.executeBatch()).isEmpty();
        }
    }

    @Test
    void textThatTheDatabaseRefusesIsPreparedAsThePluginsMakeIt() throws SQLException {
        database.filter("c/rewrite_query", "");

        assertThatThrownBy(() -> prepare("selec id"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("selec id limit 10");
        try (PreparedStatement empty = prepare("")) {
            assertThat(count(empty.executeQuery())).isEqualTo(1);
        }
    }

    @Test
    void textThatBothRefuseIsRejectedByThePlugin() {
        assertThatThrownBy(() -> prepare("delete from nobody")).hasMessage(REJECTION);
        assertThatThrownBy(() -> prepare("select * from nobody"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("NOBODY")
                .hasMessageNotContaining("wasm");
    }

    @Test
    void textOfItsOwnIsTheDriversError() throws SQLException {
        try (PreparedStatement select = prepare("select 1")) {
            assertThatThrownBy(() -> select.executeQuery("select 2")).isInstanceOf(SQLException.class);
        }
    }

    @Test
    void callableStatementIsFiltered() throws SQLException {
        database.filter("c/mask_result", "(?i)call .*");
        try (CallableStatement call = database.connection.prepareCall("call 'a secret ' || ?")) {
            call.setString(1, "told");
            ResultSet rows = call.executeQuery();
            assertThat(rows.next()).isTrue();
            assertThat(rows.getString(1)).isEqualTo("a ****** told");
        }
    }
}
