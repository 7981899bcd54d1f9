//! The sessions in sight: their names, the application's references to them, and which of them are destroyed.
//!
//! An address is one session from the moment it is first seen until the library destroys it. Nothing here makes a call of the library
//! while the list is borrowed: what it destroys calls back into `destroyed`.

use std::cell::RefCell;
use std::time::{SystemTime, UNIX_EPOCH};

use foreign_types::ForeignTypeRef;
use openssl::error::ErrorStack;
use openssl::ssl::{SslSession, SslSessionRef};

use crate::refusal::Refusal;
use crate::{der, looking};

struct Known {
    address: usize,
    destroyed: bool,
    owned: Vec<SslSession>,
}

thread_local! {
    /// In the order of their names, `session1` first. The library's callbacks reach it too.
    static SESSIONS: RefCell<Vec<Known>> = const { RefCell::new(Vec::new()) };
}

/// Forget all names.
pub fn begin() {
    drop(SESSIONS.take());
}

/// Return the name of a session, a new one when it has not been seen before.
pub fn name(session: &SslSessionRef) -> String {
    let address = looking::address(session);
    SESSIONS.with_borrow_mut(|known| {
        let index = known.iter().position(|one| one.address == address && !one.destroyed).unwrap_or_else(|| {
            known.push(Known { address, destroyed: false, owned: Vec::new() });
            known.len() - 1
        });
        format!("session{}", index + 1)
    })
}

/// Keep a reference of the application's; return the session's name.
pub fn keep(session: SslSession) -> String {
    let name = name(&session);
    SESSIONS.with_borrow_mut(|known| known[index_of(&name)].owned.push(session));
    name
}

/// Take one of the application's references out of the list, for the caller to drop.
pub fn take(name: &str) -> Result<SslSession, Refusal> {
    alive(name)?;
    SESSIONS
        .with_borrow_mut(|known| known[index_of(name)].owned.pop())
        .ok_or_else(|| Refusal::broken(format!("the application has no reference to {name} that it could give back")))
}

/// Return the names of what the application holds, each as often as it holds a reference.
pub fn held() -> Vec<String> {
    let times = |(index, one): (usize, &Known)| vec![format!("session{}", index + 1); if one.destroyed { 0 } else { one.owned.len() }];
    SESSIONS.with_borrow(|known| known.iter().enumerate().flat_map(times).collect())
}

/// Do something with a session; refuses one that the library has destroyed.
pub fn with<T>(name: &str, act: impl FnOnce(&SslSessionRef) -> T) -> Result<T, Refusal> {
    let address = alive(name)?;
    // It is at its address as long as it is not destroyed, whoever holds it.
    Ok(act(unsafe { SslSessionRef::from_ptr(address as *mut _) }))
}

/// Return whether the library has destroyed a session.
pub fn is_destroyed(name: &str) -> bool {
    SESSIONS.with_borrow(|known| known[index_of(name)].destroyed)
}

/// Remember that the library has destroyed what was at `address`.
pub fn destroyed(address: usize) {
    // At the end of the process there is no list any more, and nobody asks.
    let _ = SESSIONS.try_with(|known| {
        let mut known = known.borrow_mut();
        let gone = known.iter_mut().filter(|one| one.address == address && !one.destroyed);
        gone.for_each(|one| one.destroyed = true);
    });
}

/// Forget references to sessions that are destroyed, without giving them back.
pub fn abandon_destroyed() {
    let lost =
        |known: &mut Vec<Known>| known.iter_mut().filter(|one| one.destroyed).flat_map(|one| one.owned.drain(..)).collect::<Vec<_>>();
    SESSIONS.with_borrow_mut(lost).into_iter().for_each(std::mem::forget);
}

/// Make a session that no handshake gave; see PROTOCOL.md on those made by hand.
pub fn make(label: &str, version: &str, age: i64, timeout: i64) -> Option<Result<SslSession, ErrorStack>> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64);
    Some(SslSession::from_der(&der::session(label, version, now - age, timeout)?))
}

fn alive(name: &str) -> Result<usize, Refusal> {
    SESSIONS.with_borrow(|known| match known.get(index_of(name)) {
        Some(one) if !one.destroyed => Ok(one.address),
        Some(one) if !one.owned.is_empty() => Err(Refusal::LibraryDestroyedSession { session: name.to_owned(), held: one.owned.len() }),
        Some(_) => Err(Refusal::broken(format!("{name} is destroyed, and the application had no reference to it"))),
        None => Err(Refusal::broken(format!("there is no {name}"))),
    })
}

fn index_of(name: &str) -> usize {
    let number = name.strip_prefix("session").and_then(|number| number.parse::<usize>().ok());
    number.and_then(|number| number.checked_sub(1)).unwrap_or(usize::MAX)
}
