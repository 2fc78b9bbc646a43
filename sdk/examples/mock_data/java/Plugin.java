import io.sluice.sdk.Column;
import io.sluice.sdk.Query;
import io.sluice.sdk.Result;
import io.sluice.sdk.SqlPlugin;
import io.sluice.sdk.Type;

/** Replaces every value by a made-up one of its kind; NULL stays NULL. */
public final class Plugin extends SqlPlugin {
    public static void main(String[] arguments) {
        run(new Plugin());
    }

    @Override
    public void after(Query query) {
        Result result = query.result();
        if (result == null || result.rowCount() == 0) {
            return;
        }
        for (int row = 0; row < result.rowCount(); row++) {
            for (int column = 0; column < result.columnCount(); column++) {
                if (result.row(row)[column] != null) {
                    result.set(row, column, madeUp(result.column(column), row + 1));
                }
            }
        }
        query.setResult(result);
    }

    private static String madeUp(Column column, int number) {
        switch (column.type()) {
            case Type.DATE:
                return "2000-01-01";
            case Type.TIME:
                return "00:00:00";
            case Type.DATETIME:
            case Type.TIMESTAMP:
                return "2000-01-01 00:00:00";
            case Type.YEAR:
                return "2000";
            case Type.JSON:
                return "{}";
            default:
                return Type.isNumber(column.type()) ? Integer.toString(number) : column.name + " " + number;
        }
    }
}
