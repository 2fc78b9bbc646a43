package io.sluice.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A result that plugins have read answers every getter as the driver's own does. */
abstract class ReadResultCases {
    private static final String MYSQL_TABLE =
            "create table every(ti tinyint, t1 tinyint(1), tu tinyint unsigned, si smallint,"
                    + " mi mediumint, i int, iu int unsigned, bi bigint, bu bigint unsigned, de decimal(20,5), zf decimal(8,2) zerofill,"
                    + " fl float, db double, b1 bit(1), b8 bit(12), d date, dz date, t time, t6 time(6), dt datetime, d6 datetime(6),"
                    + " ts timestamp(3) null, y year, ch char(5), vc varchar(20), bn binary(4), vb varbinary(20), tx text, bl blob,"
                    + " en enum('10','b'), se set('x','y'), js json, ge geometry, hidden varchar(20))";
    private static final String MYSQL_ROWS = "insert into every values (-7, 2, 200, -300, -70000, 5, 4000000000, -9,"
            + " 18446744073709551615, 1.50000, 3.5, 1.25, 1e20, b'1', b'101010101010', '1500-03-01', '2024-02-29', '12:34:56',"
            + " '23:59:59.5', '2024-02-29 12:00:00', '2024-02-29 12:00:00.123456', '2024-07-01 12:00:00.5', 1999, 'ab', 'é😀',"
            + " x'0001', x'ff00', 'text', x'0102', '10', 'x,y', '{\"a\": 1}', point(1, 2), 'the secret'),"
            + " (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, b'0', b'0', '0001-01-01', '0000-00-00', '00:00:00', '-100:00:00.5',"
            + " '1970-01-01 00:00:01', '9999-12-31 23:59:59.999999', '2038-01-01 00:00:00', 2155, '', '', '', '', '', '', 'b', '',"
            + " 'null', point(0, 0), ''),"
            + " (null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,"
            + " null, null, null, null, null, null, null, null, null, null, null, null, null, null, null)";
    private static final String H2_TABLE = "create table every(b boolean, ti tinyint, si smallint, i int, bi bigint,"
            + " n numeric(20,5), df decfloat, r real, db double precision, dt date, t time, t9 time(9), ts timestamp(9),"
            + " tz timestamp with time zone, ttz time with time zone, js json, bn binary(4), vb varbinary(20), cl clob, bl blob,"
            + " ar integer array, en enum('b', '10'), iv interval day, u uuid, ch char(5), vc varchar(20), ge geometry,"
            + " ro row(a int, b varchar(10)), hidden varchar(20))";
    private static final String H2_ROWS =
            "insert into every values (true, -7, -300, 5, 9000000000, 1.5, 2.5e20, 1.1, 1e20,"
                    + " date '1500-03-01', time '12:34:56', cast('12:34:56.123456789' as time(9)), timestamp '1500-03-01 12:34:56.5',"
                    + " cast('2024-02-29 12:34:56.5+02:00' as timestamp with time zone), cast('12:34:56+02:00' as time with time zone),"
                    + " json '{\"a\":1}', x'00010203', x'ff00', 'clob', x'0102', array[1, 2], '10', interval '1' day,"
                    + " uuid '6f1f5e38-95a5-4f7c-8d15-2f3f0a0a0a0a', 'ab', 'é😀', 'POINT (1 2)', (1, 'x'), 'the secret'),"
                    + " (false, 0, 0, 0, 0, 0, 0, 0, 0, date '0001-01-01', time '00:00:00', cast('00:00:00' as time(9)),"
                    + " timestamp '9999-12-31 23:59:59.999999999', cast('1970-01-01 00:00:00+00:00' as timestamp with time zone),"
                    + " cast('00:00:00-08:00' as time with time zone), json 'null', x'00000000', x'', '', x'', array[], 'b',"
                    + " interval '0' day, uuid '00000000-0000-0000-0000-000000000000', '', '', 'POINT (0 0)', (null, null), ''),"
                    + " (null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,"
                    + " null, null, null, null, null, null, null, null, null, null)";

    private final Backend backend;
    private FilteredDatabase database;
    private Connection plain;

    ReadResultCases(Backend backend) {
        this.backend = backend;
    }

    @BeforeEach
    void open() throws SQLException {
        String options = backend.isH2() ? "" : "&sessionVariables=sql_mode=''";
        database = new FilteredDatabase(backend, options);
        plain = database.driver.getConnection();
        try (Statement statement = plain.createStatement()) {
            statement.execute(backend.isH2() ? H2_TABLE : MYSQL_TABLE);
            statement.execute(backend.isH2() ? H2_ROWS : MYSQL_ROWS);
        }
    }

    @AfterEach
    void close() throws SQLException {
        plain.close();
        database.close();
        assertThat(database.host.memoryUsedBytes()).isZero();
    }

    private void assertAnswersAreTheDrivers(String sql, Class<?> handler, boolean masked) throws SQLException {
        try (Statement asked = plain.createStatement();
                Statement filtered = database.connection.createStatement();
                PreparedStatement askedPrepared = plain.prepareStatement(sql);
                PreparedStatement filteredPrepared = database.connection.prepareStatement(sql)) {
            assertSame(filtered.executeQuery(sql), asked.executeQuery(sql), handler, masked);
            assertSame(filteredPrepared.executeQuery(), askedPrepared.executeQuery(), handler, masked);
        }
    }

    private static void assertSame(ResultSet actual, ResultSet expected, Class<?> handler, boolean masked)
            throws SQLException {
        assertThat(java.lang.reflect.Proxy.getInvocationHandler(actual)).isInstanceOf(handler);
        try (actual;
                expected) {
            Map<String, String> is = DriverAnswers.of(actual);
            Map<String, String> was = DriverAnswers.of(expected);
            if (masked) {
                String hidden = actualLabel(is);
                assertThat(is).containsEntry(hidden + " getString", "java.lang.String the ******");
                is.keySet().removeIf(key -> key.startsWith(hidden));
                was.keySet().removeIf(key -> key.startsWith(hidden));
            }
            DriverAnswers.assertSame(is, was);
        }
    }

    /** Some databases have it in capitals. */
    private static String actualLabel(Map<String, String> answers) {
        return answers.containsKey("1 hidden getString") ? "1 hidden" : "1 HIDDEN";
    }

    @Test
    void everyGetterOfAResultThatPluginsReadAnswersAsTheDrivers() throws SQLException {
        database.filter("c/echo_result", "(?s)select .*");

        assertAnswersAreTheDrivers("select * from every", DriverResultSet.class, false);
    }

    @Test
    void everyGetterOfAValueThatNoPluginChangedAnswersAsTheDrivers() throws SQLException {
        database.filter("c/mask_result", "(?s)select .*");

        assertAnswersAreTheDrivers("select * from every", CopiedResultSet.class, true);
    }

    @Test
    void columnsAreFoundByTheNamesThatTheDriverKnows() throws SQLException {
        database.filter("c/mask_result", "(?s)select .*");
        String sql = "select i as renamed, hidden from every";
        try (Statement asked = plain.createStatement();
                Statement filtered = database.connection.createStatement();
                ResultSet expected = asked.executeQuery(sql);
                ResultSet actual = filtered.executeQuery(sql)) {
            for (String label : new String[] {"renamed", "RENAMED", "i", "every.i", "nobody"}) {
                assertThat(found(actual, label)).as(label).isEqualTo(found(expected, label));
            }
        }
    }

    private static String found(ResultSet rows, String label) {
        try {
            return "column " + rows.findColumn(label);
        } catch (SQLException e) {
            return String.valueOf(e.getMessage()).replaceAll("\\(conn=\\d+\\)", "(conn)");
        }
    }
}
