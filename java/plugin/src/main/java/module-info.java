/** The plugin host, whatever the ABI: loading, limits, isolation, pools, replacement and counters. */
module io.sluice.plugin {
    requires transitive io.sluice.runtime;
    requires static org.jspecify;

    exports io.sluice.plugin;
}
