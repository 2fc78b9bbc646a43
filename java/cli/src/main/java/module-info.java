/** The sluice command. */
module io.sluice.cli {
    requires info.picocli;
    requires io.sluice.mysql;
    requires io.sluice.testkit;
    requires java.xml;
    requires jdk.httpserver;
    requires jdk.management;
    requires jdk.unsupported;
    requires micrometer.core;
    requires micrometer.registry.prometheus;
    requires java.logging;
    requires org.mariadb.jdbc;
    requires org.snakeyaml.engine.v2;
    requires static org.jspecify;

    opens io.sluice.cli to
            info.picocli;
    opens io.sluice.cli.plugin to
            info.picocli;
}
