package io.sluice.cli.plugin;

import picocli.CommandLine;

/** The subcommands of {@code sluice plugin} for who writes plugins. */
public final class AuthorCommands {
    private AuthorCommands() {}

    /** Adds them. */
    public static void addTo(CommandLine plugin) {
        plugin.addSubcommand(new NewCommand())
                .addSubcommand(new BuildCommand())
                .addSubcommand(new TestCommand())
                .addSubcommand(new RunCommand())
                .addSubcommand(new WatchCommand())
                .addSubcommand(new InspectCommand())
                .addSubcommand(new ValidateCommand());
    }
}
