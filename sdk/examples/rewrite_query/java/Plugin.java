import io.sluice.sdk.Query;
import io.sluice.sdk.SqlPlugin;
import io.sluice.sdk.Token;
import java.util.List;

/**
 * Puts LIMIT 100 to a SELECT that has no limit of its own, also to TABLE, VALUES and what WITH or a parenthesis begins: behind its last
 * word, or before FOR UPDATE and its like. What stands in a comment for some servers only is no limit, and where it could change the place
 * of one the query is refused. A word behind a dot is a name.
 */
public final class Plugin extends SqlPlugin {
    private static final int NONE = -1;
    private static final int UNCLEAR = -2;

    public static void main(String[] arguments) {
        run(new Plugin());
    }

    @Override
    public void before(Query query) {
        String text = query.text();
        int at = place(Token.of(text));
        if (at == UNCLEAR) {
            query.reject("the query has a comment for some servers only that may change where its limit goes");
        } else if (at >= 0) {
            query.setText(text.substring(0, at) + " LIMIT 100" + text.substring(at));
        }
    }

    private static boolean isHarmless(Token token) {
        return token.kind == 'w'
                && !token.is("limit")
                && !token.is("into")
                && !token.is("procedure")
                && !token.is("for")
                && !token.is("lock");
    }

    private static boolean reads(Token token) {
        return token.is("select") || token.is("table") || token.is("values");
    }

    private static boolean begins(Token token) {
        return token.kind == '(' || token.is("with") || reads(token);
    }

    /** Where the limit goes; NONE if the query is no single SELECT or its like, or has a limit; UNCLEAR if that depends on the server. */
    private static int place(List<Token> tokens) {
        int first = 0;
        boolean maybe = false;
        for (; first < tokens.size() && tokens.get(first).conditional; first++) {
            maybe |= begins(tokens.get(first));
        }
        if (maybe) {
            return UNCLEAR;
        }
        if (first == tokens.size() || !begins(tokens.get(first))) {
            return NONE;
        }
        if (tokens.get(tokens.size() - 1).conditional) {
            return UNCLEAR;
        }
        Token previous = tokens.get(first);
        boolean looking = previous.is("with"); // for the verb of WITH
        int locking = NONE;
        for (int i = first + 1; i < tokens.size(); i++) {
            Token token = tokens.get(i);
            if (token.conditional) {
                if (!isHarmless(token) || looking && token.depth == 0) {
                    return UNCLEAR;
                }
                continue;
            }
            boolean last = i + 1 == tokens.size();
            if (token.depth == 0 && token.kind == ';') {
                if (!last) {
                    return NONE;
                }
                break;
            }
            if (token.depth == 0 && previous.kind != '.') {
                if (token.is("limit") || token.is("into") || token.is("procedure")) {
                    return NONE;
                }
                if (looking && !previous.is("for") && (token.is("update") || token.is("delete"))) {
                    return NONE;
                }
                looking &= !reads(token);
                if (!last && (token.is("for") || token.is("lock")) && locks(tokens.get(i + 1))) {
                    locking = previous.end();
                }
            }
            previous = token;
        }
        return locking >= 0 ? locking : previous.end();
    }

    private static boolean locks(Token next) {
        return next.is("update") || next.is("share") || next.is("in");
    }
}
