/**
 * ABIs whose host functions run natively: a call is one crossing, without an upcall into Java and without allocation there.
 */
@NullMarked
package io.sluice.runtime.abi;

import org.jspecify.annotations.NullMarked;
