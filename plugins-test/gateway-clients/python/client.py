"""PyMySQL: does a list of operations and prints what it sees: client.py PORT USER PASSWORD DATABASE suite|large|evasion FILE."""

import binascii
import datetime
import decimal
import hashlib
import io
import sys
import threading
import time

import pymysql
from pymysql.constants import CLIENT
from pymysql.cursors import SSCursor

PORT, USER, PASSWORD, DATABASE, MODE, FILE = sys.argv[1:7]
MULTI = CLIENT.MULTI_STATEMENTS
out = io.StringIO()


def say(*words):
    print(*words, file=out)


def connect(**more):
    options = dict(host="127.0.0.1", port=int(PORT), user=USER, password=PASSWORD, database=DATABASE,
                   charset="utf8mb4", autocommit=True, read_timeout=60, local_infile=True)
    return pymysql.connect(**{**options, **more})


def value(v):
    if v is None:
        return "NULL"
    if isinstance(v, str):
        v = v.encode("utf-8", "surrogateescape")
    if isinstance(v, (bytes, bytearray)):
        if len(v) > 400:
            return f"{len(v)}:{hashlib.sha256(v).hexdigest()}"
        return "x" + binascii.hexlify(v).decode()
    return repr(v)


def failed(e):
    say("  error", *(str(a) for a in e.args))


def result(cursor):
    say("  count", cursor.rowcount, "id", cursor.lastrowid)
    answer = cursor._result
    if answer is not None:
        say("  answer", answer.affected_rows, answer.insert_id, answer.server_status, answer.warning_count,
            answer.has_next, value(answer.message))
    if cursor.description:
        for field in answer.fields:
            say("  column", field.catalog, field.db, field.table_name, field.org_table, field.name, field.org_name,
                field.charsetnr, field.length, field.type_code, field.flags, field.scale)
        for row in cursor.fetchall():
            say("  row", *(value(v) for v in row))


def run(connection, sql, arguments=None):
    say(">", sql if len(sql) < 300 else len(sql), "" if arguments is None else arguments)
    with connection.cursor() as cursor:
        try:
            cursor.execute(sql, arguments)
            while True:
                result(cursor)
                if not cursor.nextset():
                    break
        except pymysql.MySQLError as e:
            failed(e)


def statements(text):
    return [s for s in text.split("\n----\n")]


def attempt(what, action):
    say("#", what)
    try:
        action()
    except Exception as e:  # whatever it is, it must be the same on both ways
        say("  raised", type(e).__name__, e)


def binds(c):
    run(c, "drop table if exists bound")
    run(c, "create table bound(id int auto_increment primary key, a bigint, b double, c decimal(30,10), d varchar(300), e longblob,"
           " f datetime(6), g date, h time(6), i bigint unsigned, j set('x','y')) default charset utf8mb4")
    for row in [
        (None,) * 10,
        (-2**63, 1e-300, decimal.Decimal("12345678901234567890.0123456789"), "it's \\ \"ß\" %s 😀\0\n", b"\0\xff'\\\x1a",
         datetime.datetime(2024, 2, 29, 1, 2, 3, 456789), datetime.date(1000, 1, 1), datetime.timedelta(hours=-3, microseconds=5),
         2**64 - 1, "x,y"),
        (True, -0.0, decimal.Decimal("-0.5"), "", b"", datetime.datetime(9999, 12, 31), datetime.date(2024, 12, 31),
         datetime.time(23, 59, 59, 999999), 0, ""),
    ]:
        run(c, "insert into bound(a,b,c,d,e,f,g,h,i,j) values (%s,%s,%s,%s,%s,%s,%s,%s,%s,%s)", row)
    run(c, "select * from bound where a = %s or d = %s order by id", (-2**63, ""))
    run(c, "select * from bound where d in %s", (("", "nothing"),))
    run(c, "select %(one)s, %(two)s", {"one": 1, "two": "zwei"})
    with c.cursor() as cursor:
        say("many", cursor.executemany("insert into bound(a, d) values (%s, %s)", [(n, "n" * n) for n in range(200)]))
        say("many", cursor.executemany("update bound set d = %s where a = %s", [("u", n) for n in range(5)]))
        say("last", cursor.lastrowid)
    run(c, "select count(*), sum(length(d)) from bound")


def procedures(c):
    run(c, "create procedure several(in a int, out b int, inout c text) begin select a; set b = a + 1, c = concat(c, '!'); select 2 x, 3 y; end")
    with c.cursor() as cursor:
        say("args", cursor.callproc("several", (5, 0, "wort")))
        result(cursor)
        while cursor.nextset():
            result(cursor)
        cursor.execute("select @_several_0, @_several_1, @_several_2")
        result(cursor)
    run(c, "drop procedure several")


def transactions(c):
    run(c, "create or replace table counted(a int primary key, b int) engine=innodb")
    run(c, "drop table if exists counted")
    run(c, "create table counted(a int primary key, b int) engine=innodb")
    c.autocommit(False)
    say("autocommit", c.get_autocommit())
    run(c, "insert into counted values (1, 1)")
    c.rollback()
    c.begin()
    run(c, "insert into counted values (2, 2)")
    c.commit()
    c.autocommit(True)
    run(c, "select * from counted")
    for level in ("read uncommitted", "read committed", "repeatable read", "serializable"):
        run(c, "set session transaction isolation level " + level)
        with connect(autocommit=False) as other:
            run(other, "insert into counted values (100, 100)")
            run(c, "select @@autocommit, count(*) from counted" + (" where a < 50" if level == "serializable" else ""))
            other.rollback()
    run(c, "set session transaction isolation level repeatable read")
    with connect(autocommit=False) as a, connect(autocommit=False) as b:  # one of the two is the victim
        run(b, "set innodb_lock_wait_timeout = 1")
        run(a, "update counted set b = 3 where a = 2")
        run(b, "update counted set b = 4 where a = 2")
        a.rollback()


def sessions(c):
    c.ping(reconnect=False)
    say("select_db", c.select_db("mysql"))
    run(c, "select database()")
    c.select_db(DATABASE)
    attempt("select_db of none", lambda: c.select_db("no_such_database"))
    say("escape", c.escape("a'b\\c"), c.literal("x'y"))
    for charset in ("latin1", "gbk", "sjis", "big5", "utf8mb4"):
        c.set_character_set(charset)
        text = {"latin1": "grüße", "gbk": "漢字縗", "sjis": "表構", "big5": "功許"}.get(charset, "😀")
        run(c, "select %s, hex(%s), length(%s)", (text, text, text))
    say("server", c.server_status, c.get_host_info(), c.get_proto_info())
    with connect(charset="latin1") as other:
        run(other, "select %s, @@collation_connection", ("ü",))
    with connect(client_flag=CLIENT.FOUND_ROWS) as other:
        run(other, "update counted set b = b")
    with connect(init_command="set @first = 7", sql_mode="ANSI_QUOTES") as other:
        run(other, "select @first, @@sql_mode")
    run(c, "select 1; select 2")
    with connect(client_flag=MULTI) as other:
        run(other, "select 1; insert into counted values (70, 1); select a from counted; selct; select 5")
    say("reconnect")
    c.close()
    attempt("closed", lambda: c.query("select 1"))
    c.ping(reconnect=True)
    run(c, "select 'again', @mine")
    attempt("wrong password", lambda: wrong(password="wrong"))
    attempt("no database", lambda: wrong(database="no_such_database"))
    attempt("no user", lambda: wrong(user="no_such_user"))


def wrong(**more):
    try:
        connect(**more)
        say("  connected")
    except pymysql.MySQLError as e:
        failed(e)


def endings(c):
    with connect() as slow:
        killer = threading.Timer(0.5, lambda: kill(slow, "kill query "))
        killer.start()
        run(slow, "select sleep(20)")
        killer.join()
        run(slow, "select 'goes on'")
        killer = threading.Timer(0.5, lambda: kill(slow, "kill "))
        killer.start()
        run(slow, "select 1 from every where sleep(20)")
        killer.join()
        say("open", slow.open)
    lazy = connect(read_timeout=1)
    run(lazy, "select sleep(3)")
    say("open", lazy.open)
    with connect() as unbuffered, unbuffered.cursor(SSCursor) as cursor:
        cursor.execute("with recursive n(i) as (select 1 union all select i + 1 from n where i < 900) select i from n")
        say("unbuffered", cursor.fetchone(), cursor.fetchmany(3), sum(row[0] for row in cursor))


def kill(connection, how):
    with connect() as killer, killer.cursor() as cursor:
        cursor.execute(how + str(connection.thread_id()))


def large(c):
    run(c, "drop table if exists large")
    run(c, "create table large(a int, b longblob)")
    for size in (0, 1, 250, 251, 65535, 65536, 2**24 - 60, 2**24 - 1, 2**24, 2**25):
        run(c, f"select repeat('x', {size}), 1")
        run(c, f"select '{'y' * size}'")
    run(c, "insert into large values (1, repeat('z', 33554432))")
    run(c, "insert into large values (2, '" + "w" * 2**25 + "')")
    run(c, "select * from large order by a")
    run(c, "drop table large")


def suite():
    with connect(client_flag=MULTI) as c:
        for sql in statements(open(FILE, encoding="utf-8").read().rstrip("\n")):
            run(c, sql)
        for part in (binds, procedures, transactions, sessions, endings):
            say("==", part.__name__)
            part(c)


def evasion():
    for block in open(FILE, encoding="utf-8").read().rstrip("\n").split("\n## ")[1:]:
        name, _, text = block.partition("\n")
        name, _, charset = name.partition(" charset=")
        say("##", name)
        with connect(charset=charset or "utf8mb4", client_flag=MULTI, read_timeout=10) as c:
            for sql in statements(text):
                run(c, sql)


{"suite": suite, "large": lambda: large(connect()), "evasion": evasion}[MODE]()
sys.stdout.buffer.write(out.getvalue().encode("utf-8", "surrogateescape"))
