package io.sluice.testkit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Marks a field of type {@link Desk} of a JUnit test: a plugin on the desk, loaded anew for each test and closed after it. */
@Target(ElementType.FIELD)
@Retention(RetentionPolicy.RUNTIME)
@org.junit.jupiter.api.extension.ExtendWith(PluginExtension.class)
public @interface PluginUnderTest {
    /** The plugin's file, from the folder that the test runs in, or else a resource of the test's class. */
    String value();

    /** The plugin's configuration, a JSON object; empty for none. */
    String configuration() default "";

    /** Whether an instance serves many requests. */
    boolean pooled() default false;
}
