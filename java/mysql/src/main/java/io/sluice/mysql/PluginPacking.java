package io.sluice.mysql;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;

/**
 * How binaries lie in WeScale's table: packed with bzip2 or not at all, with the MD5 of what was packed.
 *
 * <p><b>Threads.</b> Any.
 */
public final class PluginPacking {
    /** The name of the algorithm in the table. */
    public static final String BZIP2 = "bzip2";

    private PluginPacking() {}

    /**
     * Packs a binary.
     *
     * @throws IOException if the algorithm is neither {@link #BZIP2} nor empty
     */
    public static byte[] pack(byte[] wasm, String algorithm) throws IOException {
        if (algorithm.isEmpty()) {
            return wasm.clone();
        }
        check(algorithm);
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (BZip2CompressorOutputStream out = new BZip2CompressorOutputStream(packed)) {
            out.write(wasm);
        }
        return packed.toByteArray();
    }

    /**
     * Unpacks a binary; stops at the limit, however much is packed.
     *
     * @throws IOException if it is not packed so, or has more than {@code maxBytes} bytes
     */
    public static byte[] unpack(byte[] data, String algorithm, int maxBytes) throws IOException {
        if (!algorithm.isEmpty()) {
            check(algorithm);
        }
        try (InputStream in = algorithm.isEmpty()
                ? new ByteArrayInputStream(data)
                : new BZip2CompressorInputStream(new ByteArrayInputStream(data), true)) {
            byte[] wasm = in.readNBytes(maxBytes);
            if (in.read() >= 0) {
                throw new IOException("it has more than the " + maxBytes + " bytes that a module may have");
            }
            return wasm;
        } catch (RuntimeException e) {
            throw new IOException("it is not packed with " + algorithm + ": " + e, e);
        }
    }

    private static void check(String algorithm) throws IOException {
        if (!algorithm.equals(BZIP2)) {
            throw new IOException("compress_algorithm is '" + algorithm + "'; it must be bzip2 or empty");
        }
    }

    /** The MD5 in lower-case hex: what tells binaries apart in the table, not what anybody trusts. */
    public static String md5(byte[] wasm) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(wasm));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has MD5", e);
        }
    }
}
