package io.sluice.mysql;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.sluice.mysql.PreparedStatements.Prepared;
import io.sluice.mysql.ResponseTracker.Shape;
import io.sluice.mysql.ServerLink.Keep;
import io.sluice.sql.FilterChain;
import io.sluice.sql.FilterSet;
import io.sluice.sql.SqlDialect;
import io.sluice.sql.SqlError;
import io.sluice.sql.SqlRequest;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The commands of a client that is logged in, one after the other: relayed, filtered, or refused by name.
 *
 * <p><b>Threads.</b> Confined to the connection's event loop, but for what runs in the filters.
 */
@SuppressWarnings(
        "FutureReturnValueIgnored") // a channel that cannot be written to becomes inactive, and that is listened for
final class CommandRunner {
    /** What an answer to one of the gateway's own questions, or a first packet, may have. */
    private static final int MAX_SMALL_ANSWER = 17 << 20;

    /** A longer text of several statements is cut beside the event loop. */
    private static final int CUT_HERE_BYTES = 16 << 10;

    private final GatewayConnection connection;
    private final Channel client;
    private final ServerLink link;
    private final ClientSession session;
    private final FilterSet filters;
    private final Executor filterThreads;
    private final PreparedStatements statements = new PreparedStatements();
    private final SqlRequest request = new SqlRequest();
    private final FilteredCommand filtered;
    private final @Nullable OwnStatements own;
    private boolean busy;
    private boolean closed;
    private boolean aside;
    /** Whether the client may send several statements in one; the server's connection never takes them. */
    private boolean takesSeveral;

    private @Nullable SeveralStatements several;
    private int replySequence = 1;

    CommandRunner(
            GatewayConnection connection,
            Channel client,
            Channel server,
            ClientSession session,
            int capabilities,
            GatewayShared shared) {
        this.connection = connection;
        this.client = client;
        this.link = new ServerLink(
                client,
                server,
                Capability.has(capabilities, Capability.DEPRECATE_EOF),
                Capability.has(capabilities, Capability.LOCAL_FILES),
                shared.config().maxResultBytes());
        this.takesSeveral = Capability.has(capabilities, Capability.MULTI_STATEMENTS);
        this.session = session;
        this.filters = shared.filters();
        this.filterThreads = shared.filterThreads();
        FilterService service = shared.service();
        this.filtered = new FilteredCommand(this, link, session, request, shared.config(), shared.pace());
        this.own = service == null ? null : new OwnStatements(this, link, service, request);
    }

    /** Whether a command is being answered. */
    boolean isBusy() {
        return busy;
    }

    /** Whether the client has to send a file now. */
    boolean isUploading() {
        return link.isUploading();
    }

    /** Passes on what has come of a file. */
    void upload(ByteBuf bytes) {
        link.upload(bytes);
    }

    /** Whether the server must not be read at the moment. */
    boolean isPaused() {
        return link.isPaused();
    }

    /** The number that an error packet would have now; -1 if the client is in the middle of a packet. */
    int errorSequence() {
        return link.nextSequence(replySequence);
    }

    void serverBytes(ByteBuf bytes) {
        if (!busy && !link.isAwaiting()) {
            // What a server says without being asked is that it ends the connection, and why.
            client.write(bytes.readRetainedSlice(bytes.readableBytes()));
            connection.closeAfterWrite();
            return;
        }
        link.bytes(bytes);
    }

    /** Begins with a command of the client's. */
    void command(byte[] payload, int packets) {
        busy = true;
        replySequence = packets & 0xff;
        if (payload.length == 0) {
            throw new MalformedPacketException("malformed packet of the client: an empty command");
        }
        Command command = Command.of(payload[0]);
        if (command == null) {
            reply(GatewayErrors.unknownCommand(payload[0] & 0xff));
            return;
        }
        switch (command.handling()) {
            case QUIT -> {
                link.sendOnly(payload);
                connection.closeAfterWrite();
            }
            case RELAYED -> relayed(command, payload);
            case REFUSED -> reply(GatewayErrors.refusedCommand(command));
            case FILTERED -> read(command, payload, packets);
        }
    }

    private void relayed(Command command, byte[] payload) {
        Shape shape = command == Command.FIELD_LIST ? Shape.DEFINITIONS : Shape.ONE_PACKET;
        if (command == Command.INIT_DB || command == Command.RESET_CONNECTION) {
            session.makeStale();
        }
        if (command == Command.RESET_CONNECTION) {
            statements.clear();
        }
        relay(payload, shape);
    }

    private void read(Command command, byte[] payload, int packets) {
        switch (command) {
            case QUERY -> query(payload);
            case STMT_PREPARE -> prepare(payload);
            case STMT_EXECUTE -> execute(payload, packets);
            case STMT_SEND_LONG_DATA -> longData(payload);
            case STMT_CLOSE -> closeStatement(payload);
            case STMT_RESET -> resetStatement(payload);
            case STMT_FETCH -> fetch(payload);
            case CHANGE_USER -> connection.changeUser(payload);
            default -> setOption(payload);
        }
    }

    /** Sends a command whose answer the client gets as it is. */
    void relay(byte[] payload, Shape shape) {
        link.send(payload, shape, Keep.RELAY, 0, this::finish);
    }

    // ---- text

    private void query(byte[] payload) {
        if (takesSeveral && SeveralStatements.mayBe(payload)) {
            whenAsked(problem -> {
                if (problem == null) {
                    cut(payload);
                } else if (isChangeOfExpiredPassword(problem, payload)) {
                    // The server's connection takes one statement: several end in its syntax error.
                    filtered(filters.chain(), payload);
                } else {
                    reply(problem);
                }
            });
        } else {
            oneQuery(payload);
        }
    }

    /**
     * Whether the server answers nothing but a change of the account's password, not even what the session's texts mean, and this is one. The
     * filters then see it by the server's defaults and the name of the log-in: there is no other statement that it could be for the server.
     */
    private static boolean isChangeOfExpiredPassword(SqlError problem, byte[] payload) {
        return problem.code() == GatewayErrors.PASSWORD_EXPIRED && ClientSession.mayChangePassword(payload, 1);
    }

    private void filtered(FilterChain chain, byte[] payload) {
        if (session.isStale()) {
            session.fillByLogIn(request);
        }
        request.text(payload, 1, payload.length - 1);
        filtered.run(chain, FilteredCommand.Target.ofText(payload));
    }

    /** Answers a text that may have several statements. */
    private void cut(byte[] payload) {
        request.text(payload, 1, payload.length - 1);
        session.fill(request);
        if (payload.length <= CUT_HERE_BYTES) {
            cutInto(payload, request.statements());
            return;
        }
        List<int[]> statements = new ArrayList<>();
        aside(() -> statements.addAll(request.statements()), () -> cutInto(payload, statements));
    }

    private void cutInto(byte[] payload, List<int[]> statements) {
        if (statements.size() < 2) {
            oneQuery(payload);
            return;
        }
        several = new SeveralStatements(payload, statements, request.dialect());
        link.beginRewriting(replySequence);
        oneOf(several);
    }

    private void oneOf(SeveralStatements all) {
        whenFresh(() -> {
            byte[] payload = all.next();
            Objects.requireNonNull(link.rewriting()).moreFollow(all.hasNext());
            if (all.isStillCutFor(request.dialect())) {
                oneQuery(payload);
            } else {
                reply(GatewayErrors.refused("the rest of the text is refused by this gateway, which cut it into"
                        + " statements before one of them changed sql_mode or character_set_client"));
            }
        });
    }

    private void oneQuery(byte[] payload) {
        OwnStatements ours = own;
        if (ours != null && FilterStatementParser.mayBe(payload, 1, payload.length)) {
            whenFresh(() -> ours.query(payload));
            return;
        }
        FilterChain chain = filters.chain();
        if (chain.isEmpty()) {
            staleAfter(payload, 1);
            relay(payload, Shape.RESULTS);
            return;
        }
        whenAsked(problem -> {
            if (problem == null || isChangeOfExpiredPassword(problem, payload)) {
                filtered(chain, payload);
            } else {
                reply(problem);
            }
        });
    }

    private void setOption(byte[] payload) {
        PayloadReader in = new PayloadReader(payload, Command.SET_OPTION.wireName());
        in.skip(1);
        int option = in.u16();
        if (option > 1) {
            relay(payload, Shape.ONE_PACKET); // the server's own error
            return;
        }
        takesSeveral = option == 0;
        relay(new byte[] {Command.SET_OPTION.code(), 1, 0}, Shape.ONE_PACKET);
    }

    // ---- prepared statements

    private void prepare(byte[] payload) {
        if (!statements.hasRoomFor(payload.length)) {
            reply(GatewayErrors.refused("the connection's prepared statements have more than "
                    + PreparedStatements.MAX_TEXT_BYTES + " bytes of text together; close some"));
            return;
        }
        OwnStatements ours = own;
        if (ours != null && FilterStatementParser.mayBe(payload, 1, payload.length)) {
            whenFresh(() -> ours.prepare(payload, statements));
            return;
        }
        if (filters.chain().isEmpty()) {
            // Filters may come before it is executed: how the server reads the text must be known then.
            whenAsked(ignored -> sendPrepare(payload));
            return;
        }
        whenFresh(() -> {
            request.text(payload, 1, payload.length - 1);
            session.fill(request);
            if (payload.length <= FilteredCommand.AT_ONCE_BYTES) {
                prepareUnless(request.hidesStatement(), payload);
                return;
            }
            boolean[] hides = {false};
            aside(() -> hides[0] = request.hidesStatement(), () -> prepareUnless(hides[0], payload));
        });
    }

    private void prepareUnless(boolean hidesStatement, byte[] payload) {
        if (hidesStatement) {
            statements.forgetLast();
            reply(FilteredCommand.HIDDEN);
        } else {
            sendPrepare(payload);
        }
    }

    private void sendPrepare(byte[] payload) {
        SqlDialect dialect = session.isStale() ? null : session.dialect();
        String database = session.database();
        link.send(payload, Shape.PREPARED, Keep.BUFFER, MAX_SMALL_ANSWER, () -> {
            if (link.isTooLarge()) {
                throw new MalformedPacketException(
                        "malformed answer of the server: one to a prepare of more than " + MAX_SMALL_ANSWER + " bytes");
            }
            byte[] first = Payloads.of(link.held()).get(0);
            if (Payloads.isError(first)) {
                statements.forgetLast();
            } else {
                byte[] text = Arrays.copyOfRange(payload, 1, payload.length);
                statements.add(new Prepared(idOf(first), text, parametersOf(first), dialect, database));
            }
            link.relayHeld();
            finish();
        });
    }

    static int idOf(byte[] prepared) {
        return ExecuteCommand.idIn(prepared, "prepared statement of the server");
    }

    static int parametersOf(byte[] prepared) {
        PayloadReader in = new PayloadReader(prepared, "prepared statement of the server");
        in.skip(7);
        return in.u16();
    }

    private void execute(byte[] payload, int packets) {
        int id = ExecuteCommand.idIn(payload, Command.STMT_EXECUTE.wireName());
        Prepared statement = statements.find(id);
        if (statement == null) {
            reply(GatewayErrors.unknownStatement(id, Command.STMT_EXECUTE.wireName()));
            return;
        }
        FilterStatement ownStatement = statement.own;
        OwnStatements ours = own;
        if (ownStatement != null && ours != null) {
            whenFresh(() -> ours.execute(ownStatement, true));
            return;
        }
        ExecuteCommand command = ExecuteCommand.parse(payload, statement);
        byte[] own = command.payloadFor(statement.id);
        if (ServerLink.packetsOf(own) != packets) {
            link.beginRewriting(replySequence); // the types made it longer
        }
        FilterChain chain = filters.chain();
        if (chain.isEmpty()) {
            staleAfter(statement.text, 0);
            Arrays.fill(statement.streamed, false);
            statement.executed = statement.id;
            relay(own, Shape.RESULTS);
            return;
        }
        whenFresh(() -> {
            if (!session.dialect().equals(statement.dialect)) {
                refusePreparedOtherwise(statement);
                return;
            }
            request.text(statement.text, 0, statement.text.length);
            request.database(statement.database); // the server completed the names when it prepared the text
            FilteredCommand.Target target = FilteredCommand.Target.ofStatement(own, statement, command);
            Charset charset = request.dialect().charset();
            if (!chain.usesBindValues()) {
                filtered.run(chain, target);
            } else if (own.length <= FilteredCommand.AT_ONCE_BYTES) {
                request.bindValues(command.bindValues(charset));
                filtered.run(chain, target);
            } else {
                aside(() -> request.bindValues(command.bindValues(charset)), () -> filtered.run(chain, target));
            }
        });
    }

    private void refusePreparedOtherwise(Prepared statement) {
        SqlError error = GatewayErrors.refused("the prepared statement is refused by this gateway, which has filters:"
                + " sql_mode or character_set_client is another one than when the statement was prepared;"
                + " prepare it again");
        if (statement.anyStreamed()) {
            // What was sent by COM_STMT_SEND_LONG_DATA was for this execute, which the server does not see.
            Arrays.fill(statement.streamed, false);
            link.send(resetOf(statement.id), Shape.ONE_PACKET, Keep.DISCARD, 0, () -> reply(error));
        } else {
            reply(error);
        }
    }

    private void longData(byte[] payload) {
        PayloadReader in = new PayloadReader(payload, Command.STMT_SEND_LONG_DATA.wireName());
        in.skip(1);
        Prepared statement = statements.find(in.i32());
        int parameter = in.u16();
        if (statement != null && statement.own == null) {
            if (parameter < statement.parameters) {
                statement.streamed[parameter] = true;
            }
            link.sendOnly(ExecuteCommand.withId(payload, statement.id));
        }
        finish();
    }

    private void closeStatement(byte[] payload) {
        Prepared statement = statements.find(ExecuteCommand.idIn(payload, Command.STMT_CLOSE.wireName()));
        if (statement != null) {
            for (int rewrite : statement.rewrites.values()) {
                link.sendOnly(closeOf(rewrite));
            }
            statements.remove(statement);
            if (statement.own == null) {
                link.sendOnly(closeOf(statement.id));
            }
        }
        finish();
    }

    static byte[] closeOf(int id) {
        return ExecuteCommand.withId(new byte[] {Command.STMT_CLOSE.code(), 0, 0, 0, 0}, id);
    }

    static byte[] resetOf(int id) {
        return ExecuteCommand.withId(new byte[] {Command.STMT_RESET.code(), 0, 0, 0, 0}, id);
    }

    /** Rows of a cursor; the statement was shown to the filters when it was executed. */
    private void fetch(byte[] payload) {
        int id = ExecuteCommand.idIn(payload, Command.STMT_FETCH.wireName());
        Prepared statement = statements.find(id);
        if (statement == null || statement.own != null) {
            reply(GatewayErrors.unknownStatement(id, Command.STMT_FETCH.wireName()));
        } else {
            relay(ExecuteCommand.withId(payload, statement.executed), Shape.FETCHED);
        }
    }

    private void resetStatement(byte[] payload) {
        int id = ExecuteCommand.idIn(payload, Command.STMT_RESET.wireName());
        Prepared statement = statements.find(id);
        if (statement == null) {
            reply(GatewayErrors.unknownStatement(id, Command.STMT_RESET.wireName()));
        } else if (statement.own != null) {
            reply(PacketWriter.ok(0, link.answer().status(), replySequence));
        } else {
            Arrays.fill(statement.streamed, false);
            byte[] own = ExecuteCommand.withId(payload, statement.id);
            if (statement.executed == statement.id) {
                relay(own, Shape.ONE_PACKET);
            } else {
                // The cursor is that of a rewritten text.
                link.send(
                        resetOf(statement.executed),
                        Shape.ONE_PACKET,
                        Keep.DISCARD,
                        0,
                        () -> relay(own, Shape.ONE_PACKET));
            }
        }
    }

    // ---- the session

    /** Asks the server for what a text's meaning depends on, if that may have changed, and goes on. */
    private void whenFresh(Runnable then) {
        whenAsked(problem -> {
            if (problem == null) {
                then.run();
            } else {
                reply(problem);
            }
        });
    }

    /** As {@link #whenFresh}, and goes on with the reason where the session does not tell. */
    private void whenAsked(Consumer<@Nullable SqlError> then) {
        if (!session.isStale()) {
            session.fill(request);
            then.accept(null);
            return;
        }
        byte[] question = new byte[ClientSession.QUESTION.length + 1];
        question[0] = Command.QUERY.code();
        System.arraycopy(ClientSession.QUESTION, 0, question, 1, ClientSession.QUESTION.length);
        link.send(question, Shape.RESULTS, Keep.BUFFER, MAX_SMALL_ANSWER, () -> {
            List<byte[]> payloads = Payloads.of(link.held());
            link.dropHeld();
            byte[] first = payloads.get(0);
            byte[] last = payloads.get(payloads.size() - 1);
            if (Payloads.isError(first) || Payloads.isError(last)) {
                then.accept(Payloads.error(Payloads.isError(first) ? first : last));
                return;
            }
            int row = 1 + ClientSession.QUESTION_COLUMNS + (link.deprecateEof() ? 0 : 1);
            String problem = session.answer(
                    row < payloads.size() - 1
                            ? HeldAnswer.textRow(payloads.get(row), ClientSession.QUESTION_COLUMNS)
                            : List.of());
            if (problem != null) {
                then.accept(GatewayErrors.refused(problem));
                return;
            }
            session.fill(request);
            then.accept(null);
        });
    }

    /** Asks again before the next statement that filters see if this text, which none of them saw, may have changed the session. */
    private void staleAfter(byte[] text, int from) {
        if (ClientSession.mayChangeSession(text, from, text.length)) {
            session.makeStale();
        }
    }

    // ---- answers

    /** Answers a command by an error. */
    void reply(SqlError error) {
        reply(PacketWriter.error(error, replySequence));
    }

    /** Answers a command by packets of the gateway's own. */
    void reply(ByteBuf packets) {
        link.own(packets);
        finish();
    }

    int replySequence() {
        return replySequence;
    }

    /** The command has been answered. */
    void finish() {
        if (closed) {
            return;
        }
        session.status(link.answer().status());
        SeveralStatements all = several;
        RewritingRelay relay = link.rewriting();
        if (all != null && relay != null) {
            if (all.hasNext() && !relay.hasFailed()) {
                oneOf(all);
                return;
            }
            several = null;
        }
        link.endRewriting();
        busy = false;
        client.flush();
        connection.commandDone();
    }

    // ---- filters

    /** Runs something that may take its time beside the event loop, then goes on here. */
    void aside(Runnable task, Runnable then) {
        aside = true;
        filterThreads.execute(() -> {
            Throwable failed = null;
            try {
                task.run();
            } catch (Throwable e) { // whatever it is, the client must not wait for ever
                failed = e;
            }
            Throwable cause = failed;
            client.eventLoop().execute(() -> back(cause, then));
        });
    }

    private void back(@Nullable Throwable cause, Runnable then) {
        aside = false;
        if (closed) {
            filtered.abandon();
            return;
        }
        try {
            if (cause == null) {
                then.run();
            } else {
                filtered.abandon();
                connection.fail(
                        cause instanceof MalformedPacketException malformed
                                ? malformed
                                : new MalformedPacketException("the gateway failed to filter the statement: " + cause));
            }
        } catch (MalformedPacketException e) {
            connection.fail(e);
        } catch (RuntimeException e) {
            connection.fail(new MalformedPacketException("the gateway failed to answer the statement: " + e));
        }
    }

    boolean isInTransaction() {
        return (link.answer().status() & OwnStatements.IN_TRANSACTION) != 0;
    }

    /** The number that the server knows the connection by. */
    long connectionId() {
        return connection.connectionId();
    }

    /** Whether the server is at work for this client. */
    boolean isAwaiting() {
        return link.isAwaiting();
    }

    /** The user is another one or the same: what was known of the session may be wrong. */
    void userDecided() {
        session.makeStale();
        finish();
    }

    void close() {
        closed = true;
        link.close();
        if (!aside) {
            filtered.abandon();
        }
    }
}
