package io.sluice.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sluice.jdbc.SluiceDataSource;
import io.sluice.plugin.Isolation;
import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginHost;
import io.sluice.plugin.PluginLimits;
import io.sluice.plugin.PluginSource;
import io.sluice.sql.FilterAction;
import io.sluice.sql.FilterChain;
import io.sluice.sql.FilterPattern;
import io.sluice.sql.FilterSet;
import io.sluice.sql.QueryExecution;
import io.sluice.sql.QueryResult;
import io.sluice.sql.QueryResultWriter;
import io.sluice.sql.ResultField;
import io.sluice.sql.SqlFilter;
import io.sluice.sql.SqlRequest;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.h2.jdbcx.JdbcDataSource;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.BenchmarkParams;

/**
 * The whole way of a query: through a chain of filters that each call a plugin and leave the query alone; the same in front of an embedded
 * database; and a plugin that masks a column of a result.
 *
 * <p>Every filter calls {@code reject_without_where} in C, in a plugin of its own. Every fork checks what comes out before and after the
 * timing.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
        value = 3,
        jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "-Xms512m", "-Xmx512m", "-XX:+AlwaysPreTouch"})
public class ChainBenchmark {

    private static final String QUERY =
            "select id, owner from account where id = 1 and state in ('open', 'closed') and balance > 100.00    -";
    private static final String MASKED = "****";

    /** {@link Contestants#SLUICE_POOLED} or {@link Contestants#SLUICE_PER_REQUEST}. */
    @Param({Contestants.SLUICE_POOLED, Contestants.SLUICE_PER_REQUEST})
    public String contestant = Contestants.SLUICE_POOLED;

    /** How many filters, or how many rows a result has. */
    @Param({"0", "1", "5", "20"})
    public int count;

    private final PluginHost host = PluginHost.create();
    private final QueryExecution execution = new QueryExecution();
    private final SqlRequest request = new SqlRequest().database("shop");
    private final byte[] text = QUERY.substring(0, QUERY.length() - 1).getBytes(UTF_8);

    private FilterChain chain = FilterChain.empty();
    private FilterChain masks = FilterChain.empty();
    private byte[] result = QueryExecution.UNSEEN_RESULT;
    private final List<Connection> connections = new ArrayList<>();
    private @Nullable Statement statement;

    /** Loads the plugins and checks what comes out. */
    @Setup
    public void open(BenchmarkParams params) throws SQLException {
        open(params.getBenchmark().replaceAll(".*\\.", ""));
    }

    void open(String row) throws SQLException {
        Isolation isolation =
                contestant.equals(Contestants.SLUICE_POOLED) ? Isolation.pooled() : Isolation.perRequest();
        if (row.equals("mask")) {
            PluginConfig config = PluginConfig.of("mask")
                    .withIsolation(isolation)
                    .withEnvironment(Map.of("MASK_COLUMNS", "card_number"))
                    .withLimits(PluginLimits.defaults()
                            .withFuelPerCall(5_000_000_000L)
                            .withDeadline(Duration.ofSeconds(10)));
            Plugin plugin = host.load(config, PluginSource.bytes(Guest.of("go/mask_columns")));
            SluiceContestant.awaitOptimised(plugin);
            masks = FilterChain.of(List.of(filter(plugin)));
            result = rows(count);
        } else {
            List<SqlFilter> filters = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                filters.add(filter(host.load(
                        PluginConfig.of("f" + i).withIsolation(isolation),
                        PluginSource.bytes(Guest.rejectWithoutWhere()))));
            }
            chain = FilterChain.of(filters);
            if (row.equals("jdbc")) {
                openDatabase(filters);
            }
        }
        check(row);
    }

    /** Frees all. */
    @TearDown
    public void close(BenchmarkParams params) throws SQLException {
        close(params.getBenchmark().replaceAll(".*\\.", ""));
    }

    void close(String row) throws SQLException {
        check(row);
        execution.close();
        for (Connection connection : connections) {
            connection.close();
        }
        host.close();
    }

    /** A query through the filters, before and after. */
    @Benchmark
    public boolean chain() {
        boolean execute = execution.before(chain, request.text(text, 0, text.length));
        execution.after(null, QueryExecution.UNSEEN_RESULT);
        return execute;
    }

    /** The same in front of an embedded database, which executes it and answers one row. */
    @Benchmark
    public int jdbc() throws SQLException {
        try (ResultSet rows = Objects.requireNonNull(statement).executeQuery("select id from account where id = 1")) {
            rows.next();
            return rows.getInt(1);
        }
    }

    /** A result whose second column a plugin in Go masks. */
    @Benchmark
    public byte[] mask() {
        execution.before(masks, request.text(text, 0, text.length));
        execution.after(null, result);
        byte[] masked = execution.result();
        return masked == null ? result : masked;
    }

    private void check(String row) throws SQLException {
        boolean right = switch (row) {
            case "chain" -> chain();
            case "jdbc" -> jdbc() == 1;
            case "mask" -> {
                QueryResult masked = QueryResult.parse(mask());
                yield masked.rowCount() == count
                        && MASKED.equals(masked.row(count - 1).text(1));
            }
            default -> throw new IllegalArgumentException("row \"" + row + "\": there is none of that name");
        };
        if (!right) {
            throw new IllegalStateException("row " + row + " with " + count + " answered something else");
        }
    }

    private static SqlFilter filter(Plugin plugin) {
        return SqlFilter.of(plugin.name(), new FilterAction.WasmPlugin(plugin)).withPattern(FilterPattern.any());
    }

    private void openDatabase(List<SqlFilter> filters) throws SQLException {
        JdbcDataSource database = new JdbcDataSource();
        database.setURL("jdbc:h2:mem:chain;MODE=MySQL");
        connections.add(database.getConnection());
        try (Statement create = connections.get(0).createStatement()) {
            create.execute("create table account(id int primary key, owner varchar(20))");
            create.execute("insert into account values (1, 'Ada')");
        }
        FilterSet set = FilterSet.of(filters.toArray(SqlFilter[]::new));
        Connection connection = SluiceDataSource.wrap(database, set).getConnection();
        connections.add(connection);
        statement = connection.createStatement();
    }

    private static byte[] rows(int count) {
        QueryResultWriter writer =
                QueryResultWriter.of(List.of(field("id"), field("card_number"), field("owner")), 64 << 20);
        for (int i = 0; i < count; i++) {
            byte[][] values = {
                Integer.toString(i).getBytes(UTF_8), "4242-4242-4242-4242".getBytes(UTF_8), "Ada".getBytes(UTF_8)
            };
            writer.row(values);
        }
        return writer.finish();
    }

    private static ResultField field(String name) {
        return new ResultField(name, 6165, "account", "account", "shop", name, 20, 33, 0, 0, "varchar(20)");
    }
}
