package io.sluice.cli;

import java.lang.reflect.Proxy;

/** The signal that tells a server to read its files again. */
final class Hangup {
    private Hangup() {}

    /**
     * Runs something whenever the signal comes; where there is no such signal, never.
     *
     * <p>By reflection: the compiler warns of the JDK's class for signals, and of nothing that could be put in its place.
     */
    static void handle(Runnable reload) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object ours = Proxy.newProxyInstance(
                    Hangup.class.getClassLoader(), new Class<?>[] {handler}, (proxy, method, arguments) -> {
                        switch (method.getName()) {
                            case "handle" -> reload.run();
                            case "equals" -> {
                                return arguments != null && proxy == arguments[0];
                            }
                            case "hashCode" -> {
                                return System.identityHashCode(proxy);
                            }
                            default -> {}
                        }
                        return null;
                    });
            Object hangup = signal.getConstructor(String.class).newInstance("HUP");
            signal.getMethod("handle", signal, handler).invoke(null, hangup, ours);
        } catch (ReflectiveOperationException e) {
            System.getLogger("io.sluice.cli")
                    .log(System.Logger.Level.WARNING, "SIGHUP is not listened for: {0}", e.toString());
        }
    }
}
