/** Tests of SQL plugins without a server. */
module io.sluice.testkit {
    requires transitive io.sluice.sql;
    requires transitive java.sql;
    requires java.logging;
    requires org.snakeyaml.engine.v2;
    requires static org.assertj.core;
    requires static org.jspecify;
    requires static org.junit.jupiter.api;

    exports io.sluice.testkit;
}
