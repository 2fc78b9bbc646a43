package io.sluice.sql;

import io.sluice.sql.Classification.StatementClass;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import net.sf.jsqlparser.parser.CCJSqlParser;
import net.sf.jsqlparser.parser.CCJSqlParserTreeConstants;
import net.sf.jsqlparser.parser.Node;
import net.sf.jsqlparser.parser.ParseException;
import net.sf.jsqlparser.parser.StringProvider;
import net.sf.jsqlparser.parser.TokenMgrException;
import net.sf.jsqlparser.schema.Table;
import net.sf.jsqlparser.statement.DescribeStatement;
import net.sf.jsqlparser.statement.ExplainStatement;
import net.sf.jsqlparser.statement.SetStatement;
import net.sf.jsqlparser.statement.Statement;
import net.sf.jsqlparser.statement.alter.Alter;
import net.sf.jsqlparser.statement.alter.RenameTableStatement;
import net.sf.jsqlparser.statement.analyze.Analyze;
import net.sf.jsqlparser.statement.create.index.CreateIndex;
import net.sf.jsqlparser.statement.create.table.CreateTable;
import net.sf.jsqlparser.statement.create.view.CreateView;
import net.sf.jsqlparser.statement.delete.Delete;
import net.sf.jsqlparser.statement.drop.Drop;
import net.sf.jsqlparser.statement.execute.Execute;
import net.sf.jsqlparser.statement.insert.Insert;
import net.sf.jsqlparser.statement.select.Select;
import net.sf.jsqlparser.statement.select.WithItem;
import net.sf.jsqlparser.statement.truncate.Truncate;
import net.sf.jsqlparser.statement.update.Update;
import net.sf.jsqlparser.statement.upsert.Upsert;
import org.jspecify.annotations.Nullable;

/**
 * Asks JSqlParser for the kind and the tables of one statement, on threads of its own, whose stacks are deep enough, and for a limited
 * time: so much of the processor's, and eight times as much by the clock.
 *
 * <p>Tables are taken from every place of the syntax tree where the grammar has a table, so that none is missed; only what certainly is
 * none is left out: the name of a common table expression where nothing else can be meant, the targets of a DELETE that are named again
 * behind FROM, and {@code t.*}.
 *
 * <p><b>Threads.</b> Shared. <b>Cost.</b> Tens of microseconds and more; a text of which nothing is known pays it once.
 */
final class StatementParser {
    /** The parser was too busy to answer; nothing was learned of the statement. */
    static final class BusyException extends Exception {
        private static final long serialVersionUID = 1L;

        BusyException() {
            super("the parser is busy", null, false, false);
        }
    }

    /** The statement took the parser too long. */
    static final class SlowException extends Exception {
        private static final long serialVersionUID = 1L;

        SlowException() {
            super("the parser took too long", null, false, false);
        }
    }

    static final int MAX_DEPTH = 100;

    private static final int THREADS = 2;
    /** How many times the processor's time a caller waits by the clock. */
    private static final int PATIENCE = 8;

    private static final int MAX_WAITING = 64;
    private static final long WARM_UP_NANOS = TimeUnit.SECONDS.toNanos(20);
    private static final long STACK_BYTES = 4L << 20;
    private static final Set<String> TABLES = Set.of("table", "view");

    private final long maxNanos;
    private final ThreadPoolExecutor threads;

    StatementParser(long maxMillis) {
        this.maxNanos = TimeUnit.MILLISECONDS.toNanos(maxMillis);
        this.threads = new ThreadPoolExecutor(
                THREADS, THREADS, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(MAX_WAITING), work -> {
                    Thread thread = new Thread(null, work, "sluice-sql-parser", STACK_BYTES);
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
    }

    /** What a statement does; unknown if it does not parse. */
    StatementClass parse(String statement) throws BusyException, SlowException {
        return parse(statement, maxNanos);
    }

    /** Loads what the parser consists of, which takes longer than any statement may. */
    void warmUp(List<String> statements) {
        for (String statement : statements) {
            try {
                parse(statement, WARM_UP_NANOS);
            } catch (BusyException | SlowException e) {
                return;
            }
        }
    }

    /** The threads that parse now. */
    int running() {
        return threads.getActiveCount();
    }

    private StatementClass parse(String statement, long nanos) throws BusyException, SlowException {
        Work work = new Work(statement);
        Future<StatementClass> answer;
        try {
            answer = threads.submit(work);
        } catch (RejectedExecutionException e) {
            throw new BusyException();
        }
        long giveUpAt = System.nanoTime() + PATIENCE * nanos;
        while (true) {
            try {
                return answer.get(nanos, TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                boolean slow = work.processorNanos() >= nanos;
                if (slow || System.nanoTime() - giveUpAt >= 0) {
                    answer.cancel(false);
                    work.giveUp();
                    if (slow) {
                        throw new SlowException();
                    }
                    throw new BusyException();
                }
            } catch (InterruptedException e) {
                answer.cancel(false);
                work.giveUp();
                Thread.currentThread().interrupt();
                throw new BusyException();
            } catch (ExecutionException e) {
                return StatementClass.UNKNOWN;
            }
        }
    }

    /** One statement on a thread of the parser's. */
    private static final class Work implements Callable<StatementClass> {
        private static final ThreadMXBean TIMES = ManagementFactory.getThreadMXBean();

        private final String statement;
        private volatile @Nullable CCJSqlParser parser;
        private volatile boolean givenUp;
        private volatile long thread;
        private volatile long startNanos;

        Work(String statement) {
            this.statement = statement;
        }

        @Override
        public StatementClass call() {
            startNanos = TIMES.getCurrentThreadCpuTime();
            thread = Thread.currentThread().getId();
            try {
                return parse(false);
            } catch (ParseException | TokenMgrException e) {
                // The grammar has a quick reading and a thorough one.
                try {
                    return parse(true);
                } catch (ParseException | TokenMgrException | StackOverflowError again) {
                    return StatementClass.UNKNOWN;
                }
            } catch (StackOverflowError e) {
                return StatementClass.UNKNOWN;
            }
        }

        private StatementClass parse(boolean thorough) throws ParseException {
            CCJSqlParser made = new CCJSqlParser(new StringProvider(statement));
            made.withAllowComplexParsing(thorough);
            parser = made;
            if (givenUp) {
                return StatementClass.UNKNOWN;
            }
            Statement parsed = made.Statement();
            List<TableName> tables =
                    namesItsTables(parsed) ? new TableCollector(parsed).collect(made.getASTRoot()) : null;
            return new StatementClass(kindOf(parsed), tables);
        }

        /** The processor's time that it has taken, which is far less than the clock's where the machine is busy; 0 if it waits yet. */
        long processorNanos() {
            long id = thread;
            return id == 0 ? 0 : TIMES.getThreadCpuTime(id) - startNanos;
        }

        /** Ends the parser at its next look. */
        void giveUp() {
            givenUp = true;
            CCJSqlParser running = parser;
            if (running != null) {
                running.interrupted = true;
            }
        }
    }

    /** Whether the grammar has the statement's tables as tables; others it keeps as mere words. */
    private static boolean namesItsTables(Statement statement) {
        if (statement instanceof Drop drop) {
            return drop.getType() != null && TABLES.contains(drop.getType().toLowerCase(Locale.ROOT));
        }
        return kindOf(statement) != null
                || statement instanceof CreateTable
                || statement instanceof CreateView
                || statement instanceof CreateIndex
                || statement instanceof Alter
                || statement instanceof Truncate
                || statement instanceof RenameTableStatement
                || statement instanceof ExplainStatement
                || statement instanceof DescribeStatement
                || statement instanceof SetStatement
                || statement instanceof Execute
                || statement instanceof Analyze;
    }

    private static @Nullable PlanKind kindOf(Statement statement) {
        if (statement instanceof Select) {
            return PlanKind.SELECT;
        }
        if (statement instanceof Insert || statement instanceof Upsert) {
            return PlanKind.INSERT;
        }
        if (statement instanceof Update) {
            return PlanKind.UPDATE;
        }
        return statement instanceof Delete ? PlanKind.DELETE : null;
    }

    /** Walks a syntax tree for tables. */
    private static final class TableCollector {
        private static final int BEHIND_ITEMS = Integer.MAX_VALUE;

        private final Set<TableName> tables = new LinkedHashSet<>();
        private final List<String> withNames = new ArrayList<>();
        private final List<Table> targets;
        private boolean recursive;

        TableCollector(Statement statement) {
            List<WithItem<?>> items = null;
            if (statement instanceof Select select) {
                items = select.getWithItemsList();
            } else if (statement instanceof Update update) {
                items = update.getWithItemsList();
            } else if (statement instanceof Delete delete) {
                items = delete.getWithItemsList();
            }
            if (items != null) {
                for (WithItem<?> item : items) {
                    recursive |= item.isRecursive();
                    withNames.add(unquoted(item.getAliasName()).toLowerCase(Locale.ROOT));
                }
            }
            List<Table> named = statement instanceof Delete delete ? delete.getTables() : null;
            targets = named == null ? List.of() : named;
        }

        List<TableName> collect(Node root) {
            int items = 0;
            for (int i = 0; i < root.jjtGetNumChildren(); i++) {
                items += isWithItem(root.jjtGetChild(i)) ? 1 : 0;
            }
            if (items != withNames.size()) {
                withNames.clear();
            }
            int item = 0;
            for (int i = 0; i < root.jjtGetNumChildren(); i++) {
                Node child = root.jjtGetChild(i);
                walk(child, isWithItem(child) ? item++ : BEHIND_ITEMS);
            }
            return List.copyOf(tables);
        }

        private static boolean isWithItem(Node node) {
            return node.getId() == CCJSqlParserTreeConstants.JJTWITHITEM;
        }

        /** Visits a node that lies in one of the statement's WITH items or behind them. */
        private void walk(Node node, int inItem) {
            if (node.getId() == CCJSqlParserTreeConstants.JJTTABLENAME && node.jjtGetValue() instanceof Table table) {
                add(node, table, inItem);
            }
            for (int i = 0; i < node.jjtGetNumChildren(); i++) {
                walk(node.jjtGetChild(i), inItem);
            }
        }

        private void add(Node node, Table table, int inItem) {
            boolean allColumns = node.jjtGetLastToken() != null
                    && node.jjtGetLastToken().next != null
                    && ".".equals(node.jjtGetLastToken().next.image);
            if (allColumns || isTarget(table)) {
                return;
            }
            String database = table.getSchemaName() == null ? "" : unquoted(table.getSchemaName());
            String name = unquoted(table.getName());
            if (database.isEmpty() && isCommonTable(name, inItem)) {
                return;
            }
            tables.add(new TableName(database, name));
        }

        private boolean isTarget(Table table) {
            for (Table target : targets) {
                if (target == table) {
                    return true;
                }
            }
            return false;
        }

        /** Whether a name can only mean a WITH item: behind all items, or in a later item than its own, or in its own if recursive. */
        private boolean isCommonTable(String name, int inItem) {
            int defined = withNames.indexOf(name.toLowerCase(Locale.ROOT));
            return defined >= 0 && (inItem > defined || (recursive && defined == inItem));
        }

        private static String unquoted(String name) {
            boolean quoted = name.length() >= 2 && name.charAt(0) == '`' && name.charAt(name.length() - 1) == '`';
            return quoted ? name.substring(1, name.length() - 1).replace("``", "`") : name;
        }
    }
}
