package io.sluice.mysql;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.mysql.FilterService.Answer;
import io.sluice.mysql.FilterService.RefusedException;
import io.sluice.mysql.FilterStatementParser.SyntaxException;
import io.sluice.mysql.PreparedStatements.Prepared;
import io.sluice.mysql.ResponseTracker.Shape;
import io.sluice.mysql.ServerLink.Keep;
import io.sluice.sql.QueryResultWriter;
import io.sluice.sql.ResultField;
import io.sluice.sql.SqlError;
import io.sluice.sql.SqlRequest;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The statements of one connection that the gateway answers itself.
 *
 * <p>Whether the client may say one is decided by its server: the client's own session is asked to explain a statement on the table of
 * filters that needs the same right. The table is then changed by the gateway's own account, outside the client's transaction.
 *
 * <p><b>Threads.</b> Confined to the connection's event loop, but for the statements themselves.
 */
final class OwnStatements {
    static final int IN_TRANSACTION = 0x1;
    private static final int MAX_ANSWER_BYTES = 64 << 20;
    private static final byte[] ROLLBACK = "rollback".getBytes(StandardCharsets.US_ASCII);

    private final CommandRunner runner;
    private final ServerLink link;
    private final FilterService service;
    private final SqlRequest request;

    OwnStatements(CommandRunner runner, ServerLink link, FilterService service, SqlRequest request) {
        this.runner = runner;
        this.link = link;
        this.service = service;
        this.request = request;
    }

    /** Answers a COM_QUERY. */
    void query(byte[] payload) {
        FilterStatement statement = read(payload);
        if (statement != null) {
            execute(statement, false);
        }
    }

    /** Answers a COM_STMT_PREPARE. */
    void prepare(byte[] payload, PreparedStatements statements) {
        FilterStatement statement = read(payload);
        if (statement == null) {
            statements.forgetLast();
            return;
        }
        int id = statements.nextOwnId();
        statements.add(new Prepared(id, Arrays.copyOfRange(payload, 1, payload.length), statement));
        List<ResultField> columns = statement.columns();
        ByteBuf out = Unpooled.buffer(64);
        PacketWriter writer = new PacketWriter(out, runner.replySequence());
        writer.u8(0).i32(id).u16(columns.size()).u16(0).u8(0).u16(0).end();
        for (ResultField column : columns) {
            writer.bytes(ColumnDefinition.of(column).packet()).end();
        }
        if (!columns.isEmpty() && !link.deprecateEof()) {
            writer.u8(0xfe).u16(0).u16(link.answer().status()).end();
        }
        runner.reply(out);
    }

    private @Nullable FilterStatement read(byte[] payload) {
        try {
            return FilterStatementParser.parse(payload, 1, payload.length, request.dialect());
        } catch (SyntaxException e) {
            runner.reply(e.error());
            return null;
        }
    }

    /** Does what a statement says, if the client may. */
    void execute(FilterStatement statement, boolean binary) {
        if (!service.hasStore()) {
            answer(statement, binary);
            return;
        }
        boolean inTransaction = (link.answer().status() & IN_TRANSACTION) != 0;
        ask(service.mayQuestion(statement).getBytes(StandardCharsets.US_ASCII), () -> {
            boolean opened = !inTransaction && (link.answer().status() & IN_TRANSACTION) != 0;
            if (opened) {
                // The question alone began one on a session without autocommit.
                ask(ROLLBACK, () -> answer(statement, binary));
            } else {
                answer(statement, binary);
            }
        });
    }

    /** Says something to the server on the client's session; an error of its is the client's. */
    private void ask(byte[] text, Runnable then) {
        byte[] command = new byte[text.length + 1];
        command[0] = Command.QUERY.code();
        System.arraycopy(text, 0, command, 1, text.length);
        link.send(command, Shape.RESULTS, Keep.BUFFER, MAX_ANSWER_BYTES, () -> {
            List<byte[]> payloads = Payloads.of(link.held());
            link.dropHeld();
            byte[] first = payloads.get(0);
            byte[] last = payloads.get(payloads.size() - 1);
            if (Payloads.isError(first) || Payloads.isError(last)) {
                runner.reply(Payloads.error(Payloads.isError(first) ? first : last));
            } else {
                then.run();
            }
        });
    }

    private void answer(FilterStatement statement, boolean binary) {
        Answer[] made = {null};
        SqlError[] refused = {null};
        runner.aside(
                () -> {
                    try {
                        made[0] = service.execute(statement, request);
                    } catch (RefusedException e) {
                        refused[0] = e.error();
                    }
                },
                () -> {
                    SqlError error = refused[0];
                    if (error != null) {
                        runner.reply(error);
                    } else {
                        reply(statement, made[0], binary);
                    }
                });
    }

    private void reply(FilterStatement statement, Answer answer, boolean binary) {
        List<ResultField> columns = statement.columns();
        int status = link.answer().status();
        if (columns.isEmpty()) {
            runner.reply(PacketWriter.ok(answer.affected(), status, runner.replySequence()));
            return;
        }
        QueryResultWriter writer = QueryResultWriter.of(columns, MAX_ANSWER_BYTES);
        for (List<String> row : answer.rows()) {
            byte[][] values = new byte[row.size()][];
            for (int i = 0; i < values.length; i++) {
                values[i] = row.get(i).getBytes(StandardCharsets.UTF_8);
            }
            writer.row(values);
        }
        runner.reply(HeldAnswer.unread()
                .replacement(writer.finish(), runner.replySequence(), binary, link.deprecateEof(), status));
    }
}
