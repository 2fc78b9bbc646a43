package io.sluice.sdk;

import org.teavm.interop.Address;
import org.teavm.interop.Import;

/** Values and locks that requests share. */
public enum Shared {
    /** Shared by the instances of this plugin. */
    OF_PLUGIN,
    /** Shared by all plugins of the host. */
    OF_HOST;

    @Import(module = "env", name = "GetValueByKeyOnHost")
    private static native int getValue(int scope, long module, Address key, int keyLength, Address value, Address length);

    @Import(module = "env", name = "SetValueByKeyOnHost")
    private static native int setValue(int scope, long module, Address key, int keyLength, Address value, int length);

    @Import(module = "env", name = "LockOnHost")
    private static native int lockOnHost(int scope, long module);

    @Import(module = "env", name = "UnlockOnHost")
    private static native int unlockOnHost(int scope, long module);

    /** The value of a key; null if there is none. One that cannot be read becomes the query's error. */
    public byte[] get(String key) {
        byte[] name = Host.utf8(key);
        int status = getValue(ordinal(), 0, Address.ofData(name), name.length, Host.value(), Host.length());
        if (status == Host.OK) {
            return Host.take();
        }
        if (status == Host.BAD_ARGUMENT) {
            return new byte[0];
        }
        if (status != Host.NOT_FOUND) {
            Host.reject("the plugin cannot read the shared value: the host answers status " + status);
        }
        return null;
    }

    /** Whether it was set: a limit of the host may be in the way. */
    public boolean set(String key, byte[] value) {
        byte[] name = Host.utf8(key);
        return setValue(ordinal(), 0, Address.ofData(name), name.length, Address.ofData(value), value.length) == Host.OK;
    }

    /** Waits for the lock. Whether it is had. It belongs to the query, and the host releases it at the latest when the query ends. */
    public boolean lock() {
        return lockOnHost(ordinal(), 0) == Host.OK;
    }

    public void unlock() {
        unlockOnHost(ordinal(), 0);
    }
}
