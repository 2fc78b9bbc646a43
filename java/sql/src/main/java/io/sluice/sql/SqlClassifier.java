package io.sluice.sql;

import io.sluice.sql.Classification.StatementClass;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Tells what a template's statements do and to which tables: by the cache, else by its first words and the parser.
 *
 * <p>What only looks like one thing and may be another is unknown: texts that do not parse, {@code PREPARE}, {@code EXECUTE}, {@code
 * HANDLER}, blocks, and whatever begins with a word that is not known.
 *
 * <p>A text that makes a routine is classified by every statement in it.
 *
 * <p><b>Threads.</b> Shared. <b>Cost.</b> A template that is known: one search, nothing allocated. A new one: the parser's time, 250 ms of a processor at
 * most for each of at most {@link #MAX_STATEMENTS} statements; one that takes longer is unknown for half a minute.
 */
final class SqlClassifier {
    static final int MAX_STATEMENTS = 32;

    private static final int CACHE_SETS = 2048;
    private static final long CACHE_BYTES = 16L << 20;
    private static final long MAX_PARSE_MILLIS = 250;

    /** A text that took too long may be tried again after this. */
    private static final long SLOW_NANOS = 30_000_000_000L;

    private static final SqlClassifier SHARED =
            new SqlClassifier(new ClassificationCache(CACHE_SETS, CACHE_BYTES), new StatementParser(MAX_PARSE_MILLIS));

    private final ClassificationCache cache;
    private final StatementParser parser;

    SqlClassifier(ClassificationCache cache, StatementParser parser) {
        this.cache = cache;
        this.parser = parser;
    }

    /** The process' own: what is learned of a template serves all connections. */
    static SqlClassifier shared() {
        return SHARED;
    }

    /** Gets the shared one ready, so that the first query does not wait for classes to be loaded; the first call takes its time. */
    static void prepareShared() {
        Prepared.once();
    }

    private static final class Prepared {
        static {
            SHARED.parser.warmUp(List.of(
                    "select a from t where b='x' and c in(1)",
                    "insert into t(a)values('x')",
                    "update t set a=1 where b=?",
                    "delete from t where a=1"));
        }

        static void once() {
            // The class' initialisation has done it.
        }
    }

    /** What a scanned text does. */
    Classification classify(SqlTokenizer scanned, Charset charset) {
        if (!scanned.isClear() || scanned.maxDepth() > StatementParser.MAX_DEPTH) {
            return Classification.UNKNOWN;
        }
        byte[] template = scanned.template();
        int length = scanned.templateLength();
        Classification known = cache.find(template, length, charset);
        return known == null || known.isStale() ? learn(template, length, charset) : known;
    }

    /** As {@link #classify}, of what is known already; null if the parser would have to be asked. */
    @Nullable
    Classification find(SqlTokenizer scanned, Charset charset) {
        if (!scanned.isClear() || scanned.maxDepth() > StatementParser.MAX_DEPTH) {
            return Classification.UNKNOWN;
        }
        Classification known = cache.find(scanned.template(), scanned.templateLength(), charset);
        return known == null || known.isStale() ? null : known;
    }

    private Classification learn(byte[] template, int length, Charset charset) {
        List<StatementClass> statements = new ArrayList<>();
        boolean slow = false;
        try {
            int start = 0;
            boolean quoted = false;
            for (int i = 0; i <= length; i++) {
                if (i < length && template[i] == '`') {
                    quoted = !quoted;
                }
                if (i == length || (template[i] == ';' && !quoted)) {
                    if (statements.size() == MAX_STATEMENTS) {
                        statements.add(StatementClass.UNKNOWN);
                        break;
                    }
                    if (i > start) {
                        statements.add(classify(sqlOf(template, start, i, charset)));
                    }
                    start = i + 1;
                }
            }
        } catch (StatementParser.BusyException e) {
            return Classification.UNKNOWN;
        } catch (StatementParser.SlowException e) {
            statements.add(StatementClass.UNKNOWN);
            slow = true;
        }
        Classification learned = Classification.of(statements);
        if (slow) {
            learned = learned.until(System.nanoTime() + SLOW_NANOS);
        }
        cache.put(template, length, charset, learned);
        return learned;
    }

    /** The template as the parser can read it: a literal stands for each that was there. */
    private static String sqlOf(byte[] template, int from, int to, Charset charset) {
        String text = new String(template, from, to - from, charset);
        StringBuilder sql = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == SqlTokenizer.STRING) {
                sql.append("'x'");
            } else if (c == SqlTokenizer.NUMBER) {
                sql.append('1');
            } else {
                sql.append(c);
            }
        }
        return sql.toString();
    }

    private StatementClass classify(String sql) throws StatementParser.BusyException, StatementParser.SlowException {
        String[] words = firstWords(sql);
        PlanKind kind = kindByWords(words, sql);
        if (kind == PlanKind.SELECT) {
            return parser.parse(MysqlSyntax.forParser(sql));
        }
        if (kind == null) {
            String inner = innerOfAnalyze(words, sql);
            return inner.isEmpty() ? StatementClass.UNKNOWN : classify(inner);
        }
        if (namesNoTables(kind, words, sql)) {
            return new StatementClass(kind, List.of());
        }
        return new StatementClass(kind, parser.parse(MysqlSyntax.forParser(sql)).tables());
    }

    /** The first four words in lower case; what is no word, and what is not there, is empty. */
    private static String[] firstWords(String sql) {
        String[] words = {"", "", "", ""};
        int at = 0;
        for (int i = 0; i < words.length && at < sql.length(); i++) {
            int start = at;
            while (at < sql.length() && (Character.isLetterOrDigit(sql.charAt(at)) || sql.charAt(at) == '_')) {
                at++;
            }
            words[i] = sql.substring(start, at).toLowerCase(Locale.ROOT);
            if (at < sql.length() && sql.charAt(at) == ' ') {
                at++;
            } else if (at == start) {
                break;
            }
        }
        return words;
    }

    /** The kind that the first words tell; SELECT also for what the parser has to tell apart, null if they tell none. */
    private static @Nullable PlanKind kindByWords(String[] words, String sql) {
        String second = words[1];
        return switch (words[0]) {
            case "select", "with", "table", "values", "insert", "replace", "update", "delete" -> PlanKind.SELECT;
            case "" -> sql.startsWith("(") ? PlanKind.SELECT : null;
            case "create", "alter", "drop" ->
                switch (second) {
                    case "user", "role", "server", "resource", "instance" -> PlanKind.OTHER_ADMIN;
                    default -> PlanKind.DDL;
                };
            case "truncate" -> PlanKind.DDL;
            case "rename" -> second.equals("user") ? PlanKind.OTHER_ADMIN : PlanKind.DDL;
            case "set" -> second.equals("statement") ? null : PlanKind.SET;
            case "show" -> PlanKind.SHOW;
            case "explain", "describe", "desc", "use", "do", "help" -> PlanKind.OTHER_READ;
            case "analyze" -> isAnalyzeTable(second) ? PlanKind.OTHER_ADMIN : null;
            case "begin" -> sql.length() == "begin".length() || second.equals("work") ? PlanKind.BEGIN : null;
            case "start" -> second.equals("transaction") ? PlanKind.BEGIN : PlanKind.OTHER_ADMIN;
            case "commit" -> PlanKind.COMMIT;
            case "rollback" ->
                second.equals("to") || words[2].equals("to") ? PlanKind.ROLLBACK_SAVEPOINT : PlanKind.ROLLBACK;
            case "savepoint" -> PlanKind.SAVEPOINT;
            case "release" -> PlanKind.RELEASE;
            case "load" -> second.equals("index") ? PlanKind.OTHER_ADMIN : PlanKind.LOAD;
            case "flush" -> PlanKind.FLUSH;
            case "lock" -> PlanKind.LOCK_TABLES;
            case "unlock" -> PlanKind.UNLOCK_TABLES;
            case "call" -> PlanKind.CALL_PROCEDURE;
            case "optimize",
                    "repair",
                    "check",
                    "checksum",
                    "cache",
                    "kill",
                    "grant",
                    "revoke",
                    "xa",
                    "reset",
                    "purge" -> PlanKind.OTHER_ADMIN;
            case "change", "stop", "install", "uninstall", "shutdown", "restart", "binlog", "clone", "import" ->
                PlanKind.OTHER_ADMIN;
            case "deallocate", "signal", "resignal", "get", "backup" -> PlanKind.OTHER_ADMIN;
            default -> null;
        };
    }

    private static boolean isAnalyzeTable(String second) {
        return switch (second) {
            case "table", "tables", "local", "no_write_to_binlog" -> true;
            default -> false;
        };
    }

    /** The statement that MariaDB's ANALYZE executes; empty if it is another one. */
    private static String innerOfAnalyze(String[] words, String sql) {
        if (!words[0].equals("analyze")) {
            return "";
        }
        String rest = sql.substring("analyze".length()).strip();
        if (words[1].equals("format")) {
            int blank = rest.indexOf(' ');
            rest = blank < 0 ? "" : rest.substring(blank + 1);
        }
        return rest;
    }

    /** Whether a statement of that kind cannot name a table but by a subquery, and has none. */
    private static boolean namesNoTables(PlanKind kind, String[] words, String sql) {
        String first = words[0];
        boolean simple = switch (kind) {
            case SET, BEGIN, COMMIT, ROLLBACK, SAVEPOINT, RELEASE, ROLLBACK_SAVEPOINT, UNLOCK_TABLES -> true;
            case OTHER_READ -> first.equals("use") || first.equals("do") || first.equals("help");
            case SHOW ->
                switch (words[1]) {
                    case "tables", "databases", "schemas", "variables", "status", "processlist", "warnings" -> true;
                    case "errors", "engines", "global", "session", "character", "collation", "grants" -> true;
                    case "plugins", "privileges", "master", "slave", "replica", "replicas", "binary" -> true;
                    default -> words[1].equals("full") && (words[2].equals("tables") || words[2].equals("processlist"));
                };
            case FLUSH -> !sql.toLowerCase(Locale.ROOT).contains("table");
            case OTHER_ADMIN ->
                switch (first) {
                    case "optimize", "repair", "check", "checksum", "cache", "analyze", "load" -> false;
                    case "grant", "revoke", "backup" -> false;
                    default -> true;
                };
            default -> false;
        };
        return simple && !sql.toLowerCase(Locale.ROOT).contains("select");
    }
}
