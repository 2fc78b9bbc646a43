package io.sluice.sql;

import com.google.re2j.Pattern;

/** What MySQL understands and the parser does not, said in other words; none of it names a table. */
final class MysqlSyntax {
    private static final Pattern SHARE = Pattern.compile("(?i) lock in share mode$");
    private static final Pattern MODIFIERS = Pattern.compile(
            "(?i)\\bselect((?: (?:straight_join|high_priority|sql_small_result|sql_big_result|sql_buffer_result|sql_cache))+)\\b");
    private static final Pattern MOD = Pattern.compile("(?i) mod ");
    private static final Pattern INTO_VARIABLES = Pattern.compile("(?i) into ?@[a-z0-9_$,@]+");

    private MysqlSyntax() {}

    /** The statement in words that the parser knows; what stands in backticks is left as it is. */
    static String forParser(String sql) {
        if (sql.indexOf('`') < 0) {
            return replace(sql, true);
        }
        String[] parts = sql.split("`", -1);
        StringBuilder text = new StringBuilder(sql.length());
        for (int i = 0; i < parts.length; i++) {
            boolean quoted = i % 2 == 1;
            text.append(i == 0 ? "" : "`").append(quoted ? parts[i] : replace(parts[i], i == parts.length - 1));
        }
        return text.toString();
    }

    private static String replace(String sql, boolean isEnd) {
        String text = isEnd ? SHARE.matcher(sql).replaceAll(" for share") : sql;
        text = MODIFIERS.matcher(text).replaceAll("select");
        text = MOD.matcher(text).replaceAll("%");
        return INTO_VARIABLES.matcher(text).replaceAll("");
    }
}
