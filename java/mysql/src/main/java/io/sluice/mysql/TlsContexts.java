package io.sluice.mysql;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.File;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The certificates of a gateway: its own for clients, the authorities for its server; read again while it serves.
 *
 * <p><b>Threads.</b> Shared.
 */
final class TlsContexts {
    private static final int RSA_BITS = 2048;

    private final GatewayConfig config;
    private volatile @Nullable SslContext front;
    private volatile @Nullable SslContext back;
    private @Nullable KeyPair passwordKey;

    TlsContexts(GatewayConfig config) {
        this.config = config;
        reload();
        if (config.backendTls() != TlsMode.OFF && config.tls() != TlsMode.REQUIRED) {
            passwordKey(); // no event loop shall wait for it
        }
    }

    /**
     * Reads the files again; connections that are open keep what they have.
     *
     * @throws IllegalArgumentException if one of them is not what it must be; all stays as it was
     */
    void reload() {
        SslContext newFront = config.tls() == TlsMode.OFF ? null : front();
        SslContext newBack = config.backendTls() == TlsMode.OFF ? null : back();
        front = newFront;
        back = newBack;
    }

    private SslContext front() {
        String certificate = config.tlsCertificate();
        String key = config.tlsKey();
        if (certificate.isEmpty() || key.isEmpty()) {
            throw new IllegalArgumentException("tls is " + config.tls() + ", which needs a certificate and its key");
        }
        try {
            return SslContextBuilder.forServer(new File(certificate), new File(key))
                    .sslProvider(SslProvider.JDK)
                    .clientAuth(ClientAuth.NONE)
                    .build();
        } catch (SSLException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "certificate " + certificate + " with key " + key + " cannot be used: " + e.getMessage(), e);
        }
    }

    private SslContext back() {
        SslContextBuilder builder = SslContextBuilder.forClient().sslProvider(SslProvider.JDK);
        boolean verified = config.backendTls() == TlsMode.VERIFIED;
        // A mode that does not verify encrypts only, as MySQL's own of the same name.
        builder.endpointIdentificationAlgorithm(verified ? "HTTPS" : null);
        if (!verified) {
            builder.trustManager(InsecureTrustManagerFactory.INSTANCE);
        } else if (!config.backendCa().isEmpty()) {
            builder.trustManager(new File(config.backendCa()));
        }
        try {
            return builder.build();
        } catch (SSLException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "authorities " + config.backendCa() + " cannot be used: " + e.getMessage(), e);
        }
    }

    /** Encrypts a client's side; null if that is off. */
    @Nullable
    SslHandler forClient(ByteBufAllocator allocator) {
        SslContext context = front;
        return context == null ? null : context.newHandler(allocator);
    }

    /** Encrypts the server's side; null if that is off. */
    @Nullable
    SslHandler forServer(ByteBufAllocator allocator) {
        SslContext context = back;
        return context == null ? null : context.newHandler(allocator, config.backendHost(), config.backendPort());
    }

    /** The key that clients without TLS encrypt passwords with, where the gateway has to read them; made at the start where they may come. */
    synchronized KeyPair passwordKey() {
        KeyPair known = passwordKey;
        if (known == null) {
            try {
                KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
                generator.initialize(RSA_BITS);
                known = generator.generateKeyPair();
                passwordKey = known;
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java has RSA", e);
            }
        }
        return known;
    }
}
