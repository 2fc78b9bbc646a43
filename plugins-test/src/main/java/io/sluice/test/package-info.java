/** Programs that run real guests for a person to watch: the demo and the soak. */
@NullMarked
package io.sluice.test;

import org.jspecify.annotations.NullMarked;
