/** The sluice command. */
module io.sluice.cli {
    requires info.picocli;
    requires io.sluice.mysql;
    requires io.sluice.testkit;
    requires java.xml;
    requires org.mariadb.jdbc;
    requires static org.jspecify;

    opens io.sluice.cli to
            info.picocli;
    opens io.sluice.cli.plugin to
            info.picocli;
}
