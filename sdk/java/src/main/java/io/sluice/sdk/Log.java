package io.sluice.sdk;

import org.teavm.interop.Address;

/** The plugin's log. */
public final class Log {
    private Log() {}

    public static void info(String line) {
        byte[] bytes = Host.utf8(line);
        Host.infoLog(Address.ofData(bytes), bytes.length);
    }

    /** Logs an error; the query goes on. */
    public static void error(String line) {
        byte[] bytes = Host.utf8(line);
        Host.errorLog(Address.ofData(bytes), bytes.length);
    }
}
