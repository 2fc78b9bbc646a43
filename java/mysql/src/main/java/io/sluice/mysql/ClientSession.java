package io.sluice.mysql;

import io.sluice.sql.SqlDialect;
import io.sluice.sql.SqlRequest;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What filters may know of a client's session, and how its server reads texts.
 *
 * <p>{@code sql_mode}, character set, database and user are asked of the server on the session itself, before the first statement that
 * filters see and again after every one that may have changed them. The user's name is the server's, for servers change the one that a
 * client logs in with: they take quotes off it, cut it and convert it. The flags in the server's answers are compared with what is known, so that a
 * change by another way is noticed, too.
 *
 * <p><b>Threads.</b> Confined.
 */
final class ClientSession {
    /** Asks for what a text's meaning depends on; as binary, so that character_set_results does not change the answer. */
    static final byte[] QUESTION = ("select cast(@@session.sql_mode as binary),"
                    + "cast(@@session.character_set_client as binary),cast(database() as binary),"
                    + "cast(user() as binary) limit 1")
            .getBytes(StandardCharsets.US_ASCII);

    static final int QUESTION_COLUMNS = 4;

    private static final int NO_BACKSLASH_ESCAPES = 0x200;
    private static final int MARIADB_ANSI_QUOTES = 0x8000;

    /** First words of statements that change neither sql_mode nor character set nor the default database. */
    private static final Set<String> CHANGE_NOTHING = Set.of(
            "select",
            "insert",
            "update",
            "delete",
            "replace",
            "with",
            "values",
            "show",
            "explain",
            "describe",
            "desc",
            "commit",
            "rollback",
            "savepoint",
            "release",
            "start",
            "truncate",
            "analyze",
            "optimize",
            "check",
            "kill",
            "lock",
            "unlock",
            "xa",
            "flush",
            "grant",
            "revoke");

    private static final int LONGEST_WORD = 9;

    /** Without comments in front, so that no executable one is taken for something else. */
    private static final Pattern CHANGES_PASSWORD =
            Pattern.compile("\\s*(alter\\s+user|set\\s+password)\\b", Pattern.CASE_INSENSITIVE);

    private static final int LONGEST_PASSWORD_BEGINNING = 1024;

    private final String clientAddress;
    private final String logInName;
    private final SqlDialect serverDialect;
    private SqlDialect dialect;
    private String database;
    private String user = "";
    private boolean stale = true;

    /** @param logInName the name that the client logged in with */
    ClientSession(String clientAddress, String logInName, String database, String serverVersion) {
        this.clientAddress = clientAddress;
        this.logInName = logInName;
        this.database = database;
        this.serverDialect = SqlDialect.ofServer(serverVersion);
        this.dialect = serverDialect;
    }

    /** Whether the server has to be asked before filters see the next statement. */
    boolean isStale() {
        return stale;
    }

    void makeStale() {
        stale = true;
    }

    /** How the server reads texts, as it was asked last. */
    SqlDialect dialect() {
        return dialect;
    }

    /** The default database, as the server was asked last. */
    String database() {
        return database;
    }

    void fill(SqlRequest request) {
        request.user(user).clientAddress(clientAddress).database(database).dialect(dialect);
    }

    /** As {@link #fill}, for a session that the server tells nothing about: by its defaults. */
    void fillByLogIn(SqlRequest request) {
        request.user(logInName).clientAddress(clientAddress).database(database).dialect(serverDialect);
    }

    /** Compares the flags of an answer with what is known. */
    void status(int flags) {
        boolean plain = (flags & NO_BACKSLASH_ESCAPES) != 0;
        boolean ansi = (flags & MARIADB_ANSI_QUOTES) != 0;
        boolean maria = dialect.backend() == SqlDialect.Backend.MARIADB;
        if (plain != dialect.noBackslashEscapes() || (maria && ansi != dialect.ansiQuotes())) {
            stale = true;
        }
    }

    /**
     * Takes the server's answer to {@link #QUESTION}.
     *
     * @return why statements cannot be filtered in this session; null if they can
     */
    @Nullable
    String answer(List<byte @Nullable []> values) {
        if (values.size() != QUESTION_COLUMNS) {
            return "the session does not answer what its texts mean";
        }
        byte[] mode = values.get(0);
        byte[] charset = values.get(1);
        byte[] current = values.get(2);
        byte[] account = values.get(3);
        if (mode == null || charset == null || account == null) {
            return "the session does not answer what its texts mean";
        }
        String whole = new String(account, StandardCharsets.UTF_8);
        int host = whole.lastIndexOf('@');
        if (host < 0) {
            return "the session does not answer who its user is";
        }
        String name = new String(charset, StandardCharsets.US_ASCII);
        Charset known = charsetOf(name);
        if (known == null) {
            return "the session's character_set_client '" + name
                    + "' is one that the gateway does not read; connect with another";
        }
        dialect = serverDialect
                .withSqlMode(new String(mode, StandardCharsets.US_ASCII))
                .withCharset(known);
        database = current == null ? "" : new String(current, StandardCharsets.UTF_8);
        user = whole.substring(0, host);
        stale = false;
        return null;
    }

    private static @Nullable Charset charsetOf(String name) {
        String java = switch (name) {
            case "utf8", "utf8mb3", "utf8mb4", "binary", "ascii" -> "UTF-8";
            case "latin1" -> "windows-1252";
            case "gbk" -> "GBK";
            case "gb18030" -> "GB18030";
            case "gb2312" -> "GB2312";
            case "big5" -> "Big5";
            case "sjis" -> "Shift_JIS";
            case "cp932" -> "windows-31j";
            case "ujis", "eucjpms" -> "EUC-JP";
            case "euckr" -> "EUC-KR";
            case "latin2" -> "ISO-8859-2";
            case "latin5" -> "ISO-8859-9";
            case "latin7" -> "ISO-8859-13";
            case "greek" -> "ISO-8859-7";
            case "hebrew" -> "ISO-8859-8";
            case "koi8r" -> "KOI8-R";
            case "koi8u" -> "KOI8-U";
            case "tis620" -> "TIS-620";
            case "cp1250" -> "windows-1250";
            case "cp1251" -> "windows-1251";
            case "cp1256" -> "windows-1256";
            case "cp1257" -> "windows-1257";
            case "cp850" -> "IBM850";
            case "cp852" -> "IBM852";
            case "cp866" -> "IBM866";
            default -> "";
        };
        try {
            return java.isEmpty() ? null : Charset.forName(java);
        } catch (UnsupportedCharsetException | IllegalCharsetNameException e) {
            return null; // a Java without the charsets module
        }
    }

    /** Whether a statement may change what a text's meaning depends on. */
    static boolean mayChangeSession(byte[] text, int from, int to) {
        int at = from;
        while (at < to) {
            byte c = text[at];
            if (c == '/' && at + 2 < to && text[at + 1] == '*') {
                boolean executed = text[at + 2] == '!' || text[at + 2] == 'M';
                int end = executed ? -1 : commentEnd(text, at + 2, to);
                if (end < 0) {
                    return true;
                }
                at = end;
            } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '(') {
                at++;
            } else {
                break;
            }
        }
        int end = at;
        while (end < to && end - at <= LONGEST_WORD && Character.isLetter(text[end])) {
            end++;
        }
        String word = new String(text, at, end - at, StandardCharsets.US_ASCII).toLowerCase(Locale.ROOT);
        return !CHANGE_NOTHING.contains(word);
    }

    /** Whether a text begins as one that changes a password does: the only ones that a server executes for an expired one. */
    static boolean mayChangePassword(byte[] text, int from) {
        int end = Math.min(text.length, from + LONGEST_PASSWORD_BEGINNING);
        return CHANGES_PASSWORD
                .matcher(new String(text, from, end - from, StandardCharsets.ISO_8859_1))
                .lookingAt();
    }

    private static int commentEnd(byte[] text, int from, int to) {
        for (int i = from; i + 1 < to; i++) {
            if (text[i] == '*' && text[i + 1] == '/') {
                return i + 2;
            }
        }
        return -1;
    }
}
