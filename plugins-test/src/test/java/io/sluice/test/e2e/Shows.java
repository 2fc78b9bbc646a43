package io.sluice.test.e2e;

import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Rows of the SQL plugin ABI, as {@code abi-table.txt} has them, that a test shows to hold; {@link AbiTableTest} wants one for each. */
// Public, for JUnit reads all repeatable annotations through a proxy of its own.
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@Repeatable(Shows.All.class)
public @interface Shows {
    /** The dialects that the rows are shown for, a letter each; empty for rows that belong to none. */
    String dialects() default "";

    /** The rows: a function and its status, or a sentence. */
    String[] value();

    /** Several of them on one test. */
    @Retention(RetentionPolicy.RUNTIME)
    @Target(ElementType.METHOD)
    @interface All {
        /** All that there are. */
        Shows[] value();
    }
}
