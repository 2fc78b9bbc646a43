/** End-to-end tests: real guests in a real host, every wall run into from inside. */
@NullMarked
package io.sluice.test.e2e;

import org.jspecify.annotations.NullMarked;
