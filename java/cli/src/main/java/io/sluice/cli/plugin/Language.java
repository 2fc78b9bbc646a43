package io.sluice.cli.plugin;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A language that plugins are written in: how a folder of it is told, and how it is built. */
enum Language {
    C(
            "plugin.c",
            "clang-14",
            "apt-get install -y clang-14 lld-14",
            "clang-14 --target=wasm32 -nostdlib -ffreestanding -O2 -g -Wall -Wextra -Wl,--no-entry -Wl,--stack-first"
                    + " -Wl,-z,stack-size=8192 plugin.c -o plugin.wasm"),
    GO(
            "go.mod",
            "go",
            "the installer of go.dev/dl, version 1.24 or newer",
            "env GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -trimpath -buildvcs=false -ldflags=-s\\ -w -o plugin.wasm ."),
    RUST(
            "Cargo.toml",
            "/usr/bin/rustc",
            "apt-get install -y rustc libstd-rust-dev-wasm32",
            "mkdir -p target && /usr/bin/rustc --target wasm32-unknown-unknown --edition 2021 --crate-type rlib --crate-name sluice -C opt-level=s"
                    + " -C panic=abort sluice/src/lib.rs -o target/libsluice.rlib\n"
                    + "/usr/bin/rustc --target wasm32-unknown-unknown --edition 2021 --crate-type cdylib -C opt-level=s -C lto=fat"
                    + " -C panic=abort -C codegen-units=1 --extern sluice=target/libsluice.rlib src/lib.rs -o plugin.wasm"),
    ASSEMBLYSCRIPT(
            "package.json",
            "npm",
            "the installer of nodejs.org, version 20 or newer",
            "npm install --silent --ignore-scripts --no-audit --no-fund\n"
                    + "npx --no-install asc plugin.ts -O3z --debug --runtime incremental --use abort= --noAssert -o plugin.wasm"),
    JAVA("pom.xml", "mvn", "apt-get install -y maven", "mvn -q -B package\ncp target/wasm/plugin.wasm plugin.wasm");

    private final String mark;
    private final String tool;
    private final String installation;
    private final String commands;

    Language(String mark, String tool, String installation, String commands) {
        this.mark = mark;
        this.tool = tool;
        this.installation = installation;
        this.commands = commands;
    }

    /** The language of a plugin's folder. */
    static Language of(Path folder) {
        for (Language language : values()) {
            if (Files.isRegularFile(folder.resolve(language.mark))) {
                return language;
            }
        }
        throw new CommandException(
                "no plugin in " + folder
                        + ": found none of plugin.c, go.mod, Cargo.toml, package.json, pom.xml; make one with: sluice plugin new");
    }

    /** The program that must be there. */
    String tool() {
        return tool;
    }

    /** How to get it. */
    String installation() {
        return installation;
    }

    /** The shell commands, one after the other. */
    List<String> commands() {
        return commands.lines().toList();
    }
}
