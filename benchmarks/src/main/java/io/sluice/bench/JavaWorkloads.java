package io.sluice.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import org.jspecify.annotations.Nullable;

/**
 * The functions of the guest {@code workloads} in plain Java, statement by statement: the reference. The JDK's own SHA-256 uses instructions
 * of the processor that a guest has not, so it is not asked.
 */
final class JavaWorkloads implements Vm {

    private static final int[] K = {
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
        0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
        0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
        0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
        0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
        0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
        0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
        0xc67178f2
    };

    private static final int LETTER = 1;
    private static final int DIGIT = 2;
    private static final int AT = 4;
    private static final int DOT = 8;
    /** {@code [a-z0-9]+@[a-z0-9]+[.][a-z]+}: a class, then once (0) or once and more (1). */
    private static final byte[] PROGRAM = {LETTER | DIGIT, 1, AT, 0, LETTER | DIGIT, 1, DOT, 0, LETTER, 1, 0};

    @Override
    public Vm.Running instantiate(Host host) {
        return new Running(host);
    }

    @Override
    public void close() {}

    static int run(String function, byte[] text, int begin, int length) {
        return switch (function) {
            case "fnv" -> fnv(text, begin, length);
            case "sha256" -> sha256(text, begin, length);
            case "json" -> new Json(text, begin, begin + length).checksum();
            case "regex" -> regex(text, begin, begin + length);
            case "touch" -> touch(text, begin, length);
            default -> throw new IllegalArgumentException("function \"" + function + "\": there is none of that name");
        };
    }

    static int touch(byte[] text, int begin, int length) {
        int last = begin + length - 1;
        int ends = (text[begin] & 0xff) + (text[last] & 0xff);
        text[last] ^= 1;
        return ends;
    }

    static int fib(int n) {
        return n < 2 ? n : fib(n - 1) + fib(n - 2);
    }

    static int fnv(byte[] text, int begin, int length) {
        int hash = 0x811c9dc5;
        for (int i = begin; i < begin + length; i++) {
            hash = (hash ^ (text[i] & 0xff)) * 0x01000193;
        }
        return hash;
    }

    static int sha256(byte[] text, int begin, int length) {
        int[] h = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
        for (int i = 0; i < length; i += 64) {
            shaBlock(h, text, begin + i);
        }
        byte[] last = new byte[64];
        last[0] = (byte) 0x80;
        for (int i = 0; i < 4; i++) {
            last[60 + i] = (byte) ((length << 3) >>> (24 - 8 * i));
        }
        shaBlock(h, last, 0);
        return h[0];
    }

    private static void shaBlock(int[] h, byte[] text, int at) {
        int[] w = new int[64];
        for (int i = 0; i < 16; i++) {
            int from = at + 4 * i;
            w[i] = (text[from] << 24)
                    | ((text[from + 1] & 0xff) << 16)
                    | ((text[from + 2] & 0xff) << 8)
                    | (text[from + 3] & 0xff);
        }
        for (int i = 16; i < 64; i++) {
            int x = w[i - 15];
            int y = w[i - 2];
            w[i] = w[i - 16]
                    + (Integer.rotateRight(x, 7) ^ Integer.rotateRight(x, 18) ^ (x >>> 3))
                    + w[i - 7]
                    + (Integer.rotateRight(y, 17) ^ Integer.rotateRight(y, 19) ^ (y >>> 10));
        }
        int a = h[0];
        int b = h[1];
        int c = h[2];
        int d = h[3];
        int e = h[4];
        int f = h[5];
        int g = h[6];
        int k = h[7];
        for (int i = 0; i < 64; i++) {
            int t = k
                    + (Integer.rotateRight(e, 6) ^ Integer.rotateRight(e, 11) ^ Integer.rotateRight(e, 25))
                    + ((e & f) ^ (~e & g))
                    + K[i]
                    + w[i];
            int s = (Integer.rotateRight(a, 2) ^ Integer.rotateRight(a, 13) ^ Integer.rotateRight(a, 22))
                    + ((a & b) ^ (a & c) ^ (b & c));
            k = g;
            g = f;
            f = e;
            e = d + t;
            d = c;
            c = b;
            b = a;
            a = t + s;
        }
        h[0] += a;
        h[1] += b;
        h[2] += c;
        h[3] += d;
        h[4] += e;
        h[5] += f;
        h[6] += g;
        h[7] += k;
    }

    static int regex(byte[] text, int begin, int end) {
        int found = 0;
        int at = begin;
        while (at < end) {
            int to = match(0, text, at, end);
            if (to >= 0) {
                found += 0x10000 + (to - at);
                at = to;
            } else {
                at++;
            }
        }
        return found;
    }

    private static int classOf(byte c) {
        return c >= 'a' && c <= 'z' ? LETTER : c >= '0' && c <= '9' ? DIGIT : c == '@' ? AT : c == '.' ? DOT : 0;
    }

    private static int match(int step, byte[] text, int at, int end) {
        if (PROGRAM[step] == 0) {
            return at;
        }
        int most = at;
        while (most < end && (classOf(text[most]) & PROGRAM[step]) != 0) {
            most++;
            if (PROGRAM[step + 1] == 0) {
                break;
            }
        }
        while (most > at) {
            int found = match(step + 2, text, most, end);
            if (found >= 0) {
                return found;
            }
            most--;
        }
        return -1;
    }

    /** Reads a text by recursive descent; a checksum of what it found, or 0 if it is not JSON. */
    private static final class Json {
        private static final byte[] TRUE = "true".getBytes(US_ASCII);
        private static final byte[] FALSE = "false".getBytes(US_ASCII);
        private static final byte[] NULL = "null".getBytes(US_ASCII);

        private final byte[] text;
        private final int end;
        private int at;
        private int sum = 1;

        Json(byte[] text, int begin, int end) {
            this.text = text;
            this.at = begin;
            this.end = end;
        }

        int checksum() {
            return value(0) ? sum : 0;
        }

        private void space() {
            while (at < end && (text[at] == ' ' || text[at] == '\n' || text[at] == '\t' || text[at] == '\r')) {
                at++;
            }
        }

        private boolean string() {
            at++;
            while (at < end && text[at] != '"') {
                if ((text[at] & 0xff) < ' ') {
                    return false;
                }
                if (text[at] == '\\') {
                    at++;
                    if (at == end) {
                        return false;
                    }
                }
                sum = sum * 31 + (text[at++] & 0xff);
            }
            if (at == end) {
                return false;
            }
            at++;
            return true;
        }

        private boolean number() {
            int start = at;
            int value = 0;
            if (text[at] == '-') {
                at++;
            }
            while (at < end && ((text[at] >= '0' && text[at] <= '9') || text[at] == '.')) {
                value = value * 10 + (text[at++] & 15);
            }
            sum = sum * 31 + value;
            return at > start;
        }

        private boolean word(byte[] word) {
            if (end - at < word.length) {
                return false;
            }
            for (int i = 0; i < word.length; i++) {
                if (text[at + i] != word[i]) {
                    return false;
                }
            }
            at += word.length;
            sum = sum * 31 + word.length;
            return true;
        }

        private boolean members(int depth, char close, boolean named) {
            at++;
            space();
            if (at < end && text[at] == close) {
                at++;
                return true;
            }
            while (at < end) {
                if (named) {
                    space();
                    if (at == end || text[at] != '"' || !string()) {
                        return false;
                    }
                    space();
                    if (at == end || text[at++] != ':') {
                        return false;
                    }
                }
                if (!value(depth + 1)) {
                    return false;
                }
                space();
                if (at == end) {
                    return false;
                }
                byte next = text[at++];
                if (next == close) {
                    sum += depth;
                    return true;
                }
                if (next != ',') {
                    return false;
                }
            }
            return false;
        }

        private boolean value(int depth) {
            space();
            if (at == end || depth > 64) {
                return false;
            }
            return switch (text[at]) {
                case '{' -> members(depth, '}', true);
                case '[' -> members(depth, ']', false);
                case '"' -> string();
                case 't' -> word(TRUE);
                case 'f' -> word(FALSE);
                case 'n' -> word(NULL);
                default -> number();
            };
        }
    }

    /** Looks like an instance: a memory of its own, in which the input is put at 0. */
    private static final class Running implements Vm.Running, Bytes {
        private final byte[] memory = new byte[(1 << 20) + 64];
        private final Vm.@Nullable Import sum;

        Running(Host host) {
            sum = host.find(Workloads.HOST_MODULE, Workloads.HOST_FUNCTION);
        }

        @Override
        public Function find(String name) {
            return switch (name) {
                case "noop" -> new Noop();
                case "add" -> new Add();
                case "java_import" -> new Sum(sum, this);
                case "fib" -> new Fib();
                case "fnv" -> new Fnv(memory);
                case "touch" -> new Touch(memory);
                case "buffer" -> new Noop();
                default -> new OnText(name, memory);
            };
        }

        @Override
        public Bytes memory() {
            return this;
        }

        @Override
        public void close() {}

        @Override
        public void write(int address, byte[] bytes) {
            System.arraycopy(bytes, 0, memory, address, bytes.length);
        }

        @Override
        public void writeInt(int address, int value) {
            throw new UnsupportedOperationException("no row asks for it");
        }

        @Override
        public void writeLong(int address, long value) {
            throw new UnsupportedOperationException("no row asks for it");
        }

        @Override
        public int readInt(int address) {
            throw new UnsupportedOperationException("no row asks for it");
        }

        @Override
        public byte[] read(int address, int length) {
            return java.util.Arrays.copyOfRange(memory, address, address + length);
        }
    }

    private abstract static class Called implements Function {
        @Override
        public long call() {
            throw new IllegalStateException("called without parameters");
        }

        @Override
        public long call(long a) {
            throw new IllegalStateException("called with one parameter");
        }

        @Override
        public long call(long a, long b) {
            throw new IllegalStateException("called with two parameters");
        }
    }

    private static final class Noop extends Called {
        @Override
        public long call() {
            return 0;
        }
    }

    private static final class Add extends Called {
        @Override
        public long call(long a, long b) {
            return (int) (a + b);
        }
    }

    private static final class Fib extends Called {
        @Override
        public long call(long a) {
            return fib((int) a);
        }
    }

    private static final class Sum extends Called {
        private final Vm.@Nullable Import sum;
        private final Running running;

        Sum(Vm.@Nullable Import sum, Running running) {
            this.sum = sum;
            this.running = running;
        }

        @Override
        public long call(long a, long b) {
            return sum == null ? 0 : sum.call(running, new long[] {a, b});
        }
    }

    private static final class Fnv extends Called {
        private final byte[] memory;

        Fnv(byte[] memory) {
            this.memory = memory;
        }

        @Override
        public long call(long a, long b) {
            return fnv(memory, (int) a, (int) b);
        }
    }

    private static final class Touch extends Called {
        private final byte[] memory;

        Touch(byte[] memory) {
            this.memory = memory;
        }

        @Override
        public long call(long a, long b) {
            return touch(memory, (int) a, (int) b);
        }
    }

    private static final class OnText extends Called {
        private final String name;
        private final byte[] memory;

        OnText(String name, byte[] memory) {
            this.name = name;
            this.memory = memory;
        }

        @Override
        public long call(long a, long b) {
            return run(name, memory, (int) a, (int) b);
        }
    }
}
