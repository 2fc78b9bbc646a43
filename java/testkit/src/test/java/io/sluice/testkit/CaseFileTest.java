package io.sluice.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CaseFileTest {
    private static CaseFile parse(String yaml) {
        return CaseFile.parse(Path.of("cases.yaml"), yaml);
    }

    @Test
    void aCaseIsRead() {
        CaseFile file = parse("""
                configuration: {token: a, limits: [1, true, "x"]}
                isolation: pooled
                limits: {fuel: 1_000}
                cases:
                  - statement: SELECT 1
                    properties: {user: app}
                    result: {columns: {a: INT64, b: VARCHAR of c}, rows: [[1, null]]}
                    expect: {rows: [[2, x]], fuel_below: 50_000, log: []}
                """);
        assertThat(file.config().configuration()).isEqualTo("{\"token\":\"a\",\"limits\":[1,true,\"x\"]}");
        assertThat(file.config().isolation().isPooled()).isTrue();
        assertThat(file.config().limits().fuelPerCall()).isEqualTo(1000);
        PluginCase only = file.cases().get(0);
        assertThat(only.name()).isEqualTo("SELECT 1");
        assertThat(only.line()).isEqualTo(5);
        assertThat(only.statement().result().columns().get(1).orgName()).isEqualTo("c");
        assertThat(only.expected().fuelBelow()).isEqualTo(50_000);
        assertThat(only.expected().log()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'cases: [' | 'cases.yaml:1: not YAML: expected the node content, but found ''<stream end>'''",
                "'' | 'cases.yaml: the file is empty; write ''cases:'' and a list'",
                "'[1]' | 'cases.yaml:1: the case file is a list; it must be a mapping, key: value'",
                "'cases: []' | 'cases.yaml:1: the case file has no cases; write ''cases:'' and a list of them'",
                "'isolation: pooled' | 'cases.yaml:1: the case file has no cases; write ''cases:'' and a list of them'",
                "'cases: [{statment: a}]' | 'cases.yaml:1: case 1 has the unknown key ''statment''; did you mean ''statement''? It may have database_error, expect, name, properties, result, statement, times'",
                "'cases: [{expect: {}}]' | 'cases.yaml:1: case 1 has no ''statement''; it must have one'",
                "'cases: [{statement: a}]' | 'cases.yaml:1: case 1 has no ''expect''; write ''expect: {}'' for a query that the plugin leaves alone'",
                "'cases: [{statement: a, result: {columns: {x: INT64}, rows: [[1, 2]]}, expect: {}}]' | 'cases.yaml:1: ''rows'' of the result do not fit its columns: row 1 has 2 values, but the result has 1 columns; give each column one value'",
                "'cases: [{statement: a, result: {columns: {x: INT46}}, expect: {}}]' | 'cases.yaml:1: ''x'' of the columns has the unknown type ''INT46''; did you mean INT16? Types are those of query.proto'",
                "'cases: [{statement: a, properties: {usr: b}, expect: {}}]' | 'cases.yaml:1: ''usr'' of the properties names the unknown property ''usr''; did you mean ''user''? There are user, client_address, database, kind, tables, bind_values'",
                "'cases: [{statement: a, expect: {fuel_below: many}}]' | 'cases.yaml:1: ''fuel_below'' of the expectation is ''many''; it must be a whole number of at least 1'",
            })
    void whatIsWrongIsNamedWithItsLine(String yaml, String message) {
        assertThatThrownBy(() -> parse(yaml))
                .isInstanceOf(CaseFileException.class)
                .hasMessage(message);
    }
}
