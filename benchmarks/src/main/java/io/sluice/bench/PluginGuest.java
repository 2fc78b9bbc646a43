package io.sluice.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sluice.bench.Contestant.InstanceUse;
import io.sluice.bench.Requests.Expectation;
import io.sluice.plugin.PluginLimits;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The plugins that contestants run: one rule, an UPDATE or DELETE needs a WHERE, as several languages compile it. */
enum PluginGuest {
    C("/guests/reject_without_where.wasm"),
    RUST("/guests/rust/reject_without_where/reject_without_where.wasm"),
    ASSEMBLYSCRIPT("/guests/assemblyscript/reject_without_where/reject_without_where.wasm"),
    GO("/guests/go/reject_without_where/reject_without_where.wasm"),
    JAVA("/guests/java/reject_without_where/reject_without_where.wasm"),
    /** By hand, a call for each byte; it knows neither quotes nor comments. */
    WAT("/guests/reject_call_per_byte.wasm"),
    /** Go with the whole SQL parser of WeSQL, 16 MB. */
    GO_SQLPARSER("wesql-sqlparser"),
    /** Rust with the crate sqlparser. */
    RUST_SQLPARSER("/guests/rust/sqlparser/sqlparser.wasm"),
    /** JavaScript on QuickJS with node-sql-parser, its memory that of the script that has run. */
    JS_SQLPARSER("/guests/js/sqlparser/sqlparser.wasm");

    private final String resource;

    PluginGuest(String resource) {
        this.resource = resource;
    }

    /** As in the parameter {@code guest}. */
    String key() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static PluginGuest of(String key) {
        for (PluginGuest guest : values()) {
            if (guest.key().equals(key)) {
                return guest;
            }
        }
        throw new IllegalArgumentException("guest \"" + key + "\": choose one of "
                + Stream.of(values()).map(PluginGuest::key).collect(Collectors.joining(", ")));
    }

    /** Whether it carries a whole SQL parser, so that it is big and slow to compile. */
    boolean isRealSize() {
        return this == GO_SQLPARSER || this == RUST_SQLPARSER || this == JS_SQLPARSER;
    }

    /** Whether {@code tools/bench-guests} builds it, since it is too large to be committed. */
    private boolean isBuilt() {
        return this == GO_SQLPARSER;
    }

    /** Why it cannot be had; empty if it can. */
    String missing() {
        return isBuilt() ? BigGuests.reason(resource) : "";
    }

    byte[] wasm() {
        return isBuilt() ? BigGuests.load(resource) : Guest.load(resource);
    }

    /** The default ones; an interpreter in the sandbox works longer than they allow. */
    PluginLimits limits() {
        return this == JS_SQLPARSER
                ? PluginLimits.defaults().withFuelPerCall(2_000_000_000).withDeadline(Duration.ofSeconds(5))
                : PluginLimits.defaults();
    }

    /** What it must answer: all that the rule says, or as much of it as this guest knows. */
    List<Expectation> expectations() {
        if (isRealSize()) {
            return Requests.PARSED;
        }
        return this == WAT ? Requests.PLAIN : Requests.EXPECTATIONS;
    }

    /** The same logic without a sandbox. */
    Contestant java(InstanceUse use) {
        if (isRealSize()) {
            throw new IllegalStateException("no pure Java has the same parser");
        }
        if (this == WAT) {
            return new JavaCallPerByte(use);
        }
        return use == InstanceUse.REUSED ? JavaContestant.reused() : JavaContestant.fresh();
    }

    /** The query of a row: {@code reject-100}, {@code pass-100}, {@code reject-4k} or {@code reject-1m}. */
    static byte[] query(String row) {
        return switch (row) {
            case "reject-100" -> Requests.timed();
            case "pass-100" ->
                (Requests.UPDATE_WITHOUT_WHERE.substring(0, 80) + "' where id = 1042 ")
                        .substring(0, 98)
                        .getBytes(UTF_8);
            case "reject-4k" -> ofLength(4 << 10);
            case "reject-1m" -> ofLength(1 << 20);
            default ->
                throw new IllegalArgumentException(
                        "query \"" + row + "\": choose one of reject-100, pass-100, reject-4k, reject-1m");
        };
    }

    static boolean isRejected(String row) {
        return row.startsWith("reject");
    }

    /** An UPDATE of many columns. */
    private static byte[] ofLength(int length) {
        StringBuilder text = new StringBuilder("UPDATE accounts SET balance = 0");
        for (int i = 0; text.length() < length - 40; i++) {
            text.append(", column_").append(i).append(" = 'value ").append(i).append('\'');
        }
        while (text.length() < length) {
            text.append(' ');
        }
        return text.toString().getBytes(UTF_8);
    }
}
