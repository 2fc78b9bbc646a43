package io.sluice.mysql;

/** What came is no packet of the protocol, or not the one that is due: the connection it came on cannot go on. */
final class MalformedPacketException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MalformedPacketException(String message) {
        super(message);
    }
}
