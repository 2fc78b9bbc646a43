package io.sluice.sql;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a session's server reads a text: what is a comment, a string, a statement depends on it; immutable.
 *
 * <p>Defaults: MySQL of no known version, no {@code ANSI_QUOTES}, no {@code NO_BACKSLASH_ESCAPES}, UTF-8.
 *
 * <p>A text in which a version decides what is a comment is not classified while the version is not known: conditions on plan and
 * tables then count as met.
 *
 * <p><b>Threads.</b> Shared.
 */
public final class SqlDialect {
    /** The server behind the proxy. */
    public enum Backend {
        /** MySQL, and what reads texts as it does. */
        MYSQL,
        /** MariaDB: executes <code>/*M! … *&#47;</code> and leaves MySQL's newer executable comments alone. */
        MARIADB
    }

    private static final SqlDialect MYSQL = new SqlDialect(Backend.MYSQL, 0, false, false, StandardCharsets.UTF_8);
    private static final SqlDialect MARIADB = new SqlDialect(Backend.MARIADB, 0, false, false, StandardCharsets.UTF_8);

    private final Backend backend;
    private final int version;
    private final boolean ansiQuotes;
    private final boolean noBackslashEscapes;
    private final Charset charset;
    private final DoubleBytes doubleBytes;

    private SqlDialect(Backend backend, int version, boolean ansiQuotes, boolean noBackslashEscapes, Charset charset) {
        this.backend = backend;
        this.version = version;
        this.ansiQuotes = ansiQuotes;
        this.noBackslashEscapes = noBackslashEscapes;
        this.charset = charset;
        this.doubleBytes = DoubleBytes.of(charset);
    }

    /** MySQL with every default. */
    public static SqlDialect mysql() {
        return MYSQL;
    }

    /** MariaDB with every default. */
    public static SqlDialect mariaDb() {
        return MARIADB;
    }

    /**
     * The dialect of a server that names itself by a version text: {@code 8.4.3}, {@code 10.11.6-MariaDB-1}, {@code
     * 5.5.5-10.11.6-MariaDB}.
     */
    public static SqlDialect ofServer(String versionText) {
        boolean maria = versionText.toLowerCase(Locale.ROOT).contains("mariadb");
        String text = maria && versionText.startsWith("5.5.5-") ? versionText.substring(6) : versionText;
        int[] parts = new int[3];
        int part = 0;
        for (int i = 0; i < text.length() && part < 3; i++) {
            char c = text.charAt(i);
            if (c >= '0' && c <= '9') {
                parts[part] = Math.min(99, parts[part] * 10 + (c - '0'));
            } else if (c == '.') {
                part++;
            } else {
                break;
            }
        }
        return (maria ? MARIADB : MYSQL).withVersion(parts[0] * 10_000 + parts[1] * 100 + parts[2]);
    }

    /** The server. */
    public Backend backend() {
        return backend;
    }

    /** The server's version as executable comments write it: 80403 is 8.4.3, 101106 is 10.11.6; 0 if it is not known. */
    public int version() {
        return version;
    }

    /** A copy with another version. */
    public SqlDialect withVersion(int value) {
        return new SqlDialect(backend, value, ansiQuotes, noBackslashEscapes, charset);
    }

    /** Whether double quotes are round identifiers, not strings. */
    public boolean ansiQuotes() {
        return ansiQuotes;
    }

    /** A copy with or without {@code ANSI_QUOTES}. */
    public SqlDialect withAnsiQuotes(boolean value) {
        return new SqlDialect(backend, version, value, noBackslashEscapes, charset);
    }

    /** Whether a backslash in a string is a character like any other. */
    public boolean noBackslashEscapes() {
        return noBackslashEscapes;
    }

    /** A copy with or without {@code NO_BACKSLASH_ESCAPES}. */
    public SqlDialect withNoBackslashEscapes(boolean value) {
        return new SqlDialect(backend, version, ansiQuotes, value, charset);
    }

    /** A copy with the two flags as a session's {@code sql_mode} has them. */
    public SqlDialect withSqlMode(String sqlMode) {
        boolean ansi = false;
        boolean plain = false;
        for (String flag : sqlMode.toUpperCase(Locale.ROOT).split(",", -1)) {
            String name = flag.strip();
            ansi |= name.equals("ANSI_QUOTES") || name.equals("ANSI");
            plain |= name.equals("NO_BACKSLASH_ESCAPES");
        }
        return withAnsiQuotes(ansi).withNoBackslashEscapes(plain);
    }

    /** The client's character set: that of texts given as bytes. */
    public Charset charset() {
        return charset;
    }

    /** A copy with another character set; in GBK, GB18030, Big5 and Shift_JIS a quote or backslash may be half a character. */
    public SqlDialect withCharset(Charset value) {
        return new SqlDialect(backend, version, ansiQuotes, noBackslashEscapes, Objects.requireNonNull(value, "value"));
    }

    DoubleBytes doubleBytes() {
        return doubleBytes;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SqlDialect dialect
                && dialect.backend == backend
                && dialect.version == version
                && dialect.ansiQuotes == ansiQuotes
                && dialect.noBackslashEscapes == noBackslashEscapes
                && dialect.charset.equals(charset);
    }

    @Override
    public int hashCode() {
        return Objects.hash(backend, version, ansiQuotes, noBackslashEscapes, charset);
    }

    @Override
    public String toString() {
        return "SqlDialect[" + backend + " " + version + (ansiQuotes ? ", ANSI_QUOTES" : "")
                + (noBackslashEscapes ? ", NO_BACKSLASH_ESCAPES" : "") + ", " + charset + "]";
    }
}
