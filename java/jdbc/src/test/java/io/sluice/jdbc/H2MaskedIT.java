package io.sluice.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** No way round a plugin that masks a value. */
class H2MaskedIT {
    private FilteredDatabase database;

    @BeforeEach
    void open() throws SQLException {
        database = new FilteredDatabase();
        try (Statement statement = database.connection.createStatement()) {
            statement.execute("create table person(id int auto_increment primary key, name varchar(60))");
        }
        database.filter("c/mask_result", "(select|insert) .*");
    }

    @AfterEach
    void close() throws SQLException {
        database.close();
        assertThat(database.host.memoryUsedBytes()).isZero();
    }

    @Test
    void generatedKeysOfNamedColumnsAreMasked() throws SQLException {
        try (Statement statement = database.connection.createStatement()) {
            assertThat(statement.executeUpdate(
                            "insert into person(name) values ('a secret')", new String[] {"ID", "NAME"}))
                    .isEqualTo(1);
            assertThat(JdbcCases.column(statement.getGeneratedKeys(), 2)).containsExactly("a ******");
        }
    }

    @Test
    void fieldOfARowIsMasked() throws SQLException {
        try (Statement statement = database.connection.createStatement();
                ResultSet rows = statement.executeQuery("select row(1, 'a secret')")) {
            assertThat(rows.next()).isTrue();
            assertThat(rows.getString(1)).contains("a ******").doesNotContain("secret");
        }
    }

    @Test
    void resultThatAPluginHasReadIsNotWrittenTo() throws SQLException {
        try (Statement statement =
                database.connection.createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_UPDATABLE)) {
            statement.executeUpdate("insert into person(name) values ('Ada')");
            ResultSet rows = statement.executeQuery("select id, name from person");
            assertThat(rows.next()).isTrue();
            assertThatThrownBy(() -> rows.updateString(2, "Eve"))
                    .isInstanceOf(SQLFeatureNotSupportedException.class)
                    .hasMessage("updateString is not offered by a result that was read for plugins");
            assertThatThrownBy(rows::deleteRow).isInstanceOf(SQLFeatureNotSupportedException.class);
        }
    }
}
