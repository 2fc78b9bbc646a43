// Rejects an UPDATE or DELETE that has no WHERE, with the whole SQL parser of node-sql-parser: a plugin of real size.
import { Parser } from 'node-sql-parser/build/mysql.js';

const parser = new Parser();

/** The message for a query; undefined lets it pass. */
globalThis.before = (query) => {
  let statements;
  try {
    statements = [parser.astify(query)].flat();
  } catch (e) {
    return String(e.message);
  }
  const changesAll = ({ type, where }) => (type === 'update' || type === 'delete') && !where;
  return statements.some(changesAll) ? 'no where clause' : undefined;
};

// What the first request would have to do: it is in the snapshot.
globalThis.before('UPDATE t SET a = 1 WHERE b = 2');
