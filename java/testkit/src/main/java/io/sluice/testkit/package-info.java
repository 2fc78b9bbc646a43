/**
 * Tests of SQL plugins without a server.
 *
 * <ul>
 *   <li>{@link io.sluice.testkit.Desk}: a plugin on the desk, called for one query at a time.
 *   <li>{@link io.sluice.testkit.Statement}: the query, and what the database would answer to it.
 *   <li>{@link io.sluice.testkit.Outcome}: what came of it, and what it cost.
 *   <li>{@link io.sluice.testkit.CaseFile}: statements and expectations in a YAML file.
 *   <li>{@link io.sluice.testkit.PluginUnderTest} and {@link io.sluice.testkit.PluginAssert}: the same for JUnit and AssertJ.
 *   <li>{@link io.sluice.testkit.SqlProxyContract}: what has to hold of every proxy that filters statements by plugins.
 * </ul>
 *
 * <p><b>Threads.</b> Confined, but for what is immutable.
 */
@NullMarked
package io.sluice.testkit;

import org.jspecify.annotations.NullMarked;
