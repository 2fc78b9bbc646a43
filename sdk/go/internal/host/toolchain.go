//go:build !go1.24

package host

// Older toolchains leave the exports out without a word.
var _ = the_toolchain_must_be_Go_1_24_or_newer
