package io.sluice.cli;

import io.sluice.mysql.PluginPacking;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Brings binaries into a gateway's table and out of it, through the gateway, as WeScale's deploy tool does; and replaces them, which that
 * tool cannot.
 *
 * <p><b>Threads.</b> Confined.
 */
final class PluginDeployment {
    private static final byte[] MAGIC = {0, 'a', 's', 'm'};

    private final DeployOptions options;
    private final PrintWriter out;

    PluginDeployment(DeployOptions options, PrintWriter out) {
        this.options = options;
        this.out = out;
    }

    private Connection connect() throws SQLException {
        return Database.source(options.host, options.port, options.user, options.passwordText())
                .getConnection();
    }

    private String table() {
        return "`" + options.schema.replace("`", "``") + "`.`wasm_binary`";
    }

    private static String quotedName(String name) {
        return "`" + name.replace("`", "``") + "`";
    }

    private byte[] binary() throws IOException {
        byte[] wasm = Files.readAllBytes(Path.of(options.path()));
        for (int i = 0; i < MAGIC.length; i++) {
            if (wasm.length <= i || wasm[i] != MAGIC[i]) {
                throw new IllegalArgumentException(options.path() + " is no WebAssembly module");
            }
        }
        return wasm;
    }

    /** Stores a binary that is not there yet, and makes its filter if that is asked for. */
    int install() throws IOException, SQLException {
        byte[] wasm = binary();
        String name = options.binaryName();
        try (Connection connection = connect()) {
            String sql = "insert ignore into " + table()
                    + "(name,runtime,data,compress_algorithm,hash_before_compress) values (?,?,?,?,?)";
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                statement.setString(1, name);
                statement.setString(2, options.runtime);
                statement.setBytes(3, PluginPacking.pack(wasm, options.algorithm));
                statement.setString(4, options.algorithm);
                statement.setString(5, PluginPacking.md5(wasm));
                if (statement.executeUpdate() != 1) {
                    throw new IllegalArgumentException(
                            "there is a binary named '" + name + "'; update or uninstall it");
                }
            }
            out.println("installed " + name + ": " + wasm.length + " bytes");
            if (options.createFilter) {
                createFilter(connection, name);
            }
        }
        out.flush();
        return 0;
    }

    private void createFilter(Connection connection, String binary) throws SQLException {
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("desc", options.filterDescription);
        properties.put("priority", options.filterPriority);
        properties.put("status", options.filterStatus);
        Map<String, String> pattern = new LinkedHashMap<>();
        pattern.put("plans", options.filterPlans);
        pattern.put("fully_qualified_table_names", options.filterTables);
        pattern.put("query_regex", options.filterQueryRegex);
        pattern.put("query_template", options.filterQueryTemplate);
        pattern.put("request_ip_regex", options.filterRequestIpRegex);
        pattern.put("user_regex", options.filterUserRegex);
        pattern.put("leading_comment_regex", options.filterLeadingCommentRegex);
        pattern.put("trailing_comment_regex", options.filterTrailingCommentRegex);
        pattern.put("bind_var_conds", options.filterBindVarConds);
        Map<String, String> action = new LinkedHashMap<>();
        action.put("action", options.filterAction);
        action.put("action_args", "wasm_binary_name=\"" + binary + "\"");
        String name = options.filterNameOrDefault();
        try (Statement statement = connection.createStatement()) {
            statement.execute("create filter if not exists " + quotedName(name) + " (" + values(properties)
                    + ") with_pattern(" + values(pattern) + ") execute(" + values(action) + ")");
        }
        out.println("created filter " + name);
    }

    private static String values(Map<String, String> values) {
        return values.entrySet().stream()
                .map(entry -> entry.getKey() + "='"
                        + entry.getValue().replace("\\", "\\\\").replace("'", "\\'") + "'")
                .collect(Collectors.joining(", "));
    }

    /** Drops the filter, if there is one, and deletes the binary. */
    int uninstall() throws SQLException {
        String name = options.binaryName();
        String filter = options.filterNameOrDefault();
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            int dropped = statement.executeUpdate("drop filter " + quotedName(filter));
            try (PreparedStatement delete = connection.prepareStatement("delete from " + table() + " where name = ?")) {
                delete.setString(1, name);
                if (delete.executeUpdate() == 0) {
                    throw new IllegalArgumentException("there is no binary named '" + name + "' to uninstall");
                }
            }
            out.println("uninstalled " + name + (dropped > 0 ? " and its filter " + filter : ""));
        }
        out.flush();
        return 0;
    }

    /** Stores other bytes under the same name: one statement, so that no gateway sees half of it. */
    int update() throws IOException, SQLException {
        byte[] wasm = binary();
        String name = options.binaryName();
        String sql =
                "update " + table() + " set runtime = ?, data = ?, compress_algorithm = ?, hash_before_compress = ?,"
                        + " update_timestamp = current_timestamp where name = ?";
        try (Connection connection = connect();
                PreparedStatement statement = connection.prepareStatement(sql);
                Statement reload = connection.createStatement()) {
            statement.setString(1, options.runtime);
            statement.setBytes(2, PluginPacking.pack(wasm, options.algorithm));
            statement.setString(3, options.algorithm);
            statement.setString(4, PluginPacking.md5(wasm));
            statement.setString(5, name);
            if (statement.executeUpdate() == 0) {
                throw new IllegalArgumentException("there is no binary named '" + name + "' to update; install it");
            }
            reload.execute("reload filters");
        }
        out.println("updated " + name + ": " + wasm.length + " bytes");
        out.flush();
        return 0;
    }

    /** Lists binaries and filters. */
    int list() throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            try (ResultSet rows = statement.executeQuery("select name, runtime, compress_algorithm,"
                    + " hash_before_compress, length(data) from " + table() + " order by name")) {
                while (rows.next()) {
                    out.println("binary " + rows.getString(1) + " runtime=" + rows.getString(2) + " packed="
                            + rows.getString(3) + " bytes=" + rows.getLong(5) + " md5=" + rows.getString(4));
                }
            }
            try (ResultSet rows = statement.executeQuery("show filters")) {
                while (rows.next()) {
                    out.println("filter " + rows.getString("name") + " priority=" + rows.getInt("priority") + " "
                            + rows.getString("status") + " " + rows.getString("action") + " "
                            + rows.getString("action_args"));
                }
            }
        }
        out.flush();
        return 0;
    }
}
