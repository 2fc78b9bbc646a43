package io.sluice.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.plugin.FailPolicy;
import io.sluice.plugin.Guests;
import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginHost;
import io.sluice.plugin.PluginLimits;
import io.sluice.plugin.QueryProperty;
import io.sluice.plugin.SqlLease;
import io.sluice.sql.ErrorTexts;
import io.sluice.sql.FilterAction;
import io.sluice.sql.FilterChain;
import io.sluice.sql.FilterPattern;
import io.sluice.sql.QueryExecution;
import io.sluice.sql.QueryExecution.Stage;
import io.sluice.sql.SqlFilter;
import io.sluice.sql.SqlRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Event loops call quick plugins themselves, and nothing that they could wait for. */
class PluginPaceIT {
    private static final long MOST_FUEL = 100_000;

    private final PluginHost host = PluginHost.create();

    @AfterEach
    void close() {
        host.close();
    }

    private Plugin plugin(PluginConfig config) {
        return host.load(config, Guests.source("c/allows_all"));
    }

    private static Stage query(QueryExecution execution, FilterChain chain, String text) {
        Stage stage = execution.beforeAtOnce(chain, new SqlRequest().text(text));
        if (stage == Stage.WAITING) {
            assertThat(execution.beforeRest()).isTrue();
        }
        execution.after(null, QueryExecution.UNSEEN_RESULT);
        return stage;
    }

    @Test
    void pluginIsCalledAtOnceOnceItWasWatchedToBeQuick() throws InterruptedException {
        PluginPace pace = new PluginPace(MOST_FUEL);
        QueryExecution execution = new QueryExecution(ErrorTexts.COMPATIBLE, pace);
        Plugin plugin = plugin(PluginConfig.of("watched"));
        FilterChain chain = FilterChain.of(SqlFilter.of(plugin));
        for (int i = 0; i < PluginPace.WATCHED_CALLS; i++) {
            assertThat(query(execution, chain, "select 1")).isEqualTo(Stage.WAITING);
        }
        Stage stage = Stage.WAITING;
        for (int i = 0; i < 10_000 && stage == Stage.WAITING; i++) {
            Thread.sleep(
                    1); // an instance made by the host's keeper may not be at hand yet, and a busy machine seem a slow
            // plugin
            stage = query(execution, chain, "select 1");
        }
        assertThat(stage).isEqualTo(Stage.EXECUTE);
        assertThat(pace.of(plugin).fuel.percentile(0.99)).isBetween(1L, MOST_FUEL);
        assertThat(pace.of(plugin).nanos.percentile(0.5)).isPositive();
    }

    @Test
    void pluginThatUsedMoreIsCalledBesideUntilItsPauseIsOver() {
        PluginPace pace = new PluginPace(MOST_FUEL);
        Plugin plugin = plugin(PluginConfig.of("dear"));
        for (int i = 0; i < PluginPace.WATCHED_CALLS; i++) {
            assertThat(pace.isQuick(plugin)).isFalse();
            pace.called(plugin, 1, MOST_FUEL, true);
        }
        assertThat(pace.isQuick(plugin)).isTrue();
        pace.called(plugin, 1, MOST_FUEL + 1, true);
        for (int i = 0; i < 2 * PluginPace.WATCHED_CALLS; i++) {
            pace.called(plugin, 1, 1, true);
            assertThat(pace.isQuick(plugin)).isFalse();
        }
    }

    @Test
    void pluginWhoseBudgetIsSmallIsQuickFromTheStart() {
        PluginLimits limits = PluginLimits.defaults().withFuelPerCall(MOST_FUEL / 2);
        Plugin plugin = plugin(PluginConfig.of("small").withLimits(limits));
        assertThat(new PluginPace(MOST_FUEL).isQuick(plugin)).isTrue();
        assertThat(new PluginPace(0).isQuick(plugin)).isFalse();
    }

    @Test
    void nothingIsWaitedForWhenEveryInstanceIsOnLease() {
        PluginLimits limits = PluginLimits.defaults().withFuelPerCall(MOST_FUEL / 2);
        Plugin plugin = plugin(PluginConfig.of("busy").withLimits(limits).withMaxInstances(2));
        QueryExecution execution = new QueryExecution(ErrorTexts.COMPATIBLE, new PluginPace(MOST_FUEL));
        List<SqlLease> leases = new ArrayList<>();
        leases.add(plugin.acquireSql());
        leases.add(plugin.acquireSql());
        FilterChain chain = FilterChain.of(SqlFilter.of(plugin));
        assertThat(execution.beforeAtOnce(chain, new SqlRequest().text("select 1")))
                .isEqualTo(Stage.WAITING);
        leases.forEach(SqlLease::close);
        assertThat(execution.beforeRest()).isTrue();
        execution.after(null, QueryExecution.UNSEEN_RESULT);
        assertThat(plugin.counters().noInstance()).isZero();
    }

    @Test
    void textThatTheParserHasToBeAskedAboutWaits() {
        QueryExecution execution = new QueryExecution(ErrorTexts.COMPATIBLE, new PluginPace(MOST_FUEL));
        FilterChain chain = FilterChain.of(SqlFilter.of("none", new FilterAction.Fail())
                .withPattern(FilterPattern.any().withPlans(List.of("Delete"))));
        String text = "select pace_it_" + System.nanoTime() + " from t";
        assertThat(query(execution, chain, text)).isEqualTo(Stage.WAITING);
        assertThat(query(execution, chain, text)).isEqualTo(Stage.EXECUTE);
    }

    @Test
    void pluginThatAsksForWhatTheParserKnowsWaitsForIt() throws InterruptedException {
        PluginLimits limits = PluginLimits.defaults().withFuelPerCall(MOST_FUEL / 2);
        PluginConfig config = PluginConfig.of("asks")
                .withLimits(limits)
                .withGrants(EnumSet.of(QueryProperty.USER, QueryProperty.TABLES));
        Plugin plugin = host.load(config, Guests.source("sluice/properties"));
        plugin.acquireSql().close();
        QueryExecution execution = new QueryExecution(ErrorTexts.COMPATIBLE, new PluginPace(MOST_FUEL));
        FilterChain chain = FilterChain.of(SqlFilter.of(plugin));
        String text = "select pace_it_asks_" + System.nanoTime() + " from t";
        assertThat(execution.beforeAtOnce(chain, new SqlRequest().text(text))).isEqualTo(Stage.WAITING);
        Stage stage = Stage.WAITING;
        for (int i = 0; i < 10_000 && stage == Stage.WAITING; i++) {
            execution.beforeRest();
            execution.after(null, execution.error() == null ? QueryExecution.UNSEEN_RESULT : null);
            Thread.sleep(
                    1); // an instance made by the host's keeper may not be at hand yet, and a busy machine seem a slow
            // plugin
            stage = execution.beforeAtOnce(chain, new SqlRequest().text(text));
        }
        assertThat(stage).isNotEqualTo(Stage.WAITING);
        execution.close();
    }

    private static void watch(PluginPace pace, Plugin plugin) {
        for (int i = 0; i < PluginPace.WATCHED_CALLS; i++) {
            pace.called(plugin, 1, 1, true);
        }
    }

    @Test
    void pluginThatSleepsLeavesTheEventLoopThoughItUsesLittleFuel() {
        PluginLimits limits =
                PluginLimits.defaults().withFuelPerCall(MOST_FUEL / 2).withDeadline(Duration.ofMillis(150));
        Plugin plugin = host.load(
                PluginConfig.of("sleeps").withLimits(limits).withFailPolicy(FailPolicy.OPEN),
                Guests.source("hostile/sleeps"));
        PluginPace pace = new PluginPace(MOST_FUEL);
        QueryExecution execution = new QueryExecution(ErrorTexts.COMPATIBLE, pace);
        assertThat(pace.isQuick(plugin)).isTrue();
        for (int i = 0; i < 3 && pace.isQuick(plugin); i++) {
            // The first call may be one of an instance that had to be made.
            query(execution, FilterChain.of(SqlFilter.of(plugin)), "select 1");
        }
        assertThat(pace.isQuick(plugin)).isFalse();
    }

    @Test
    void callsThatAreALittleSlowMakeAPluginLeaveOnlyTogether() {
        PluginPace pace = new PluginPace(MOST_FUEL);
        Plugin plugin = plugin(PluginConfig.of("slow"));
        long slow = PluginPace.SLOW_MICROS * 1_000L + 1;
        watch(pace, plugin);
        for (int i = 0; i < 20; i++) {
            pace.called(plugin, slow, 1, true);
            watch(pace, plugin);
        }
        pace.called(plugin, 100 * slow, 1, false);
        assertThat(pace.isQuick(plugin)).isTrue();
        for (int i = 0; i < PluginPace.SLOW_CALLS; i++) {
            assertThat(pace.isQuick(plugin)).isTrue();
            pace.called(plugin, slow, 1, true);
        }
        assertThat(pace.isQuick(plugin)).isFalse();
    }

    @Test
    void pauseGrowsByPausesAndNotByCallsAndShrinksInQuiet() {
        AtomicLong now = new AtomicLong(5);
        PluginPace pace = new PluginPace(MOST_FUEL, now::get);
        Plugin plugin = plugin(PluginConfig.of("paused"));
        for (int i = 0; i < 100; i++) {
            pace.called(plugin, 1, MOST_FUEL + 1, true);
        }
        assertThat(secondsUntilQuick(pace, plugin, now)).isEqualTo(1);
        for (int i = 0; i < 100; i++) {
            pace.called(plugin, 1, MOST_FUEL + 1, true);
        }
        assertThat(secondsUntilQuick(pace, plugin, now)).isEqualTo(2);
        now.addAndGet(TimeUnit.SECONDS.toNanos(21));
        pace.called(plugin, 1, MOST_FUEL + 1, true);
        assertThat(secondsUntilQuick(pace, plugin, now)).isEqualTo(1);
    }

    private static int secondsUntilQuick(PluginPace pace, Plugin plugin, AtomicLong now) {
        int seconds = 0;
        watch(pace, plugin);
        while (!pace.isQuick(plugin)) {
            now.addAndGet(TimeUnit.SECONDS.toNanos(1));
            seconds++;
            watch(pace, plugin);
        }
        return seconds;
    }
}
