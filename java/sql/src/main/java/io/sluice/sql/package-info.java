/**
 * SQL filters as WeScale has them: a query meets an ordered list of filters, each a pattern and an action, before it is executed and, in
 * reverse order, after.
 *
 * <p>The nouns, in the order in which a proxy meets them:
 *
 * <ul>
 *   <li>{@link io.sluice.sql.SqlFilter}: a name, a priority, a {@link io.sluice.sql.FilterPattern} and a
 *       {@link io.sluice.sql.FilterAction}.
 *   <li>{@link io.sluice.sql.FilterSet}: the filters of a proxy, changed while queries run.
 *   <li>{@link io.sluice.sql.FilterChain}: what a set held at one moment, in order; immutable.
 *   <li>{@link io.sluice.sql.FilterDefinition}, {@link io.sluice.sql.FilterCatalog}: filters as the texts that define them, with the
 *       plugins that they name.
 *   <li>{@link io.sluice.sql.SqlRequest}: a query as the filters see it, and whose it is; its {@link io.sluice.sql.SqlDialect} says how
 *       the server reads it.
 *   <li>{@link io.sluice.sql.QueryExecution}: the way of one query through a chain, before and after.
 *   <li>{@link io.sluice.sql.FilterBreaker}: what keeps a plugin that fails from being called again and again.
 *   <li>{@link io.sluice.sql.QueryResult}: rows and counts in the form in which plugins read and write them.
 * </ul>
 *
 * <p><b>Priorities.</b> The order of calls and the texts of errors are WeScale's, byte for byte; then comes the cost of a query that the
 * filters leave alone, which allocates nothing here.
 *
 * <p><b>Threads.</b> Sets, chains and filters are shared; an execution and a request are confined.
 *
 * @see <a href="https://github.com/wesql/wescale">WeScale</a>
 */
@NullMarked
package io.sluice.sql;

import org.jspecify.annotations.NullMarked;
