package io.sluice.cli;

import io.sluice.cli.plugin.AuthorCommands;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * The command: each thing it does is a subcommand.
 *
 * <p><b>Threads.</b> Confined.
 */
@Command(
        name = "sluice",
        mixinStandardHelpOptions = true,
        version = "sluice 0.1.0-SNAPSHOT",
        description = "Runs WebAssembly plugins in front of a database.",
        subcommands = PluginCommand.class,
        synopsisSubcommandLabel = "COMMAND")
public final class Sluice implements Runnable {
    private final CommandLine.Model.CommandSpec spec;

    private Sluice() {
        spec = CommandLine.Model.CommandSpec.forAnnotatedObject(this);
    }

    /** Runs the command and ends the process with its status: 0 done, 1 failed, 2 misused. */
    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        CommandLine line = new CommandLine(new Sluice().spec);
        line.addSubcommand(GatewayCommand.commandLine());
        AuthorCommands.addTo(Objects.requireNonNull(line.getSubcommands().get("plugin"), "plugin"));
        line.setCaseInsensitiveEnumValuesAllowed(true);
        // WeScale's tool says --command=install.
        line.setAllowSubcommandsAsOptionParameters(true);
        line.setExecutionExceptionHandler((e, failed, result) -> {
            failed.getErr().println("sluice: " + e.getMessage());
            return 1;
        });
        return line;
    }

    /** Without a subcommand: how it is used. */
    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getErr());
        throw new CommandLine.ParameterException(spec.commandLine(), "no command is named");
    }
}
