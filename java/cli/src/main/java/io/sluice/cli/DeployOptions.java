package io.sluice.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The options of WeScale's deploy tool, by its names. */
final class DeployOptions {
    @Parameters(arity = "0..1", paramLabel = "FILE", description = "the binary, as --wasm_file")
    @Nullable
    String file;

    @Option(names = "--wasm_file", paramLabel = "FILE", description = "the binary")
    @Nullable
    String wasmFile;

    @Option(
            names = "--mysql_host",
            paramLabel = "HOST",
            defaultValue = "127.0.0.1",
            description = "the gateway (${DEFAULT-VALUE})")
    String host = "127.0.0.1";

    @Option(
            names = "--mysql_port",
            paramLabel = "PORT",
            defaultValue = "15306",
            description = "its port (${DEFAULT-VALUE})")
    int port = 15306;

    @Option(
            names = "--mysql_user",
            paramLabel = "NAME",
            defaultValue = "root",
            description = "whose account (${DEFAULT-VALUE})")
    String user = "root";

    @Option(
            names = "--mysql_password",
            paramLabel = "TEXT",
            defaultValue = "",
            description = "its password; other users of this machine see it here")
    String password = "";

    @Option(
            names = "--mysql_password_env",
            paramLabel = "VARIABLE",
            description = "the variable of the environment with the password")
    @Nullable
    String passwordVariable;

    @Option(
            names = "--mysql_db",
            paramLabel = "NAME",
            defaultValue = "mysql",
            description = "the schema of the table of binaries (${DEFAULT-VALUE})")
    String schema = "mysql";

    @Option(
            names = "--wasm_runtime",
            paramLabel = "NAME",
            defaultValue = "wasmtime",
            description = "what is noted as the runtime (${DEFAULT-VALUE})")
    String runtime = "wasmtime";

    @Option(
            names = "--wasm_compress_algorithm",
            paramLabel = "bzip2",
            defaultValue = "bzip2",
            description = "how the binary is packed: bzip2, or empty for not at all")
    String algorithm = "bzip2";

    @Option(
            names = "--create_filter",
            arity = "0..1",
            fallbackValue = "true",
            defaultValue = "false",
            description = "make a filter for the binary, too")
    boolean createFilter;

    @Option(
            names = "--filter_name",
            paramLabel = "NAME",
            description = "the filter; by default the file's name with _ for dots, and _filter")
    @Nullable
    String filterName;

    @Option(names = "--filter_desc", paramLabel = "TEXT", defaultValue = "")
    String filterDescription = "";

    @Option(names = "--filter_priority", paramLabel = "N", defaultValue = "1000")
    String filterPriority = "1000";

    @Option(names = "--filter_status", paramLabel = "ACTIVE|INACTIVE", defaultValue = "ACTIVE")
    String filterStatus = "ACTIVE";

    @Option(names = "--filter_plans", paramLabel = "LIST", defaultValue = "")
    String filterPlans = "";

    @Option(names = "--filter_fully_qualified_table_names", paramLabel = "LIST", defaultValue = "")
    String filterTables = "";

    @Option(names = "--filter_query_regex", paramLabel = "REGEX", defaultValue = "")
    String filterQueryRegex = "";

    @Option(names = "--filter_query_template", paramLabel = "TEXT", defaultValue = "")
    String filterQueryTemplate = "";

    @Option(names = "--filter_request_ip_regex", paramLabel = "REGEX", defaultValue = "")
    String filterRequestIpRegex = "";

    @Option(names = "--filter_user_regex", paramLabel = "REGEX", defaultValue = "")
    String filterUserRegex = "";

    @Option(names = "--filter_leading_comment_regex", paramLabel = "REGEX", defaultValue = "")
    String filterLeadingCommentRegex = "";

    @Option(names = "--filter_trailing_comment_regex", paramLabel = "REGEX", defaultValue = "")
    String filterTrailingCommentRegex = "";

    @Option(names = "--filter_bind_var_conds", paramLabel = "TEXT", defaultValue = "")
    String filterBindVarConds = "";

    @Option(names = "--filter_action", paramLabel = "ACTION", defaultValue = "WASM_PLUGIN")
    String filterAction = "WASM_PLUGIN";

    /** The binary's path. */
    String path() {
        String named = wasmFile != null ? wasmFile : file;
        if (named == null || named.isEmpty()) {
            throw new IllegalArgumentException("no binary is named; say --wasm_file FILE");
        }
        return named;
    }

    /** The binary's name in the table: its file's. */
    String binaryName() {
        String named = path();
        return named.substring(named.lastIndexOf('/') + 1);
    }

    /** The filter's name. */
    String filterNameOrDefault() {
        String named = filterName;
        return named == null || named.isEmpty() ? binaryName().replace('.', '_') + "_filter" : named;
    }

    /** The account's password. */
    String passwordText() {
        String variable = passwordVariable;
        if (variable == null) {
            return password;
        }
        String value = System.getenv(variable);
        if (value == null) {
            throw new IllegalArgumentException(
                    "--mysql_password_env names the variable " + variable + ", which the environment does not have");
        }
        return value;
    }
}
