package io.sluice.jdbc;

import io.sluice.sql.ResultRow;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A row that the application reads: each value is the driver's, of one of its rows, or a plugin's text. */
final class PluginRow {
    /** Stands for a value that is the driver's. */
    private static final byte[] OF_DRIVER = {};

    private final int driverRow;
    private final byte[] @Nullable [] texts;

    private PluginRow(int driverRow, byte[] @Nullable [] texts) {
        this.driverRow = driverRow;
        this.texts = texts;
    }

    /** A row of the driver's as it is. */
    static PluginRow ofDriver(int driverRow, int columns) {
        byte[] @Nullable [] texts = new byte[columns][];
        Arrays.fill(texts, OF_DRIVER);
        return new PluginRow(driverRow, texts);
    }

    /** A row that is all a plugin's. */
    static PluginRow of(ResultRow row) {
        byte[] @Nullable [] texts = new byte[row.size()][];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = row.copyBytes(i);
        }
        return new PluginRow(-1, texts);
    }

    /** A plugin's row in the place of one of the driver's; values that are the same stay the driver's. */
    static PluginRow changed(ResultRow row, int driverRow, ResultRow old) {
        byte[] @Nullable [] texts = new byte[row.size()][];
        for (int i = 0; i < texts.length; i++) {
            byte[] text = row.copyBytes(i);
            texts[i] = Arrays.equals(text, old.copyBytes(i)) ? OF_DRIVER : text;
        }
        return new PluginRow(driverRow, texts);
    }

    /** The index of the driver's row. */
    int driverRow() {
        return driverRow;
    }

    // An empty text of a plugin's is another array.
    @SuppressWarnings("ArrayEquals")
    boolean isOfDriver(int column) {
        return texts[column] == OF_DRIVER;
    }

    /** The plugin's text; null for NULL. */
    byte @Nullable [] text(int column) {
        return texts[column];
    }
}
