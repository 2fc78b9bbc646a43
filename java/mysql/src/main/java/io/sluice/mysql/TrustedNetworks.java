package io.sluice.mysql;

import io.netty.handler.ipfilter.IpFilterRuleType;
import io.netty.handler.ipfilter.IpSubnetFilterRule;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/**
 * Networks from which a word about somebody else's address is believed; immutable.
 *
 * <p><b>Threads.</b> Shared.
 */
public final class TrustedNetworks {
    private static final TrustedNetworks NONE = new TrustedNetworks(List.of(), "");

    private final List<IpSubnetFilterRule> rules;
    private final String text;

    private TrustedNetworks(List<IpSubnetFilterRule> rules, String text) {
        this.rules = rules;
        this.text = text;
    }

    /** No network. */
    public static TrustedNetworks none() {
        return NONE;
    }

    /**
     * Reads networks such as {@code 10.0.0.0/8, 127.0.0.1, ::1}.
     *
     * @throws IllegalArgumentException if one is no address, or its prefix is longer than one
     */
    public static TrustedNetworks of(String list) {
        if (list.isBlank()) {
            return NONE;
        }
        List<IpSubnetFilterRule> rules = new ArrayList<>();
        for (String part : list.split(",", -1)) {
            String network = part.strip();
            int slash = network.indexOf('/');
            byte[] address =
                    NetUtil.createByteArrayFromIpAddressString(slash < 0 ? network : network.substring(0, slash));
            int prefix = address == null ? -1 : prefixOf(slash < 0 ? "" : network.substring(slash + 1), address.length);
            if (address == null || prefix < 0) {
                throw new IllegalArgumentException(
                        "'" + network + "' is no network; it must be ADDRESS or ADDRESS/BITS, as 10.0.0.0/8");
            }
            try {
                rules.add(new IpSubnetFilterRule(InetAddress.getByAddress(address), prefix, IpFilterRuleType.ACCEPT));
            } catch (UnknownHostException e) {
                throw new IllegalArgumentException("'" + network + "' is no network", e);
            }
        }
        return new TrustedNetworks(List.copyOf(rules), list);
    }

    private static int prefixOf(String text, int bytes) {
        int all = bytes * Byte.SIZE;
        if (text.isEmpty()) {
            return all;
        }
        boolean isNumber = text.length() <= 3 && text.chars().allMatch(c -> c >= '0' && c <= '9');
        int prefix = isNumber ? Integer.parseInt(text) : -1;
        return prefix <= all ? prefix : -1;
    }

    /** Whether an address is in one of them; one of a Unix socket is in none. */
    boolean contain(SocketAddress address) {
        if (!(address instanceof InetSocketAddress at) || at.getAddress() == null) {
            return false;
        }
        for (IpSubnetFilterRule rule : rules) {
            if (rule.matches(at)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public String toString() {
        return text;
    }
}
