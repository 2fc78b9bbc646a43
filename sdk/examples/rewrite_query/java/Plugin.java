import io.sluice.sdk.Query;
import io.sluice.sdk.SqlPlugin;
import io.sluice.sdk.Token;
import java.util.List;

/** Puts LIMIT 100 to a SELECT that has no limit of its own: behind its last word, or before FOR UPDATE and its like. */
public final class Plugin extends SqlPlugin {
    public static void main(String[] arguments) {
        run(new Plugin());
    }

    @Override
    public void before(Query query) {
        String text = query.text();
        int at = place(Token.of(text));
        if (at >= 0) {
            query.setText(text.substring(0, at) + " LIMIT 100" + text.substring(at));
        }
    }

    /** Where the limit goes; -1 if the query is no single SELECT, or has a limit. */
    private static int place(List<Token> tokens) {
        if (tokens.isEmpty() || !tokens.get(0).is("select")) {
            return -1;
        }
        int end = tokens.get(0).end();
        int locking = -1;
        for (int i = 1; i < tokens.size(); i++) {
            Token token = tokens.get(i);
            boolean last = i + 1 == tokens.size();
            if (token.depth == 0) {
                if (token.is("limit") || token.is("into") || token.is("procedure")) {
                    return -1;
                }
                if (token.kind == ';') {
                    if (!last) {
                        return -1;
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
