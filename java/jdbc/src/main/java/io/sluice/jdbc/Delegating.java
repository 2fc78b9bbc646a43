package io.sluice.jdbc;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * A JDBC object of ours in front of the driver's: what a subclass does not handle goes to the driver's object, and comes back as it is.
 *
 * <p>A proxy class, so that a method that a later JDBC adds is passed on like the others.
 */
abstract class Delegating implements InvocationHandler {
    static final Object[] NO_ARGUMENTS = {};

    private final Object delegate;
    private @Nullable Object self;

    Delegating(Object delegate) {
        this.delegate = delegate;
    }

    /** Makes the proxy; its type is the given interface and nothing else. */
    final <T> T proxy(Class<T> type) {
        T made = type.cast(Proxy.newProxyInstance(Delegating.class.getClassLoader(), new Class<?>[] {type}, this));
        self = made;
        return made;
    }

    final Object self() {
        Object known = self;
        if (known == null) {
            throw new IllegalStateException("the proxy is used before it is made");
        }
        return known;
    }

    /** The driver's object that a call goes to now. */
    Object target() {
        return delegate;
    }

    @Override
    public final @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] given) throws Throwable {
        Object[] args = given == null ? NO_ARGUMENTS : given;
        if (method.getDeclaringClass() == Object.class) {
            return switch (method.getName()) {
                case "equals" -> proxy == args[0];
                case "hashCode" -> System.identityHashCode(proxy);
                default -> "filtered " + delegate;
            };
        }
        return switch (method.getName()) {
            case "unwrap" -> unwrap(proxy, method, args);
            case "isWrapperFor" -> {
                Class<?> asked = (Class<?>) args[0];
                yield asked.isInstance(proxy)
                        || asked.isInstance(delegate)
                        || Boolean.TRUE.equals(call(delegate, method, args));
            }
            default -> handle(method, args);
        };
    }

    private @Nullable Object unwrap(Object proxy, Method method, Object[] args) throws SQLException {
        Class<?> wanted = (Class<?>) args[0];
        if (wanted.isInstance(proxy)) {
            return proxy;
        }
        return wanted.isInstance(delegate) ? delegate : call(delegate, method, args);
    }

    /** Handles a call; what it does not care for it hands to {@link #pass}. */
    abstract @Nullable Object handle(Method method, Object[] args) throws SQLException;

    /** Calls the driver's object. */
    final @Nullable Object pass(Method method, Object[] args) throws SQLException {
        return call(target(), method, args);
    }

    /** Calls a method so that its own exception comes out. */
    static @Nullable Object call(Object target, Method method, Object[] args) throws SQLException {
        try {
            return method.invoke(target, args);
        } catch (InvocationTargetException e) {
            Throwable cause = e.getCause();
            if (cause instanceof SQLException exception) {
                throw exception;
            }
            if (cause instanceof RuntimeException exception) {
                throw exception;
            }
            if (cause instanceof Error error) {
                throw error;
            }
            throw new SQLException(cause);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("the method " + method + " of a JDBC interface is not accessible", e);
        }
    }
}
