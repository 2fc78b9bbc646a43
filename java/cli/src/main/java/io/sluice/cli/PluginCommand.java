package io.sluice.cli;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sluice plugin}: what is done with a plugin; without a subcommand WeScale's deploy tool, by its own options. */
@Command(
        name = "plugin",
        mixinStandardHelpOptions = true,
        description = "Makes and tests plugins, and brings them into the database that a gateway reads them from.",
        subcommands = {
            PluginCommand.Install.class,
            PluginCommand.Uninstall.class,
            PluginCommand.Update.class,
            PluginCommand.ListAll.class,
            BenchCommand.class
        })
final class PluginCommand implements Callable<Integer> {
    @Option(
            names = "--command",
            paramLabel = "install|uninstall",
            description = "the subcommand, as WeScale's wescale_wasm takes it")
    private @Nullable String command;

    @Mixin
    private DeployOptions options = new DeployOptions();

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        CommandLine line = Objects.requireNonNull(spec).commandLine();
        String asked = command == null ? "" : command;
        return switch (asked) {
            case "install" -> new PluginDeployment(options, line.getOut()).install();
            case "uninstall" -> new PluginDeployment(options, line.getOut()).uninstall();
            case "update" -> new PluginDeployment(options, line.getOut()).update();
            case "list" -> new PluginDeployment(options, line.getOut()).list();
            default ->
                throw new CommandLine.ParameterException(
                        line,
                        asked.isEmpty()
                                ? "no command is named"
                                : "--command is '" + asked + "'; it must be install, uninstall, update or list");
        };
    }

    /** What the subcommands have in common. */
    private abstract static class Deploy implements Callable<Integer> {
        @Mixin
        private DeployOptions options = new DeployOptions();

        @Spec
        private @Nullable CommandSpec spec;

        PluginDeployment deployment() {
            return new PluginDeployment(
                    options, Objects.requireNonNull(spec).commandLine().getOut());
        }
    }

    /** {@code sluice plugin install}. */
    @Command(
            name = "install",
            mixinStandardHelpOptions = true,
            description = "Stores a binary under its file's name, and makes a filter for it if asked to.")
    static final class Install extends Deploy {
        @Override
        public Integer call() throws Exception {
            return deployment().install();
        }
    }

    /** {@code sluice plugin uninstall}. */
    @Command(
            name = "uninstall",
            mixinStandardHelpOptions = true,
            description = "Drops a binary's filter and deletes the binary.")
    static final class Uninstall extends Deploy {
        @Override
        public Integer call() throws Exception {
            return deployment().uninstall();
        }
    }

    /** {@code sluice plugin update}. */
    @Command(
            name = "update",
            mixinStandardHelpOptions = true,
            description = "Stores another binary under the name of one that is there; its filters go over to it.")
    static final class Update extends Deploy {
        @Override
        public Integer call() throws Exception {
            return deployment().update();
        }
    }

    /** {@code sluice plugin list}. */
    @Command(name = "list", mixinStandardHelpOptions = true, description = "Lists the binaries and the filters.")
    static final class ListAll extends Deploy {
        @Override
        public Integer call() throws Exception {
            return deployment().list();
        }
    }
}
