module NAME

go 1.24

require github.com/wesql/wescale-wasm-plugin-sdk v0.2.0

replace github.com/wesql/wescale-wasm-plugin-sdk => ./sdk
