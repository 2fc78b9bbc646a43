/** What attacks the host, each in a JVM of its own to lose: guests, modules, and hosts that misuse the API. */
@NullMarked
package io.sluice.test.hostile;

import org.jspecify.annotations.NullMarked;
