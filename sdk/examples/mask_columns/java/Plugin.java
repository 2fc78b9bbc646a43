import io.sluice.sdk.Query;
import io.sluice.sdk.Result;
import io.sluice.sdk.SqlPlugin;
import io.sluice.sdk.Type;

/** Shows the columns password and card_number as ****, by whatever name the query calls them; NULL stays NULL. */
public final class Plugin extends SqlPlugin {
    public static void main(String[] arguments) {
        run(new Plugin());
    }

    @Override
    public void after(Query query) {
        Result result = query.result();
        if (result == null) {
            return;
        }
        boolean changed = false;
        for (int column = 0; column < result.columnCount(); column++) {
            if (!isMasked(result.column(column).name) && !isMasked(result.column(column).orgName)) {
                continue;
            }
            changed = true;
            result.setType(column, Type.VARCHAR);
            for (int row = 0; row < result.rowCount(); row++) {
                if (result.row(row)[column] != null) {
                    result.set(row, column, "****");
                }
            }
        }
        if (changed) {
            query.setResult(result);
        }
    }

    private static boolean isMasked(String name) {
        return name.equalsIgnoreCase("password") || name.equalsIgnoreCase("card_number");
    }
}
