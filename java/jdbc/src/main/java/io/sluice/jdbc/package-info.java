/**
 * The embedded way in: a {@link io.sluice.jdbc.SluiceDataSource} puts the filter chain in front of any JDBC driver.
 *
 * <p>Every statement text, that of a {@code Statement}, a {@code PreparedStatement}, a {@code CallableStatement} or a batch, goes through
 * the chain each time it is executed. A rejection is a {@link java.sql.SQLException} with vendor code 1105 and SQLState HY000; a text that
 * a plugin rewrote is what the database gets; a result that a plugin rewrote is what the application gets. Transactions, metadata and
 * everything else are the driver's own.
 *
 * <p>Results stay the driver's own, streaming as they do, unless a plugin that was called for the query imports the function that reads
 * results: only then is the result read, up to the plugin's result limit, and the application served from the copy.
 *
 * <p>Filters see the bind values of a prepared statement, and of each row of its batch where one of them looks at values. What they hold for
 * a query they hold while it is executed, not while its result is read. The limits of what plugins are shown are told at {@link
 * io.sluice.jdbc.SluiceDataSource}.
 *
 * <p>The chain is a wall between plugins and the database, not between the application and the database: {@code unwrap} hands out the
 * driver's objects, as JDBC wants it, and what is done with those is not filtered.
 *
 * <p><b>Threads.</b> As the driver's own objects.
 */
@NullMarked
package io.sluice.jdbc;

import org.jspecify.annotations.NullMarked;
