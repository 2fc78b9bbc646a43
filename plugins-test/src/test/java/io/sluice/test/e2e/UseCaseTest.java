package io.sluice.test.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.jdbc.QueryEvent;
import io.sluice.jdbc.SluiceDataSource;
import io.sluice.sql.FilterSet;
import io.sluice.sql.SqlFilter;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The five plugins of the mission between an application and a database: one set of rules, whatever the database. */
abstract class UseCaseTest extends HostedTest {
    private static final String REJECTED = "1105 HY000 " + JdbcTest.AT_AFTER + JdbcTest.AT_BEFORE + "no where clause";
    private static final String LIMITED = "1105 HY000 " + JdbcTest.AT_AFTER + JdbcTest.AT_BEFORE
            + "rate limit exceeded: 10 queries at once, then 1 a second";

    private final FilterSet filters = FilterSet.of();
    private final List<QueryEvent> events = new ArrayList<>();
    private SluiceDataSource guarded;

    /** An empty database. */
    abstract DataSource newDatabase() throws SQLException;

    @BeforeEach
    void fillDatabase() throws SQLException {
        DataSource database = newDatabase();
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("create table account(id int primary key, owner varchar(40), card_number varchar(40),"
                    + " balance decimal(10,2))");
            statement.execute("insert into account values (1, 'Ada', '4000 1234', 100.50), (2, 'Grace', null, 250)");
            statement.execute("create table item(id int primary key)");
            for (int i = 0; i < 150; i++) {
                statement.execute("insert into item values (" + i + ")");
            }
        }
        guarded = SluiceDataSource.wrap(database, filters, events::add);
    }

    private void use(UseCase... cases) {
        for (UseCase useCase : cases) {
            SqlFilter filter = useCase.load(host);
            filters.add(filter.withPriority(10 * (filters.filters().size() + 1)));
        }
    }

    private String answer(SluiceDataSource source, String sql) throws SQLException {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            return JdbcTest.answer(statement, sql);
        }
    }

    private String answer(String sql) throws SQLException {
        return answer(guarded, sql);
    }

    /** What the database got for the last query. */
    private String executed() {
        return Objects.requireNonNull(events.get(events.size() - 1).executed());
    }

    @Test
    @Shows("reject_without_where in C")
    void updateWithoutWhereIsRefused() throws SQLException {
        use(UseCase.REJECT_WITHOUT_WHERE);
        assertThat(answer("update account set balance = 0")).isEqualTo(REJECTED);
        assertThat(answer("delete from account -- where id = 1")).isEqualTo(REJECTED);
        assertThat(answer("update account set balance = balance + 1 where id = 2"))
                .isEqualTo("1 rows changed");
        assertThat(answer("select id, balance from account order by id")).isEqualTo("(1, 100.50) (2, 251.00)");
    }

    @Test
    @Shows("mask_columns in Go")
    void namedColumnsAreMaskedWhateverTheirAlias() throws SQLException {
        use(UseCase.MASK_COLUMNS);
        assertThat(answer("select id, owner, card_number, balance from account order by id"))
                .isEqualTo("(1, Ada, ****, ****) (2, Grace, null, ****)");
        assertThat(answer("select a.card_number as c from account a where a.id = 1"))
                .isEqualTo("(****)");
        assertThat(answer("select owner as card_number from account where id = 1"))
                .isEqualTo("(****)");
        assertThat(answer("select count(*) from account")).isEqualTo("(2)");
        assertThat(answer("update account set balance = 1 where id = 1")).isEqualTo("1 rows changed");
        try (Connection connection = guarded.getConnection();
                PreparedStatement statement =
                        connection.prepareStatement("select owner, card_number from account where id = ?")) {
            statement.setInt(1, 1);
            assertThat(JdbcTest.rowsOf(statement.executeQuery())).isEqualTo("(Ada, ****)");
        }
    }

    @Test
    @Shows("rate_limit in Rust")
    void queriesAreLimitedOverAllConnections() throws Exception {
        use(UseCase.RATE_LIMIT);
        long start = System.nanoTime();
        int passed = 0;
        String answer = answer("select 1");
        while (answer.equals("(1)")) {
            passed++;
            answer = answer("select 1");
        }
        long seconds = (System.nanoTime() - start) / 1_000_000_000L;
        assertThat(answer).isEqualTo(LIMITED);
        assertThat((long) passed).isBetween(10L, 10 + seconds + 1);
        Thread.sleep(1_100);
        assertThat(answer("select 1")).as("a second later").isEqualTo("(1)");
    }

    @Test
    @Shows("authenticate in Java")
    void tokenOfTheUserIsWantedAndHiddenFromTheDatabase() throws SQLException {
        use(UseCase.AUTHENTICATE);
        SluiceDataSource ada = guarded.withUser("ada");
        String query = "select owner from account where id = 1";
        assertThat(answer(ada, query)).isEqualTo("1045 28000 access denied: no token in the leading comment");
        assertThat(answer(ada, "/* token= */ " + query))
                .isEqualTo("1045 28000 access denied: no token in the leading comment");
        assertThat(answer(ada, "select '/* token=token-of-ada */'"))
                .isEqualTo("1045 28000 access denied: no token in the leading comment");
        assertThat(answer(ada, "/*! " + query + " /* token=token-of-ada */ */"))
                .as("a comment that is executed")
                .isEqualTo("1045 28000 access denied: no token in the leading comment");
        assertThat(answer(ada, "/* token=token-of-grace */ " + query))
                .isEqualTo("1045 28000 access denied: the token is not that of user 'ada'");
        assertThat(answer(ada, "/* app=x token=token-of-ada */ " + query)).isEqualTo("(Ada)");
        assertThat(executed()).isEqualTo(query);
        assertThat(answer(guarded.withUser("grace"), "/*token=token-of-grace*/" + query))
                .isEqualTo("(Ada)");
    }

    @Test
    void tokenOfAnyUserDoesWhereTheUserIsNotGranted() throws SQLException {
        filters.add(SqlFilter.of(
                load(UseCase.AUTHENTICATE.guest, UseCase.AUTHENTICATE.config().withGrants(java.util.Set.of()))));
        assertThat(answer("/* token=token-of-grace */ select 1")).isEqualTo("(1)");
        assertThat(answer("/* token=token-of-nobody */ select 1"))
                .isEqualTo("1045 28000 access denied: the token is not known");
    }

    @Test
    @Shows("rewrite_query in AssemblyScript")
    void selectWithoutALimitGetsOne() throws SQLException {
        use(UseCase.REWRITE_QUERY);
        assertThat(answer("select id from item order by id").split(" ", -1)).hasSize(100);
        assertThat(answer("select id from item order by id limit 120").split(" ", -1))
                .hasSize(120);
        assertThat(answer("select id from item order by id -- all of them").split(" ", -1))
                .hasSize(100);
        assertThat(answer("select owner from account where id = 1 for update")).isEqualTo("(Ada)");
        assertThat(executed()).isEqualTo("select owner from account where id = 1 LIMIT 100 for update");
        assertThat(answer("update account set balance = 1 where id = 1")).isEqualTo("1 rows changed");
    }

    @Test
    void allFiveWorkInOneChain() throws SQLException {
        use(
                UseCase.AUTHENTICATE,
                UseCase.RATE_LIMIT,
                UseCase.REJECT_WITHOUT_WHERE,
                UseCase.REWRITE_QUERY,
                UseCase.MASK_COLUMNS);
        SluiceDataSource ada = guarded.withUser("ada");
        String token = "/* token=token-of-ada */ ";
        assertThat(answer(ada, "delete from account where id = 2"))
                .isEqualTo("1045 28000 access denied: no token in the leading comment");
        assertThat(answer(ada, token + "delete from account"))
                .isEqualTo("1105 HY000 " + JdbcTest.AT_AFTER.repeat(3) + JdbcTest.AT_BEFORE + "no where clause");
        assertThat(answer(ada, token + "select owner, card_number from account order by id"))
                .isEqualTo("(Ada, ****) (Grace, null)");
        assertThat(executed()).isEqualTo("select owner, card_number from account order by id LIMIT 100");
    }
}
