package io.sluice.sdk;

import org.teavm.interop.Address;
import org.teavm.interop.Import;

/** Only on Sluice: the imports of the module {@code sluice}. */
public final class SluiceOnly {
    private SluiceOnly() {}

    @Import(module = "sluice", name = "get_configuration")
    private static native int getConfiguration(Address value, Address length);

    @Import(module = "sluice", name = "get_property")
    private static native int getProperty(Address name, int nameLength, Address value, Address length);

    @Import(module = "sluice", name = "set_error")
    private static native int setError(int code, Address state, int stateLength, Address message, int length);

    @Import(module = "sluice", name = "add_counter")
    private static native int addCounter(Address name, int nameLength, long delta);

    /** The plugin's configuration, a JSON object; null if it was given none. */
    public static String configuration() {
        return getConfiguration(Host.value(), Host.length()) == Host.OK ? Host.text(Host.take()) : null;
    }

    /**
     * A property of the query: user, client_address, database, kind, tables, bind_values. Null if the host does not know it, and if who
     * deploys the plugin does not grant it.
     */
    public static String property(String name) {
        byte[] bytes = Host.utf8(name);
        int status = getProperty(Address.ofData(bytes), bytes.length, Host.value(), Host.length());
        return status == Host.OK ? Host.text(Host.take()) : null;
    }

    /** As {@link Query#reject}, with MySQL's code and SQLSTATE; without them if the host does not take them. */
    public static void rejectWithCode(int code, String state, String message) {
        byte[] stateBytes = Host.utf8(state);
        byte[] bytes = Host.utf8(message);
        if (setError(code, Address.ofData(stateBytes), stateBytes.length, Address.ofData(bytes), bytes.length) != Host.OK) {
            Host.reject(message);
        }
    }

    /** Adds to a counter of the plugin. */
    public static void count(String name, long delta) {
        byte[] bytes = Host.utf8(name);
        addCounter(Address.ofData(bytes), bytes.length, delta);
    }
}
