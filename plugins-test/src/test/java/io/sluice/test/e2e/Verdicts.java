package io.sluice.test.e2e;

import java.util.LinkedHashMap;
import java.util.Map;

/** Queries with the verdict that a plugin of the rule "no UPDATE or DELETE without WHERE" must give: true for reject. */
public final class Verdicts {
    static final String MESSAGE = "no where clause";

    private static final Map<String, Boolean> TABLE = new LinkedHashMap<>();

    static {
        reject("UPDATE t SET a = 1");
        reject("delete from t");
        reject("Delete");
        reject("  \n\t UPDATE t SET a = 1");
        reject("/* where */ UPDATE t SET a = 'where'");
        reject("-- where\nDELETE FROM t");
        reject("# x\nDELETE FROM t # where");
        reject("UPDATE t SET `where` = 1");
        reject("UPDATE t SET a = \"x\\\" where\"");
        reject("UPDATE t SET a = 'it''s where'");
        reject("UPDATE t SET nowhere = 1, wherever = 2");
        reject("UPDATE t SET a = (SELECT b FROM u WHERE c = 1)");
        reject("UPDATE t SET a = 1; SELECT * FROM t WHERE 1");
        reject("SELECT 1; DELETE FROM t");
        reject("UPDATE t SET a = @where");
        reject("UPDATE t SET t.where = 1");
        reject("UPDATE t SET a = 5--1");
        reject("UPDATE t SET a = 5 -- where");
        reject("UPDATE t SET a = 'unterminated where");
        reject("UPDATE t SET é = 1");
        accept("");
        accept(";");
        accept("SELECT 1");
        accept("UPDATE t SET a = 1 WHERE id = 2");
        accept("DELETE FROM t wHeRe 1");
        accept("UPDATE t SET a = 'it''s' WHERE b = 1");
        accept("UPDATE t SET a = 1 WHERE(b = 1)");
        accept("UPDATE t SET a = 1/*x*/WHERE b = 1");
        accept("UPDATES t SET a");
        accept("INSERT INTO t VALUES ('update')");
        accept("/* unterminated DELETE");
        accept("EXPLAIN DELETE FROM t");
    }

    private Verdicts() {}

    private static void reject(String query) {
        TABLE.put(query, true);
    }

    private static void accept(String query) {
        TABLE.put(query, false);
    }

    public static Map<String, Boolean> table() {
        return TABLE;
    }
}
