module example.com/mock_rows

go 1.22.3

require (
	github.com/wesql/sqlparser v0.1.5
	github.com/wesql/wescale-wasm-plugin-sdk v0.2.0
)

require google.golang.org/protobuf v1.34.2 // indirect

replace github.com/wesql/wescale-wasm-plugin-sdk => ../../go
