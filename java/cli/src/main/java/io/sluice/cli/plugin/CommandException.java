package io.sluice.cli.plugin;

/** What a command was asked for and cannot do; the message is all that is said. */
final class CommandException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CommandException(String message) {
        super(message, null, false, false);
    }
}
