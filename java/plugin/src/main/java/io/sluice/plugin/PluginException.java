package io.sluice.plugin;

import io.sluice.runtime.WasmException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The failure of a plugin: which one, in which phase, and why.
 *
 * <p>The cause, where there is one, is the runtime's own error: a {@link io.sluice.runtime.TrapException} with its kind and guest
 * frames, a {@link io.sluice.runtime.LimitException}, a {@link io.sluice.runtime.LinkException}, and so on.
 */
public final class PluginException extends WasmException {
    private static final long serialVersionUID = 1L;

    private final String pluginName;
    private final Phase phase;

    PluginException(String pluginName, Phase phase, String detail, @Nullable Throwable cause) {
        super(
                "plugin '" + pluginName + "', " + phase + ": " + detail,
                cause,
                phase == Phase.LOAD || phase == Phase.START);
        this.pluginName = Objects.requireNonNull(pluginName, "pluginName");
        this.phase = Objects.requireNonNull(phase, "phase");
    }

    static PluginException of(String pluginName, Phase phase, Throwable cause) {
        String detail = cause.getMessage();
        return new PluginException(pluginName, phase, detail == null ? cause.toString() : detail, cause);
    }

    /** The name of the plugin that failed. */
    public String pluginName() {
        return pluginName;
    }

    /** The phase in which it failed. */
    public Phase phase() {
        return phase;
    }
}
