package io.sluice.mysql;

import io.netty.buffer.ByteBuf;
import io.sluice.mysql.GatewayObserver.Outcome;
import io.sluice.mysql.PreparedStatements.Prepared;
import io.sluice.mysql.ResponseTracker.Begin;
import io.sluice.mysql.ResponseTracker.Shape;
import io.sluice.mysql.ServerLink.Keep;
import io.sluice.sql.FilterChain;
import io.sluice.sql.MalformedResultException;
import io.sluice.sql.QueryExecution;
import io.sluice.sql.QueryExecution.Stage;
import io.sluice.sql.ResultTooLargeException;
import io.sluice.sql.SqlError;
import io.sluice.sql.SqlRequest;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A statement on its way through the filters: before, the server, after; used for one statement of a connection after the other.
 *
 * <p>If a plugin that was called reads results, the whole answer is held, up to the plugin's limit, and shown to it. If none does, the
 * answer's first packet is held until After has run, for After may still put an error or a result in its place; the rest streams through.
 *
 * <p><b>Threads.</b> Confined to the connection's event loop, but for the filters themselves.
 */
final class FilteredCommand {
    static final SqlError HIDDEN =
            GatewayErrors.refused("PREPARE and EXECUTE as statements are refused by this gateway, whose filters "
                    + "cannot see the text that they execute; use prepared statements of the protocol");

    private static final System.Logger LOGGER = System.getLogger("io.sluice.mysql");
    private static final int MAX_FIRST_PACKET = 17 << 20;

    /** A longer text, or one with longer values, is looked at beside the event loop, and a longer result shown to plugins there. */
    static final int AT_ONCE_BYTES = 8 << 10;

    /** What is sent to the server if no plugin changes it, and how to change it. */
    @SuppressWarnings("ArrayRecordComponent") // neither compared nor handed out of the package
    record Target(
            byte[] payload,
            @Nullable Prepared statement,
            @Nullable ExecuteCommand command) {
        static Target ofText(byte[] payload) {
            return new Target(payload, null, null);
        }

        static Target ofStatement(byte[] payload, Prepared statement, ExecuteCommand command) {
            return new Target(payload, statement, command);
        }

        boolean isBinary() {
            return statement != null;
        }

        int textBytes() {
            return statement == null ? payload.length - 1 : statement.text.length;
        }
    }

    private final CommandRunner runner;
    private final ServerLink link;
    private final ClientSession session;
    private final SqlRequest request;
    private final QueryExecution execution;
    private final GatewayConfig config;
    private HeldAnswer answer = HeldAnswer.unread();
    private long filterNanos;
    private boolean serverFailed;

    /** Whether all that was called for this statement is so quick that the event loop calls it. */
    private boolean atOnce;

    FilteredCommand(
            CommandRunner runner,
            ServerLink link,
            ClientSession session,
            SqlRequest request,
            GatewayConfig config,
            PluginPace pace) {
        this.runner = runner;
        this.link = link;
        this.session = session;
        this.request = request;
        this.execution = new QueryExecution(config.errorTexts(), pace);
        this.config = config;
    }

    /** Ends what filters hold for a statement that will not be answered. */
    void abandon() {
        execution.close();
    }

    /** Takes the request's text through the filters and answers the command. */
    void run(FilterChain chain, Target target) {
        answer = HeldAnswer.unread();
        filterNanos = 0;
        serverFailed = false;
        int values = chain.usesBindValues() && target.isBinary() ? target.payload().length : 0;
        atOnce = target.textBytes() + (long) values <= AT_ONCE_BYTES;
        if (!atOnce) {
            boolean[] hides = {false};
            Stage[] stage = {Stage.REFUSED};
            beside(
                    () -> {
                        hides[0] = request.hidesStatement();
                        if (!hides[0]) {
                            stage[0] = ended(execution.before(chain, request));
                        }
                    },
                    () -> beforeDone(target, hides[0], stage[0]));
            return;
        }
        boolean hides = request.hidesStatement();
        Stage stage = Stage.REFUSED;
        if (!hides) {
            stage = beforeAtOnce(chain);
        }
        if (stage == Stage.WAITING) {
            atOnce = false;
            boolean[] goesOn = {false};
            beside(
                    () -> goesOn[0] = ended(execution.beforeRest()) == Stage.EXECUTE,
                    () -> beforeDone(target, false, goesOn[0] ? Stage.EXECUTE : Stage.REFUSED));
        } else {
            beforeDone(target, hides, stage);
        }
    }

    private Stage beforeAtOnce(FilterChain chain) {
        Stage[] stage = {Stage.REFUSED};
        here(() -> {
            stage[0] = execution.beforeAtOnce(chain, request);
            if (stage[0] == Stage.REFUSED) {
                execution.after(null, null);
            }
        });
        return stage[0];
    }

    /** Has filters that were called told of a refusal. */
    private Stage ended(boolean goesOn) {
        if (!goesOn) {
            execution.after(null, null);
        }
        return goesOn ? Stage.EXECUTE : Stage.REFUSED;
    }

    private void beforeDone(Target target, boolean hides, Stage stage) {
        if (hides) {
            runner.reply(HIDDEN);
        } else if (stage == Stage.EXECUTE) {
            sendToServer(target);
        } else {
            replyFromFilters(target);
        }
    }

    private void sendToServer(Target target) {
        byte[] text = textToExecute();
        if (ClientSession.mayChangeSession(text, 0, text.length)) {
            session.makeStale();
        }
        Prepared statement = target.statement();
        if (!execution.queryChanged()) {
            if (statement != null) {
                Arrays.fill(statement.streamed, false);
            }
            execute(target, target.payload());
        } else if (statement == null) {
            byte[] payload = withCommand(Command.QUERY, text);
            if (ServerLink.packetsOf(payload) != ServerLink.packetsOf(target.payload()) && link.rewriting() == null) {
                link.beginRewriting(runner.replySequence());
            }
            execute(target, payload);
        } else {
            executeRewritten(target, statement, text);
        }
    }

    private byte[] textToExecute() {
        int from = execution.queryOffset();
        return Arrays.copyOfRange(execution.viewQuery(), from, from + execution.queryLength());
    }

    private static byte[] withCommand(Command command, byte[] text) {
        byte[] payload = new byte[text.length + 1];
        payload[0] = command.code();
        System.arraycopy(text, 0, payload, 1, text.length);
        return payload;
    }

    /** Prepares a plugin's text, unless it has been, and executes it with the client's values. */
    private void executeRewritten(Target target, Prepared statement, byte[] text) {
        if (statement.anyStreamed()) {
            failHere(
                    target,
                    "statement with values sent by COM_STMT_SEND_LONG_DATA was rewritten by a plugin; send them whole");
            return;
        }
        ExecuteCommand command = Objects.requireNonNull(target.command());
        String key = new String(text, StandardCharsets.ISO_8859_1);
        Integer known = statement.rewrites.get(key);
        if (known != null) {
            execute(target, command.payloadFor(known));
            return;
        }
        if (!session.database().equals(statement.database)) {
            failHere(
                    target,
                    "text that a plugin made cannot be prepared: the default database is '" + session.database()
                            + "', and was '" + statement.database
                            + "' when the client's statement was prepared; prepare it again");
            return;
        }
        link.send(withCommand(Command.STMT_PREPARE, text), Shape.PREPARED, Keep.BUFFER, MAX_FIRST_PACKET, () -> {
            byte[] first = Payloads.of(link.held()).get(0);
            link.dropHeld();
            if (Payloads.isError(first)) {
                failHere(target, Payloads.error(first));
                return;
            }
            int id = CommandRunner.idOf(first);
            int parameters = CommandRunner.parametersOf(first);
            if (parameters != statement.parameters) {
                link.sendOnly(CommandRunner.closeOf(id));
                failHere(
                        target,
                        "text that a plugin made has " + parameters + " parameters where the client sent "
                                + statement.parameters);
                return;
            }
            Integer eldest = statement.remember(key, id);
            if (eldest != null) {
                link.sendOnly(CommandRunner.closeOf(eldest));
            }
            execute(target, command.payloadFor(id));
        });
    }

    private void execute(Target target, byte[] payload) {
        Prepared statement = target.statement();
        if (statement != null) {
            statement.executed = ExecuteCommand.idIn(payload, Command.STMT_EXECUTE.wireName());
        }
        if (execution.wantsResult()) {
            // Rows that a cursor gives later could not be shown: they come at once, as from a server without cursors.
            byte[] whole = statement == null ? payload : ExecuteCommand.withoutCursor(payload);
            link.send(whole, Shape.RESULTS, Keep.BUFFER, execution.maxResultBytes(), () -> showWhole(target));
        } else {
            link.send(payload, Shape.RESULTS, Keep.HOLD, MAX_FIRST_PACKET, () -> showFirst(target));
        }
    }

    /** Runs filters, here if they are quick and see so few bytes, and takes the time. */
    private void timed(int bytes, Runnable task, Runnable then) {
        if (atOnce && bytes <= AT_ONCE_BYTES) {
            here(task);
            then.run();
        } else {
            beside(task, then);
        }
    }

    private void beside(Runnable task, Runnable then) {
        runner.aside(() -> clocked(task), then);
    }

    private void here(Runnable task) {
        try {
            clocked(task);
        } catch (MalformedPacketException e) {
            throw e;
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            execution.close();
            throw new MalformedPacketException("the gateway failed to filter the statement: " + e);
        }
    }

    private void clocked(Runnable task) {
        long began = System.nanoTime();
        try {
            task.run();
        } finally {
            filterNanos += System.nanoTime() - began;
        }
    }

    /** The statement is answered: tells whoever counts, and logs it if its filters were slow. */
    private void answered() {
        boolean refused = execution.error() != null && !serverFailed;
        Outcome outcome;
        if (execution.failure() != null) {
            outcome = Outcome.FAILED;
        } else if (refused) {
            outcome = Outcome.REFUSED;
        } else if (!execution.isFiltered()) {
            outcome = Outcome.UNFILTERED;
        } else if (execution.queryChanged() || execution.resultChanged() || execution.errorChanged()) {
            outcome = Outcome.CHANGED;
        } else {
            outcome = Outcome.PASSED;
        }
        config.observer().statementAnswered(outcome, filterNanos);
        int limit = config.slowFilterMillis();
        if (limit > 0 && filterNanos > limit * 1_000_000L) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "connection {0} of {1}: filters took {2} ms for a statement: {3}; slowest plugin: {4}, {5} ms",
                    new LogField("connection", Long.toString(runner.connectionId())),
                    new LogField("user", request.user()),
                    new LogField("filter_ms", Long.toString(filterNanos / 1_000_000)),
                    new LogField("outcome", outcome.name().toLowerCase(Locale.ROOT)),
                    new LogField("plugin", execution.slowestPlugin()),
                    new LogField("plugin_ms", Long.toString(execution.slowestNanos() / 1_000_000)));
        }
    }

    /** The statement cannot be executed, for a reason of the gateway's own: the filters are told as of an error of the server. */
    private void failHere(Target target, String message) {
        failHere(target, SqlError.of(message));
    }

    private void failHere(Target target, SqlError error) {
        timed(0, () -> execution.afterFailure(error), () -> replyFromFilters(target));
    }

    /** The answer is complete, or was too large to be held. */
    private void showWhole(Target target) {
        boolean tooLarge = link.isTooLarge();
        int limit = execution.maxResultBytes();
        List<byte[]> payloads = tooLarge ? List.of() : Payloads.of(link.held());
        timed(
                tooLarge ? 0 : link.held().readableBytes(),
                () -> {
                    if (tooLarge) {
                        execution.after(tooLarge(limit), null);
                        return;
                    }
                    try {
                        answer = HeldAnswer.read(payloads, target.isBinary(), link.deprecateEof(), limit);
                    } catch (ResultTooLargeException | HeldAnswer.SeveralResultsException e) {
                        answer = HeldAnswer.unread();
                        execution.after(String.valueOf(e.getMessage()).getBytes(StandardCharsets.UTF_8), null);
                        return;
                    }
                    SqlError error = answer.error();
                    if (error != null) {
                        execution.afterFailure(error);
                    } else {
                        execution.after(null, answer.result());
                    }
                },
                () -> conclude(target, tooLarge));
    }

    private static byte[] tooLarge(int limit) {
        return ("result has more than the " + limit + " bytes that plugins may be shown")
                .getBytes(StandardCharsets.UTF_8);
    }

    /** The answer's first packet is held: it is OK, an error, or that rows follow. */
    private void showFirst(Target target) {
        boolean failed = link.answer().beginning() == Begin.ERROR;
        SqlError error = failed ? Payloads.error(Payloads.of(link.held()).get(0)) : null;
        Runnable after = () -> {
            if (error != null) {
                execution.afterFailure(error);
            } else {
                execution.after(null, QueryExecution.UNSEEN_RESULT);
            }
        };
        if (execution.isFiltered()) {
            timed(0, after, () -> conclude(target, link.isTooLarge()));
        } else {
            after.run();
            conclude(target, link.isTooLarge());
        }
    }

    /** After has run: passes the server's answer on, or puts the filters' in its place. */
    private void conclude(Target target, boolean answerIsGone) {
        SqlError error = execution.error();
        serverFailed = link.answer().beginning() == Begin.ERROR || answer.error() != null;
        boolean replaced = answerIsGone
                || execution.resultChanged()
                || execution.errorChanged()
                || (error != null) != serverFailed;
        boolean ended = link.isEnded();
        if (replaced) {
            link.discard();
            if (ended) {
                replyFromFilters(target);
            } else {
                link.resume(() -> replyFromFilters(target));
            }
            return;
        }
        answered();
        link.relayHeld();
        if (ended) {
            runner.finish();
        } else {
            link.resume(runner::finish);
        }
    }

    /** Answers by what the filters made. */
    private void replyFromFilters(Target target) {
        Prepared statement = target.statement();
        if (statement != null && statement.anyStreamed()) {
            // What was sent by COM_STMT_SEND_LONG_DATA was for this execute, which the server has not seen.
            Arrays.fill(statement.streamed, false);
            byte[] reset = CommandRunner.resetOf(statement.id);
            link.send(reset, Shape.ONE_PACKET, Keep.DISCARD, 0, () -> replyFromFilters(target));
            return;
        }
        answered();
        SqlError error = execution.error();
        byte[] result = execution.result();
        if (error == null && result != null && execution.resultChanged()) {
            try {
                ByteBuf packets = answer.replacement(
                        result,
                        runner.replySequence(),
                        target.isBinary(),
                        link.deprecateEof(),
                        link.answer().status());
                runner.reply(packets);
                return;
            } catch (MalformedResultException | IllegalArgumentException e) {
                error = SqlError.of("result that a plugin made cannot be sent: " + e.getMessage());
            }
        }
        runner.reply(error == null ? SqlError.of("the filters left neither a result nor an error") : error);
    }
}
