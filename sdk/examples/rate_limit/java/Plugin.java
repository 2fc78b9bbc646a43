import io.sluice.sdk.Query;
import io.sluice.sdk.Shared;
import io.sluice.sdk.SqlPlugin;
import java.nio.charset.StandardCharsets;

/**
 * Lets ten queries through at once and one more each second. The bucket is one number in the shared values: the moment, in milliseconds,
 * at which it would be full again. TeaVM has no steady clock to give, so it is the wall's.
 */
public final class Plugin extends SqlPlugin {
    private static final int BURST = 10;
    private static final long MILLIS_PER_QUERY = 1000;
    private static final String KEY = "full_again";

    public static void main(String[] arguments) {
        run(new Plugin());
    }

    @Override
    public void before(Query query) {
        // Without the lock, the count or its place nobody knows how many went through: the query does not.
        boolean taken = Shared.OF_PLUGIN.lock() && take(query);
        Shared.OF_PLUGIN.unlock();
        if (!taken) {
            query.reject("rate limit exceeded: 10 queries at once, then 1 a second");
        }
    }

    private static boolean take(Query query) {
        long now = System.currentTimeMillis();
        byte[] kept = Shared.OF_PLUGIN.get(KEY);
        long full = 0;
        if (kept != null) {
            try {
                full = Long.parseLong(new String(kept, StandardCharsets.UTF_8));
            } catch (NumberFormatException e) {
                return false;
            }
        } else if (query.error() != null) {
            return false; // What could not be read became the query's error.
        }
        long next = Math.max(full, now) + MILLIS_PER_QUERY;
        return next - now <= BURST * MILLIS_PER_QUERY
                && Shared.OF_PLUGIN.set(KEY, Long.toString(next).getBytes(StandardCharsets.UTF_8));
    }
}
