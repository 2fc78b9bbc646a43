package io.sluice.plugin;

import io.sluice.runtime.abi.SharedLimits;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * What one plugin is called, what it may use, how it is isolated, and what becomes of a request when it fails; immutable.
 *
 * <p>A value that makes no sense is reported by the {@code load} or {@code replace} that uses it, not here.
 *
 * <p>Defaults: {@link PluginLimits#defaults()}, {@link Isolation#perRequest()}, {@link FailPolicy#CLOSED}, four instances a processor but
 * at least 32, 500 ms of waiting for a free one, 100 log records a second, the one argument {@code plugin}, an empty environment, no
 * configuration and no grants for the guest, {@link SharedLimits#defaults()}, no snapshot of what asked for randomness at start.
 *
 * <p>An instance is on lease for as long as its query takes, the database's time and the waiting for a lock of other plugins included,
 * and costs memory only while it is: so there are many more of them than processors, and a request waits in line for as long as a
 * slow query may take.
 */
public final class PluginConfig {
    private static final int MAX_CONFIGURATION_CHARS = 1 << 20;

    private final String name;
    private final String version;
    private final PluginLimits limits;
    private final Isolation isolation;
    private final FailPolicy failPolicy;
    private final int maxInstances;
    private final Duration maxWait;
    private final int logRecordsPerSecond;
    private final List<String> arguments;
    private final Map<String, String> environment;
    private final String configuration;
    private final Set<QueryProperty> grants;
    private final SharedLimits sharedLimits;
    private final boolean snapshotDespiteRandomness;

    private PluginConfig(Draft draft) {
        this.name = draft.name;
        this.version = draft.version;
        this.limits = draft.limits;
        this.isolation = draft.isolation;
        this.failPolicy = draft.failPolicy;
        this.maxInstances = draft.maxInstances;
        this.maxWait = draft.maxWait;
        this.logRecordsPerSecond = draft.logRecordsPerSecond;
        this.arguments = draft.arguments;
        this.environment = draft.environment;
        this.configuration = draft.configuration;
        this.grants = draft.grants;
        this.sharedLimits = draft.sharedLimits;
        this.snapshotDespiteRandomness = draft.snapshotDespiteRandomness;
    }

    /** A plugin of that name with every default. */
    public static PluginConfig of(String name) {
        return new PluginConfig(new Draft(Objects.requireNonNull(name, "name")));
    }

    /** The name by which the host, messages, logs and counters know the plugin. */
    public String name() {
        return name;
    }

    /** A copy for a plugin of another name. */
    public PluginConfig withName(String value) {
        Draft draft = new Draft(this);
        draft.name = Objects.requireNonNull(value, "value");
        return new PluginConfig(draft);
    }

    /** The version as its author calls it; empty by default. The host does not interpret it. */
    public String version() {
        return version;
    }

    /** A copy with another version. */
    public PluginConfig withVersion(String value) {
        Draft draft = new Draft(this);
        draft.version = Objects.requireNonNull(value, "value");
        return new PluginConfig(draft);
    }

    /** The walls around each instance. */
    public PluginLimits limits() {
        return limits;
    }

    /** A copy with other limits. */
    public PluginConfig withLimits(PluginLimits value) {
        Draft draft = new Draft(this);
        draft.limits = Objects.requireNonNull(value, "value");
        return new PluginConfig(draft);
    }

    /** How long an instance lives. */
    public Isolation isolation() {
        return isolation;
    }

    /** A copy with another isolation. */
    public PluginConfig withIsolation(Isolation value) {
        Draft draft = new Draft(this);
        draft.isolation = Objects.requireNonNull(value, "value");
        return new PluginConfig(draft);
    }

    /** What becomes of a request when the plugin fails. */
    public FailPolicy failPolicy() {
        return failPolicy;
    }

    /** A copy with another fail policy. */
    public PluginConfig withFailPolicy(FailPolicy value) {
        Draft draft = new Draft(this);
        draft.failPolicy = Objects.requireNonNull(value, "value");
        return new PluginConfig(draft);
    }

    /** The instances that can be on lease at the same time. */
    public int maxInstances() {
        return maxInstances;
    }

    /** A copy with another number of instances; 1 to 65,536. */
    public PluginConfig withMaxInstances(int value) {
        Draft draft = new Draft(this);
        draft.maxInstances = value;
        return new PluginConfig(draft);
    }

    /** The time that a request waits for an instance when all are on lease. */
    public Duration maxWait() {
        return maxWait;
    }

    /** A copy with another waiting time; zero never waits. */
    public PluginConfig withMaxWait(Duration value) {
        Draft draft = new Draft(this);
        draft.maxWait = Objects.requireNonNull(value, "value");
        return new PluginConfig(draft);
    }

    /** The log records that reach the logger in a second; the rest is dropped and counted. */
    public int logRecordsPerSecond() {
        return logRecordsPerSecond;
    }

    /** A copy with another log rate; at least 1. */
    public PluginConfig withLogRecordsPerSecond(int value) {
        Draft draft = new Draft(this);
        draft.logRecordsPerSecond = value;
        return new PluginConfig(draft);
    }

    /** The arguments that the guest sees; the first is the program's name. */
    public List<String> arguments() {
        return arguments;
    }

    /** A copy with other arguments; at least one, since some toolchains trap without. */
    public PluginConfig withArguments(List<String> value) {
        Draft draft = new Draft(this);
        draft.arguments = List.copyOf(value);
        return new PluginConfig(draft);
    }

    /** The environment that the guest sees. */
    public Map<String, String> environment() {
        return environment;
    }

    /** A copy with another environment. */
    public PluginConfig withEnvironment(Map<String, String> value) {
        Draft draft = new Draft(this);
        draft.environment = Map.copyOf(value);
        return new PluginConfig(draft);
    }

    /** What the guest reads with {@code sluice.get_configuration}: a JSON object; empty by default, which is none. */
    public String configuration() {
        return configuration;
    }

    /** A copy with another configuration for the guest: a JSON object of up to 1 MiB, or an empty string for none. */
    public PluginConfig withConfiguration(String json) {
        Draft draft = new Draft(this);
        draft.configuration = Objects.requireNonNull(json, "json");
        return new PluginConfig(draft);
    }

    /** The properties of a query that the guest may read; none by default. */
    public Set<QueryProperty> grants() {
        return grants;
    }

    /** A copy with other grants; what is not granted the guest cannot see. */
    public PluginConfig withGrants(Set<QueryProperty> value) {
        Draft draft = new Draft(this);
        draft.grants = Set.copyOf(value);
        return new PluginConfig(draft);
    }

    /** What the values that the plugin's instances share may take. */
    public SharedLimits sharedLimits() {
        return sharedLimits;
    }

    /** A copy with other limits of shared values; a replacement brings them into force and leaves what is stored already. */
    public PluginConfig withSharedLimits(SharedLimits value) {
        Draft draft = new Draft(this);
        draft.sharedLimits = Objects.requireNonNull(value, "value");
        return new PluginConfig(draft);
    }

    /** Whether new instances may begin from a snapshot though the plugin's start asked for randomness; false by default. */
    public boolean snapshotDespiteRandomness() {
        return snapshotDespiteRandomness;
    }

    /**
     * A copy that allows or forbids a snapshot of a plugin whose start asked for randomness. Instances that begin from one begin with the
     * same random numbers: allow it where the plugin does nothing with them that must differ or be secret. A plugin that exports
     * {@code sluice_after_restore} and asks anew there needs no permission.
     */
    public PluginConfig withSnapshotDespiteRandomness(boolean value) {
        Draft draft = new Draft(this);
        draft.snapshotDespiteRandomness = value;
        return new PluginConfig(draft);
    }

    /** Throws what is wrong with this configuration. */
    void check(long engineMaxMemoryBytes) {
        String fault = fault(engineMaxMemoryBytes);
        if (!fault.isEmpty()) {
            throw new IllegalArgumentException("plugin '" + name + "': " + fault);
        }
    }

    private String fault(long engineMaxMemoryBytes) {
        if (name.isEmpty()) {
            return "the name is empty; give it one";
        }
        if (maxInstances < 1 || maxInstances > 65_536) {
            return "max instances is " + maxInstances + "; it must be 1 to 65536";
        }
        if (maxWait.isNegative()) {
            return "max wait is " + maxWait + "; it must not be negative";
        }
        if (logRecordsPerSecond < 1) {
            return "log records per second is " + logRecordsPerSecond + "; it must be at least 1";
        }
        if (arguments.isEmpty()) {
            return "there is no argument; give at least the program's name";
        }
        String json = configuration.strip();
        if (!json.isEmpty() && !(json.startsWith("{") && json.endsWith("}"))) {
            return "the guest's configuration is no JSON object; it must begin with '{' and end with '}'";
        }
        if (configuration.length() > MAX_CONFIGURATION_CHARS) {
            return "the guest's configuration has " + configuration.length()
                    + " characters; it must not have more than " + MAX_CONFIGURATION_CHARS;
        }
        if (limits.maxMemoryBytes() > engineMaxMemoryBytes) {
            return "memory limit is " + limits.maxMemoryBytes() + " bytes but the host's engine allows "
                    + engineMaxMemoryBytes + "; raise EngineConfig.maxMemoryBytes";
        }
        return limits.fault().isEmpty() ? isolation.fault() : limits.fault();
    }

    /** The fields while a copy is made. */
    private static final class Draft {
        private String name;
        private String version = "";
        private PluginLimits limits = PluginLimits.defaults();
        private Isolation isolation = Isolation.perRequest();
        private FailPolicy failPolicy = FailPolicy.CLOSED;
        private int maxInstances = Math.max(32, 4 * Runtime.getRuntime().availableProcessors());
        private Duration maxWait = Duration.ofMillis(500);
        private int logRecordsPerSecond = 100;
        private List<String> arguments = List.of("plugin");
        private Map<String, String> environment = Map.of();
        private String configuration = "";
        private Set<QueryProperty> grants = Set.of();
        private SharedLimits sharedLimits = SharedLimits.defaults();
        private boolean snapshotDespiteRandomness;

        Draft(String name) {
            this.name = name;
        }

        Draft(PluginConfig from) {
            this.name = from.name;
            this.version = from.version;
            this.limits = from.limits;
            this.isolation = from.isolation;
            this.failPolicy = from.failPolicy;
            this.maxInstances = from.maxInstances;
            this.maxWait = from.maxWait;
            this.logRecordsPerSecond = from.logRecordsPerSecond;
            this.arguments = from.arguments;
            this.environment = from.environment;
            this.configuration = from.configuration;
            this.grants = from.grants;
            this.sharedLimits = from.sharedLimits;
            this.snapshotDespiteRandomness = from.snapshotDespiteRandomness;
        }
    }
}
