/**
 * The {@code sluice} command: {@code sluice gateway} serves the MySQL gateway until it is told to end.
 *
 * <p><b>Threads.</b> A command is run by the thread that calls it.
 */
@NullMarked
package io.sluice.cli;

import org.jspecify.annotations.NullMarked;
