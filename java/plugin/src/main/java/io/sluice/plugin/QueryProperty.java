package io.sluice.plugin;

import io.sluice.runtime.abi.WescaleInstance;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * A fact about a query that a plugin may ask for with {@code sluice.get_property}, if its configuration grants it.
 *
 * @see PluginConfig#withGrants
 */
public enum QueryProperty {
    /** The name of the database user. */
    USER,
    /** The client's IP address as text. */
    CLIENT_ADDRESS,
    /** The default database of the connection. */
    DATABASE,
    /** The kind of the query's plan: {@code Select}, {@code Insert}, {@code Update}, {@code Delete} and so on. */
    KIND,
    /** The tables that the query names, {@code database.table}, one a line. */
    TABLES,
    /** The values bound to the query's placeholders, a JSON array. */
    BIND_VALUES;

    private static final QueryProperty[] ALL = values();

    private final String propertyName = name().toLowerCase(Locale.ROOT);
    private final int number = WescaleInstance.PROPERTIES.indexOf(propertyName);

    /** The name by which guests and configurations know the property: {@code client_address}. */
    public String propertyName() {
        return propertyName;
    }

    /** Its place in the runtime's list. */
    int number() {
        return number;
    }

    /** The property of that name, if there is one. */
    public static Optional<QueryProperty> named(String name) {
        Objects.requireNonNull(name, "name");
        for (QueryProperty property : ALL) {
            if (property.propertyName.equals(name)) {
                return Optional.of(property);
            }
        }
        return Optional.empty();
    }
}
