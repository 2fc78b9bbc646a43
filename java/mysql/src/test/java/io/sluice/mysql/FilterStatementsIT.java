package io.sluice.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.jdbc.MariaDbServer;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Filters are made, changed and shown by statements of any client, and kept in the database. */
@Timeout(60)
@ExtendWith(MariaDbServer.class)
class FilterStatementsIT {
    private StoreFixture fixture;

    @BeforeEach
    void start() throws SQLException {
        fixture = new StoreFixture("filter_statements");
    }

    @AfterEach
    void stop() {
        fixture.close();
    }

    @ParameterizedTest
    @EnumSource(Through.class)
    void filterHoldsFromItsStatementOn(Through driver) throws SQLException {
        try (Connection connection = fixture.connect(driver);
                Connection other = fixture.connect(driver);
                Statement statement = connection.createStatement();
                PreparedStatement prepared = other.prepareStatement("select 'secret' from dual where 1 = ?")) {
            prepared.setInt(1, 1);
            prepared.executeQuery().close();
            assertThat(statement.executeUpdate("CREATE filter no_secrets (desc='keeps secrets', priority='5')\t"
                            + "with_pattern(plans='select', query_regex='(?is).*secret.*')\t"
                            + "execute(action='FAIL', action_args='');"))
                    .isEqualTo(1);
            assertThatThrownBy(prepared::executeQuery).hasMessageContaining("disallowed due to rule: no_secrets");
            assertThat(statement.executeUpdate("create filter if not exists no_secrets execute(action='CONTINUE')"))
                    .isZero();
            assertThatThrownBy(() -> statement.executeUpdate("create filter no_secrets execute(action='CONTINUE')"))
                    .hasMessageContaining("there is a filter named 'no_secrets'; alter or drop it");
            statement.executeUpdate("alter filter no_secrets (status='INACTIVE')");
            prepared.executeQuery().close();
            statement.executeUpdate("alter filter no_secrets (status='ACTIVE') with_pattern(query_regex='.*hidden.*')");
            prepared.executeQuery().close();
            assertThatThrownBy(() -> statement.executeQuery("select 'hidden'"))
                    .hasMessageContaining("disallowed due to rule: no_secrets");
            assertThat(statement.executeUpdate("drop filter no_secrets")).isEqualTo(1);
            assertThat(statement.executeUpdate("drop filter no_secrets")).isZero();
            statement.executeQuery("select 'hidden'").close();
        }
    }

    @ParameterizedTest
    @EnumSource(Through.class)
    void filtersAreShownAsWeScaleShowsThem(Through driver) throws SQLException {
        try (Connection connection = fixture.connect(driver);
                Statement statement = connection.createStatement()) {
            statement.executeUpdate(
                    "create filter shown (desc='it''s', priority='5') with_pattern(plans='insert,Select',"
                            + " fully_qualified_table_names='d.t') execute(action='concurrency_control',"
                            + " action_args='max_queue_size = 1; max_concurrency = 1')");
            List<String> rows = StoreFixture.rows(statement, "show filters");
            assertThat(rows.get(0))
                    .isEqualTo("id|create_timestamp|update_timestamp|name|description|priority|status|plans|"
                            + "fully_qualified_table_names|query_regex|query_template|request_ip_regex|user_regex|"
                            + "leading_comment_regex|trailing_comment_regex|bind_var_conds|action|action_args|");
            assertThat(rows.get(1))
                    .matches(
                            "\\d+\\|20\\d\\d-.*\\|20\\d\\d-.*\\|shown\\|it's\\|5\\|ACTIVE\\|\\[\"Insert\",\"Select\"]\\|\\[\"d.t\"]"
                                    + "\\|\\|\\|\\|\\|\\|\\|\\|CONCURRENCY_CONTROL\\|max_queue_size=1;max_concurrency=1\\|");
            assertThat(rows).hasSize(2);
            assertThat(StoreFixture.rows(statement, "show filter missing")).hasSize(1);
            assertThat(StoreFixture.rows(statement, "show create filter shown").toString())
                    .startsWith("[Filer|Create Filter|, shown|\ncreate filter shown (\n        desc='it\\'s',\n")
                    .contains("plans='Insert,Select',")
                    .contains("action='CONCURRENCY_CONTROL',");
            try (PreparedStatement prepared = connection.prepareStatement("show filter shown");
                    ResultSet row = prepared.executeQuery()) {
                assertThat(row.next()).isTrue();
                assertThat(row.getInt("priority")).isEqualTo(5);
                assertThat(row.getTimestamp("create_timestamp")).isNotNull();
                assertThat(row.getString("name")).isEqualTo("shown");
            }
            String text;
            try (ResultSet row = statement.executeQuery("show create filter shown")) {
                row.next();
                text = row.getString(2);
            }
            statement.executeUpdate("drop filter shown");
            statement.executeUpdate(text);
            assertThat(StoreFixture.rows(statement, "show filters").get(1)).contains("|shown|it's|5|ACTIVE|");
            assertThat(statement.execute("/*explain filter*/ insert into d.t values (1)"))
                    .isTrue();
            assertThat(StoreFixture.rows(statement.getResultSet()))
                    .containsExactly(
                            "Name|description|priority|action|action_args|",
                            "shown|it's|5|CONCURRENCY_CONTROL|max_queue_size=1;max_concurrency=1|");
            assertThat(StoreFixture.rows(statement, "/*explain filter*/ select 1 from d.other"))
                    .hasSize(1);
        }
    }

    @Test
    void pluginFilterIsLoadedWhenItIsMadeOrRefusedWithTheReason() throws SQLException, IOException {
        try (Connection connection = fixture.connect(Through.MARIADB);
                Statement statement = connection.createStatement()) {
            assertThatThrownBy(() -> statement.executeUpdate(create("guard", "guard.wasm")))
                    .hasMessageContaining("get wasm binary by name guard.wasm failed : table"
                            + " `filter_statements`.`wasm_binary` has 0 rows of that name, not 1");
            assertThat(fixture.store(connection, "guard.wasm", "c/reject_without_where"))
                    .isEqualTo(1);
            assertThat(fixture.store(connection, "guard.wasm", "c/reject_without_where"))
                    .isZero();
            statement.executeUpdate(create("guard", "guard.wasm"));
            statement.execute("create or replace table guarded(a int)");
            assertThatThrownBy(() -> statement.executeUpdate("delete from guarded"))
                    .hasMessageContaining("no where clause");
            assertThat(statement.executeUpdate("delete from guarded where a = 1"))
                    .isZero();
            statement.executeUpdate("insert into wasm_binary(name,runtime,data,compress_algorithm,hash_before_compress)"
                    + " values ('bad','',x'0061736d01000000','',''),('hash','',x'0061736d01000000','','ffff'),"
                    + "('gzip','',x'00','gzip','')");
            assertThatThrownBy(() -> statement.executeUpdate(create("bad", "bad")))
                    .hasMessageContaining("RunBeforeExecutionOnGuest");
            assertThatThrownBy(() -> statement.executeUpdate(create("hash", "hash")))
                    .hasMessageContaining("get wasm binary by name hash failed : its hash is");
            assertThatThrownBy(() -> statement.executeUpdate(create("gzip", "gzip")))
                    .hasMessageContaining("compress_algorithm is 'gzip'; it must be bzip2 or empty");
            assertThat(StoreFixture.rows(statement, "select name from wescale_plugin"))
                    .containsExactly("name|", "guard|");
            assertThat(StoreFixture.rows(statement, "show plugins").get(1)).startsWith("guard.wasm||");
            assertThat(StoreFixture.rows(statement, "show plugin status"))
                    .contains("guard.wasm|rejects|1|", "guard.wasm|breaker_of_guard|CLOSED|");
        }
    }

    private static String create(String filter, String binary) {
        return "create filter " + filter + " with_pattern(plans='Delete') execute(action='WASM_PLUGIN',"
                + " action_args='wasm_binary_name=\"" + binary + "\"')";
    }

    @Test
    void changesInTheTablesAreSeen() throws Exception {
        try (Connection connection = fixture.connect(Through.MARIADB);
                Connection direct = fixture.connectDirectly();
                Statement statement = connection.createStatement();
                Statement table = direct.createStatement()) {
            table.executeUpdate("insert into wescale_plugin(name,status,plans,query_regex,action,action_args)"
                    + " values ('by_hand','ACTIVE','[\"Select\"]','.*secret.*','FAIL','')");
            Thread.sleep(3 * StoreFixture.POLL.toMillis() + 300);
            assertThatThrownBy(() -> statement.executeQuery("select 'secret'"))
                    .hasMessageContaining("disallowed due to rule: by_hand");
            table.executeUpdate("update wescale_plugin set status='INACTIVE' where name='by_hand'");
            statement.executeUpdate("reload filters");
            statement.executeQuery("select 'secret'").close();
            table.executeUpdate("insert into wescale_plugin(name,status,action) values ('broken','ACTIVE','NO_SUCH')");
            statement.executeUpdate("reload filters");
            assertThat(fixture.service.notReady()).isEmpty();
            table.executeUpdate("delete from wescale_plugin");
            statement.executeUpdate("reload filters");
            assertThat(StoreFixture.rows(statement, "show filters")).hasSize(1);
        }
    }

    @Test
    void binaryIsReplacedWhileFilterIsInForce() throws SQLException, IOException {
        try (Connection connection = fixture.connect(Through.MARIADB);
                Statement statement = connection.createStatement()) {
            fixture.store(connection, "p.wasm", "c/allows_all");
            statement.executeUpdate("create filter p with_pattern(query_regex='select 1') execute(action='WASM_PLUGIN',"
                    + " action_args='wasm_binary_name=\"p.wasm\"')");
            statement.executeQuery("select 1").close();
            statement.executeUpdate("delete from wasm_binary where name='p.wasm'");
            fixture.store(connection, "p.wasm", "c/refuses");
            statement.executeUpdate("reload filters");
            assertThatThrownBy(() -> statement.executeQuery("select 1"))
                    .hasMessageContaining("error from wasm plugin at before execution stage");
            statement.executeUpdate("update wasm_binary set data = x'00', hash_before_compress = ''");
            statement.executeUpdate("reload filters");
            assertThatThrownBy(() -> statement.executeQuery("select 1"))
                    .hasMessageContaining("error from wasm plugin at before execution stage");
        }
    }

    @Test
    void whatFailedForTheMomentIsTriedAgainAtReload() throws SQLException, IOException {
        try (Connection connection = fixture.connect(Through.MARIADB);
                Connection direct = fixture.connectDirectly();
                Statement statement = connection.createStatement();
                Statement table = direct.createStatement()) {
            fixture.store(connection, "p.wasm", "c/allows_all");
            fixture.binariesFail = true;
            table.executeUpdate("insert into wescale_plugin(name,status,query_regex,action,action_args) values"
                    + " ('p','ACTIVE','select 1','WASM_PLUGIN','wasm_binary_name=\"p.wasm\"')");
            statement.executeUpdate("reload filters");
            assertThat(StoreFixture.rows(statement, "show filters")).hasSize(1);
            fixture.binariesFail = false;
            statement.executeUpdate("reload filters");
            assertThat(StoreFixture.rows(statement, "show filters")).hasSize(2);
            statement.executeQuery("select 1").close();

            fixture.binariesFail = true;
            statement.executeUpdate("delete from wasm_binary where name='p.wasm'");
            fixture.store(connection, "p.wasm", "c/refuses");
            statement.executeUpdate("reload filters");
            statement.executeQuery("select 1").close();
            fixture.binariesFail = false;
            statement.executeUpdate("reload filters");
            assertThatThrownBy(() -> statement.executeQuery("select 1"))
                    .hasMessageContaining("error from wasm plugin at before execution stage");
        }
    }

    @Test
    void rowThatIsNotJsonStopsNoOther() throws SQLException {
        try (Connection connection = fixture.connect(Through.MARIADB);
                Connection direct = fixture.connectDirectly();
                Statement statement = connection.createStatement();
                Statement table = direct.createStatement()) {
            table.executeUpdate("insert into wescale_plugin(name,status,plans,action,action_args) values"
                    + " ('broken','ACTIVE','[Select','FAIL',''), ('good','ACTIVE','[\"Delete\"]','FAIL','')");
            statement.executeUpdate("reload filters");
            assertThat(fixture.service.storeProblem()).isEmpty();
            assertThat(StoreFixture.rows(statement, "show filters")).hasSize(2);
            statement.executeUpdate("drop filter good");
            statement.executeUpdate("drop filter broken");
            assertThat(StoreFixture.rows(statement, "show filters")).hasSize(1);
            assertThat(StoreFixture.rows(table, "select name from wescale_plugin"))
                    .hasSize(1);
        }
    }

    @Test
    void onlyWhoMayWriteTheTableMayChangeFilters() throws SQLException {
        try (Connection root = StoreFixture.source(fixture.serverPort).getConnection();
                Statement admin = root.createStatement()) {
            admin.execute("create or replace user poor@'%' identified by 'p'");
            admin.execute("grant select on filter_statements.* to poor@'%'");
        }
        try (Connection poor = Through.MARIADB.connect(fixture.gateway.port(), "", "poor", "p", "");
                Connection rich = fixture.connect(Through.MARIADB);
                Statement statement = poor.createStatement();
                Statement other = rich.createStatement()) {
            other.executeUpdate("create filter mine execute(action='CONTINUE')");
            for (String change : List.of(
                    "create filter theirs execute(action='FAIL')",
                    "alter filter mine execute(action='FAIL')",
                    "drop filter mine")) {
                assertThatThrownBy(() -> statement.executeUpdate(change))
                        .as(change)
                        .isInstanceOfSatisfying(
                                SQLException.class,
                                e -> assertThat(e.getErrorCode()).isEqualTo(1142));
            }
            assertThat(StoreFixture.rows(statement, "show filters")).hasSize(2);
        }
    }

    @Test
    void changeIsOutsideTheClientsTransaction() throws SQLException {
        try (Connection connection = fixture.connect(Through.MARIADB);
                Statement statement = connection.createStatement()) {
            statement.execute("create or replace table money(a int) engine=innodb");
            connection.setAutoCommit(false);
            statement.executeUpdate("create filter kept execute(action='CONTINUE')");
            assertThat(StoreFixture.rows(statement, "select @@in_transaction"))
                    .containsExactly("@@in_transaction|", "0|");
            statement.executeUpdate("insert into money values (1)");
            statement.executeUpdate("alter filter kept (priority='3')");
            connection.rollback();
            assertThat(StoreFixture.rows(statement, "select count(*) n from money"))
                    .containsExactly("n|", "0|");
            assertThat(StoreFixture.rows(statement, "show filters").get(1)).contains("|kept||3|");
        }
    }

    @Test
    void wrongValuesAreRefusedByName() throws SQLException {
        try (Connection connection = fixture.connect(Through.CONNECTOR_J);
                Statement statement = connection.createStatement()) {
            assertThatThrownBy(() -> statement.executeUpdate(
                            "create filter a with_pattern(bind_var_conds='what?') execute(action='FAIL')"))
                    .hasMessageContaining("bind_var_conds");
            assertThatThrownBy(() -> statement.executeUpdate(
                            "create filter a with_pattern(query_regex='(') execute(action='FAIL')"))
                    .hasMessageContaining("query_regex");
            assertThatThrownBy(() -> statement.executeUpdate("create filter a execute(action='FALI')"))
                    .hasMessageContaining("the nearest is FAIL");
            assertThatThrownBy(() -> statement.executeUpdate("create filter a execute(actn='FAIL')"))
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            e -> assertThat(e.getErrorCode()).isEqualTo(1064));
            assertThatThrownBy(() -> statement.executeUpdate("alter filter missing (desc='x')"))
                    .hasMessageContaining("there is no filter named 'missing' to alter");
            statement.executeQuery("select 1").close();
        }
    }

    @Test
    void gatewayStartsWithTheFiltersOfItsTables() throws SQLException, IOException {
        try (Connection connection = fixture.connect(Through.MARIADB);
                Statement statement = connection.createStatement()) {
            fixture.store(connection, "p.wasm", "c/refuses");
            statement.executeUpdate("create filter p with_pattern(query_regex='select 1') execute(action='WASM_PLUGIN',"
                    + " action_args='wasm_binary_name=\"p.wasm\"')");
        }
        try (StoreFixture second = new StoreFixture("filter_statements");
                Connection connection = second.connect(Through.MARIADB);
                Statement statement = connection.createStatement()) {
            assertThatThrownBy(() -> statement.executeQuery("select 1"))
                    .hasMessageContaining("error from wasm plugin at before execution stage");
        }
    }

    @Test
    void gatewayWhoseTablesCannotBeReadServesNobodyUnlessItIsToldTo() throws SQLException, IOException {
        try (io.sluice.plugin.PluginHost host = io.sluice.plugin.PluginHost.create();
                FilterStore store = FilterStore.of(StoreFixture.source(1), "mysql", 1000);
                io.sluice.sql.FilterCatalog catalog = io.sluice.sql.FilterCatalog.create(host, store)) {
            GatewayConfig config =
                    GatewayConfig.defaults().withListen("127.0.0.1", 0).withBackend("127.0.0.1", fixture.serverPort);
            try (FilterService service = FilterService.start(catalog, store, StoreFixture.POLL, true);
                    Gateway gateway = Gateway.start(config, service);
                    RawClient client = new RawClient(gateway.port())) {
                assertThat(client.readText())
                        .contains("the gateway serves no clients yet: the tables of filters cannot be read");
            }
            try (FilterService service = FilterService.start(catalog, store, StoreFixture.POLL, false);
                    Gateway gateway = Gateway.start(config, service);
                    RawClient client = RawClient.loggedIn(gateway.port())) {
                client.query("do 1");
                assertThat(client.read()[0]).isZero();
                assertThat(service.storeProblem()).isNotEmpty();
            }
        }
    }
}
