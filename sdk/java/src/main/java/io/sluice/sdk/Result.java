package io.sluice.sdk;

import java.util.ArrayList;
import java.util.List;

/** What a query gave. Rows are decoded when they are asked for, and only what was changed is encoded again. */
public final class Result {
    /** The rows that a statement without rows changed. */
    public long rowsAffected;

    /** The number that it generated. */
    public long insertId;

    private final byte[] message;
    private final List<Column> columns = new ArrayList<>();
    private final List<Row> rows = new ArrayList<>();

    private static final class Row {
        final Fields fields;
        byte[][] values;
        boolean changed;

        Row(Fields fields, byte[][] values) {
            this.fields = fields;
            this.values = values;
            this.changed = values != null;
        }
    }

    private Result(byte[] message) {
        this.message = message;
    }

    /** A result without rows. */
    public Result(Column... columns) {
        this(new byte[0]);
        for (Column column : columns) {
            this.columns.add(column);
        }
    }

    /** Null if it is malformed. */
    static Result read(byte[] message) {
        Result result = new Result(message);
        Fields fields = new Fields(message, 0, message.length);
        while (fields.next()) {
            if (fields.number == 1) {
                result.columns.add(column(fields.content()));
            } else if (fields.number == 2) {
                result.rowsAffected = fields.value;
            } else if (fields.number == 3) {
                result.insertId = fields.value;
            } else if (fields.number == 4) {
                result.rows.add(new Row(fields.content(), null));
            }
        }
        return fields.malformed ? null : result;
    }

    private static Column column(Fields fields) {
        String name = "";
        String orgName = "";
        String table = "";
        int type = 0;
        Fields each = fields.again();
        while (each.next()) {
            if (each.number == 1) {
                name = each.text();
            } else if (each.number == 2) {
                type = (int) each.value;
            } else if (each.number == 3) {
                table = each.text();
            } else if (each.number == 6) {
                orgName = each.text();
            }
        }
        return new Column(name, orgName, table, type, fields, false);
    }

    /** How many columns it has. */
    public int columnCount() {
        return columns.size();
    }

    /** One of them. */
    public Column column(int index) {
        return columns.get(index);
    }

    /** Changes the {@link Type} of a column. */
    public void setType(int column, int type) {
        columns.get(column).type = type;
        columns.get(column).changed = true;
    }

    /** How many rows it has. */
    public int rowCount() {
        return rows.size();
    }

    /** The values of a row, null for NULL; they are the result's own. */
    public byte[][] row(int index) {
        Row row = rows.get(index);
        if (row.values == null) {
            row.values = decode(row.fields);
        }
        return row.values;
    }

    /** The text of a value; null for NULL. */
    public String text(int row, int column) {
        byte[] value = row(row)[column];
        return value == null ? null : Host.text(value);
    }

    /** Changes a value; null is NULL. */
    public void set(int row, int column, String text) {
        row(row)[column] = text == null ? null : Host.utf8(text);
        rows.get(row).changed = true;
    }

    /** Adds a row, one text for each column, null for NULL. */
    public void add(String... texts) {
        byte[][] values = new byte[columns.size()][];
        for (int i = 0; i < values.length; i++) {
            values[i] = texts[i] == null ? null : Host.utf8(texts[i]);
        }
        rows.add(new Row(null, values));
    }

    private byte[][] decode(Fields row) {
        byte[][] values = new byte[columns.size()][];
        int at = 0;
        int end = 0;
        for (Fields each = row.again(); each.next(); ) {
            if (each.number == 2) {
                at = each.body;
                end = each.end();
            }
        }
        int column = 0;
        for (Fields each = row.again(); each.next(); ) {
            if (each.number != 1) {
                continue;
            }
            Fields lengths = each.content();
            while (lengths.more() && column < values.length) {
                long zigzag = lengths.varint();
                long length = zigzag >>> 1;
                if ((zigzag & 1) == 0 && length <= end - at) {
                    values[column] = new byte[(int) length];
                    System.arraycopy(row.message, at, values[column], 0, (int) length);
                    at += (int) length;
                }
                column++;
            }
        }
        return values;
    }

    byte[] toBytes() {
        Writer out = new Writer(message.length + 64);
        int column = 0;
        int row = 0;
        Fields fields = new Fields(message, 0, message.length);
        while (fields.next()) {
            if (fields.number == 1 && columns.get(column++).changed) {
                write(columns.get(column - 1), out);
            } else if (fields.number == 4 && rows.get(row++).changed) {
                write(rows.get(row - 1), out);
            } else if (fields.number != 2 && fields.number != 3) {
                out.raw(message, fields.start, fields.end());
            }
        }
        while (column < columns.size()) {
            write(columns.get(column++), out);
        }
        while (row < rows.size()) {
            write(rows.get(row++), out);
        }
        out.field(2, rowsAffected);
        out.field(3, insertId);
        return out.bytes();
    }

    private static void write(Column column, Writer out) {
        Writer description = new Writer(64);
        if (column.fields == null) {
            description.text(1, column.name);
            description.text(3, column.table);
            description.text(6, column.orgName);
        } else {
            for (Fields each = column.fields.again(); each.next(); ) {
                if (each.number != 2) {
                    description.raw(each.message, each.start, each.end());
                }
            }
        }
        description.field(2, column.type);
        out.message(1, description);
    }

    private static void write(Row row, Writer out) {
        Writer lengths = new Writer(16);
        Writer values = new Writer(64);
        for (byte[] value : row.values) {
            if (value == null) {
                lengths.number(1);
            } else {
                lengths.number((long) value.length << 1);
                values.raw(value, 0, value.length);
            }
        }
        Writer bytes = new Writer(64);
        bytes.message(1, lengths);
        bytes.message(2, values);
        out.message(4, bytes);
    }
}
