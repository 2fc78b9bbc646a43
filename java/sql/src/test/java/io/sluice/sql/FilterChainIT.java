package io.sluice.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.plugin.Guests;
import io.sluice.plugin.Plugin;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginHost;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("conformance")
class FilterChainIT {
    private static PluginHost host;
    private static SqlFilter base;

    @BeforeAll
    static void load() {
        host = PluginHost.create();
        Plugin plugin = host.load(PluginConfig.of("allows_all"), Guests.source("c/allows_all"));
        base = SqlFilter.of(plugin);
    }

    @AfterAll
    static void close() {
        host.close();
    }

    @Test
    void filterHasTheDefaultsOfWescale() {
        assertThat(base.name()).isEqualTo("allows_all");
        assertThat(base.priority()).isEqualTo(1000);
        assertThat(base.status()).isEqualTo(FilterStatus.ACTIVE);
        assertThat(base.description()).isEmpty();
        assertThat(base.pattern()).isEqualTo(FilterPattern.any());
        assertThat(base.action()).isInstanceOf(FilterAction.WasmPlugin.class);
        assertThat(base).hasToString("SqlFilter[allows_all, priority 1000, ACTIVE]");
    }

    @Test
    void copyChangesOneThing() {
        SqlFilter changed = base.withDescription("d")
                .withPattern(FilterPattern.any().withQueryRegex("x"))
                .withAction(base.action());

        assertThat(changed.description()).isEqualTo("d");
        assertThat(changed.pattern().queryRegex()).isEqualTo("x");
        assertThat(changed.name()).isEqualTo(base.name());
        assertThat(base.description()).isEmpty();
    }

    @Test
    void chainIsInAscendingPriorityAndStable() {
        FilterChain chain = FilterChain.of(
                base.withName("c").withPriority(2),
                base.withName("a").withPriority(-1),
                base.withName("d").withPriority(2),
                base.withName("off").withStatus(FilterStatus.INACTIVE),
                base.withName("b").withPriority(1));

        assertThat(chain.filters()).extracting(SqlFilter::name).containsExactly("a", "b", "c", "d");
        assertThat(chain.isEmpty()).isFalse();
        assertThat(FilterChain.empty().isEmpty()).isTrue();
    }

    @Test
    void nameIsUniqueInAChain() {
        assertThatThrownBy(() -> FilterChain.of(base, base.withStatus(FilterStatus.INACTIVE)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("two filters are named 'allows_all'; a name is unique in its chain");
    }

    @Test
    void setIsChangedWhileChainsStayAsTheyWere() {
        FilterSet set = FilterSet.of(base.withName("a"));
        FilterChain before = set.chain();

        set.add(base.withName("b").withPriority(1));
        set.alter(base.withName("a").withStatus(FilterStatus.INACTIVE));

        assertThat(before.filters()).extracting(SqlFilter::name).containsExactly("a");
        assertThat(set.chain().filters()).extracting(SqlFilter::name).containsExactly("b");
        assertThat(set.filters()).extracting(SqlFilter::name).containsExactly("a", "b");
        assertThat(set.find("a")).get().extracting(SqlFilter::status).isEqualTo(FilterStatus.INACTIVE);
        assertThat(set.find("z")).isEmpty();
        assertThat(set.drop("b")).isTrue();
        assertThat(set.drop("b")).isFalse();
        assertThat(set.chain().isEmpty()).isTrue();
    }

    @Test
    void setRefusesANameTwiceAndANameThatIsNotThere() {
        FilterSet set = FilterSet.of(base.withName("a"));

        assertThatThrownBy(() -> set.add(base.withName("a")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("there is a filter named 'a'; alter or drop it");
        assertThatThrownBy(() -> set.alter(base.withName("b")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("there is no filter named 'b' to alter");
    }
}
