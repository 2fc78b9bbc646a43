import io.sluice.sdk.Query;
import io.sluice.sdk.SqlPlugin;
import io.sluice.sdk.Token;
import java.util.List;

public final class Plugin extends SqlPlugin {
    public static void main(String[] arguments) {
        run(new Plugin());
    }

    /** Runs before a query is executed. */
    @Override
    public void before(Query query) {
        // Your logic goes here; this one lets no DROP through.
        List<Token> tokens = Token.of(query.text());
        if (!tokens.isEmpty() && tokens.get(0).is("drop")) {
            query.reject("NAME lets no DROP through");
        }
    }
}
