package io.sluice.mysql;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.ssl.SslHandler;
import io.sluice.mysql.PasswordTranslation.Next;
import io.sluice.sql.SqlError;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * One client's connection and its own connection to the server: brings them together, passes the log-in on, and ends both when one ends.
 *
 * <p>A malformed packet of either side ends these two connections and nothing else.
 *
 * <p><b>Threads.</b> Confined to one event loop, on which both channels are.
 */
@SuppressWarnings(
        "FutureReturnValueIgnored") // a channel that cannot be written to becomes inactive, and that is listened for
final class GatewayConnection {
    /** Log-in packets are small; whoever has not logged in gets no more of the gateway's memory. */
    private static final int MAX_LOGIN_BYTES = 64 << 10;

    /** How much of a client's further messages is read while one is being answered. */
    private static final int MAX_WAITING_BYTES = 64 << 10;

    /** Methods whose exchange can be passed on; those that send a password as it is are not among them. */
    private static final Set<String> RELAYED_METHODS =
            Set.of("mysql_native_password", "caching_sha2_password", "sha256_password", "client_ed25519");

    /** A method that sends a password as it is over an encrypted connection, and is not translated. */
    private static final String PLAIN_OVER_TLS = "sha256_password";

    private enum Phase {
        GREETING,
        LOGIN,
        AUTHENTICATION,
        COMMANDS,
        CLOSED
    }

    private final Channel client;
    private final GatewayConfig config;
    private final GatewayShared shared;
    private final @Nullable FilterService service;
    private final GatewayTraffic traffic;
    private final TlsContexts tls;
    private final MessageAssembler fromClient = new MessageAssembler("client", MAX_LOGIN_BYTES);
    private final MessageAssembler fromServer = new MessageAssembler("server", MAX_LOGIN_BYTES);
    private Phase phase = Phase.GREETING;
    private @Nullable Channel server;
    private @Nullable Greeting greeting;
    private @Nullable Login login;
    private @Nullable CommandRunner commands;
    private @Nullable Login changing;
    private int clientSequence;
    private int serverSequence;
    private boolean serverOffersTls;
    private boolean clientIsEncrypted;
    private boolean serverIsEncrypted;
    private @Nullable PasswordTranslation translation;
    private boolean reading;
    private boolean active;
    private boolean watching;
    private ClientOrigin origin;

    GatewayConnection(Channel client, GatewayShared shared) {
        this.client = client;
        this.origin = ClientOrigin.of(client);
        this.shared = shared;
        this.config = shared.config();
        this.service = shared.service();
        this.traffic = shared.traffic();
        this.tls = shared.tls();
    }

    /** Connects to the server, or refuses the client. */
    void open(boolean refused) {
        client.pipeline().addLast(new ClientSide());
        if (refused) {
            refuseEarly(GatewayErrors.tooManyConnections(config.maxConnections()));
            return;
        }
        String notReady = service == null ? "" : service.notReady();
        if (!notReady.isEmpty()) {
            refuseEarly(GatewayErrors.notReady(notReady));
            return;
        }
        if (config.proxyProtocolFrom().contain(client.remoteAddress())) {
            awaitOrigin();
        } else {
            connect();
        }
    }

    /** Has a client that connects for others say for whom, and then goes on; who says nothing is closed. */
    private void awaitOrigin() {
        client.pipeline().addFirst(new HAProxyMessageDecoder(), new SimpleChannelInboundHandler<HAProxyMessage>() {
            @Override
            protected void channelRead0(ChannelHandlerContext context, HAProxyMessage message) {
                origin = origin.saidBy(message);
                context.pipeline().remove(this);
                client.config().setAutoRead(false);
                connect();
            }
        });
        client.config().setAutoRead(true);
        client.eventLoop()
                .schedule(
                        () -> {
                            if (server == null) {
                                close();
                            }
                        },
                        config.connectMillis(),
                        TimeUnit.MILLISECONDS);
    }

    private void connect() {
        ChannelFuture connecting = new Bootstrap()
                .group(client.eventLoop())
                .channel(NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, config.connectMillis())
                .handler(new ServerSide())
                .connect(config.backendHost(), config.backendPort());
        server = connecting.channel();
        connecting.addListener(done -> {
            if (!done.isSuccess()) {
                refuseEarly(GatewayErrors.unreachable(config.backendHost(), config.backendPort()));
            } else if (phase == Phase.CLOSED) {
                connecting.channel().close();
            } else {
                origin.tell(connecting.channel(), config.proxyProtocolTo());
                client.config().setAutoRead(true);
            }
        });
    }

    /** Refuses the client before it can log in. */
    void refuse(SqlError error) {
        client.pipeline().addLast(new ClientSide());
        refuseEarly(error);
    }

    private void refuseEarly(SqlError error) {
        phase = Phase.CLOSED;
        traffic.connectionsRefused.increment();
        config.observer().connectionRefused();
        client.writeAndFlush(PacketWriter.earlyError(error)).addListener(ChannelFutureListener.CLOSE);
    }

    private final class ClientSide extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            try {
                clientBytes(bytes);
            } catch (MalformedPacketException e) {
                fail(e);
            } finally {
                bytes.release();
            }
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            Channel behind = server;
            if (behind != null) {
                // A client that does not read stops its server, not the gateway.
                CommandRunner runner = commands;
                behind.config().setAutoRead(client.isWritable() && (runner == null || !runner.isPaused()));
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            close();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            close();
        }
    }

    private final class ServerSide extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            try {
                serverBytes(bytes);
            } catch (MalformedPacketException e) {
                fail(e);
            } finally {
                bytes.release();
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            client.flush();
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            if (phase == Phase.COMMANDS && context.channel().isWritable()) {
                readOn();
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            serverLost();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            Throwable reason = cause instanceof DecoderException && cause.getCause() != null ? cause.getCause() : cause;
            if (phase == Phase.AUTHENTICATION && serverIsEncrypted && reason instanceof SSLException) {
                refuseLogIn(GatewayErrors.noTls(String.valueOf(reason.getMessage())));
            }
            context.close();
        }
    }

    private void clientBytes(ByteBuf bytes) {
        if (phase == Phase.CLOSED) {
            return;
        }
        traffic.bytesFromClients.add(bytes.readableBytes());
        active = true;
        fromClient.feed(bytes);
        readClient();
    }

    /** Handles what the client has sent, as far as it is its turn. */
    private void readClient() {
        if (reading) {
            return; // a command was answered at once: the loop below goes on
        }
        reading = true;
        try {
            readMessages();
        } finally {
            reading = false;
        }
    }

    private void readMessages() {
        while (phase == Phase.LOGIN || phase == Phase.AUTHENTICATION) {
            byte[] message = fromClient.next(clientSequence);
            if (message == null) {
                return;
            }
            clientSequence = fromClient.nextSequence();
            if (phase == Phase.AUTHENTICATION) {
                PasswordTranslation translator = translation;
                pass(translator == null ? Next.server(message) : translator.fromClient(message));
            } else if (!clientIsEncrypted && Login.isTlsRequest(message)) {
                encryptClient();
                return;
            } else {
                logIn(message);
            }
        }
        CommandRunner runner = commands;
        if (phase == Phase.COMMANDS && runner != null && runner.isUploading() && serverTakesMore()) {
            runner.upload(fromClient.waiting());
            fromClient.waitingTaken();
        }
        while (phase == Phase.COMMANDS && runner != null && !runner.isBusy() && serverTakesMore()) {
            byte[] message = fromClient.next(0);
            if (message == null) {
                break;
            }
            traffic.commands.increment();
            runner.command(message, fromClient.packets());
        }
        boolean held = runner == null || runner.isBusy() || !serverTakesMore();
        boolean full = held && fromClient.waitingBytes() > MAX_WAITING_BYTES;
        if (phase != Phase.CLOSED && client.config().isAutoRead() == full) {
            client.config().setAutoRead(!full);
        }
    }

    /** Commands that have no answer are held back by this alone: a server that does not read stops its client, not the gateway. */
    private boolean serverTakesMore() {
        Channel behind = server;
        return behind == null || behind.isWritable();
    }

    private void logIn(byte[] message) {
        Greeting offered = Objects.requireNonNull(greeting);
        Login answer = Login.parse(message, offered.capabilities());
        String method = answer.authMethodText();
        if (!method.isEmpty() && !RELAYED_METHODS.contains(method)) {
            refuseLogIn(GatewayErrors.refusedMethod(method));
            return;
        }
        if (config.tls() == TlsMode.REQUIRED && !clientIsSecure()) {
            refuseLogIn(GatewayErrors.tlsRequired());
            return;
        }
        login = answer;
        phase = Phase.AUTHENTICATION;
        boolean encrypt = serverOffersTls && encryptServer(answer);
        if (isMixed()) {
            if (method.equals(PLAIN_OVER_TLS)) {
                refuseLogIn(GatewayErrors.mixedTls(method));
                return;
            }
            translation = new PasswordTranslation(clientIsSecure(), tls::passwordKey, offered.scramble());
        }
        toServer(answer.forServer(encrypt).payload());
    }

    /** Takes the client's side into TLS; what came behind its request belongs to TLS already. */
    private void encryptClient() {
        SslHandler handler = tls.forClient(client.alloc());
        if (handler == null) {
            throw new MalformedPacketException(
                    "malformed log-in of the client: a request for TLS, which the gateway did not offer");
        }
        clientIsEncrypted = true;
        ByteBuf rest = fromClient.takeRest();
        client.pipeline().addFirst(handler);
        if (rest.isReadable()) {
            client.pipeline().fireChannelRead(rest);
        } else {
            rest.release();
        }
    }

    /** Takes the server's side into TLS; what is written from here on waits for it. */
    private boolean encryptServer(Login answer) {
        Channel behind = Objects.requireNonNull(server);
        SslHandler handler = tls.forServer(behind.alloc());
        if (handler == null) {
            return false;
        }
        toServer(answer.forServer(true).tlsRequest());
        behind.pipeline().addFirst(handler);
        serverIsEncrypted = true;
        return true;
    }

    /** Whether a client may send a password as it is. */
    private boolean clientIsSecure() {
        return clientIsEncrypted || !(client.localAddress() instanceof InetSocketAddress);
    }

    private boolean isMixed() {
        return clientIsSecure() != serverIsEncrypted;
    }

    private void pass(Next next) {
        byte[] forClient = next.toClient();
        byte[] forServer = next.toServer();
        if (forClient != null) {
            toClient(forClient);
        }
        if (forServer != null) {
            toServer(forServer);
        }
    }

    private void serverBytes(ByteBuf bytes) {
        if (phase == Phase.CLOSED) {
            return;
        }
        traffic.bytesFromServer.add(bytes.readableBytes());
        CommandRunner runner = commands;
        if (phase == Phase.COMMANDS && runner != null) {
            runner.serverBytes(bytes);
            return;
        }
        fromServer.feed(bytes);
        while (phase == Phase.GREETING || phase == Phase.AUTHENTICATION) {
            byte[] message = fromServer.next(serverSequence);
            if (message == null) {
                return;
            }
            serverSequence = fromServer.nextSequence();
            if (message.length == 0) {
                throw new MalformedPacketException("malformed log-in of the server: an empty packet");
            }
            if (phase == Phase.GREETING) {
                greet(message);
            } else {
                authenticate(message);
            }
        }
    }

    private void greet(byte[] message) {
        if ((message[0] & 0xff) == 0xff) {
            // Too many connections, or a host that is blocked: the server's own words.
            toClient(message);
            closeAfterWrite();
            return;
        }
        int files = config.localInfile() ? Capability.LOCAL_FILES : 0;
        Greeting known = Greeting.parse(message, Capability.ALLOWED | Capability.OWN | Capability.SSL | files);
        serverOffersTls = Capability.has(known.capabilities(), Capability.SSL);
        if (!serverOffersTls && (config.backendTls() == TlsMode.REQUIRED || config.backendTls() == TlsMode.VERIFIED)) {
            refuseEarly(GatewayErrors.serverWithoutTls());
            return;
        }
        known = known.withTls(config.tls() != TlsMode.OFF);
        greeting = known;
        phase = Phase.LOGIN;
        toClient(known.payload());
        // A client that spoke before it was its turn is answered now: it may not speak again.
        readClient();
    }

    private void authenticate(byte[] message) {
        switch (message[0] & 0xff) {
            case 0 -> {
                toClient(message);
                Login changed = changing;
                CommandRunner before = commands;
                if (changed != null && before != null) {
                    login = changed;
                    changing = null;
                    before.close();
                }
                loggedIn();
            }
            case 0xff -> {
                toClient(message);
                CommandRunner before = commands;
                if (changing == null || before == null) {
                    closeAfterWrite();
                } else {
                    // MariaDB goes on with the user that was; MySQL ends the connection itself.
                    changing = null;
                    phase = Phase.COMMANDS;
                    before.userDecided();
                }
            }
            case 1 -> {
                PasswordTranslation translator = translation;
                pass(translator == null ? Next.client(message) : translator.fromServer(message));
            }
            case 0xfe -> {
                String method = message.length == 1 ? "mysql_old_password" : methodOf(message);
                if (!RELAYED_METHODS.contains(method)) {
                    refuseLogIn(GatewayErrors.refusedMethod(method));
                    return;
                }
                if (isMixed() && method.equals(PLAIN_OVER_TLS)) {
                    refuseLogIn(GatewayErrors.mixedTls(method));
                    return;
                }
                PasswordTranslation translator = translation;
                if (translator != null) {
                    translator.scramble(Arrays.copyOfRange(message, method.length() + 2, message.length));
                }
                toClient(message);
            }
            default ->
                throw new MalformedPacketException(
                        "malformed log-in of the server: a packet that begins with byte " + (message[0] & 0xff));
        }
    }

    /** The number that the server knows the connection by. */
    long connectionId() {
        Greeting known = greeting;
        return known == null ? 0 : Integer.toUnsignedLong(known.connectionId());
    }

    /** Passes a change of the user on as the log-in was. */
    void changeUser(byte[] payload) {
        CommandRunner runner = Objects.requireNonNull(commands);
        Login changed = Objects.requireNonNull(login).changedBy(payload);
        String method = changed.authMethodText();
        if (!method.isEmpty() && !RELAYED_METHODS.contains(method)) {
            runner.reply(GatewayErrors.refusedMethod(method));
            return;
        }
        if (isMixed() && method.equals(PLAIN_OVER_TLS)) {
            runner.reply(GatewayErrors.mixedTls(method));
            return;
        }
        changing = changed;
        phase = Phase.AUTHENTICATION;
        clientSequence = 1;
        serverSequence = 0;
        toServer(payload);
    }

    private static String methodOf(byte[] message) {
        PayloadReader in = new PayloadReader(message, "switch of the authentication method");
        in.skip(1);
        return new String(in.untilNul(), StandardCharsets.UTF_8);
    }

    private void loggedIn() {
        Login who = Objects.requireNonNull(login);
        Greeting offered = Objects.requireNonNull(greeting);
        ClientSession session = new ClientSession(
                origin.address(),
                new String(who.user(), StandardCharsets.UTF_8),
                new String(who.database(), StandardCharsets.UTF_8),
                offered.version());
        fromClient.maxBytes(config.maxPacketBytes());
        commands = new CommandRunner(this, client, Objects.requireNonNull(server), session, who.capabilities(), shared);
        if (phase != Phase.COMMANDS) {
            watchIdle();
        }
        phase = Phase.COMMANDS;
        readClient();
    }

    /** Closes the connection of a client that sends nothing for too long; looks once in that time. */
    private void watchIdle() {
        if (config.idleMillis() > 0 && !watching) {
            watching = true;
            active = false;
            client.eventLoop().schedule(this::checkIdle, config.idleMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void checkIdle() {
        CommandRunner runner = commands;
        if (phase == Phase.CLOSED) {
            return;
        }
        if (!active && runner != null && !runner.isBusy()) {
            client.write(PacketWriter.error(GatewayErrors.idle(config.idleMillis()), 0));
            closeAfterWrite();
            return;
        }
        active = false;
        client.eventLoop().schedule(this::checkIdle, config.idleMillis(), TimeUnit.MILLISECONDS);
    }

    /** Ends the connection if its client is between two statements and in no transaction. */
    void closeIfQuiet() {
        client.eventLoop().execute(() -> {
            CommandRunner runner = commands;
            if (phase == Phase.COMMANDS && runner != null && !runner.isBusy() && !runner.isInTransaction()) {
                client.write(PacketWriter.error(GatewayErrors.draining(), 0));
                closeAfterWrite();
            }
        });
    }

    private void toServer(byte[] payload) {
        Objects.requireNonNull(server).writeAndFlush(PacketWriter.framed(payload, serverSequence));
        serverSequence = (serverSequence + ServerLink.packetsOf(payload)) & 0xff;
    }

    private void toClient(byte[] payload) {
        client.writeAndFlush(PacketWriter.framed(payload, clientSequence));
        clientSequence = (clientSequence + ServerLink.packetsOf(payload)) & 0xff;
    }

    private void refuseLogIn(SqlError error) {
        // Nobody is logged in now, also where somebody was before.
        client.write(PacketWriter.error(error, clientSequence));
        closeAfterWrite();
    }

    /** The command before has been answered: the next one may be read. */
    void commandDone() {
        active = true; // the time in which the client sends nothing begins with its answer
        readOn();
    }

    private void readOn() {
        try {
            readClient();
        } catch (MalformedPacketException e) {
            fail(e);
        }
    }

    /** Ends both connections because of what one of them sent. */
    void fail(MalformedPacketException e) {
        if (phase == Phase.CLOSED) {
            return;
        }
        CommandRunner runner = commands;
        int sequence = runner == null ? clientSequence : runner.errorSequence();
        if (phase == Phase.GREETING) {
            client.write(PacketWriter.earlyError(GatewayErrors.malformed(e)));
        } else if (sequence >= 0) {
            client.write(PacketWriter.error(GatewayErrors.malformed(e), sequence));
        }
        closeAfterWrite();
    }

    private void serverLost() {
        if (phase == Phase.CLOSED) {
            return;
        }
        CommandRunner runner = commands;
        if (phase == Phase.GREETING) {
            client.write(PacketWriter.earlyError(GatewayErrors.connectionLost()));
        } else if (runner == null) {
            client.write(PacketWriter.error(GatewayErrors.connectionLost(), clientSequence));
        } else if (runner.isBusy() && runner.errorSequence() >= 0) {
            client.write(PacketWriter.error(GatewayErrors.connectionLost(), runner.errorSequence()));
        }
        closeAfterWrite();
    }

    /** Ends both connections once the client has what was written for it. */
    void closeAfterWrite() {
        end();
        client.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }

    /** Ends both connections. */
    void close() {
        end();
        client.close();
    }

    private void end() {
        if (phase == Phase.CLOSED) {
            return;
        }
        phase = Phase.CLOSED;
        CommandRunner last = commands;
        Greeting known = greeting;
        Channel behind = server;
        boolean serverIsThere = behind != null && behind.isActive();
        if (last != null && known != null && last.isAwaiting() && service != null && serverIsThere) {
            // The server does not notice that nobody waits for its answer. One that is lost may have begun its numbers
            // anew.
            shared.filterThreads().execute(() -> service.killQuery(known.connectionId()));
        }
        if (behind != null) {
            behind.close();
        }
        PasswordTranslation translator = translation;
        if (translator != null) {
            translator.clear();
        }
        fromClient.release();
        fromServer.release();
        CommandRunner runner = commands;
        if (runner != null) {
            runner.close();
        }
    }
}
