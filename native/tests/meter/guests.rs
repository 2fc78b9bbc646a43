//! The guests of the repository under host functions that are made up, which leads them into corners of their own.

use std::path::{Path, PathBuf};

use sluice::engine::meter::pass;

use super::generated::{Engines, Totals, compare};
use super::harness::{compile_metered, compile_stock, engine};

fn guests(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            guests(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "wasm") {
            into.push(path);
        }
    }
}

/// SLUICE_METER_FOLDER names another folder of modules, for a look at some that are not ours.
fn folder() -> (PathBuf, usize) {
    match std::env::var_os("SLUICE_METER_FOLDER") {
        Some(folder) => (folder.into(), 0),
        None => (Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins-test/guests"), 50),
    }
}

#[test]
fn every_guest_does_the_same_and_is_never_counted_low() {
    let mut paths = Vec::new();
    let (folder, at_least) = folder();
    guests(&folder, &mut paths);
    paths.sort();
    assert!(paths.len() > at_least, "{} guests", paths.len());
    let engines = Engines { optimised: false, stock: engine(true, false), ours: engine(false, false) };
    let totals = Totals::default();
    for path in &paths {
        let wasm = std::fs::read(path).unwrap();
        eprintln!("{}", path.display());
        let stock = compile_stock(&engines.stock, &wasm).is_ok();
        match pass::instrument(&wasm) {
            Ok(metered) => {
                let ours = compile_metered(&engines.ours, &metered).is_ok();
                assert_eq!(ours, stock, "{}", path.display());
                if stock {
                    compare(&engines, &wasm, 2_000_000, &totals);
                }
            }
            Err(error) => assert!(!stock, "{}: {error:?}", path.display()),
        }
    }
    println!("{totals}");
}
