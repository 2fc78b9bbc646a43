package io.sluice.mysql;

import io.sluice.plugin.PluginSource;
import io.sluice.sql.FilterDefinition;
import io.sluice.sql.PluginBinaries;
import java.io.IOException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import javax.sql.DataSource;

/**
 * The two tables of a gateway in its database, reached with an account of the gateway's own: {@code wescale_plugin} with the filters,
 * {@code wasm_binary} with their plugins' binaries.
 *
 * <p>A binary is packed with bzip2 or not at all; what comes out of it is read up to the limit of a module and compared with its MD5,
 * which WeScale keeps beside it.
 *
 * <p><b>Threads.</b> Shared; one statement at a time. <b>Ownership.</b> Keeps one connection of the data source for the tables and one that
 * ends queries, and takes others when those fail.
 */
public final class FilterStore implements PluginBinaries, AutoCloseable {
    private static final Pattern SCHEMA = Pattern.compile("[A-Za-z0-9_$]{1,64}");
    private static final List<String> JSON_KEYS = List.of("plans", "fully_qualified_table_names");

    private final ServiceConnection tables;
    private final ServiceConnection kills;
    private final String schema;
    private final int maxModuleBytes;
    private final Map<String, String> served = new ConcurrentHashMap<>();

    private FilterStore(DataSource source, String schema, int maxModuleBytes) {
        Objects.requireNonNull(source, "source");
        this.tables = new ServiceConnection(source);
        this.kills = new ServiceConnection(source);
        this.schema = schema;
        this.maxModuleBytes = maxModuleBytes;
    }

    /**
     * A store in a schema of that name; does not connect.
     *
     * @param maxModuleBytes what a binary may have once it is unpacked
     * @throws IllegalArgumentException if the name has characters that need quotes
     */
    public static FilterStore of(DataSource source, String schema, int maxModuleBytes) {
        if (!SCHEMA.matcher(schema).matches()) {
            throw new IllegalArgumentException(
                    "schema is '" + schema + "'; it must have letters, digits, _ and $ only, 64 at most");
        }
        return new FilterStore(source, schema, maxModuleBytes);
    }

    /** The schema's name. */
    public String schema() {
        return schema;
    }

    private String filterTable() {
        return "`" + schema + "`.`wescale_plugin`";
    }

    private String binaryTable() {
        return "`" + schema + "`.`wasm_binary`";
    }

    /** The question to a client's server whether the client may do that to the table of filters; it changes nothing. */
    String mayQuestion(FilterStatement.Right right) {
        return switch (right) {
            case INSERT -> "explain insert into " + filterTable() + " (name, status) values ('', '')";
            case UPDATE -> "explain update " + filterTable() + " set status = '' where id = 0";
            case DELETE -> "explain delete from " + filterTable() + " where id = 0";
            case SELECT -> "explain select name from " + filterTable() + " limit 1";
        };
    }

    /** Makes the tables that are not there. */
    void createTables() throws SQLException {
        List<String> statements = List.of(
                "create table if not exists " + filterTable() + " ("
                        + "id bigint unsigned not null auto_increment primary key,"
                        + "create_timestamp timestamp not null default current_timestamp,"
                        + "update_timestamp timestamp not null default current_timestamp on update current_timestamp,"
                        + "name varchar(256) not null,"
                        + "description text,"
                        + "priority int not null default 1000,"
                        + "status varchar(256) not null,"
                        + "plans text,"
                        + "fully_qualified_table_names text,"
                        + "query_regex text,"
                        + "query_template text,"
                        + "request_ip_regex text,"
                        + "user_regex text,"
                        + "leading_comment_regex text,"
                        + "trailing_comment_regex text,"
                        + "bind_var_conds text,"
                        + "action varchar(256),"
                        + "action_args text,"
                        + "unique key (name)"
                        + ") engine=InnoDB default charset=utf8mb4 collate=utf8mb4_bin",
                "create table if not exists " + binaryTable() + " ("
                        + "id bigint unsigned not null auto_increment primary key,"
                        + "create_timestamp timestamp not null default current_timestamp,"
                        + "update_timestamp timestamp not null default current_timestamp on update current_timestamp,"
                        + "name varchar(256) not null,"
                        + "runtime varchar(256) not null,"
                        + "data mediumblob not null,"
                        + "compress_algorithm varchar(64) not null,"
                        + "hash_before_compress varchar(512) not null,"
                        + "unique key (name)"
                        + ") engine=InnoDB default charset=utf8mb4 collate=utf8mb4_bin");
        tables.on(open -> {
            try (Statement statement = open.createStatement()) {
                for (String sql : statements) {
                    statement.execute(sql);
                }
            }
            return true;
        });
    }

    // ---- filters

    /** Every filter in the order in which they were made. */
    List<StoredFilter> filters() throws SQLException {
        return tables.on(open -> {
            try (Statement statement = open.createStatement();
                    ResultSet rows = statement.executeQuery("select * from " + filterTable() + " order by id")) {
                List<StoredFilter> filters = new ArrayList<>();
                while (rows.next()) {
                    Map<String, String> values = new HashMap<>();
                    String fault = "";
                    for (String key : FilterDefinition.keys()) {
                        String value = rows.getString(columnOf(key));
                        if (value != null && JSON_KEYS.contains(key)) {
                            try {
                                value = JsonTexts.toCommas(value);
                            } catch (IllegalArgumentException e) {
                                fault = columnOf(key) + ": " + e.getMessage();
                            }
                        }
                        if (value != null && !value.isEmpty()) {
                            values.put(key, value);
                        }
                    }
                    filters.add(new StoredFilter(
                            rows.getLong("id"),
                            textOf(rows, "create_timestamp"),
                            textOf(rows, "update_timestamp"),
                            textOf(rows, "name"),
                            Map.copyOf(values),
                            fault));
                }
                return filters;
            }
        });
    }

    private static String textOf(ResultSet rows, String column) throws SQLException {
        String text = rows.getString(column);
        if (text == null) {
            return "";
        }
        // Drivers add a fraction that timestamps of seconds do not have.
        return column.endsWith("_timestamp") && text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
    }

    private static String columnOf(String key) {
        return key.equals("desc") ? "description" : key;
    }

    private static String stored(FilterDefinition definition, String key) {
        if (key.equals("action_args")) {
            return definition.actionArgs();
        }
        String value = definition.value(key);
        return JSON_KEYS.contains(key) ? JsonTexts.ofCommas(value) : value;
    }

    /** Writes a new row; fails with 1062 if there is one of that name. */
    void insert(FilterDefinition definition) throws SQLException {
        StringBuilder sql = new StringBuilder("insert into " + filterTable() + " (name");
        FilterDefinition.keys().forEach(key -> sql.append(", ").append(columnOf(key)));
        sql.append(") values (?")
                .append(", ?".repeat(FilterDefinition.keys().size()))
                .append(')');
        tables.on(open -> {
            try (PreparedStatement statement = open.prepareStatement(sql.toString())) {
                statement.setString(1, definition.name());
                int i = 2;
                for (String key : FilterDefinition.keys()) {
                    statement.setString(i++, stored(definition, key));
                }
                return statement.executeUpdate();
            }
        });
    }

    /** Writes another definition into a row; false if there is none of that name. */
    boolean update(FilterDefinition definition) throws SQLException {
        StringBuilder sql = new StringBuilder("update " + filterTable() + " set update_timestamp = current_timestamp");
        FilterDefinition.keys()
                .forEach(key -> sql.append(", ").append(columnOf(key)).append(" = ?"));
        sql.append(" where name = ?");
        return tables.on(open -> {
            try (PreparedStatement statement = open.prepareStatement(sql.toString())) {
                int i = 1;
                for (String key : FilterDefinition.keys()) {
                    statement.setString(i++, stored(definition, key));
                }
                statement.setString(i, definition.name());
                return statement.executeUpdate() > 0;
            }
        });
    }

    /** Deletes a row; false if there is none of that name. */
    boolean delete(String name) throws SQLException {
        return tables.on(open -> {
            try (PreparedStatement statement =
                    open.prepareStatement("delete from " + filterTable() + " where name = ?")) {
                statement.setString(1, name);
                return statement.executeUpdate() > 0;
            }
        });
    }

    // ---- binaries

    /** What tells whether a binary may have changed, by the binaries' names; does not read the binaries unless they are new. */
    Map<String, String> binaryStamps() throws SQLException {
        return tables.on(open -> {
            try (Statement statement = open.createStatement();
                    ResultSet rows = statement.executeQuery("select name, concat_ws('/', id, update_timestamp,"
                            + " compress_algorithm, hash_before_compress,"
                            // Two changes in one second have the same time.
                            + " if(update_timestamp > current_timestamp - interval 3 second, sha2(data, 256), ''))"
                            + " from " + binaryTable())) {
                Map<String, String> stamps = new HashMap<>();
                while (rows.next()) {
                    stamps.put(rows.getString(1), String.valueOf(rows.getString(2)));
                }
                return stamps;
            }
        });
    }

    @Override
    public PluginSource find(String name) throws IOException {
        byte[] wasm = read(name);
        served.put(name, PluginPacking.md5(wasm));
        return PluginSource.bytes(wasm);
    }

    /** Whether the binary of that name is another one than was given out last; false if none was. */
    boolean isReplaced(String name) throws IOException {
        String known = served.get(name);
        return known != null && !known.equals(PluginPacking.md5(read(name)));
    }

    /** Says that the binary of that name which was given out last is not in use: it counts as replaced. */
    void notInUse(String name) {
        served.computeIfPresent(name, (key, md5) -> "");
    }

    private byte[] read(String name) throws IOException {
        @SuppressWarnings("ArrayRecordComponent") // neither compared nor handed out of the method
        record Row(byte[] data, String algorithm, String hash) {}
        List<Row> found;
        try {
            found = tables.on(open -> {
                try (PreparedStatement statement =
                        open.prepareStatement("select data, compress_algorithm, hash_before_compress from "
                                + binaryTable() + " where name = ?")) {
                    statement.setString(1, name);
                    List<Row> list = new ArrayList<>();
                    try (ResultSet rows = statement.executeQuery()) {
                        while (rows.next()) {
                            byte[] data = rows.getBytes(1);
                            String algorithm = rows.getString(2);
                            String hash = rows.getString(3);
                            list.add(new Row(
                                    data == null ? new byte[0] : data,
                                    algorithm == null ? "" : algorithm,
                                    hash == null ? "" : hash));
                        }
                    }
                    return list;
                }
            });
        } catch (SQLException e) {
            throw new IOException(e.getMessage(), e);
        }
        if (found.size() != 1) {
            throw new IOException("table " + binaryTable() + " has " + found.size() + " rows of that name, not 1");
        }
        Row row = found.get(0);
        byte[] wasm = PluginPacking.unpack(row.data(), row.algorithm(), maxModuleBytes);
        String md5 = PluginPacking.md5(wasm);
        if (!row.hash().isEmpty() && !row.hash().equals(md5)) {
            throw new IOException("its hash is " + md5 + ", and hash_before_compress says " + row.hash());
        }
        return wasm;
    }

    /** Ends the query that a connection of the server runs; does not wait for what the tables are asked. */
    void killQuery(int connectionId) throws SQLException {
        kills.on(open -> {
            try (Statement statement = open.createStatement()) {
                return statement.execute("kill query " + Integer.toUnsignedLong(connectionId));
            }
        });
    }

    @Override
    public void close() {
        tables.close();
        kills.close();
    }
}
