//! Compiled code outside its module: as bytes, and as a file of a folder that only its owner can use.
//!
//! What is loaded runs unchecked. A file is therefore looked at through its open descriptor (whose it is, who may write
//! to it), read once into memory of our own, checked there by a digest, and run from those very bytes: what happens to the file
//! afterwards, or while it is read, changes nothing or is found. Finding malice of the owner is not possible.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use super::engine::Engine;
use super::error::{Error, Result};
use super::mapped::Region;
use super::meter::names::Origins;
use super::module::Module;
use super::raw;

/// In front of the code: a magic number, what made it, the lengths of what follows, and a digest of the name and of that.
const MAGIC: [u8; 8] = *b"SLUICE\0\x03";
const DIGEST_BYTES: usize = 32;
const HEADER_BYTES: usize = 32 + DIGEST_BYTES;

const TOO_SHORT: &str = "it is too short to be serialized code";
/// What is read before it is digested: small enough for the processor's cache, large enough for few calls.
const PIECE_BYTES: usize = 256 << 10;

/// Code without a file has no name.
const NO_NAME: &str = "";

impl Module {
    pub fn serialize(&self) -> Result<Vec<u8>> {
        let Parts { header, origins, code } = self.to_parts(NO_NAME)?;
        Ok([header.as_slice(), origins.as_slice(), code.as_slice()].concat())
    }

    /// Loads what `serialize` gave. The code in it runs unchecked: the caller vouches for the bytes.
    pub fn deserialize(engine: &Arc<Engine>, bytes: &[u8]) -> Result<Module> {
        from_bytes(engine, bytes, NO_NAME)
    }

    /// Writes the code to a file, which appears whole or not at all; its folder is made if it is not there.
    pub fn store(&self, file: &Path) -> Result<()> {
        let name = name_of(file)?;
        let folder = folder_of(file)?;
        own_folder(folder).map_err(|why| cannot_store(file, &why))?;
        let Parts { header, origins, code } = self.to_parts(name)?;
        publish(folder, file, &[&header, &origins, &code]).map_err(|error| cannot_store(file, &error.to_string()))
    }

    /// Loads what `store` wrote, and marks the file as used; `None` if there is no such file.
    pub fn load(engine: &Arc<Engine>, file: &Path) -> Result<Option<Module>> {
        let name = name_of(file)?;
        let folder = folder_of(file)?;
        let Some(mut source) = open(folder, file)? else { return Ok(None) };
        let module = from_file(engine, &mut source, name)?;
        // Which files have not been used for long is what the cleaning goes by; not knowing is no failure.
        let _ = source.set_modified(SystemTime::now());
        Ok(Some(module))
    }

    fn to_parts(&self, name: &str) -> Result<Parts> {
        let origins = self.origins.to_bytes();
        let code = self.inner.serialize().map_err(|error| Error::Internal(format!("cannot serialize: {error:#}")))?;
        let mut header = [0; HEADER_BYTES];
        let mut digest = Digest::new(name);
        digest.update(&origins);
        digest.update(&code);
        let digest = digest.value();
        let parts: [&[u8]; 5] = [
            &MAGIC,
            &self.engine.fingerprint.to_le_bytes(),
            &(origins.len() as u64).to_le_bytes(),
            &(code.len() as u64).to_le_bytes(),
            &digest,
        ];
        for (target, source) in header.iter_mut().zip(parts.into_iter().flatten()) {
            *target = *source;
        }
        Ok(Parts { header, origins, code })
    }
}

/// What a file is made of.
struct Parts {
    header: [u8; HEADER_BYTES],
    /// The way back to the module that was compiled.
    origins: Vec<u8>,
    code: Vec<u8>,
}

const DAMAGED: &str = "it is cut short or damaged";

/// The lengths that a header tells, of origins and code; refused if it is not one of this engine.
fn lengths_of(engine: &Engine, header: &[u8; HEADER_BYTES]) -> Result<(usize, usize)> {
    let word = |i: usize| header.get(8 * i..8 * i + 8).and_then(|b| b.try_into().ok()).map_or(0, u64::from_le_bytes);
    if !header.starts_with(&MAGIC) {
        return refuse("it was not made by Module.serialize()");
    }
    if word(1) != engine.fingerprint {
        return refuse(
            "it was made by another version of Sluice, for another processor or another EngineConfig: compile it again",
        );
    }
    match (usize::try_from(word(2)), usize::try_from(word(3))) {
        (Ok(origins), Ok(code)) => Ok((origins, code)),
        _ => refuse(DAMAGED),
    }
}

fn digest_of(header: &[u8; HEADER_BYTES]) -> &[u8] {
    &header[HEADER_BYTES - DIGEST_BYTES..]
}

fn from_bytes(engine: &Arc<Engine>, bytes: &[u8], name: &str) -> Result<Module> {
    let Some((header, rest)) = bytes.split_first_chunk() else { return refuse(TOO_SHORT) };
    let (origins, code) = lengths_of(engine, header)?;
    if origins.checked_add(code) != Some(rest.len()) {
        return refuse(DAMAGED);
    }
    let (origins, code) = rest.split_at(origins);
    let mut digest = Digest::new(name);
    digest.update(origins);
    digest.update(code);
    if digest.value() != digest_of(header) {
        return refuse(DAMAGED);
    }
    module_of(engine, origins, raw::deserialize(&engine.inner, code))
}

/// Never reads more than the file had when it was looked at, even if it grows meanwhile.
fn from_file(engine: &Arc<Engine>, source: &mut File, name: &str) -> Result<Module> {
    let Ok(length) = source.metadata().map(|found| found.len()) else { return refuse(DAMAGED) };
    if length < HEADER_BYTES as u64 {
        return refuse(TOO_SHORT);
    }
    let mut header = [0; HEADER_BYTES];
    fill(source, &mut header, None)?;
    let (origins_length, code_length) = lengths_of(engine, &header)?;
    let told = origins_length.checked_add(code_length).and_then(|rest| rest.checked_add(HEADER_BYTES));
    if told.map(|told| told as u64) != Some(length) {
        return refuse(DAMAGED);
    }
    let mut digest = Digest::new(name);
    let mut origins = vec![0; origins_length];
    fill(source, &mut origins, Some(&mut digest))?;
    let mut code = Region::new(code_length).or_else(|error| refuse(&format!("there is no memory for it: {error}")))?;
    fill(source, code.bytes_mut(), Some(&mut digest))?;
    if digest.value() != digest_of(&header) {
        return refuse(DAMAGED);
    }
    module_of(engine, &origins, raw::deserialize_region(&engine.inner, code))
}

/// Reads so many bytes; each piece goes into the digest while it is in the processor's cache.
fn fill(source: &mut File, target: &mut [u8], mut digest: Option<&mut Digest>) -> Result<()> {
    for piece in target.chunks_mut(PIECE_BYTES) {
        match source.read_exact(piece) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return refuse(DAMAGED),
            Err(error) => return refuse(&format!("it cannot be read: {error}")),
        }
        if let Some(digest) = &mut digest {
            digest.update(piece);
        }
    }
    Ok(())
}

fn module_of(engine: &Arc<Engine>, origins: &[u8], code: wasmtime::Result<wasmtime::Module>) -> Result<Module> {
    let inner = code.map_err(|error| Error::Compilation(format!("not code that this engine can load: {error:#}")))?;
    let Some(origins) = Origins::from_checked_bytes(origins) else { return refuse(DAMAGED) };
    Ok(Module { engine: engine.clone(), inner, origins: Arc::new(origins) })
}

fn refuse<T>(why: &str) -> Result<T> {
    Err(Error::Compilation(format!("not code that this engine can load: {why}")))
}

/// Of the name too, so that a file cannot be taken for another one.
struct Digest(blake3::Hasher);

impl Digest {
    fn new(name: &str) -> Digest {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&(name.len() as u64).to_le_bytes());
        hasher.update(name.as_bytes());
        Digest(hasher)
    }

    fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn value(&self) -> [u8; DIGEST_BYTES] {
        self.0.finalize().into()
    }
}

fn name_of(file: &Path) -> Result<&str> {
    file.file_name()
        .and_then(|name| name.to_str())
        .ok_or_else(|| Error::IllegalArgument(format!("{} does not name a file", file.display())))
}

fn folder_of(file: &Path) -> Result<&Path> {
    file.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .ok_or_else(|| Error::IllegalArgument(format!("{} has no folder: give an absolute path", file.display())))
}

fn cannot_store(file: &Path, why: &str) -> Error {
    Error::Compilation(format!("the code cannot be kept in {}: {why}", file.display()))
}

/// Makes the folder, closed to others, unless there is one that is.
fn own_folder(folder: &Path) -> std::result::Result<(), String> {
    if let Some(parent) = folder.parent() {
        fs::create_dir_all(parent).map_err(|error| error.to_string())?;
    }
    match platform::create_closed_folder(folder) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error.to_string()),
        _ => {}
    }
    platform::check_folder(folder)
}

/// A rename is atomic: whoever looks sees the old file, the new one or none.
fn publish(folder: &Path, file: &Path, parts: &[&[u8]]) -> std::io::Result<()> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let unique = NEXT.fetch_add(1, Ordering::Relaxed);
    let temporary = folder.join(format!("{}-{unique}.tmp", std::process::id()));
    // What a process of the same number left behind.
    let _ = fs::remove_file(&temporary);
    let written = (|| {
        let mut target = platform::private(OpenOptions::new().write(true).create_new(true)).open(&temporary)?;
        for part in parts {
            target.write_all(part)?;
        }
        drop(target);
        fs::rename(&temporary, file)
    })();
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    written
}

/// The file, if it is the user's own and nobody else can have written to it.
fn open(folder: &Path, file: &Path) -> Result<Option<File>> {
    let source = match platform::careful(OpenOptions::new().read(true)).open(file) {
        Ok(source) => source,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return refuse(&format!("it cannot be opened: {error}")),
    };
    if let Err(why) = platform::check_folder(folder).and_then(|()| platform::check_file(&source)) {
        return refuse(&why);
    }
    Ok(Some(source))
}

#[cfg(unix)]
mod platform {
    use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
    use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
    use std::path::Path;

    use crate::engine::raw;

    pub fn create_closed_folder(folder: &Path) -> std::io::Result<()> {
        DirBuilder::new().mode(0o700).create(folder)
    }

    pub fn private(options: &mut OpenOptions) -> &mut OpenOptions {
        options.mode(0o600)
    }

    /// Follows no link, and does not wait for the other end of a pipe.
    pub fn careful(options: &mut OpenOptions) -> &mut OpenOptions {
        options.custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
    }

    pub fn check_folder(folder: &Path) -> Result<(), String> {
        let found = fs::metadata(folder).map_err(|error| format!("its folder cannot be looked at: {error}"))?;
        if !found.is_dir() {
            return Err("its folder is none".into());
        }
        own("its folder", &found)?;
        if found.mode() & 0o077 != 0 {
            return Err(format!("its folder is open to other users: its mode is {:o}, it must be 700", mode(&found)));
        }
        Ok(())
    }

    pub fn check_file(file: &File) -> Result<(), String> {
        let found = file.metadata().map_err(|error| format!("it cannot be looked at: {error}"))?;
        if !found.is_file() {
            return Err("it is not a regular file".into());
        }
        own("it", &found)?;
        if found.mode() & 0o022 != 0 {
            return Err(format!("other users can write to it: its mode is {:o}, it must be 600", mode(&found)));
        }
        Ok(())
    }

    fn own(what: &str, found: &Metadata) -> Result<(), String> {
        let (theirs, ours) = (found.uid(), raw::effective_user());
        if theirs == ours {
            return Ok(());
        }
        Err(format!("{what} belongs to user {theirs}, this process runs as {ours}"))
    }

    fn mode(found: &Metadata) -> u32 {
        found.mode() & 0o7777
    }
}

/// Where files have no owner that can be asked for, none is trusted.
#[cfg(not(unix))]
mod platform {
    use std::fs::{File, OpenOptions};
    use std::path::Path;

    const NO_OWNERS: &str = "whose files are whose cannot be told on this system";

    pub fn create_closed_folder(folder: &Path) -> std::io::Result<()> {
        std::fs::create_dir(folder)
    }

    pub fn private(options: &mut OpenOptions) -> &mut OpenOptions {
        options
    }

    pub fn careful(options: &mut OpenOptions) -> &mut OpenOptions {
        options
    }

    pub fn check_folder(_folder: &Path) -> Result<(), String> {
        Err(NO_OWNERS.into())
    }

    pub fn check_file(_file: &File) -> Result<(), String> {
        Err(NO_OWNERS.into())
    }
}
