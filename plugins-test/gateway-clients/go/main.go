// Command client does a list of operations by go-sql-driver/mysql and prints what it sees:
// client PORT USER PASSWORD DATABASE suite|large|evasion FILE.
package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

var (
	out    = bufio.NewWriter(os.Stdout)
	always = context.Background()
)

func say(format string, values ...any) { fmt.Fprintf(out, format+"\n", values...) }

func must(err error) {
	if err != nil {
		out.Flush()
		panic(err)
	}
}

func open(change func(*mysql.Config)) *sql.DB {
	config := mysql.NewConfig()
	config.Net, config.Addr = "tcp", "127.0.0.1:"+os.Args[1]
	config.User, config.Passwd, config.DBName = os.Args[2], os.Args[3], os.Args[4]
	config.AllowNativePasswords = true
	config.MaxAllowedPacket = 64 << 20
	config.ReadTimeout = time.Minute
	config.Logger = log.New(io.Discard, "", 0)
	if change != nil {
		change(config)
	}
	connector, err := mysql.NewConnector(config)
	must(err)
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(1)
	return db
}

func value(v any) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case []byte:
		return bytesText(v)
	case string:
		return bytesText([]byte(v))
	case time.Time:
		return v.Format(time.RFC3339Nano)
	default:
		return fmt.Sprintf("%T %v", v, v)
	}
}

func bytesText(v []byte) string {
	if len(v) > 400 {
		return fmt.Sprintf("%d:%x", len(v), sha256.Sum256(v))
	}
	return fmt.Sprintf("x%x", v)
}

func failed(err error) bool {
	if err == nil {
		return false
	}
	var known *mysql.MySQLError
	var network net.Error
	if errors.As(err, &known) {
		say("  error %d %s %s", known.Number, known.SQLState, known.Message)
	} else if errors.As(err, &network) {
		say("  network error, timeout %v", network.Timeout())
	} else {
		say("  error %v", err)
	}
	return true
}

func results(rows *sql.Rows, err error) {
	if failed(err) {
		return
	}
	defer rows.Close()
	for {
		types, err := rows.ColumnTypes()
		if failed(err) {
			return
		}
		for _, t := range types {
			length, hasLength := t.Length()
			precision, scale, hasScale := t.DecimalSize()
			nullable, knows := t.Nullable()
			say("  column %s %s %v %d %v %d %d %v %v %v", t.Name(), t.DatabaseTypeName(), t.ScanType(), length, hasLength,
				precision, scale, hasScale, nullable, knows)
		}
		for rows.Next() {
			values := make([]any, len(types))
			into := make([]any, len(types))
			for i := range values {
				into[i] = &values[i]
			}
			if failed(rows.Scan(into...)) {
				return
			}
			texts := make([]string, len(values))
			for i, v := range values {
				texts[i] = value(v)
			}
			say("  row %s", strings.Join(texts, " "))
		}
		if failed(rows.Err()) {
			return
		}
		if !rows.NextResultSet() {
			failed(rows.Err())
			return
		}
	}
}

type runner interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
	ExecContext(context.Context, string, ...any) (sql.Result, error)
}

func short(text string) string {
	if len(text) > 300 {
		return fmt.Sprint(len(text))
	}
	return text
}

func query(c runner, text string, values ...any) {
	say("> %s", short(text))
	results(c.QueryContext(always, text, values...))
}

func execute(c runner, text string, values ...any) {
	say("! %s", short(text))
	result, err := c.ExecContext(always, text, values...)
	if failed(err) {
		return
	}
	affected, err := result.RowsAffected()
	must(err)
	id, err := result.LastInsertId()
	must(err)
	say("  affected %d id %d", affected, id)
	if all, ok := result.(mysql.Result); ok {
		say("  all %v %v", all.AllRowsAffected(), all.AllLastInsertIds())
	}
}

func connection(db *sql.DB) *sql.Conn {
	c, err := db.Conn(always)
	must(err)
	return c
}

func prepared(c *sql.Conn, text string, sets ...[]any) {
	say("? %s", short(text))
	statement, err := c.PrepareContext(always, text)
	if failed(err) {
		return
	}
	defer statement.Close()
	for _, values := range sets {
		results(statement.QueryContext(always, values...))
	}
}

func binds(c *sql.Conn) {
	execute(c, "drop table if exists bound")
	execute(c, "create table bound(id int auto_increment primary key, a bigint, b double, c decimal(30,10), d varchar(300), e longblob,"+
		" f datetime(6), g date, h time(6), i bigint unsigned, j bool) default charset utf8mb4")
	day := time.Date(2024, 2, 29, 1, 2, 3, 456789000, time.UTC)
	for _, row := range [][]any{
		make([]any, 10),
		{int64(-1 << 63), 1e-300, "12345678901234567890.0123456789", "it's \\ \"ß\" ? 😀\x00\n", []byte("\x00\xff'\\\x1a"), day,
			day, "-03:00:00.000005", uint64(1<<64 - 1), true},
		{int8(5), float32(-0.5), "-0.5", "", []byte{}, time.Time{}, "2024-12-31", "23:59:59.999999", uint8(3), false},
		{"-12", "1.25", 7, 42, "bytes", "2024-01-02 03:04:05", day, "838:59:59", 1, 0},
		{int16(-300), 3.5, -7, strings.Repeat("ß", 140), []byte(strings.Repeat("\xff", 70000)), nil, nil, nil, uint32(1 << 31), nil},
	} {
		execute(c, "insert into bound(a,b,c,d,e,f,g,h,i,j) values (?,?,?,?,?,?,?,?,?,?)", row...)
	}
	prepared(c, "select * from bound where a = ? or d = ? or a is null order by id", []any{int64(-1 << 63), ""}, []any{5, "x"}, []any{nil, nil})
	prepared(c, "select ?, ?, ?", []any{1, "zwei", nil}, []any{"eins", 2.5, day}, []any{[]byte{0}, uint64(1 << 63), true})
	prepared(c, "select id from bound", []any{}, []any{})
	prepared(c, "select * from every where id > ? order by id", []any{0}, []any{100})
	prepared(c, "select no_such from every", []any{})
	prepared(c, "selct ?", []any{1})
	prepared(c, "update bound set a = a + ? where id = ?", []any{1, 1}, []any{1, 2})
	prepared(c, "call two(?, @o)", []any{1}, []any{2})
	prepared(c, "insert into bound(id) values (?)", []any{1}, []any{1000}, []any{nil})
	query(c, "select row_count(), last_insert_id()")
}

func transactions(db *sql.DB, c *sql.Conn) {
	execute(c, "drop table if exists counted")
	execute(c, "create table counted(a int primary key, b int) engine=innodb")
	for _, level := range []sql.IsolationLevel{sql.LevelDefault, sql.LevelReadUncommitted, sql.LevelReadCommitted, sql.LevelRepeatableRead,
		sql.LevelSerializable, sql.LevelSnapshot} {
		for _, readOnly := range []bool{false, true} {
			say("transaction %v %v", level, readOnly)
			tx, err := c.BeginTx(always, &sql.TxOptions{Isolation: level, ReadOnly: readOnly})
			if failed(err) {
				continue
			}
			execute(tx, "insert into counted values (?, 1)", 10+int(level))
			query(tx, "select count(*) from counted")
			execute(tx, "savepoint here")
			execute(tx, "delete from counted")
			execute(tx, "rollback to here")
			if readOnly {
				failed(tx.Rollback())
			} else {
				failed(tx.Commit())
			}
		}
	}
	query(c, "select * from counted order by a")
}

func sessions(c *sql.Conn) {
	failed(c.PingContext(always))
	must(c.Raw(func(raw any) error {
		return raw.(driver.SessionResetter).ResetSession(always)
	}))
	query(c, "select @@autocommit")
	for name, change := range map[string]func(*mysql.Config){
		"interpolated": func(x *mysql.Config) { x.InterpolateParams = true },
	} {
		say("option %s", name)
		db := open(change)
		query(db, "select ?, ?, ?", 1, "it's", []byte{0, 39})
		db.Close()
	}
	for _, option := range []string{"clientFoundRows=true", "parseTime=true&loc=UTC", "charset=latin1,utf8mb4", "columnsWithAlias=true",
		"sql_mode=ANSI_QUOTES", "maxAllowedPacket=0", "collation=utf8mb4_bin", "connectionAttributes=program:x", "compress=true",
		"multiStatements=true", "tls=preferred", "allowAllFiles=true", "time_zone=%27%2B02:00%27"} {
		say("option %s", option)
		db, err := sql.Open("mysql", fmt.Sprintf("%s:%s@tcp(127.0.0.1:%s)/%s?%s", os.Args[2], os.Args[3], os.Args[1], os.Args[4], option))
		must(err)
		query(db, "select da, dt, v, @@sql_mode, @@character_set_client, @@collation_connection, @@time_zone from every order by id limit 4")
		execute(db, "update counted set b = b")
		query(db, "select 1; select 2, 'x;y'; select 3")
		db.Close()
	}
	for _, wrong := range []string{"app:wrong@tcp(127.0.0.1:%s)/", "nobody:x@tcp(127.0.0.1:%s)/", os.Args[2] + ":" + os.Args[3] + "@tcp(127.0.0.1:%s)/no_such"} {
		db, err := sql.Open("mysql", fmt.Sprintf(wrong, os.Args[1]))
		must(err)
		failed(db.Ping())
		db.Close()
	}
}

func endings() {
	db := open(nil)
	defer db.Close()
	c := connection(db)
	var id int64
	must(c.QueryRowContext(always, "select connection_id()").Scan(&id))
	killer := open(nil)
	defer killer.Close()
	later := func(what string) {
		go func() {
			time.Sleep(500 * time.Millisecond)
			_, err := killer.Exec(what)
			must(err)
		}()
	}
	later(fmt.Sprint("kill query ", id))
	query(c, "select sleep(20)")
	query(c, "select 'goes on'")
	later(fmt.Sprint("kill ", id))
	say("> killed")
	rows, err := c.QueryContext(always, "select sleep(20)")
	if err == nil {
		for rows.Next() {
		}
		err = rows.Err()
		rows.Close()
	}
	say("  failed %v", err != nil)
	say("  gone %v", c.PingContext(always) != nil)
	c.Close()
	query(db, "select 'a new one'")
	soon, cancel := context.WithTimeout(always, 300*time.Millisecond)
	defer cancel()
	_, err = db.ExecContext(soon, "do sleep(20)")
	say("cancelled %v", errors.Is(err, context.DeadlineExceeded))
	query(db, "select 'after it'")
}

func large(c *sql.Conn) {
	execute(c, "drop table if exists large")
	execute(c, "create table large(a int, b longblob)")
	for _, size := range []int{0, 1, 250, 251, 65535, 65536, 1<<24 - 60, 1<<24 - 1, 1 << 24, 1 << 25} {
		query(c, fmt.Sprintf("select repeat('x', %d), 1", size))
		query(c, "select '"+strings.Repeat("y", size)+"'")
		prepared(c, "select ?, 1", []any{strings.Repeat("z", size)})
		execute(c, "insert into large values (?, ?)", size, strings.Repeat("w", size))
	}
	query(c, "select a, b from large order by a")
	prepared(c, "select b, a from large where a >= ? order by a", []any{0})
	execute(c, "drop table large")
	db := open(func(x *mysql.Config) { x.MaxAllowedPacket = 1 << 16 }) // so that long values go ahead of the execute
	defer db.Close()
	query(db, "select length(?), ?", strings.Repeat("a", 300_000), 1)
}

func suite(text string) {
	db := open(func(x *mysql.Config) { x.MultiStatements = true })
	defer db.Close()
	c := connection(db)
	for _, statement := range strings.Split(text, "\n----\n") {
		query(c, statement)
		if strings.HasPrefix(statement, "drop procedure two") {
			break // the rest leaves nothing to look at
		}
		word, _, _ := strings.Cut(statement, " ")
		if strings.Contains("insert update delete replace", word) {
			execute(c, statement)
		}
	}
	execute(c, "create procedure two(n int, out o int) begin select n a; select n + 1 b, 'zwei;' c; set o = n * 2; end")
	binds(c)
	transactions(db, c)
	sessions(c)
	endings()
	execute(c, "drop procedure two")
}

func encoded(text, charset string) string {
	tables := map[string]encoding.Encoding{"gbk": simplifiedchinese.GBK, "sjis": japanese.ShiftJIS, "big5": traditionalchinese.Big5}
	if table, ok := tables[charset]; ok {
		bytes, err := table.NewEncoder().String(text)
		must(err)
		return bytes
	}
	return text
}

func evasion(text string) {
	for _, block := range strings.Split(text, "\n## ")[1:] {
		name, body, _ := strings.Cut(block, "\n")
		name, charset, _ := strings.Cut(name, " charset=")
		say("## %s", name)
		for _, how := range []string{"text", "prepared"} {
			db := open(func(x *mysql.Config) {
				x.MultiStatements = true
				x.ReadTimeout = 10 * time.Second
				if charset != "" {
					x.Params = map[string]string{"charset": charset}
					must(x.Apply(mysql.Charset(charset, "")))
				}
			})
			for _, statement := range strings.Split(body, "\n----\n") {
				c, err := db.Conn(always)
				if failed(err) {
					continue
				}
				if how == "text" {
					query(c, encoded(statement, charset))
				} else {
					prepared(c, encoded(statement, charset), []any{})
				}
				c.Close()
			}
			db.Close()
		}
	}
}

func main() {
	bytes, err := os.ReadFile(os.Args[6])
	must(err)
	text := strings.TrimRight(string(bytes), "\n")
	switch os.Args[5] {
	case "suite":
		suite(text)
	case "large":
		db := open(nil)
		large(connection(db))
	default:
		evasion(text)
	}
	must(out.Flush())
}
