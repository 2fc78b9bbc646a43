package io.sluice.plugin;

import io.sluice.runtime.CompilationException;
import io.sluice.runtime.Engine;
import io.sluice.runtime.Module;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Compiled code in a folder, so that a plugin that was compiled once is loaded in a moment the next time.
 *
 * <p>A file's name says what it was compiled from, by which version, for which processor and with which settings. What is in the
 * folder is never relied on: a file that is missing, damaged, somebody else's or of another version is compiled again, and a
 * folder that cannot be written to costs time, not plugins.
 *
 * <p><b>Threads.</b> Shared, and with other processes too: files appear and disappear whole.
 */
final class ModuleCache {
    private static final System.Logger LOGGER = System.getLogger("io.sluice.plugin");

    private static final String SUFFIX = ".code";
    private static final String TEMPORARY_SUFFIX = ".tmp";

    /** What a process that died left behind; none takes that long to write a file. */
    private static final long STALE_MILLIS = 3_600_000;

    private final @Nullable Path folder;
    private final long maxBytes;

    final LongAdder hits = new LongAdder();
    final LongAdder misses = new LongAdder();
    final LongAdder refused = new LongAdder();

    /** With no folder nothing is kept. */
    ModuleCache(@Nullable Path folder, long maxBytes) {
        this.folder = folder == null ? null : folder.toAbsolutePath();
        this.maxBytes = maxBytes;
    }

    /** Where the code of a module lies, if code is kept at all. */
    @Nullable
    Path file(Engine engine, String wasmSha256, String form) {
        if (folder == null) {
            return null;
        }
        String key = String.join(
                "\n",
                wasmSha256,
                form,
                Long.toHexString(engine.fingerprint()),
                engine.config().toString());
        return folder.resolve(Digests.sha256(key.getBytes(StandardCharsets.UTF_8)) + SUFFIX);
    }

    /** Loads the code of a file, if it is there and can be relied on; says in the log why it is not used. */
    Optional<Module> load(Engine engine, @Nullable Path file, String plugin) {
        if (file == null) {
            return Optional.empty();
        }
        try {
            Optional<Module> module = Module.loadTrusted(engine, file);
            (module.isPresent() ? hits : misses).increment();
            return module;
        } catch (CompilationException e) {
            refused.increment();
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "plugin ''{0}'': the code kept in {1} is not used, the plugin is compiled again: {2}",
                    plugin,
                    file,
                    e.getMessage());
            return Optional.empty();
        }
    }

    /** Keeps a module's code, and deletes what has not been used for longest when the folder is full. */
    void store(Module module, @Nullable Path file, String plugin) {
        if (file == null || folder == null) {
            return;
        }
        try {
            removeForeign(file);
            module.store(file);
            clean(folder, file);
        } catch (CompilationException | IOException e) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "plugin ''{0}'': its code is not kept for the next time: {1}",
                    plugin,
                    e.getMessage());
        }
    }

    /** Deletes a file that nobody will load any more; one that cannot be deleted goes when the folder is full. */
    void remove(@Nullable Path file) {
        if (file == null) {
            return;
        }
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "{0} cannot be deleted: {1}", file, e.getMessage());
        }
    }

    /** A folder of that name would stand in the way of the rename. */
    private static void removeForeign(Path file) throws IOException {
        if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
            Files.delete(file);
        }
    }

    private record Kept(Path file, long bytes, long usedMillis) {}

    private void clean(Path within, Path newest) throws IOException {
        List<Kept> all = new ArrayList<>();
        long now = System.currentTimeMillis();
        long total = 0;
        try (DirectoryStream<Path> files =
                Files.newDirectoryStream(within, "*{" + SUFFIX + "," + TEMPORARY_SUFFIX + "}")) {
            for (Path file : files) {
                BasicFileAttributes found;
                try {
                    found = Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
                } catch (NoSuchFileException e) {
                    continue;
                }
                long used = found.lastModifiedTime().toMillis();
                if (file.toString().endsWith(TEMPORARY_SUFFIX)) {
                    if (now - used > STALE_MILLIS) {
                        Files.deleteIfExists(file);
                    }
                } else {
                    all.add(new Kept(file, found.size(), file.equals(newest) ? Long.MAX_VALUE : used));
                    total += found.size();
                }
            }
        }
        all.sort(Comparator.comparingLong(Kept::usedMillis));
        for (Kept kept : all) {
            if (total <= maxBytes) {
                return;
            }
            Files.deleteIfExists(kept.file);
            total -= kept.bytes;
        }
    }
}
