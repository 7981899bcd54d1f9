//! What is driven: the library's own words, and the files that hold it.

use std::env;
use std::fs;

use openssl::version;
use serde_json::{json, Value};

/// Return the answer to `describe`.
pub fn described() -> Value {
    let crate_version = locked_version("openssl");
    let mapped = fs::read_to_string("/proc/self/maps").unwrap_or_default();
    let is_library =
        |path: &&str| ["libssl", "libcrypto"].iter().any(|name| path.rsplit('/').next().is_some_and(|file| file.starts_with(name)));
    let mut files: Vec<&str> = mapped.lines().filter_map(|line| line.splitn(6, ' ').last()).map(str::trim).filter(is_library).collect();
    files.sort_unstable();
    files.dedup();
    let own = env::current_exe().map(|path| path.display().to_string()).unwrap_or_default();
    files.insert(0, &own);
    json!({
        "version": format!("{} (crate openssl {crate_version})", version::version()),
        "family": "rust-openssl",
        "release": crate_version,
        "files": files,
    })
}

/// Return the version of a crate that Cargo.lock has pinned for this program.
fn locked_version(name: &str) -> &'static str {
    let lock = include_str!("../Cargo.lock");
    let entry = lock.split("[[package]]").find(|entry| entry.contains(&format!("\nname = \"{name}\"\n"))).unwrap_or_default();
    entry.split("version = \"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default()
}
