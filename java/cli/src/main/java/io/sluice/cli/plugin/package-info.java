/** What {@code sluice plugin} does for who writes plugins. */
@NullMarked
package io.sluice.cli.plugin;

import org.jspecify.annotations.NullMarked;
