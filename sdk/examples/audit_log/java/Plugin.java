import io.sluice.sdk.Log;
import io.sluice.sdk.Query;
import io.sluice.sdk.Result;
import io.sluice.sdk.SqlPlugin;

/** Logs every query with what came of it. */
public final class Plugin extends SqlPlugin {
    public static void main(String[] arguments) {
        run(new Plugin());
    }

    @Override
    public void after(Query query) {
        String text = query.text();
        String error = query.error();
        if (error != null) {
            Log.error("audit: failed: " + text + ": " + error);
            return;
        }
        Result result = query.result();
        if (result == null) {
            Log.info("audit: 0 changed: " + text);
        } else if (result.columnCount() > 0) {
            Log.info("audit: " + result.rowCount() + " rows: " + text);
        } else {
            Log.info("audit: " + result.rowsAffected + " changed: " + text);
        }
    }
}
