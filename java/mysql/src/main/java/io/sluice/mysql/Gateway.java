package io.sluice.mysql;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.sluice.sql.FilterSet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A gateway that serves: it listens, and gives each client a connection of its own to the server behind it, through the filters.
 *
 * <pre>{@code
 * try (Gateway gateway = Gateway.start(GatewayConfig.defaults().withBackend("127.0.0.1", 3306), catalog.filters())) {
 *     ...
 * }
 * }</pre>
 *
 * <p><b>Threads.</b> Shared. Bytes are moved by event loops; filters run on threads beside them, so that a slow one holds up its own
 * client alone. <b>Ownership.</b> Owns its connections and threads, neither the filters nor their plugins. <b>Cost.</b> Two descriptors a
 * client; a thread for each client whose filters run at that moment.
 */
@SuppressWarnings(
        "FutureReturnValueIgnored") // a channel that cannot be written to becomes inactive, and that is listened for
public final class Gateway implements AutoCloseable {
    private final GatewayConfig config;
    private final GatewayShared shared;
    private final EventLoopGroup loops;
    private final ExecutorService filterThreads;
    private final Map<GatewayConnection, Boolean> open = new ConcurrentHashMap<>();
    private final AtomicInteger connections = new AtomicInteger();
    private final GatewayTraffic traffic = new GatewayTraffic();
    private final TlsContexts tls;
    private volatile boolean draining;
    private final List<Channel> listeners = new ArrayList<>();

    private Gateway(GatewayConfig config, FilterSet filters, @Nullable FilterService service, TlsContexts tls)
            throws InterruptedException {
        this.config = config;
        this.tls = tls;
        loops = new MultiThreadIoEventLoopGroup(
                config.eventLoops(), new DefaultThreadFactory("sluice-gateway", true), NioIoHandler.newFactory());
        // A connection has one query in its filters at a time, so there is a thread for each that asks.
        filterThreads = new ThreadPoolExecutor(
                0,
                Integer.MAX_VALUE,
                30,
                TimeUnit.SECONDS,
                new SynchronousQueue<>(),
                new DefaultThreadFactory("sluice-filters", true));
        PluginPace pace =
                service == null ? new PluginPace(config.eventLoopFuel()) : service.pace(config.eventLoopFuel());
        shared = new GatewayShared(config, filters, service, filterThreads, traffic, tls, pace);
        try {
            listeners.add(listen(NioServerSocketChannel.class)
                    .childOption(ChannelOption.TCP_NODELAY, true)
                    .bind(config.listenHost(), config.listenPort())
                    .sync()
                    .channel());
            if (!config.unixSocket().isEmpty()) {
                Path path = Path.of(config.unixSocket());
                Files.deleteIfExists(path); // of a gateway that did not end by itself
                listeners.add(listen(NioServerDomainSocketChannel.class)
                        .bind(UnixDomainSocketAddress.of(path))
                        .sync()
                        .channel());
            }
        } catch (IOException e) {
            close(loops, filterThreads);
            throw new UncheckedIOException(e);
        } catch (InterruptedException | RuntimeException e) {
            close(loops, filterThreads);
            throw e;
        }
    }

    /**
     * Starts a gateway that knows no statements about filters.
     *
     * @param filters what every statement goes through; changes hold for connections that are open, too
     * @throws IllegalStateException if the address cannot be listened on
     * @throws IllegalArgumentException if certificates cannot be used
     */
    public static Gateway start(GatewayConfig config, FilterSet filters) {
        Objects.requireNonNull(config, "config");
        Objects.requireNonNull(filters, "filters");
        return start(config, filters, null);
    }

    /**
     * Starts a gateway with the filters of a service and the statements about them.
     *
     * @throws IllegalStateException if the address cannot be listened on
     * @throws IllegalArgumentException if certificates cannot be used
     */
    public static Gateway start(GatewayConfig config, FilterService service) {
        Objects.requireNonNull(config, "config");
        return start(config, service.filters(), service);
    }

    private static Gateway start(GatewayConfig config, FilterSet filters, @Nullable FilterService service) {
        TlsContexts tls = new TlsContexts(config);
        try {
            return new Gateway(config, filters, service, tls);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the gateway started", e);
        } catch (Exception e) { // Netty throws what bind threw, undeclared
            throw new IllegalStateException(
                    "the gateway cannot listen on " + config.listenHost() + ":" + config.listenPort() + ": "
                            + e.getMessage(),
                    e);
        }
    }

    private ServerBootstrap listen(Class<? extends ServerChannel> kind) {
        return new ServerBootstrap()
                .group(loops)
                .channel(kind)
                .option(ChannelOption.SO_BACKLOG, 1024)
                .childOption(ChannelOption.AUTO_READ, false)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        accept(channel);
                    }
                });
    }

    private void accept(Channel client) {
        boolean refused = connections.incrementAndGet() > config.maxConnections();
        traffic.connectionsOpened.increment();
        GatewayConnection connection = new GatewayConnection(client, shared);
        open.put(connection, true);
        client.closeFuture().addListener(closed -> {
            connections.decrementAndGet();
            open.remove(connection);
        });
        if (draining) {
            connection.refuse(GatewayErrors.draining());
        } else {
            connection.open(refused);
        }
    }

    /** The port that clients connect to. */
    public int port() {
        return ((InetSocketAddress) listeners.get(0).localAddress()).getPort();
    }

    /** The clients that are connected now. */
    public int connections() {
        return connections.get();
    }

    /** What goes through the gateway, and went. */
    public GatewayStatus status() {
        return new GatewayStatus(
                connections.get(),
                traffic.connectionsOpened.sum(),
                traffic.connectionsRefused.sum(),
                traffic.commands.sum(),
                traffic.bytesFromClients.sum(),
                traffic.bytesFromServer.sum(),
                draining);
    }

    /**
     * Reads the certificates' files again; connections that are open keep what they have.
     *
     * @throws IllegalArgumentException if one of them is not what it must be; all stays as it was
     */
    public void reloadCertificates() {
        tls.reload();
    }

    /**
     * Takes no new clients and lets those that are connected end: each is closed when it is between two statements and in no
     * transaction, and at the latest when the time is over.
     *
     * @return whether all of them had ended in time
     */
    public boolean drain(Duration most) throws InterruptedException {
        draining = true;
        listeners.forEach(listener -> listener.close().syncUninterruptibly());
        long end = System.nanoTime() + most.toNanos();
        while (connections.get() > 0 && System.nanoTime() - end < 0) {
            open.keySet().forEach(GatewayConnection::closeIfQuiet);
            Thread.sleep(20);
        }
        return connections.get() == 0;
    }

    /** Stops listening and closes every connection at once; a statement that is under way is left to the server. */
    @Override
    public void close() {
        listeners.forEach(listener -> listener.close().syncUninterruptibly());
        close(loops, filterThreads);
        if (!config.unixSocket().isEmpty()) {
            try {
                Files.deleteIfExists(Path.of(config.unixSocket()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static void close(EventLoopGroup loops, ExecutorService filterThreads) {
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
        filterThreads.shutdown();
    }
}
