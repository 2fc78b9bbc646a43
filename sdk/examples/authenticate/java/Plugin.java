import io.sluice.sdk.Query;
import io.sluice.sdk.SluiceOnly;
import io.sluice.sdk.SqlPlugin;

/**
 * Wants the token of the plugin's configuration, {@code {"token": "..."}}, in the query's leading comment, as {@code token=...}, and takes
 * the comment away, so that no log of the database has it.
 */
public final class Plugin extends SqlPlugin {
    private final String secret;

    private Plugin(String secret) {
        this.secret = secret;
    }

    public static void main(String[] arguments) {
        run(new Plugin(secretOf(SluiceOnly.configuration())));
    }

    @Override
    public void before(Query query) {
        String text = query.text();
        int end = text.startsWith("/*") ? text.indexOf("*/") : -1;
        int at = end < 0 ? -1 : text.substring(0, end).indexOf("token=");
        if (at < 0) {
            deny("no token in the leading comment");
            return;
        }
        String token = text.substring(at + 6, end);
        int blank = token.indexOf(' ');
        if (secret.isEmpty() || !same(secret, blank < 0 ? token : token.substring(0, blank))) {
            deny("the token is wrong");
        } else {
            query.setText(text.substring(end + 2));
        }
    }

    private static void deny(String why) {
        SluiceOnly.rejectWithCode(1045, "28000", "access denied: " + why);
    }

    private static String secretOf(String json) {
        String key = "\"token\":\"";
        int at = json == null ? -1 : json.indexOf(key);
        return at < 0 ? "" : json.substring(at + key.length(), json.indexOf('"', at + key.length()));
    }

    /** In a time that does not tell how much of it is right. */
    private static boolean same(String secret, String token) {
        int difference = secret.length() ^ token.length();
        for (int i = 0; i < token.length(); i++) {
            difference |= token.charAt(i) ^ secret.charAt(i % secret.length());
        }
        return difference == 0;
    }
}
