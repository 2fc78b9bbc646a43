/**
 * The MySQL gateway as a library: a {@link io.sluice.mysql.Gateway} stands between any MySQL client and a MySQL or MariaDB server and
 * puts the filter chain before every statement.
 *
 * <p>Each client has a connection of its own to the server and logs in with the server's own account: the scramble and the answer to it
 * are passed on, so that the gateway knows no password, and sessions, transactions, temporary tables and variables are the server's.
 *
 * <p>What both sides may agree on is an allow-list of capabilities, and a command that the gateway does not filter is refused by name, so
 * that no statement takes a way round the filters. Answers stream through without being decoded, unless a plugin that was called for the
 * statement reads results: then the answer is held, up to the plugin's limit, until the plugin has seen it.
 *
 * <p><b>Threads.</b> Everything of one connection happens on one event loop, but for its filters.
 */
@NullMarked
package io.sluice.mysql;

import org.jspecify.annotations.NullMarked;
