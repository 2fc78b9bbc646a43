/** SQL filters: WeScale's WasmPlugin action in a filter chain, for any JDBC or wire proxy. */
module io.sluice.sql {
    requires transitive io.sluice.plugin;
    requires com.google.protobuf;
    requires java.management;
    requires net.sf.jsqlparser;
    requires org.tomlj;
    requires re2j;
    requires static org.jspecify;

    exports io.sluice.sql;
}
