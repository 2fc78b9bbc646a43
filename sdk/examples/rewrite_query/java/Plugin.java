import io.sluice.sdk.Query;
import io.sluice.sdk.SqlPlugin;
import io.sluice.sdk.Token;
import java.util.List;

/**
 * Puts LIMIT 100 to a SELECT that has no limit of its own: behind its last word, or before FOR UPDATE and its like. What stands in a
 * comment for some servers only is no limit, and where it could change the place of one the query is refused.
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

    /** Where the limit goes; NONE if the query is no single SELECT, or has a limit; UNCLEAR if that depends on the server. */
    private static int place(List<Token> tokens) {
        int first = 0;
        boolean selects = false;
        for (; first < tokens.size() && tokens.get(first).conditional; first++) {
            selects |= tokens.get(first).is("select");
        }
        if (selects) {
            return UNCLEAR;
        }
        if (first == tokens.size() || !tokens.get(first).is("select")) {
            return NONE;
        }
        if (tokens.get(tokens.size() - 1).conditional) {
            return UNCLEAR;
        }
        int end = tokens.get(first).end();
        int locking = NONE;
        for (int i = first + 1; i < tokens.size(); i++) {
            Token token = tokens.get(i);
            if (token.conditional) {
                if (!isHarmless(token)) {
                    return UNCLEAR;
                }
                continue;
            }
            boolean last = i + 1 == tokens.size();
            if (token.depth == 0) {
                if (token.is("limit") || token.is("into") || token.is("procedure")) {
                    return NONE;
                }
                if (token.kind == ';') {
                    if (!last) {
                        return NONE;
                    }
                    continue;
                }
                if (!last && (token.is("for") || token.is("lock")) && locks(tokens.get(i + 1))) {
                    locking = end;
                }
            }
            end = token.end();
        }
        return locking >= 0 ? locking : end;
    }

    private static boolean locks(Token next) {
        return next.is("update") || next.is("share") || next.is("in");
    }
}
