package io.sluice.mysql;

import io.sluice.sql.FilterSet;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * What all connections of a gateway have in common.
 *
 * @param config its settings
 * @param filters what statements go through
 * @param service who knows the statements about filters; null if nobody does
 * @param filterThreads where filters run that are not quick
 * @param traffic what went through
 * @param tls the certificates
 * @param pace what plugins take
 */
record GatewayShared(
        GatewayConfig config,
        FilterSet filters,
        @Nullable FilterService service,
        Executor filterThreads,
        GatewayTraffic traffic,
        TlsContexts tls,
        PluginPace pace) {}
