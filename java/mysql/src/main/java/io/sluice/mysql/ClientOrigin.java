package io.sluice.mysql;

import io.netty.channel.Channel;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageEncoder;
import io.netty.handler.codec.haproxy.HAProxyProtocolVersion;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/**
 * Where a client's connection comes from and where it went to: what its socket says, or who connects for it.
 *
 * @param address the client's address; empty for a Unix socket
 * @param port its port
 * @param toAddress the address that it connected to
 * @param toPort the port that it connected to
 */
record ClientOrigin(String address, int port, String toAddress, int toPort) {
    /** What a socket says. */
    static ClientOrigin of(Channel client) {
        return client.remoteAddress() instanceof InetSocketAddress from
                        && client.localAddress() instanceof InetSocketAddress to
                ? new ClientOrigin(textOf(from), from.getPort(), textOf(to), to.getPort())
                : new ClientOrigin("", 0, "", 0);
    }

    private static String textOf(InetSocketAddress address) {
        if (address.getAddress() == null) {
            return "";
        }
        String text = address.getAddress().getHostAddress();
        int scope = text.indexOf('%');
        return scope < 0 ? text : text.substring(0, scope);
    }

    /** What who connects for the client says; the same if it connects for itself, or does not know. */
    ClientOrigin saidBy(HAProxyMessage message) {
        String from = message.sourceAddress();
        String to = message.destinationAddress();
        HAProxyProxiedProtocol protocol = message.proxiedProtocol();
        boolean isTcp = protocol == HAProxyProxiedProtocol.TCP4 || protocol == HAProxyProxiedProtocol.TCP6;
        if (message.command() == HAProxyCommand.LOCAL || !isTcp || from == null || to == null) {
            return this;
        }
        String source = inOneForm(from);
        String destination = inOneForm(to);
        return source.isEmpty() || destination.isEmpty()
                ? this
                : new ClientOrigin(source, message.sourcePort(), destination, message.destinationPort());
    }

    /** An address as a socket says it, for filters compare texts: an IPv4 address in an IPv6 one is an IPv4 address; empty if it is none. */
    private static String inOneForm(String text) {
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(text);
        try {
            return bytes == null ? "" : InetAddress.getByAddress(bytes).getHostAddress();
        } catch (UnknownHostException e) {
            return "";
        }
    }

    /** Writes it to a server as the first of the connection. */
    @SuppressWarnings("FutureReturnValueIgnored") // a server that cannot be written to becomes inactive
    void tell(Channel server, ProxyProtocol how) {
        if (how == ProxyProtocol.OFF) {
            return;
        }
        boolean isText = how == ProxyProtocol.V1;
        HAProxyProtocolVersion version = isText ? HAProxyProtocolVersion.V1 : HAProxyProtocolVersion.V2;
        HAProxyProxiedProtocol protocol = protocol();
        HAProxyMessage message = protocol == null
                ? new HAProxyMessage(
                        version,
                        isText ? HAProxyCommand.PROXY : HAProxyCommand.LOCAL,
                        HAProxyProxiedProtocol.UNKNOWN,
                        null,
                        null,
                        0,
                        0)
                : new HAProxyMessage(version, HAProxyCommand.PROXY, protocol, address, toAddress, port, toPort);
        server.pipeline().addFirst(HAProxyMessageEncoder.INSTANCE);
        server.writeAndFlush(message);
        server.pipeline().remove(HAProxyMessageEncoder.INSTANCE);
    }

    private @Nullable HAProxyProxiedProtocol protocol() {
        if (address.isEmpty() || toAddress.isEmpty() || address.contains(":") != toAddress.contains(":")) {
            return null;
        }
        return address.contains(":") ? HAProxyProxiedProtocol.TCP6 : HAProxyProxiedProtocol.TCP4;
    }
}
