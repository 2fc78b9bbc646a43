package io.sluice.runtime.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class NativeLibraryIT {
    @Test
    void aSecondClassLoaderIsToldWhatToDo() throws Exception {
        NativeLibrary.load();
        List<URL> path = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(java.io.File.pathSeparator, -1)) {
            path.add(Path.of(entry).toUri().toURL());
        }
        try (URLClassLoader second =
                new URLClassLoader(path.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
            Method load = second.loadClass(NativeLibrary.class.getName()).getMethod("load");
            for (int i = 0; i < 2; i++) {
                Throwable thrown = catchThrowableOfType(InvocationTargetException.class, () -> load.invoke(null))
                        .getCause();
                assertThat(thrown)
                        .isInstanceOf(UnsatisfiedLinkError.class)
                        .hasMessageContaining(
                                "a JVM loads it once: put sluice-runtime where one class loader serves all "
                                        + "that use it");
            }
        }
    }
}
