/** What tells whether Sluice does as WebAssembly and its ABI demand: the official testsuite, and another binding beside it. */
@NullMarked
package io.sluice.test.conformance;

import org.jspecify.annotations.NullMarked;
