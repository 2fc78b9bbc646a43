package io.sluice.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sluice.sql.FilterAction;
import io.sluice.sql.FilterChain;
import io.sluice.sql.FilterPattern;
import io.sluice.sql.QueryExecution;
import io.sluice.sql.SqlFilter;
import io.sluice.sql.SqlRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What it costs to find out what a text does: {@code hit} where its template is known, {@code miss} where the parser is asked, with
 * texts of 100 bytes, 4 KiB and 1 MiB; and a chain of filters without conditions against one without filters.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
        value = 3,
        jvmArgsAppend = {"-Xms512m", "-Xmx512m", "-XX:+AlwaysPreTouch"})
public class ClassificationBenchmark {
    private static final int SMALL = 100;
    private static final int MEDIUM = 4 << 10;
    private static final int LARGE = 1 << 20;

    private final SqlRequest request = new SqlRequest().database("shop");
    private final QueryExecution execution = new QueryExecution();
    private final FilterPattern deletes =
            FilterPattern.any().withPlans(List.of("Delete")).withFullyQualifiedTableNames(List.of("shop.users"));

    private final byte[] small = select();
    private final byte[] medium = insert(MEDIUM);
    private final byte[] large = insert(LARGE);
    private final byte[] rows = rows(LARGE);

    private final FilterChain none = FilterChain.empty();
    private final FilterChain one = chain(1, FilterPattern.any());
    private final FilterChain eight = chain(8, FilterPattern.any());
    private final FilterChain eightWithPlans = chain(8, deletes);

    private long serial = System.nanoTime();

    /** Checks what the rows answer. */
    public ClassificationBenchmark() {
        boolean any = hit100() || hit4k() || hit1m() || hit1mOfRows() || miss100() || miss4k() || miss1m();
        boolean all = chainOfNone() && chainOf1() && chainOf8() && chainOf8WithPlans();
        byte[] delete = "delete from users where id = 1".getBytes(UTF_8);
        if (any || !all || !deletes.matches(request.text(delete, 0, delete.length))) {
            throw new IllegalStateException("the texts are classified wrongly, so there is nothing to measure");
        }
    }

    /** A SELECT of 100 bytes. */
    @Benchmark
    public boolean hit100() {
        return classify(small);
    }

    /** An INSERT of 4 KiB, most of it a literal. */
    @Benchmark
    public boolean hit4k() {
        return classify(medium);
    }

    /** An INSERT of 1 MiB, most of it a literal. */
    @Benchmark
    public boolean hit1m() {
        return classify(large);
    }

    /** An INSERT of 1 MiB of short rows. */
    @Benchmark
    public boolean hit1mOfRows() {
        return classify(rows);
    }

    /** The SELECT with a column that no other text has. */
    @Benchmark
    public boolean miss100() {
        return classify(renamed(small));
    }

    /** The INSERT of 4 KiB with such a column. */
    @Benchmark
    public boolean miss4k() {
        return classify(renamed(medium));
    }

    /** The INSERT of 1 MiB with such a column. */
    @Benchmark
    public boolean miss1m() {
        return classify(renamed(large));
    }

    /** A query through a chain without filters. */
    @Benchmark
    public boolean chainOfNone() {
        return run(none);
    }

    /** A query through a chain of one filter without conditions that does nothing. */
    @Benchmark
    public boolean chainOf1() {
        return run(one);
    }

    /** Eight of them. */
    @Benchmark
    public boolean chainOf8() {
        return run(eight);
    }

    /** Eight filters with conditions on plans and tables, which the query does not meet. */
    @Benchmark
    public boolean chainOf8WithPlans() {
        return run(eightWithPlans);
    }

    private boolean classify(byte[] text) {
        return deletes.matches(request.text(text, 0, text.length));
    }

    private boolean run(FilterChain chain) {
        boolean execute = execution.before(chain, request.text(small, 0, small.length));
        execution.after(null, QueryExecution.UNSEEN_RESULT);
        return execute;
    }

    private static FilterChain chain(int size, FilterPattern pattern) {
        List<SqlFilter> filters = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            filters.add(SqlFilter.of("f" + i, new FilterAction.Buffer()).withPattern(pattern));
        }
        return FilterChain.of(filters);
    }

    /** Writes another number into the column's name, which begins at byte 8 of every text. */
    private byte[] renamed(byte[] text) {
        long number = serial++;
        for (int i = 0; i < 12; i++) {
            text[8 + i] = (byte) ('a' + (number & 15));
            number >>>= 4;
        }
        return text;
    }

    private static byte[] select() {
        String text =
                "select  abcdefghijkl, name from users where id = 1042 and state in ('a', 'b') and c > '2026-01-01'  ";
        byte[] bytes = text.getBytes(UTF_8);
        if (bytes.length != SMALL) {
            throw new IllegalStateException("the text has " + bytes.length + " bytes, not " + SMALL);
        }
        return bytes;
    }

    private static byte[] insert(int length) {
        String start = "replace abcdefghijkl values ('";
        return (start + "x".repeat(length - start.length() - 2) + "')").getBytes(UTF_8);
    }

    private static byte[] rows(int length) {
        StringBuilder text = new StringBuilder("insert into users values (1, 'name', null)");
        while (text.length() < length) {
            text.append(", (").append(text.length()).append(", 'name', null)");
        }
        return text.toString().getBytes(UTF_8);
    }
}
