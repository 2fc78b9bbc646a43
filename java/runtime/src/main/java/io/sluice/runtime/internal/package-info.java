/**
 * The boundary: every {@code native} method, handles with their lifetime, the loader of the library, and what native code
 * calls. Not exported. A native method takes the handle first, has no overloads, and its Rust export stands in the file of
 * the same concept under {@code native/src/jni}.
 */
@NullMarked
package io.sluice.runtime.internal;

import org.jspecify.annotations.NullMarked;
