module github.com/wesql/wescale-wasm-plugin-sdk

go 1.22

require github.com/wesql/sqlparser v0.1.5

require google.golang.org/protobuf v1.34.2 // indirect
