import io.sluice.sdk.Query;
import io.sluice.sdk.SqlPlugin;
import io.sluice.sdk.Token;

/**
 * Refuses an UPDATE or DELETE that has no WHERE of its own. What the server may leave out counts against the query: a verb may be there, a
 * WHERE may not.
 */
public final class Plugin extends SqlPlugin {
    public static void main(String[] arguments) {
        run(new Plugin());
    }

    @Override
    public void before(Query query) {
        if (changesEveryRow(query.text())) {
            query.reject("no where clause");
        }
    }

    private static boolean changesEveryRow(String query) {
        boolean first = true;
        boolean change = false;
        boolean where = false;
        for (Token token : Token.of(query)) {
            if (token.kind == ';' && token.depth == 0) {
                if (change && !where) {
                    return true;
                }
                first = true;
                change = false;
                where = false;
                continue;
            }
            change |= first && (token.is("update") || token.is("delete"));
            where |= token.depth == 0 && !token.conditional && token.is("where");
            first &= token.conditional;
        }
        return change && !where;
    }
}
