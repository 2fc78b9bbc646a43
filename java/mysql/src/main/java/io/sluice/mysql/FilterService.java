package io.sluice.mysql;

import io.netty.util.concurrent.DefaultThreadFactory;
import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginException;
import io.sluice.sql.FilterCatalog;
import io.sluice.sql.FilterDefinition;
import io.sluice.sql.FilterOutcome;
import io.sluice.sql.FilterSet;
import io.sluice.sql.SqlError;
import io.sluice.sql.SqlFilter;
import io.sluice.sql.SqlRequest;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The filters of a gateway and the statements about them: those of its settings, and with a {@link FilterStore} those of its tables, which
 * are read again and again, so that changes by other gateways are seen.
 *
 * <p>What cannot be read or loaded leaves what is in force as it is, and is tried again when it has changed, after half a minute, and when a
 * reload is asked for. A gateway with a store is ready once every filter of the store has
 * been in force at the same time.
 *
 * <p><b>Threads.</b> Shared; changes are made one after the other. <b>Ownership.</b> Owns its thread; neither the catalog nor the store.
 */
public final class FilterService implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger("io.sluice.mysql");
    private static final int DUPLICATE_KEY = 1062;

    /** After this time what failed is tried again: the reason may have passed, as that there was no memory. */
    private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(30);

    private static final DateTimeFormatter TIMESTAMP = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss");

    /** The answer to a statement: rows of its columns, or a number of rows. */
    record Answer(List<List<String>> rows, int affected) {
        static Answer ok(int affected) {
            return new Answer(List.of(), affected);
        }

        static Answer of(List<List<String>> rows) {
            return new Answer(rows, 0);
        }
    }

    /** A statement that is refused. */
    static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1L;
        private final transient SqlError error;

        RefusedException(SqlError error) {
            super(error.message());
            this.error = error;
        }

        SqlError error() {
            return error;
        }
    }

    private final FilterCatalog catalog;
    private final @Nullable FilterStore store;
    private final String startedAt = Instant.now().atOffset(ZoneOffset.UTC).format(TIMESTAMP);
    private final ReentrantLock changing = new ReentrantLock();
    private final Map<String, StoredFilter> inForce = new LinkedHashMap<>();
    private final Map<String, StoredFilter> refused = new HashMap<>();
    private final Map<String, String> problems = new HashMap<>();
    private final Set<String> failedBinaries = new HashSet<>();
    private Map<String, String> stamps = new HashMap<>();
    private long lastFailure;
    private boolean tablesAreThere;
    private @Nullable ScheduledExecutorService poller;
    private volatile String notReady = "";
    private volatile PluginPace pace = new PluginPace(0);
    private volatile String storeProblem = "";

    private FilterService(FilterCatalog catalog, @Nullable FilterStore store) {
        this.catalog = Objects.requireNonNull(catalog, "catalog");
        this.store = store;
    }

    /** A service for the filters that a catalog has already: statements show them and change none. */
    public static FilterService of(FilterCatalog catalog) {
        return new FilterService(catalog, null);
    }

    /**
     * A service for the filters of a store, on top of those that its catalog has already; reads them now and then every so often.
     *
     * @param catalog where they come into force; nobody else may change it
     * @param required whether no client is served before all filters of the store are in force
     */
    public static FilterService start(FilterCatalog catalog, FilterStore store, Duration poll, boolean required) {
        FilterService service = new FilterService(catalog, Objects.requireNonNull(store, "store"));
        service.notReady = required ? "the tables of filters have not been read yet" : "";
        service.poll();
        ScheduledExecutorService thread =
                Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory("sluice-filter-store", true));
        service.poller = thread;
        long nanos = poll.toNanos();
        var unused = thread.scheduleWithFixedDelay(service::poll, nanos, nanos, TimeUnit.NANOSECONDS);
        return service;
    }

    /** What statements go through. */
    public FilterSet filters() {
        return catalog.filters();
    }

    /** The catalog that the filters are in force in. */
    public FilterCatalog catalog() {
        return catalog;
    }

    /** Why no client is served; empty if clients are. */
    public String notReady() {
        return notReady;
    }

    /** Why the tables could not be read the last time; empty if they could, or there are none. */
    public String storeProblem() {
        return storeProblem;
    }

    /** Watches the plugins from now on, to report what they take. */
    PluginPace pace(long mostFuel) {
        PluginPace fresh = new PluginPace(mostFuel);
        pace = fresh;
        return fresh;
    }

    /** The percentiles of what a plugin takes for a query in the gateway that was started last with this service. */
    public PluginTimes timesOf(Plugin plugin) {
        PluginPace.Takes record = pace.of(plugin);
        return new PluginTimes(
                record.nanos.percentile(0.5),
                record.nanos.percentile(0.99),
                record.fuel.percentile(0.5),
                record.fuel.percentile(0.99));
    }

    /** How many queries each filter matched, by what it made of them, in the gateway that was started last with this service. */
    public Map<String, Map<FilterOutcome, Long>> queriesOfFilters() {
        Set<String> names = new HashSet<>();
        catalog.filters().filters().forEach(filter -> names.add(filter.name()));
        return pace.queries(names);
    }

    /** Whether there are tables. */
    boolean hasStore() {
        return store != null;
    }

    /** The question whether a client may say a statement; only where there are tables. */
    String mayQuestion(FilterStatement statement) {
        return Objects.requireNonNull(store).mayQuestion(statement.right());
    }

    private void poll() {
        try {
            reload(false);
        } catch (SQLException e) {
            if (storeProblem.isEmpty()) {
                LOGGER.log(
                        System.Logger.Level.WARNING,
                        "the tables of filters cannot be read; filters stay as they are: " + e.getMessage());
            }
            storeProblem = String.valueOf(e.getMessage());
            if (!notReady.isEmpty()) {
                notReady = "the tables of filters cannot be read: " + e.getMessage();
            }
        } catch (RuntimeException | Error e) {
            LOGGER.log(System.Logger.Level.ERROR, "the tables of filters cannot be taken over", e);
        }
    }

    /** Takes over what the tables have now; what failed before is tried again. */
    public void reload() throws SQLException {
        reload(true);
    }

    private void reload(boolean asked) throws SQLException {
        FilterStore tables = store;
        if (tables == null) {
            return;
        }
        changing.lock();
        try {
            if (!tablesAreThere) { // tables that go away later are not made anew: empty ones would end the filters in
                // force
                tables.createTables();
                tablesAreThere = true;
            }
            // Binaries are looked at first: one that comes with its filter is then no replacement.
            Map<String, String> newStamps = tables.binaryStamps();
            List<StoredFilter> rows = tables.filters();
            boolean again = asked || System.nanoTime() - lastFailure > RETRY_NANOS;
            if (again) {
                stamps.keySet().removeAll(failedBinaries);
            }
            boolean binariesChanged = !newStamps.equals(stamps);
            if (binariesChanged) {
                replaceBinaries(tables, newStamps);
            }
            stamps = newStamps;
            takeOver(rows, again || binariesChanged);
            if (!storeProblem.isEmpty()) {
                LOGGER.log(System.Logger.Level.INFO, "the tables of filters can be read again");
                storeProblem = "";
            }
            if (!notReady.isEmpty()) {
                notReady =
                        problems.isEmpty() ? "" : "filters cannot be loaded: " + String.join("; ", problems.values());
            }
        } finally {
            changing.unlock();
        }
    }

    private void replaceBinaries(FilterStore tables, Map<String, String> newStamps) {
        failedBinaries.retainAll(newStamps.keySet());
        for (Map.Entry<String, String> entry : newStamps.entrySet()) {
            String name = entry.getKey();
            if (entry.getValue().equals(stamps.get(name))) {
                continue;
            }
            try {
                if (tables.isReplaced(name)) {
                    catalog.binaryChanged(name);
                    LOGGER.log(
                            System.Logger.Level.INFO,
                            "plugin {0}: its binary was replaced",
                            new LogField("plugin", name));
                }
                failedBinaries.remove(name);
            } catch (IOException | PluginException | IllegalArgumentException e) {
                tables.notInUse(name);
                lastFailure = System.nanoTime();
                if (failedBinaries.add(name)) {
                    LOGGER.log(
                            System.Logger.Level.WARNING,
                            "plugin {0}: its new binary cannot be used, the old one stays: {1}",
                            new LogField("plugin", name),
                            e.getMessage());
                }
            }
        }
    }

    private void takeOver(List<StoredFilter> rows, boolean again) {
        Map<String, StoredFilter> wanted = new LinkedHashMap<>();
        rows.forEach(row -> wanted.put(row.name(), row));
        for (String name : List.copyOf(inForce.keySet())) {
            if (!wanted.containsKey(name)) {
                catalog.drop(name);
                inForce.remove(name);
            }
        }
        refused.keySet().retainAll(wanted.keySet());
        problems.keySet().retainAll(wanted.keySet());
        for (StoredFilter row : rows) {
            StoredFilter known = inForce.get(row.name());
            if (known != null && known.defines(row)) {
                inForce.put(row.name(), row);
                problems.remove(row.name());
                continue;
            }
            StoredFilter failed = refused.get(row.name());
            if (!again && failed != null && failed.defines(row)) {
                continue;
            }
            try {
                if (known != null) {
                    catalog.alter(row.definition());
                } else {
                    catalog.create(row.definition());
                }
                inForce.put(row.name(), row);
                refused.remove(row.name());
                problems.remove(row.name());
            } catch (PluginException | IllegalArgumentException | IllegalStateException e) {
                refused.put(row.name(), row);
                lastFailure = System.nanoTime();
                String problem = "filter '" + row.name() + "': " + e.getMessage();
                if (!problem.equals(problems.put(row.name(), problem))) {
                    LOGGER.log(
                            System.Logger.Level.WARNING,
                            "filter {0} of the table cannot be {1}: {2}",
                            new LogField("filter", row.name()),
                            known != null ? "altered, the old one stays" : "loaded",
                            e.getMessage());
                }
            }
        }
    }

    // ---- statements

    /**
     * Does what a statement says.
     *
     * @param session whose user, address, database and dialect count for an explanation; its text is replaced
     */
    Answer execute(FilterStatement statement, SqlRequest session) throws RefusedException {
        try {
            return answer(statement, session);
        } catch (SQLException e) {
            int code = e.getErrorCode() > 0 ? e.getErrorCode() : SqlError.UNKNOWN_ERROR;
            String state = e.getSQLState() == null ? SqlError.GENERAL_ERROR : e.getSQLState();
            throw new RefusedException(new SqlError(code, state, "the table of filters: " + e.getMessage()));
        } catch (PluginException | IllegalArgumentException | IllegalStateException e) {
            throw refusal(String.valueOf(e.getMessage()));
        }
    }

    private Answer answer(FilterStatement statement, SqlRequest session) throws RefusedException, SQLException {
        if (statement instanceof FilterStatement.Create create) {
            return create(create);
        } else if (statement instanceof FilterStatement.Alter alter) {
            return alter(alter);
        } else if (statement instanceof FilterStatement.Drop drop) {
            return drop(drop);
        } else if (statement instanceof FilterStatement.Show show) {
            return show(show);
        } else if (statement instanceof FilterStatement.ShowCreate show) {
            return showCreate(show);
        } else if (statement instanceof FilterStatement.Explain explain) {
            return explain(explain, session);
        } else if (statement instanceof FilterStatement.ShowPlugins) {
            return showPlugins();
        } else if (statement instanceof FilterStatement.ShowPluginStatus) {
            return showPluginStatus();
        }
        return reloadNow();
    }

    private static RefusedException refusal(String message) {
        return new RefusedException(SqlError.of(message));
    }

    private FilterStore tables() throws RefusedException {
        FilterStore tables = store;
        if (tables == null) {
            throw new RefusedException(
                    GatewayErrors.refused(
                            "the filters of this gateway are those of its settings; give it --user to keep filters in the database"));
        }
        return tables;
    }

    private Answer create(FilterStatement.Create create) throws RefusedException, SQLException {
        FilterStore tables = tables();
        FilterDefinition definition = with(FilterDefinition.of(create.name()), create.values());
        changing.lock();
        try {
            reload(false);
            if (catalog.find(create.name()).isPresent() || refused.containsKey(create.name())) {
                if (create.ifNotExists()) {
                    return Answer.ok(0);
                }
                throw refusal("there is a filter named '" + create.name() + "'; alter or drop it");
            }
            catalog.create(definition);
            try {
                tables.insert(definition);
            } catch (SQLException e) {
                catalog.drop(create.name());
                if (e.getErrorCode() == DUPLICATE_KEY && create.ifNotExists()) {
                    reload(false); // another gateway was first
                    return Answer.ok(0);
                }
                throw e;
            }
            inForce.put(create.name(), StoredFilter.of(definition));
            reload(false);
            return Answer.ok(1);
        } finally {
            changing.unlock();
        }
    }

    private Answer alter(FilterStatement.Alter alter) throws RefusedException, SQLException {
        FilterStore tables = tables();
        changing.lock();
        try {
            reload(false);
            FilterDefinition old = changeable(alter.name())
                    .orElseThrow(() -> refusal("there is no filter named '" + alter.name() + "' to alter"));
            FilterDefinition definition = with(old, alter.values());
            catalog.alter(definition);
            try {
                tables.update(definition);
            } catch (SQLException e) {
                catalog.alter(old);
                throw e;
            }
            inForce.put(alter.name(), StoredFilter.of(definition));
            reload(false);
            return Answer.ok(1);
        } finally {
            changing.unlock();
        }
    }

    private Answer drop(FilterStatement.Drop drop) throws RefusedException, SQLException {
        FilterStore tables = tables();
        changing.lock();
        try {
            reload(false);
            if (catalog.find(drop.name()).isPresent()) {
                changeable(drop.name());
            }
            boolean deleted = tables.delete(drop.name());
            reload(false);
            return Answer.ok(deleted ? 1 : 0);
        } finally {
            changing.unlock();
        }
    }

    /** The definition of a filter of the tables; refuses one of the settings. */
    private Optional<FilterDefinition> changeable(String name) throws RefusedException {
        if (!inForce.containsKey(name) && catalog.find(name).isPresent()) {
            throw refusal("filter '" + name + "' is one of the gateway's settings; change it there");
        }
        return catalog.find(name);
    }

    private static FilterDefinition with(FilterDefinition from, Map<String, String> values) {
        FilterDefinition definition = from;
        for (Map.Entry<String, String> value : values.entrySet()) {
            definition = definition.with(value.getKey(), value.getValue());
        }
        return definition;
    }

    private Answer reloadNow() throws RefusedException, SQLException {
        tables();
        reload();
        return Answer.ok(0);
    }

    private Answer show(FilterStatement.Show show) throws SQLException {
        List<List<String>> rows = new ArrayList<>();
        changing.lock();
        try {
            reload(false);
            for (FilterDefinition definition : catalog.definitions()) {
                if (show.name().isEmpty() || show.name().equals(definition.name())) {
                    rows.add(row(definition));
                }
            }
            return Answer.of(rows);
        } finally {
            changing.unlock();
        }
    }

    private List<String> row(FilterDefinition definition) {
        StoredFilter stored = inForce.get(definition.name());
        List<String> row = new ArrayList<>();
        row.add(stored == null ? "0" : Long.toString(stored.id()));
        row.add(stored == null ? startedAt : stored.created());
        row.add(stored == null ? startedAt : stored.updated());
        row.add(definition.name());
        row.add(definition.description());
        row.add(Integer.toString(definition.priority()));
        for (String key : FilterDefinition.keys()) {
            switch (key) {
                case "desc", "priority" -> {}
                case "plans", "fully_qualified_table_names" -> row.add(JsonTexts.ofCommas(definition.value(key)));
                default -> row.add(definition.value(key));
            }
        }
        return row;
    }

    private Answer showCreate(FilterStatement.ShowCreate show) throws SQLException {
        reload(false);
        return Answer.of(catalog.find(show.name())
                .map(definition -> List.of(List.of(definition.name(), createText(definition))))
                .orElse(List.of()));
    }

    /** The statement that makes a filter; begins with a new line, as clients of WeScale know it. */
    static String createText(FilterDefinition definition) {
        StringBuilder text = new StringBuilder("\ncreate filter ").append(nameText(definition.name()));
        group(text, " (", definition, List.of("desc", "priority", "status"));
        List<String> pattern = FilterDefinition.keys().stream()
                .filter(key -> !List.of("desc", "priority", "status", "action", "action_args")
                        .contains(key))
                .toList();
        group(text, "with_pattern(", definition, pattern);
        group(text, "execute(", definition, List.of("action", "action_args"));
        return text.toString();
    }

    private static String nameText(String name) {
        return name.matches("[A-Za-z0-9_$]+") ? name : "`" + name.replace("`", "``") + "`";
    }

    private static void group(StringBuilder text, String opening, FilterDefinition definition, List<String> keys) {
        text.append(opening).append('\n');
        for (int i = 0; i < keys.size(); i++) {
            String value = definition.value(keys.get(i)).replace("\\", "\\\\").replace("'", "\\'");
            text.append("        ")
                    .append(keys.get(i))
                    .append("='")
                    .append(value)
                    .append('\'');
            text.append(i < keys.size() - 1 ? ",\n" : "\n");
        }
        text.append(")\n");
    }

    private Answer explain(FilterStatement.Explain explain, SqlRequest session) {
        List<List<String>> rows = new ArrayList<>();
        for (SqlFilter filter : catalog.filters().chain().explain(session.text(explain.query()))) {
            String args = catalog.find(filter.name())
                    .map(definition -> definition.value("action_args"))
                    .orElse("");
            rows.add(List.of(
                    filter.name(),
                    filter.description(),
                    Integer.toString(filter.priority()),
                    filter.action().actionName(),
                    args));
        }
        return Answer.of(rows);
    }

    private Answer showPlugins() {
        List<List<String>> rows = new ArrayList<>();
        PluginReport.pluginsOf(catalog)
                .forEach((plugin, users) -> rows.add(List.of(
                        plugin.name(),
                        plugin.version(),
                        plugin.sha256(),
                        plugin.abi().toString(),
                        plugin.state().name(),
                        String.join(",", users.stream().map(SqlFilter::name).toList()))));
        return Answer.of(rows);
    }

    private Answer showPluginStatus() {
        List<List<String>> rows = new ArrayList<>();
        PluginReport.pluginsOf(catalog).forEach((plugin, users) -> {
            String name = plugin.name();
            PluginReport.of(plugin, users, timesOf(plugin))
                    .forEach((key, value) -> rows.add(List.of(name, key, value)));
        });
        return Answer.of(rows);
    }

    /** The plugins of active and inactive filters with those filters. */
    Map<Plugin, List<SqlFilter>> plugins() {
        return PluginReport.pluginsOf(catalog);
    }

    /** Ends the query of a connection whose client left, if the gateway has an account that may. */
    void killQuery(int connectionId) {
        FilterStore tables = store;
        if (tables == null) {
            return;
        }
        try {
            tables.killQuery(connectionId);
        } catch (SQLException e) {
            LOGGER.log(
                    System.Logger.Level.DEBUG,
                    "connection {0}: its query goes on at the server: {1}",
                    new LogField("connection", Long.toString(Integer.toUnsignedLong(connectionId))),
                    e.getMessage());
        }
    }

    @Override
    public void close() {
        ScheduledExecutorService thread = poller;
        if (thread != null) {
            thread.shutdownNow();
        }
    }
}
