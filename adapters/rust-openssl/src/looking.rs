//! What no method of the crate tells, looked at through pointers: nothing in here changes what a session or a context is.
//!
//! The number of entries, the mark, the reference count in a session's memory, and the moment in which the library destroys a session.

use std::ffi::{c_int, c_long, c_void};
use std::ptr;

use foreign_types::ForeignTypeRef;
use openssl::ssl::{SslSession, SslSessionRef};
use openssl_sys::{CRYPTO_get_ex_new_index, SSL_CTX_ctrl, CRYPTO_EX_DATA, SSL_CTX, SSL_SESSION};

use crate::{guarded, sessions};

/// <openssl/ssl.h>
const SSL_CTRL_SESS_NUMBER: c_int = 20;
/// <openssl/crypto.h> of OpenSSL from 1.1.0 on; where it is another number, no destruction is seen, and the probe finds that out.
const CRYPTO_EX_INDEX_SSL_SESSION: c_int = 2;
/// How the word with the count moves when a reference is taken twice and given back twice.
const MOVES: [u32; 5] = [0, 1, 2, 1, 0];

extern "C" {
    fn SSL_SESSION_is_resumable(session: *const SSL_SESSION) -> c_int;
}

/// Return how many sessions the cache of a context holds.
pub fn entries(context: *mut SSL_CTX) -> c_long {
    unsafe { SSL_CTX_ctrl(context, SSL_CTRL_SESS_NUMBER, 0, ptr::null_mut()) }
}

/// Return whether a session is not marked.
pub fn resumable(session: &SslSessionRef) -> bool {
    unsafe { SSL_SESSION_is_resumable(session.as_ptr()) == 1 }
}

/// Return where a session is.
pub fn address(session: &SslSessionRef) -> usize {
    session.as_ptr() as usize
}

/// Have `sessions::destroyed` called with the address of each session that is destroyed from now on.
pub fn watch_destructions() {
    // The callbacks of an index are called for each object of its class, whether it was given anything or not.
    unsafe { CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL_SESSION, 0, ptr::null_mut(), None, None, Some(destroyed)) };
}

unsafe extern "C" fn destroyed(session: *mut c_void, _: *mut c_void, _: *mut CRYPTO_EX_DATA, _: c_int, _: c_long, _: *mut c_void) {
    guarded(|| sessions::destroyed(session as usize));
}

/// Return the word at an offset into a session that is alive.
pub fn word_at(session: usize, offset: usize) -> u32 {
    unsafe { ((session + offset) as *const u32).read_volatile() }
}

/// Return the offset of the word of a session's memory that holds its reference count, or why it was not found.
pub fn find_reference_count(session: &SslSession) -> Result<usize, String> {
    let mut held = Vec::new();
    let mut shots = vec![words_of(session)];
    for _ in 0..2 {
        held.push(session.clone());
        shots.push(words_of(session));
    }
    while held.pop().is_some() {
        shots.push(words_of(session));
    }
    let moves = |word: &usize| MOVES.iter().zip(&shots).all(|(by, shot)| shot[*word] == shots[0][*word].wrapping_add(*by));
    match (0..shots[0].len()).filter(moves).collect::<Vec<_>>()[..] {
        [word] => Ok(word * size_of::<u32>()),
        ref found => Err(format!("{} words of a session move like a reference count, where there must be exactly one", found.len())),
    }
}

#[cfg(target_os = "linux")]
fn words_of(session: &SslSession) -> Vec<u32> {
    use foreign_types::ForeignType;
    let whole = unsafe { libc::malloc_usable_size(ForeignType::as_ptr(session).cast()) };
    (0..whole / size_of::<u32>()).map(|word| word_at(address(session), word * size_of::<u32>())).collect()
}

/// Nothing tells how large the memory is: no word is found.
#[cfg(not(target_os = "linux"))]
fn words_of(_: &SslSession) -> Vec<u32> {
    Vec::new()
}
