package io.sluice.sql;

import java.util.Collection;
import java.util.Locale;

/**
 * Finds the name that somebody most likely meant, for messages about names that are none.
 *
 * <p><b>Threads.</b> Any.
 */
public final class Nearest {
    private static final int MAX_CHARS = 64;

    private Nearest() {}

    /** The name with the fewest edits from a wrong one, in whatever case; the first of several, "" if there are none. */
    public static String of(String wrong, Collection<String> names) {
        String cut = wrong.substring(0, Math.min(MAX_CHARS, wrong.length())).toLowerCase(Locale.ROOT);
        String nearest = "";
        int least = Integer.MAX_VALUE;
        for (String name : names) {
            int edits = edits(cut, name.toLowerCase(Locale.ROOT));
            if (edits < least) {
                least = edits;
                nearest = name;
            }
        }
        return nearest;
    }

    private static int edits(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
