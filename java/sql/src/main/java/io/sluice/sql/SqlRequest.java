package io.sluice.sql;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A query as the filters see it, with what is known of who sent it; made once for a connection and filled anew for every query.
 *
 * <p>Bytes are in the dialect's character set, UTF-8 by default. Where they are not, matching sees U+FFFD in the place of each fault,
 * while plugins and the database get the bytes as they are.
 *
 * <p>User, client address, database and dialect are kept until they are changed; bind values are forgotten with the text.
 *
 * <p><b>Threads.</b> Confined. <b>Ownership.</b> {@link #text(byte[], int, int)} keeps the array and does not copy: it must not change
 * until the query's execution has ended. <b>Cost.</b> Filling with bytes allocates nothing.
 */
public final class SqlRequest {
    /**
     * The bind value that is sent and is not NULL, but whose text is not known, as that of a stream: it meets every condition on its value,
     * and plugins are shown <code>{"unknown":true}</code> in its place.
     */
    public static final Object UNKNOWN_VALUE = new Object() {
        @Override
        public String toString() {
            return "a value that is not known";
        }
    };

    private byte @Nullable [] bytes;
    private boolean bytesAreGiven;
    private int offset;
    private int length;
    private @Nullable String text;
    private String user = "";
    private String clientAddress = "";
    private String database = "";
    private SqlDialect dialect = SqlDialect.mysql();
    private List<@Nullable Object> bindValues = List.of();
    private final SqlTokenizer tokenizer = new SqlTokenizer();
    private boolean scanned;
    private @Nullable Classification classification;
    private @Nullable String leadingComments;
    private @Nullable String trailingComments;

    /** A request whose text is empty. */
    public SqlRequest() {
        text = "";
    }

    /** A request with that text. */
    public static SqlRequest of(String text) {
        return new SqlRequest().text(text);
    }

    /** Puts another text into this request. */
    public SqlRequest text(String value) {
        text = Objects.requireNonNull(value, "value");
        bytes = null;
        bytesAreGiven = false;
        forget();
        return this;
    }

    /** Puts another text into this request; the array is kept, not copied. */
    public SqlRequest text(byte[] utf8, int from, int count) {
        Objects.checkFromIndexSize(from, count, utf8.length);
        bytes = utf8;
        offset = from;
        length = count;
        text = null;
        bytesAreGiven = true;
        forget();
        return this;
    }

    /** The user that the session runs as, as it logged in; empty if it is not known. */
    public String user() {
        return user;
    }

    /** Says whose session it is. */
    public SqlRequest user(String value) {
        user = Objects.requireNonNull(value, "value");
        return this;
    }

    /** The client's IP address as text; empty if it is not known. */
    public String clientAddress() {
        return clientAddress;
    }

    /** Says where the client is. */
    public SqlRequest clientAddress(String value) {
        clientAddress = Objects.requireNonNull(value, "value");
        return this;
    }

    /** The session's default database, which completes the names of tables; empty if there is none or it is not known. */
    public String database() {
        return database;
    }

    /** Says which database is the default. */
    public SqlRequest database(String value) {
        database = Objects.requireNonNull(value, "value");
        return this;
    }

    /** How the session's server reads texts. */
    public SqlDialect dialect() {
        return dialect;
    }

    /** Says how the session's server reads texts. */
    public SqlRequest dialect(SqlDialect value) {
        if (!value.equals(dialect)) {
            dialect = value;
            forgetTokens();
        }
        return this;
    }

    /** The values of the text's placeholders in order, null for NULL, {@link #UNKNOWN_VALUE} where it is not known; empty if there are none. */
    public List<@Nullable Object> bindValues() {
        return bindValues;
    }

    /** Gives the values of the text's placeholders; the list is kept, not copied, until the next text. */
    public SqlRequest bindValues(List<@Nullable Object> values) {
        bindValues = Objects.requireNonNull(values, "values");
        return this;
    }

    private void forget() {
        bindValues = List.of();
        forgetTokens();
    }

    private void forgetTokens() {
        scanned = false;
        classification = null;
        leadingComments = null;
        trailingComments = null;
    }

    /** The text's tokens; scanned once, when they are asked for. */
    SqlTokenizer tokens() {
        if (!scanned) {
            byte[] known = bytes();
            tokenizer.scan(known, offset, offset + length, dialect, bytesAreGiven);
            scanned = true;
        }
        return tokenizer;
    }

    /** Whether {@link #classification()} will answer without asking the parser. */
    boolean isClassified() {
        if (classification == null) {
            classification =
                    SqlClassifier.shared().find(tokens(), bytesAreGiven ? dialect.charset() : StandardCharsets.UTF_8);
        }
        return classification != null;
    }

    /** What the text does; found out once, when it is asked for. */
    Classification classification() {
        Classification known = classification;
        if (known == null) {
            SqlClassifier.prepareShared();
            known = SqlClassifier.shared()
                    .classify(tokens(), bytesAreGiven ? dialect.charset() : StandardCharsets.UTF_8);
            classification = known;
        }
        return known;
    }

    /**
     * Whether the text executes another one that filters cannot see: by {@code PREPARE}, {@code EXECUTE} or {@code EXECUTE IMMEDIATE}, on
     * their own or in a block or the body of a routine. Where the text has no one meaning, the words alone count.
     */
    public boolean hidesStatement() {
        return HiddenStatements.isIn(tokens(), bytes(), offset, offset + length);
    }

    /**
     * The statements of the text, each as its begin and its end in the text's bytes, without those that are empty. A routine with a block
     * in its body, or a block, is one statement with all that follows it, and so is a text whose ends of statements are not clear or
     * more than 65,536.
     */
    public List<int[]> statements() {
        return StatementSplitter.split(tokens(), bytes(), offset, offset + length);
    }

    /** The comments before the first token, without blanks around them; empty if there are none. */
    String leadingComments() {
        String known = leadingComments;
        if (known == null) {
            SqlTokenizer tokens = tokens();
            known = part(tokens.leadingStart(), tokens.leadingEnd());
            leadingComments = known;
        }
        return known;
    }

    /** The comments after the last token, without blanks around them; empty if there are none. */
    String trailingComments() {
        String known = trailingComments;
        if (known == null) {
            SqlTokenizer tokens = tokens();
            known = part(tokens.trailingStart(), tokens.trailingEnd());
            trailingComments = known;
        }
        return known;
    }

    private String part(int from, int to) {
        return from < 0
                ? ""
                : new String(bytes(), from, to - from, bytesAreGiven ? dialect.charset() : StandardCharsets.UTF_8);
    }

    /** The text. */
    public String text() {
        String known = text;
        if (known == null) {
            known = new String(bytes(), offset, length, dialect.charset());
            text = known;
        }
        return known;
    }

    /** The array that the text's bytes lie in. */
    byte[] bytes() {
        byte[] known = bytes;
        if (known == null) {
            known = text().getBytes(StandardCharsets.UTF_8);
            bytes = known;
            offset = 0;
            length = known.length;
        }
        return known;
    }

    int offset() {
        return offset;
    }

    int length() {
        return length;
    }

    @Override
    public String toString() {
        return text();
    }
}
