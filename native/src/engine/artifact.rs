//! Compiled code outside its module: as bytes, and as a file of a folder that only its owner can use.
//!
//! What is loaded runs unchecked. A file is therefore looked at through its open descriptor (whose it is, who may write
//! to it), read whole into memory, checked there by a digest, and loaded from those very bytes: what happens to the file
//! afterwards, or while it is read, changes nothing or is found. Finding malice of the owner is not possible.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use super::engine::Engine;
use super::error::{Error, Result};
use super::meter::names::Origins;
use super::module::Module;
use super::raw;

/// In front of the code: a magic number, what made it, the lengths of what follows, and a digest of the name and of that.
const MAGIC: [u8; 8] = *b"SLUICE\0\x03";
const DIGEST_BYTES: usize = 32;
const HEADER_BYTES: usize = 32 + DIGEST_BYTES;

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
        let Some(bytes) = read(folder, file)? else { return Ok(None) };
        from_bytes(engine, &bytes, name).map(Some)
    }

    fn to_parts(&self, name: &str) -> Result<Parts> {
        let origins = self.origins.to_bytes();
        let code = self.inner.serialize().map_err(|error| Error::Internal(format!("cannot serialize: {error:#}")))?;
        let mut header = [0; HEADER_BYTES];
        let digest = digest(name, &[&origins, &code]);
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

fn from_bytes(engine: &Arc<Engine>, bytes: &[u8], name: &str) -> Result<Module> {
    let Some((header, rest)) = bytes.split_at_checked(HEADER_BYTES) else {
        return refuse("it is too short to be serialized code");
    };
    let word = |i: usize| header.get(8 * i..8 * i + 8).and_then(|b| b.try_into().ok()).map(u64::from_le_bytes);
    if !header.starts_with(&MAGIC) {
        return refuse("it was not made by Module.serialize()");
    }
    if word(1) != Some(engine.fingerprint) {
        return refuse(
            "it was made by another version of Sluice, for another processor or another EngineConfig: compile it again",
        );
    }
    let damaged = "it is cut short or damaged";
    let origins = word(2).and_then(|length| usize::try_from(length).ok());
    let Some((origins, code)) = origins.and_then(|length| rest.split_at_checked(length)) else {
        return refuse(damaged);
    };
    if word(3) != Some(code.len() as u64) || header.get(32..) != Some(&digest(name, &[origins, code])) {
        return refuse(damaged);
    }
    let Some(origins) = Origins::from_bytes(origins) else { return refuse(damaged) };
    let inner = raw::deserialize(&engine.inner, code)
        .map_err(|error| Error::Compilation(format!("not code that this engine can load: {error:#}")))?;
    Ok(Module { engine: engine.clone(), inner, origins: Arc::new(origins) })
}

fn refuse<T>(why: &str) -> Result<T> {
    Err(Error::Compilation(format!("not code that this engine can load: {why}")))
}

/// The name is part of it, so that a file cannot be taken for another one.
fn digest(name: &str, parts: &[&[u8]]) -> [u8; DIGEST_BYTES] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&(name.len() as u64).to_le_bytes());
    hasher.update(name.as_bytes());
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
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

/// The file's bytes, if it is the user's own and nobody else can have written them.
fn read(folder: &Path, file: &Path) -> Result<Option<Vec<u8>>> {
    let mut source = match platform::careful(OpenOptions::new().read(true)).open(file) {
        Ok(source) => source,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return refuse(&format!("it cannot be opened: {error}")),
    };
    if let Err(why) = platform::check_folder(folder).and_then(|()| platform::check_file(&source)) {
        return refuse(&why);
    }
    match read_whole(&mut source) {
        Ok(bytes) => {
            // Which files have not been used for long is what the cleaning goes by; not knowing is no failure.
            let _ = source.set_modified(SystemTime::now());
            Ok(Some(bytes))
        }
        Err(error) => refuse(&format!("it cannot be read: {error}")),
    }
}

/// Never more than the file had when it was looked at, even if it grows while it is read.
fn read_whole(source: &mut File) -> std::io::Result<Vec<u8>> {
    let length = source.metadata()?.len();
    let mut bytes = Vec::new();
    let room = usize::try_from(length).map_err(|_| std::io::Error::other("it is too large"))?;
    bytes.try_reserve_exact(room).map_err(std::io::Error::other)?;
    source.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
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
