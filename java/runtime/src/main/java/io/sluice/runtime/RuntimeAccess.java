package io.sluice.runtime;

import io.sluice.runtime.internal.Access;
import io.sluice.runtime.internal.Handle;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Opens this package to the module's other packages, and to nobody else. */
final class RuntimeAccess extends Access {
    private static final TrapKind[] TRAP_KINDS = TrapKind.values();

    @Override
    public Handle handle(Engine engine) {
        return engine.handle();
    }

    @Override
    public Module newModule(long raw) {
        return new Module(raw);
    }

    @Override
    public Handle handle(InstancePre pre) {
        return pre.handle();
    }

    @Override
    public @Nullable Handle handle(@Nullable MemoryBudget budget) {
        return budget == null ? null : budget.handle();
    }

    @Override
    public long[] limits(StoreConfig config) {
        return config.limits();
    }

    @Override
    public String[] arguments(StoreConfig config) {
        return config.arguments().toArray(String[]::new);
    }

    @Override
    public String[] environment(StoreConfig config) {
        return config.environment().entrySet().stream()
                .map(entry -> entry.getKey() + '=' + entry.getValue())
                .toArray(String[]::new);
    }

    @Override
    public Caller newCaller(long token) {
        return new Caller(token);
    }

    @Override
    public void endCaller(Caller caller) {
        caller.end();
    }

    @Override
    public WasmException compilationException(String message) {
        return new CompilationException(message);
    }

    @Override
    public WasmException linkException(String message) {
        return new LinkException(message);
    }

    @Override
    public WasmException trapException(String message, int kind, String[] frames) {
        List<GuestFrame> parsed = new ArrayList<>(frames.length);
        for (String frame : frames) {
            int tab = frame.lastIndexOf('\t');
            parsed.add(new GuestFrame(frame.substring(0, tab), Long.parseLong(frame.substring(tab + 1))));
        }
        return new TrapException(message, TRAP_KINDS[kind], parsed);
    }

    @Override
    public WasmException limitException(String message, String limit, long requested, long allowed) {
        return new LimitException(message, Limit.valueOf(limit), requested, allowed);
    }

    @Override
    public WasmException exitException(String message, int exitCode) {
        return new ExitException(message, exitCode);
    }
}
