package io.sluice.test;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.StringWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's quickstart is code that compiles and does what its comments say. */
class ReadmeTest {
    private static final Path ROOT = Path.of("..");
    private static final Path GUEST = Path.of("guests", "c", "reject_without_where", "reject_without_where.wasm");

    @TempDir
    Path folder;

    @Test
    void quickstartCompilesAndRejectsTheUpdateWithoutWhere() throws Exception {
        Method run = compile(quickstart());
        JdbcDataSource database = new JdbcDataSource();
        database.setURL("jdbc:h2:mem:readme");
        try (Connection keeper = database.getConnection();
                Statement statement = keeper.createStatement()) {
            statement.execute("create table users(id int, name varchar(9))");
            statement.execute("insert into users values (1, 'a'), (2, 'b')");

            Throwable thrown = catchThrowable(() -> run.invoke(null, database, GUEST));

            assertThat(thrown).isInstanceOf(InvocationTargetException.class);
            SQLException rejected = requireNonNull((SQLException) thrown.getCause());
            assertThat(rejected.getErrorCode()).isEqualTo(1105);
            assertThat((Throwable) rejected).hasMessageContaining("no where clause");
            try (ResultSet names = statement.executeQuery("select string_agg(name, ',' order by id) from users")) {
                names.next();
                assertThat(names.getString(1)).isEqualTo("x,b");
            }
        }
    }

    @Test
    void readmeIsShort() throws Exception {
        assertThat(Files.readAllLines(ROOT.resolve("README.md"))).hasSizeLessThanOrEqualTo(150);
    }

    private static String quickstart() throws Exception {
        String readme = Files.readString(ROOT.resolve("README.md"));
        Matcher block = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL).matcher(readme);
        assertThat(block.find()).as("a java block in the README").isTrue();
        return block.group(1);
    }

    private Method compile(String source) throws Exception {
        Path file = Files.writeString(folder.resolve("Quickstart.java"), source);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            boolean compiled = compiler.getTask(
                            messages,
                            files,
                            null,
                            List.of("-d", folder.toString(), "-cp", System.getProperty("java.class.path", "")),
                            null,
                            files.getJavaFileObjects(file))
                    .call();
            assertThat(compiled).as(messages.toString()).isTrue();
        }
        URLClassLoader loader = new URLClassLoader(
                new URL[] {folder.toUri().toURL()}, getClass().getClassLoader());
        Method run = loader.loadClass("Quickstart").getDeclaredMethod("run", DataSource.class, Path.class);
        run.setAccessible(true);
        return run;
    }
}
