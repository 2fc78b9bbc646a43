module wesql_sqlparser

go 1.24

require github.com/wesql/sqlparser v0.1.5

require google.golang.org/protobuf v1.34.2 // indirect
