package io.sluice.sdk;

/** The fields of a message of protobuf, one after the other. */
final class Fields {
    final byte[] message;
    private final int begin;
    private final int end;
    private int at;

    int number;
    long value;
    int start;
    int body;
    boolean malformed;

    Fields(byte[] message, int begin, int end) {
        this.message = message;
        this.begin = begin;
        this.end = end;
        this.at = begin;
    }

    Fields again() {
        return new Fields(message, begin, end);
    }

    boolean more() {
        return !malformed && at < end;
    }

    boolean next() {
        if (!more()) {
            return false;
        }
        start = at;
        long tag = varint();
        number = (int) (tag >>> 3);
        body = at;
        long size = 0;
        switch ((int) (tag & 7)) {
            case 0:
                value = varint();
                break;
            case 1:
                size = 8;
                break;
            case 2:
                size = varint();
                body = at;
                break;
            case 5:
                size = 4;
                break;
            default:
                malformed = true;
        }
        if (malformed || size < 0 || size > end - at) {
            malformed = true;
            return false;
        }
        at += (int) size;
        return true;
    }

    /** Behind the field's last byte. */
    int end() {
        return at;
    }

    Fields content() {
        return new Fields(message, body, at);
    }

    String text() {
        return new String(message, body, at - body, java.nio.charset.StandardCharsets.UTF_8);
    }

    long varint() {
        long number = 0;
        for (int shift = 0; shift < 64 && at < end; shift += 7) {
            byte part = message[at++];
            number |= (long) (part & 0x7f) << shift;
            if (part >= 0) {
                return number;
            }
        }
        malformed = true;
        return 0;
    }
}
