package io.sluice.test.hostile;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A program in C that makes a JVM on the thread the process began with, as {@code java} never does: that thread's stack grows on
 * demand and has other bounds.
 */
final class Launcher {
    private static final String SOURCE = """
            #include <dlfcn.h>
            #include <jni.h>
            #include <stdio.h>
            #include <stdlib.h>
            #include <string.h>

            typedef jint (*create_function)(JavaVM **, void **, void *);

            /* Arguments that begin with a dash are the JVM's, the others are those of main. */
            int main(int argc, char **argv) {
                void *library = dlopen(LIBJVM, RTLD_NOW | RTLD_GLOBAL);
                if (!library) { fprintf(stderr, "%s\\n", dlerror()); return 70; }
                create_function create = (create_function)dlsym(library, "JNI_CreateJavaVM");
                JavaVMOption *options = calloc(argc, sizeof *options);
                int given = 0, first = 1;
                for (; first < argc && argv[first][0] == '-'; first++) options[given++].optionString = argv[first];
                JavaVMInitArgs arguments = {.version = JNI_VERSION_10, .nOptions = given, .options = options};
                JavaVM *vm;
                JNIEnv *env;
                if (create(&vm, (void **)&env, &arguments) != JNI_OK) return 71;
                jclass child = (*env)->FindClass(env, "io/sluice/test/hostile/HostileChild");
                jclass text = (*env)->FindClass(env, "java/lang/String");
                jobjectArray rest = child && text ? (*env)->NewObjectArray(env, argc - first, text, 0) : 0;
                for (int i = first; rest && i < argc; i++)
                    (*env)->SetObjectArrayElement(env, rest, i - first, (*env)->NewStringUTF(env, argv[i]));
                jmethodID method = rest ? (*env)->GetStaticMethodID(env, child, "main", "([Ljava/lang/String;)V") : 0;
                if (method) (*env)->CallStaticVoidMethod(env, child, method, rest);
                if ((*env)->ExceptionCheck(env)) { (*env)->ExceptionDescribe(env); return 72; }
                return method ? 0 : 73;
            }
            """;

    private Launcher() {}

    /** The program for a JDK, compiled when first asked for. */
    static synchronized Path binary(Path javaHome) {
        try {
            Path folder = Path.of(
                    System.getProperty("java.io.tmpdir"),
                    "sluice-hostile-launcher-" + ProcessHandle.current().pid());
            if (Files.notExists(folder)) {
                Files.createDirectory(folder);
                // Deleted last, because named first.
                folder.toFile().deleteOnExit();
            }
            Path binary = folder.resolve(
                    "launcher-" + Integer.toHexString(javaHome.toString().hashCode()));
            if (!Files.exists(binary)) {
                Path source = folder.resolve("launcher.c");
                Files.writeString(source, SOURCE);
                source.toFile().deleteOnExit();
                compile(
                        javaHome,
                        binary,
                        source,
                        "-DLIBJVM=\"" + javaHome.resolve("lib/server/libjvm.so") + "\"",
                        "-ldl");
                binary.toFile().deleteOnExit();
            }
            return binary;
        } catch (IOException e) {
            throw new UncheckedIOException("the launcher could not be built", e);
        }
    }

    /** Compiles a C source that may include {@code jni.h}; options are put behind the source. */
    static void compile(Path javaHome, Path into, Path source, String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of("gcc", "-O1", "-o", into.toString()));
        command.add("-I" + javaHome.resolve("include"));
        command.add("-I" + javaHome.resolve("include/linux"));
        command.add(source.toString());
        command.addAll(List.of(options));
        Process gcc = new ProcessBuilder(command).inheritIO().start();
        try {
            if (gcc.waitFor() != 0) {
                throw new IOException("gcc ended with " + gcc.exitValue());
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted while " + source + " was compiled", e);
        }
    }
}
