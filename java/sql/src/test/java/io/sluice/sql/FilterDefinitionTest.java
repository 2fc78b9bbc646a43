package io.sluice.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class FilterDefinitionTest {
    private static final FilterDefinition EMPTY = FilterDefinition.of("f");

    private static void assertRefused(String key, String value, String message) {
        assertThatThrownBy(() -> EMPTY.with(key, value))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void definitionHasTheDefaultsOfWescale() {
        assertThat(EMPTY.name()).isEqualTo("f");
        assertThat(EMPTY.value("priority")).isEqualTo("1000");
        assertThat(EMPTY.value("status")).isEqualTo("ACTIVE");
        assertThat(EMPTY.priority()).isEqualTo(1000);
        assertThat(EMPTY.status()).isEqualTo(FilterStatus.ACTIVE);
        assertThat(EMPTY.description()).isEmpty();
        assertThat(EMPTY.pattern()).isEqualTo(FilterPattern.any());
        assertThat(EMPTY.value("action")).isEmpty();
        assertThat(FilterDefinition.keys())
                .containsExactly(
                        "desc",
                        "priority",
                        "status",
                        "plans",
                        "fully_qualified_table_names",
                        "query_regex",
                        "query_template",
                        "request_ip_regex",
                        "user_regex",
                        "leading_comment_regex",
                        "trailing_comment_regex",
                        "bind_var_conds",
                        "action",
                        "action_args");
    }

    @Test
    void everyKeyIsKeptInItsOwnSpelling() {
        FilterDefinition full = EMPTY.with("DESC", "What it is for")
                .with("priority", " 7 ")
                .with("status", "inactive")
                .with("plans", "insert, SELECT")
                .with("fully_qualified_table_names", "a.b, *.c")
                .with("query_regex", "q.*")
                .with("query_template", "select ?")
                .with("request_ip_regex", "1.*")
                .with("user_regex", "u.*")
                .with("leading_comment_regex", "l.*")
                .with("trailing_comment_regex", "t.*")
                .with("bind_var_conds", "v1 = 1")
                .with("action", "wasm_plugin")
                .with("action_args", "wasm_binary_name = \"a b\" ;\n fuel = 1 ");

        assertThat(FilterDefinition.keys().stream().map(full::value))
                .containsExactly(
                        "What it is for",
                        "7",
                        "INACTIVE",
                        "Insert,Select",
                        "a.b,*.c",
                        "q.*",
                        "select ?",
                        "1.*",
                        "u.*",
                        "l.*",
                        "t.*",
                        "v1 = 1",
                        "WASM_PLUGIN",
                        "wasm_binary_name=\"a b\";fuel=1");
        assertThat(full.priority()).isEqualTo(7);
        assertThat(full.pattern().plans()).containsExactly(PlanKind.INSERT, PlanKind.SELECT);
        assertThat(full).isEqualTo(full.with("desc", "What it is for")).isNotEqualTo(EMPTY);
        assertThat(full).hasSameHashCodeAs(full.with("desc", "What it is for"));
    }

    @Test
    void unknownKeyIsRefusedWithTheNearest() {
        assertRefused(
                "query_regexp",
                "x",
                "filter 'f' has 'query_regexp', which filters do not have; the nearest is query_regex");
        assertRefused("plan", "x", "filter 'f' has 'plan', which filters do not have; the nearest is plans");
    }

    @Test
    void badValueIsRefusedByItsKey() {
        assertRefused("priority", "high", "priority is 'high'; it must be a whole number");
        assertRefused("status", "on", "status is 'on'; it must be ACTIVE or INACTIVE");
        assertRefused("action", "WASM", "action is 'WASM', which is none; the nearest is FAIL");
        assertRefused("action", "wasm_plugins", "action is 'wasm_plugins', which is none; the nearest is WASM_PLUGIN");
        assertRefused("plans", "Selct", "plans has 'Selct', which is no plan; the nearest is Select");
        assertThatThrownBy(() -> EMPTY.with("bind_var_conds", "[{\"name\":\"v1\"}]"))
                .hasMessageStartingWith("bind_var_conds is not understood: ");
        assertThatThrownBy(() -> EMPTY.with("query_regex", "(")).hasMessageStartingWith("query_regex '(' is not");
    }

    @Test
    void nameIsOneTo256Characters() {
        assertThatThrownBy(() -> FilterDefinition.of(""))
                .hasMessage("filter name has 0 characters; it must have 1 to 256");
        assertThatThrownBy(() -> FilterDefinition.of("x".repeat(257)))
                .hasMessage("filter name has 257 characters; it must have 1 to 256");
    }

    @Test
    void argumentsAreTomlInWhichASemicolonEndsALine() {
        ActionArgs args = ActionArgs.parse("A", "a=\"x;y\"; b=2 ;\nc='p;q'; [config]; d=1");

        assertThat(args.text("a")).isEqualTo("x;y");
        assertThat(args.number("b", 0, 9, 0)).isEqualTo(2);
        assertThat(args.text("c")).isEqualTo("p;q");
        assertThat(args.json("config").replaceAll("\\s", "")).isEqualTo("{\"d\":1}");
        args.end();
    }

    @Test
    void argumentsThatAreNotTomlAreRefused() {
        assertThatThrownBy(() -> ActionArgs.parse("A", "a=1; a=2"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("action_args is not TOML: a previously defined at line 1, column 1 (line 2, column 2)");
        assertThatThrownBy(() -> ActionArgs.parse("A", "a=")).hasMessageStartingWith("action_args is not TOML: ");
        assertThatThrownBy(() -> ActionArgs.parse("A", "x".repeat(20_000)))
                .hasMessage("action_args has 20000 characters; at most 16384 are taken");
        assertThatThrownBy(() -> ActionArgs.parse("A", "a=" + "[".repeat(5_000)))
                .hasMessage("action_args nests more than 32 tables and arrays");
    }

    @Test
    void valueOfAnotherTypeIsRefused() {
        ActionArgs args = ActionArgs.parse("A", "n=\"x\"; t=1; l=[1]; c=[]; i=5; d={x=inf}");

        assertThatThrownBy(() -> args.number("n", 0, 1, 0))
                .hasMessage("action_args has n = x; it must be a whole number");
        assertThatThrownBy(() -> args.text("t")).hasMessage("action_args has t = 1; it must be a string");
        assertThatThrownBy(() -> args.names("l")).hasMessage("action_args has a l that is not a string: 1");
        assertThatThrownBy(() -> args.names("i")).hasMessage("action_args has i = 5; it must be an array of strings");
        assertThatThrownBy(() -> args.json("c")).hasMessageEndingWith("it must be a table");
        assertThatThrownBy(() -> args.number("i", 0, 4, 0)).hasMessage("action_args has i = 5; it must be 0 to 4");
        assertThatThrownBy(() -> args.json("d"))
                .hasMessage("action_args has d.x = Infinity, which JSON cannot say; use a finite number");
    }
}
