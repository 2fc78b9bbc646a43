package io.sluice.testkit;

import io.sluice.plugin.Isolation;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginLimits;
import io.sluice.plugin.QueryProperty;
import io.sluice.sql.Nearest;
import io.sluice.sql.ResultType;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Statements and expectations in a YAML file, and the plugin's configuration for them; immutable.
 *
 * @param path the file
 * @param plugin the plugin's file, "" if the case file does not name it
 * @param config how the plugin is to be loaded
 * @param cases the cases in their order
 */
public record CaseFile(Path path, String plugin, PluginConfig config, List<PluginCase> cases) {
    /** The name that a case file has where none is named. */
    public static final String DEFAULT_NAME = "cases.yaml";

    /** Copies the list. */
    public CaseFile {
        Objects.requireNonNull(path, "path");
        Objects.requireNonNull(plugin, "plugin");
        Objects.requireNonNull(config, "config");
        cases = List.copyOf(cases);
    }

    /**
     * Reads a case file.
     *
     * @throws CaseFileException if it is none: the message has file, line, what was found and what must be there
     */
    public static CaseFile read(Path path) {
        try {
            return parse(path, Files.readString(path));
        } catch (CharacterCodingException e) {
            throw new CaseFileException(path + ": not YAML: the file is not UTF-8");
        } catch (IOException e) {
            throw new CaseFileException(path + ": cannot be read: " + e);
        }
    }

    static CaseFile parse(Path path, String yaml) {
        YamlMap top = YamlMap.parse(path.toString(), yaml, "the case file");
        top.allow("plugin", "configuration", "environment", "grants", "isolation", "limits", "cases");
        PluginConfig config = config(top);
        List<PluginCase> cases = new ArrayList<>();
        for (YamlMap each : top.has("cases") ? top.maps("cases", "case") : List.<YamlMap>of()) {
            cases.add(readCase(each));
        }
        if (cases.isEmpty()) {
            throw top.fault("the case file has no cases; write 'cases:' and a list of them");
        }
        return new CaseFile(path, top.text("plugin", ""), config, cases);
    }

    private static PluginConfig config(YamlMap top) {
        PluginConfig config = PluginConfig.of("plugin");
        if (top.has("configuration")) {
            config = config.withConfiguration(top.json("configuration"));
        }
        if (top.has("environment")) {
            YamlMap environment = top.map("environment", "the environment");
            Map<String, String> variables = new LinkedHashMap<>();
            environment.keys().forEach(name -> variables.put(name, environment.text(name, "")));
            config = config.withEnvironment(variables);
        }
        Set<QueryProperty> grants = EnumSet.allOf(QueryProperty.class);
        if (top.has("grants")) {
            grants.clear();
            top.texts("grants").forEach(name -> grants.add(property(top, "grants", name)));
        }
        config = config.withGrants(grants);
        return config.withIsolation(isolation(top)).withLimits(limits(top));
    }

    private static Isolation isolation(YamlMap top) {
        String text = top.text("isolation", "per-request");
        return switch (text) {
            case "per-request" -> Isolation.perRequest();
            case "pooled" -> Isolation.pooled();
            default -> throw top.fault("isolation", "is '" + text + "'; it must be per-request or pooled");
        };
    }

    private static PluginLimits limits(YamlMap top) {
        PluginLimits limits = PluginLimits.defaults();
        if (!top.has("limits")) {
            return limits;
        }
        YamlMap map = top.map("limits", "the limits")
                .allow("fuel", "millis", "start_fuel", "start_millis", "memory_bytes", "log_bytes", "result_bytes");
        return limits.withFuelPerCall(map.number("fuel", limits.fuelPerCall(), 1))
                .withDeadline(
                        Duration.ofMillis(map.number("millis", limits.deadline().toMillis(), 1)))
                .withStartFuel(map.number("start_fuel", limits.startFuel(), 1))
                .withStartDeadline(Duration.ofMillis(
                        map.number("start_millis", limits.startDeadline().toMillis(), 1)))
                .withMaxMemoryBytes(map.number("memory_bytes", limits.maxMemoryBytes(), 65_536))
                .withMaxLogBytes((int) map.number("log_bytes", limits.maxLogBytes(), 0))
                .withMaxResultBytes((int) map.number("result_bytes", limits.maxResultBytes(), 1));
    }

    private static PluginCase readCase(YamlMap map) {
        map.allow("name", "statement", "properties", "result", "database_error", "times", "expect");
        Statement statement = Statement.of(map.text("statement", ""));
        if (!map.has("statement")) {
            throw map.fault(map.what() + " has no 'statement'; it must have one");
        }
        if (map.has("properties")) {
            YamlMap properties = map.map("properties", "the properties");
            for (String name : properties.keys()) {
                statement = statement.withProperty(property(properties, name, name), properties.text(name, ""));
            }
        }
        if (map.has("result")) {
            statement = statement.withResult(rows(map.map("result", "the result")));
        }
        if (map.has("database_error")) {
            statement = statement.withDatabaseError(map.text("database_error", ""));
        }
        return new PluginCase(
                map.text("name", statement.text()),
                map.line(),
                statement,
                (int) map.number("times", 1, 1),
                expected(map, statement));
    }

    private static PluginCase.Expected expected(YamlMap map, Statement statement) {
        if (!map.has("expect")) {
            throw map.fault(
                    map.what() + " has no 'expect'; write 'expect: {}' for a query that the plugin leaves alone");
        }
        YamlMap expect = map.map("expect", "the expectation")
                .allow(
                        "query",
                        "error",
                        "code",
                        "state",
                        "result",
                        "rows",
                        "log",
                        "trap",
                        "fuel_below",
                        "memory_below",
                        "millis_below");
        Rows result = null;
        boolean types = expect.has("result");
        if (types) {
            result = rows(expect.map("result", "the expected result"));
        } else if (expect.has("rows")) {
            Rows given = statement.result();
            try {
                result = new Rows(given.columns(), expect.table("rows"), given.rowsAffected(), given.insertId());
            } catch (IllegalArgumentException e) {
                throw expect.fault("rows", "do not fit the result: " + e.getMessage());
            }
        }
        return new PluginCase.Expected(
                expect.has("query") ? expect.text("query", "") : null,
                expect.has("error") ? expect.text("error", "") : null,
                (int) expect.number("code", 0, 0),
                expect.text("state", ""),
                result,
                types,
                expect.has("log") ? expect.texts("log") : null,
                expect.has("trap") ? expect.text("trap", "") : null,
                expect.number("fuel_below", Long.MAX_VALUE, 1),
                expect.number("memory_below", Long.MAX_VALUE, 1),
                expect.number("millis_below", Long.MAX_VALUE, 1));
    }

    /** Columns as {@code {name: TYPE}}, rows, counts. */
    private static Rows rows(YamlMap map) {
        map.allow("columns", "rows", "rows_affected", "insert_id");
        List<Rows.Column> columns = new ArrayList<>();
        if (map.has("columns")) {
            YamlMap named = map.map("columns", "the columns");
            for (String name : named.keys()) {
                columns.add(column(named, name));
            }
        }
        List<List<@Nullable String>> rows = map.has("rows") ? map.table("rows") : List.of();
        try {
            return new Rows(columns, rows, map.number("rows_affected", 0, 0), map.number("insert_id", 0, 0));
        } catch (IllegalArgumentException e) {
            throw map.fault("rows", "do not fit its columns: " + e.getMessage());
        }
    }

    /** A type, or type and own name: {@code VARCHAR of password}; an expression is {@code VARCHAR of nothing}. */
    private static Rows.Column column(YamlMap columns, String name) {
        String[] words = columns.text(name, "").strip().split(" of ", 2);
        String orgName = words.length == 1 ? name : words[1].strip();
        for (ResultType type : ResultType.values()) {
            if (type.name().equalsIgnoreCase(words[0].strip())) {
                return new Rows.Column(name, type, orgName.equals("nothing") ? "" : orgName);
            }
        }
        List<String> known =
                Arrays.stream(ResultType.values()).map(ResultType::name).toList();
        throw columns.fault(
                name,
                "has the unknown type '" + words[0] + "'; did you mean " + Nearest.of(words[0], known)
                        + "? Types are those of query.proto");
    }

    private static QueryProperty property(YamlMap map, String key, String name) {
        List<String> known = new ArrayList<>();
        for (QueryProperty property : QueryProperty.values()) {
            String propertyName = property.name().toLowerCase(Locale.ROOT);
            if (propertyName.equals(name)) {
                return property;
            }
            known.add(propertyName);
        }
        throw map.fault(
                key,
                "names the unknown property '" + name + "'; did you mean '" + Nearest.of(name, known) + "'? There are "
                        + String.join(", ", known));
    }
}
