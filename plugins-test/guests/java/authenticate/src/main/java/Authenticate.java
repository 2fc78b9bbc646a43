import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Lets a query through if its leading comment has a token that the plugin's configuration knows: {@code /* token=... *}{@code /}. Where
 * the plugin is granted the property {@code user}, the token must be that user's.
 *
 * <p>The configuration is a JSON object of one token for each user. The comment is taken away, so that no log of the database has the
 * token. Whoever has none is refused with MySQL's own code and state for it: 1045, 28000.
 *
 * <p>It imports {@code sluice}, for its configuration, the user and the code, so it runs on Sluice only. Its {@code main} is the module's
 * {@code _start}, which wants one argument.
 */
public final class Authenticate {
    private static final int ACCESS_DENIED = 1045;
    private static final String STATE = "28000";

    private static Map<String, String> tokens = Map.of();

    private Authenticate() {}

    public static void main(String[] arguments) {
        byte[] configuration = Host.configuration();
        if (configuration != null) {
            tokens = FlatJson.parse(new String(configuration, StandardCharsets.UTF_8));
        }
    }

    static void before(long ctx) {
        byte[] query = Host.query(ctx);
        String refusal = query == null ? "the query is empty" : check(query);
        if (refusal != null) {
            Host.setError(ACCESS_DENIED, STATE, "access denied: " + refusal);
        } else {
            int end = LeadingComment.end(query);
            Host.setQuery(ctx, query, end, query.length - end);
        }
    }

    /** Why the query is refused; null if it is not. */
    private static String check(byte[] query) {
        String token = LeadingComment.token(query);
        if (token == null) {
            return "no token in the leading comment";
        }
        byte[] name = Host.property("user");
        if (name != null) {
            String user = new String(name, StandardCharsets.UTF_8);
            String own = tokens.get(user);
            return own != null && same(own, token) ? null : "the token is not that of user '" + user + "'";
        }
        boolean known = false;
        for (String each : tokens.values()) {
            known |= same(each, token);
        }
        return known ? null : "the token is not known";
    }

    /** In a time that does not tell how much of it is right. */
    private static boolean same(String secret, String token) {
        int difference = secret.length() ^ token.length();
        for (int i = 0; i < token.length(); i++) {
            difference |= token.charAt(i) ^ (secret.isEmpty() ? 0 : secret.charAt(i % secret.length()));
        }
        return difference == 0;
    }
}
