package io.sluice.test.e2e;

import io.sluice.plugin.Isolation;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginHost;
import io.sluice.plugin.PluginLimits;
import io.sluice.plugin.QueryProperty;
import io.sluice.sql.SqlFilter;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;

/** The five plugins of the mission, each with the configuration that it is meant for. */
enum UseCase {
    REJECT_WITHOUT_WHERE("c/reject_without_where"),
    MASK_COLUMNS("go/mask_columns") {
        @Override
        PluginConfig config() {
            return super.config().withEnvironment(Map.of("MASK_COLUMNS", "card_number,balance"));
        }
    },
    RATE_LIMIT("rust/rate_limit"),
    AUTHENTICATE("java/authenticate") {
        @Override
        PluginConfig config() {
            return super.config()
                    .withConfiguration("{\"ada\": \"token-of-ada\", \"grace\": \"token-of-grace\"}")
                    .withGrants(EnumSet.of(QueryProperty.USER));
        }
    },
    REWRITE_QUERY("assemblyscript/rewrite_query");

    final String guest;

    UseCase(String guest) {
        this.guest = guest;
    }

    /** Room for toolchains with a runtime of their own, and instances kept for the same reason. */
    PluginConfig config() {
        return PluginConfig.of(HostedTest.nameOf(guest))
                .withIsolation(Isolation.pooled())
                .withLimits(PluginLimits.defaults()
                        .withDeadline(Duration.ofSeconds(10))
                        .withStartDeadline(Duration.ofSeconds(10)));
    }

    SqlFilter load(PluginHost host) {
        return SqlFilter.of(host.load(config(), GuestFiles.source(guest)));
    }
}
