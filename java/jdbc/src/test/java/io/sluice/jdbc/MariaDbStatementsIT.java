package io.sluice.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.sql.ConcurrencyControl;
import io.sluice.sql.SqlFilter;
import java.sql.CallableStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.mariadb.jdbc.client.result.StreamingResult;

/** What else statements can do on a server, with a plugin called for each. */
@ExtendWith(MariaDbServer.class)
@Timeout(60)
class MariaDbStatementsIT {
    private FilteredDatabase database;
    private Statement statement;

    @BeforeEach
    void open() throws SQLException {
        database = new FilteredDatabase(Backend.MARIADB, "");
        statement = database.connection.createStatement();
        database.filter("c/allows_all", "");
    }

    @AfterEach
    void close() throws SQLException {
        database.close();
        assertThat(database.host.memoryUsedBytes()).isZero();
    }

    @Test
    void resultThatNoPluginReadsIsStreamed() throws SQLException {
        statement.setFetchSize(1);
        try (ResultSet rows = statement.executeQuery("select seq from seq_1_to_1000")) {
            assertThat(rows.isWrapperFor(StreamingResult.class)).isTrue();
            assertThat(rows.next()).isTrue();
            assertThat(rows.getInt(1)).isEqualTo(1);
        }
    }

    @Test
    void severalResultsAreTheDriversUnlessAPluginReadsThem() throws SQLException {
        assertThat(statement.execute("select 1; select 2")).isTrue();
        assertThat(JdbcCases.column(statement.getResultSet(), 1)).containsExactly("1");
        assertThat(statement.getMoreResults()).isTrue();
        assertThat(JdbcCases.column(statement.getResultSet(), 1)).containsExactly("2");
        database.filter("c/echo_result", "");
        assertThat(statement.execute("select 1; select 2")).isTrue();
        assertThatThrownBy(statement::getMoreResults)
                .isInstanceOf(SQLException.class)
                .hasMessageStartingWith(
                        "the statement has more than one result of rows, and a plugin that reads results");
    }

    @Test
    void procedureHasItsOutParameters() throws SQLException {
        statement.execute("create procedure next_of(in a int, out b int) set b = a + 1");
        try (CallableStatement call = database.connection.prepareCall("{call next_of(?, ?)}")) {
            call.setInt(1, 7);
            call.registerOutParameter(2, Types.INTEGER);
            call.execute();
            assertThat(call.getInt(2)).isEqualTo(8);
        }
    }

    @Test
    void queryThatTakesTooLongGivesBackWhatItHeld() throws SQLException {
        ConcurrencyControl control = ConcurrencyControl.of(1, 1);
        database.filters.add(SqlFilter.of("control", control));
        statement.setQueryTimeout(1);
        assertThatThrownBy(() -> statement.executeQuery("select sleep(20), seq from seq_1_to_2"))
                .isInstanceOf(SQLException.class);
        assertThat(control.size()).isZero();
    }

    @Test
    void anotherThreadCancels() throws Exception {
        ConcurrencyControl control = ConcurrencyControl.of(1, 1);
        database.filters.add(SqlFilter.of("control", control));
        CompletableFuture<Boolean> ended = CompletableFuture.supplyAsync(() -> {
            try {
                return statement.executeQuery("select sleep(50)").next();
            } catch (SQLException e) {
                return false;
            }
        });
        while (!ended.isDone()) {
            Thread.sleep(200);
            if (control.size() == 1) {
                statement.cancel();
            }
        }
        assertThat(control.size()).isZero();
    }
}
