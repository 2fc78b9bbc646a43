// mysql2: does a list of operations and prints what it sees: node client.js PORT USER PASSWORD DATABASE suite|large|evasion FILE
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import mysql from 'mysql2/promise';

const [port, user, password, database, mode, file] = process.argv.slice(2);
const lines = [];
const say = (...words) => lines.push(words.join(' '));

const connect = (more = {}) =>
  mysql.createConnection({
    host: '127.0.0.1', port: Number(port), user, password, database, charset: 'utf8mb4', rowsAsArray: true, dateStrings: true,
    supportBigNumbers: true, bigNumberStrings: true, jsonStrings: true, connectTimeout: 10000, ...more,
  });

function value(v) {
  if (v === null || v === undefined) return 'NULL';
  if (typeof v === 'string' || Buffer.isBuffer(v)) {
    const bytes = Buffer.from(v);
    return bytes.length > 400 ? `${bytes.length}:${createHash('sha256').update(bytes).digest('hex')}` : 'x' + bytes.toString('hex');
  }
  return `${typeof v} ${JSON.stringify(v)}`;
}

const failed = (e) => say('  error', e.errno, e.sqlState, e.code, e.sqlMessage ?? e.message);

function result(rows, fields) {
  if (!fields) {
    say('  ok', JSON.stringify(rows));
    return;
  }
  for (const f of fields) {
    say('  column', f.schema, f.table, f.orgTable, f.name, f.orgName, f.characterSet, f.columnLength, f.columnType, f.flags, f.decimals);
  }
  for (const row of rows) say('  row', ...row.map(value));
}

const isList = (fields) => Array.isArray(fields) && fields.some((f) => f === undefined || Array.isArray(f));

function results([rows, fields]) {
  if (isList(fields)) rows.forEach((part, i) => result(part, fields[i]));
  else result(rows, fields);
}

const short = (sql) => (sql.length < 300 ? sql : sql.length);

async function query(c, sql, values) {
  say('>', short(sql));
  try {
    results(await c.query(sql, values));
  } catch (e) {
    failed(e);
  }
}

async function execute(c, sql, ...sets) {
  for (const values of sets.length ? sets : [[]]) {
    say('?', short(sql));
    try {
      results(await c.execute(sql, values));
    } catch (e) {
      failed(e);
    }
  }
}

async function attempt(what, action) {
  try {
    say(what, await action());
  } catch (e) {
    say(what);
    failed(e);
  }
}

async function binds(c) {
  await query(c, 'drop table if exists bound');
  await query(c, 'create table bound(id int auto_increment primary key, a bigint, b double, c decimal(30,10), d varchar(300), e longblob,' +
    ' f datetime(6), g date, h time(6), i bigint unsigned, j longtext) default charset utf8mb4');
  await execute(c, 'insert into bound(a,b,c,d,e,f,g,h,i,j) values (?,?,?,?,?,?,?,?,?,?)',
    Array(10).fill(null),
    ['-9223372036854775808', 1e-300, '12345678901234567890.0123456789', 'it\'s \\ "ß" ? 😀\0\n', Buffer.from([0, 255, 39, 92, 26]),
      '2024-02-29 01:02:03.456789', '1000-01-01', '-03:00:00.000005', '18446744073709551615', '{"a": 1}'],
    [5, -0.5, -7, '', Buffer.alloc(0), new Date(Date.UTC(2024, 1, 29, 1, 2, 3, 456)), new Date(Date.UTC(2024, 5, 1)), '23:59:59', 3, ''],
    [true, false, 1.5, 'ß'.repeat(140), Buffer.alloc(70000, 0xff), null, null, null, 2 ** 31, JSON.stringify({ k: [1, null] })]);
  await execute(c, 'select * from bound where a = ? or d = ? or a is null order by id', ['-9223372036854775808', ''], [5, 'x'], [null, null]);
  await execute(c, 'select ?, ?, ?', [1, 'zwei', null], ['eins', 2.5, Buffer.from([0])], [true, '', 'ü']);
  await execute(c, 'select * from every where id > ? order by id', [0], [100]);
  await execute(c, 'select no_such from every');
  await execute(c, 'selct ?', [1]);
  await execute(c, 'update bound set a = a + ? where id = ?', [1, 1], [1, 2]);
  await execute(c, 'call two(?, @o)', [1], [2]);
  await execute(c, 'insert into bound(id) values (?)', [1], [1000], [null]);
  const prepared = await c.prepare('select ? + 1, a from bound order by id');
  for (const n of [1, 2]) results(await prepared.execute([n]));
  await prepared.close();
  c.unprepare('select ?, ?, ?');
  await execute(c, 'select ?, ?, ?', [1, 2, 3]);
  await query(c, 'insert into bound(a, d) values ?', [[[7, 'sieben'], [8, 'it\'s']]]);
  await query(c, 'select ?? from ?? where a in (?)', ['d', 'bound', [7, 8]]);
}

async function transactions(c) {
  await query(c, 'drop table if exists counted');
  await query(c, 'create table counted(a int primary key, b int) engine=innodb');
  await c.beginTransaction();
  await query(c, 'insert into counted values (1, 1)');
  await c.rollback();
  for (const level of ['read uncommitted', 'read committed', 'repeatable read', 'serializable']) {
    await query(c, `set session transaction isolation level ${level}`);
    await c.beginTransaction();
    await query(c, `insert into counted values (${level.length}, 2)`);
    await query(c, 'savepoint here');
    await query(c, 'delete from counted');
    await query(c, 'rollback to here');
    await c.commit();
    await query(c, 'select * from counted');
  }
}

async function sessions(c) {
  await attempt('ping', () => c.ping());
  for (const charset of ['latin1', 'gbk', 'sjis', 'big5', 'utf8mb4']) {
    const other = await connect({ charset });
    await query(other, 'select ?, hex(?), @@character_set_client', ['grüße 漢字', 'ab']);
    await other.end();
  }
  await query(c, 'set @mine = 5');
  await attempt('reset', () => c.reset());
  await query(c, 'select @mine, database()');
  const other = await connect();
  await attempt('change', () => other.changeUser({ user, password, database: 'mysql' }));
  await query(other, 'select database(), substring_index(user(), "@", 1)');
  await attempt('change back', () => other.changeUser({ user, password, database }));
  await query(other, 'select database()');
  await attempt('change to nobody', () => other.changeUser({ user: 'nobody', password: 'x', database }));
  other.destroy();
  for (const flags of [['FOUND_ROWS'], ['-FOUND_ROWS'], ['-DEPRECATE_EOF'], ['-PROTOCOL_41_NO', '-SESSION_TRACK']]) {
    const flagged = await connect({ flags });
    await query(flagged, 'update counted set b = b');
    await execute(flagged, 'select * from counted where a > ?', [0]);
    await flagged.end();
  }
  for (const more of [{ password: 'wrong' }, { user: 'nobody' }, { database: 'no_such' }]) {
    await attempt('connect', async () => (await connect(more)).threadId > 0);
  }
  await query(c, 'select 1; select 2');
  await attempt('local', async () => {
    const local = await connect();
    try {
      return await local.query({ sql: "select 'no local file'", infileStreamFactory: () => Readable.from(['x']) }).then(([rows]) => rows.length);
    } finally {
      await local.end();
    }
  });
}

async function endings(c) {
  const slow = await connect();
  slow.on('error', () => {});
  const later = (what) => setTimeout(() => c.query(what), 500);
  later(`kill query ${slow.threadId}`);
  await query(slow, 'select sleep(20)');
  await query(slow, "select 'goes on'");
  later(`kill ${slow.threadId}`);
  await attempt('killed', () => slow.query('select 1 from every where sleep(20)').then(() => 'answered', () => 'failed'));
  await attempt('gone', () => slow.query('select 1').then(() => 'answered', () => 'failed'));
  const lazy = await connect();
  lazy.on('error', () => {});
  await attempt('timeout', () => lazy.query({ sql: 'select sleep(5)', timeout: 300 }).then(() => 'answered', (e) => e.code));
  lazy.destroy();
  const pool = mysql.createPool({ host: '127.0.0.1', port: Number(port), user, password, database, connectionLimit: 2 });
  const all = await Promise.all([1, 2, 3, 4, 5].map((n) => pool.query('select ? n', [n]).then(([rows]) => rows[0].n)));
  say('pool', all.join());
  await pool.end();
  const stream = c.connection.query('with recursive n(i) as (select 1 union all select i + 1 from n where i < 900) select i from n').stream();
  let sum = 0;
  for await (const row of stream) sum += Number(row[0]);
  say('stream', sum);
}

async function large(c) {
  await query(c, 'drop table if exists large');
  await query(c, 'create table large(a int, b longblob)');
  for (const size of [0, 1, 250, 251, 65535, 65536, 2 ** 24 - 60, 2 ** 24 - 1, 2 ** 24, 2 ** 25]) {
    await query(c, `select repeat('x', ${size}), 1`);
    await query(c, `select '${'y'.repeat(size)}'`);
    await execute(c, 'select ?, 1', ['z'.repeat(size)]);
    await execute(c, 'insert into large values (?, ?)', [size, Buffer.alloc(size, 'w')]);
  }
  await query(c, 'select a, b from large order by a');
  await execute(c, 'select b, a from large where a >= ? order by a', [0]);
  await query(c, 'drop table large');
}

const text = () => readFileSync(file, 'utf8').trimEnd();

async function suite() {
  const c = await connect({ multipleStatements: true });
  for (const sql of text().split('\n----\n')) {
    await query(c, sql);
    if (/^(select|insert|update|delete|replace|show)/.test(sql)) await execute(c, sql);
    if (sql.startsWith('drop function twice')) break; // the rest leaves nothing to look at
  }
  for (const part of [binds, transactions, sessions, endings]) {
    say('==', part.name);
    await part(c);
  }
  await c.query('drop procedure two');
  await c.end();
}

async function evasion() {
  for (const block of text().split('\n## ').slice(1)) {
    const [head, ...body] = block.split('\n');
    const [name, charset] = head.split(' charset=');
    say('##', name);
    for (const how of [query, execute]) {
      const c = await connect({ multipleStatements: true, ...(charset ? { charset } : {}) });
      c.on('error', () => {});
      for (const sql of body.join('\n').split('\n----\n')) await how(c, sql);
      c.destroy();
    }
  }
}

const modes = { suite, evasion, large: async () => { const c = await connect(); await large(c); await c.end(); } };
await modes[mode]();
writeFileSync(1, lines.join('\n') + '\n');
process.exit(0);
