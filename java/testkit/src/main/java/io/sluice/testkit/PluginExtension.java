package io.sluice.testkit;

import io.sluice.plugin.Isolation;
import io.sluice.plugin.PluginConfig;
import io.sluice.plugin.PluginSource;
import io.sluice.plugin.QueryProperty;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Puts plugins on the desk for the fields that {@link PluginUnderTest} marks. */
final class PluginExtension implements BeforeEachCallback, AfterEachCallback {
    private static final ExtensionContext.Namespace SPACE = ExtensionContext.Namespace.create(PluginExtension.class);

    @Override
    public void beforeEach(ExtensionContext context) throws IllegalAccessException {
        List<Desk> desks = new ArrayList<>();
        context.getStore(SPACE).put("desks", desks);
        Object test = context.getRequiredTestInstance();
        for (Class<?> type = test.getClass(); type != null; type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                PluginUnderTest mark = field.getAnnotation(PluginUnderTest.class);
                if (mark == null) {
                    continue;
                }
                if (field.getType() != Desk.class) {
                    throw new IllegalArgumentException("the field " + field.getName() + " is of type "
                            + field.getType().getSimpleName() + "; @PluginUnderTest marks fields of type Desk");
                }
                Desk desk = open(mark, type);
                desks.add(desk);
                field.setAccessible(true);
                field.set(test, desk);
            }
        }
    }

    private static Desk open(PluginUnderTest mark, Class<?> test) {
        PluginConfig config = PluginConfig.of("under_test")
                .withGrants(EnumSet.allOf(QueryProperty.class))
                .withIsolation(mark.pooled() ? Isolation.pooled() : Isolation.perRequest());
        if (!mark.configuration().isEmpty()) {
            config = config.withConfiguration(mark.configuration());
        }
        Path file = Path.of(mark.value());
        return Desk.open(
                config,
                Files.isRegularFile(file) ? PluginSource.file(file) : PluginSource.resource(test, mark.value()));
    }

    @Override
    @SuppressWarnings("unchecked") // the list that beforeEach put there
    public void afterEach(ExtensionContext context) {
        List<Desk> desks = (List<Desk>) context.getStore(SPACE).remove("desks");
        if (desks != null) {
            desks.forEach(Desk::close);
        }
    }
}
