import io.sluice.sdk.Query;
import io.sluice.sdk.SqlPlugin;
import io.sluice.sdk.Token;

/**
 * Refuses an UPDATE or DELETE that has no WHERE of its own. What the server may leave out counts against the query: a verb may be there, a
 * WHERE may not. A word behind a dot is a name, and the verb of WITH is behind what it names.
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

    private static boolean reads(Token token) {
        return token.is("select") || token.is("table") || token.is("values");
    }

    private static boolean changesEveryRow(String query) {
        boolean looking = true;
        boolean with = false;
        boolean change = false;
        boolean where = false;
        boolean named = false;
        for (Token token : Token.of(query)) {
            if (token.kind == ';' && token.depth == 0) {
                if (change && !where) {
                    return true;
                }
                looking = true;
                with = false;
                change = false;
                where = false;
                named = false;
                continue;
            }
            if (looking && token.depth == 0) {
                change |= token.is("update") || token.is("delete");
                with |= token.is("with") || token.is("analyze");
                looking = token.conditional || with && !reads(token);
            }
            where |= token.depth == 0 && !token.conditional && !named && token.is("where");
            named = token.kind == '.' || named && token.conditional;
        }
        return change && !where;
    }
}
