//! The sessions that the new-session callback was given, until somebody asks for them.

use std::cell::RefCell;

use openssl::ssl::SslSession;
use serde_json::json;

use crate::{sessions, trace};

thread_local! {
    /// With the name of the connection that each came by.
    static RECEIVED: RefCell<Vec<(String, SslSession)>> = const { RefCell::new(Vec::new()) };
}

/// Keep a session that a connection has been given.
pub fn keep(connection: Option<&String>, session: SslSession) {
    let connection = connection.cloned().unwrap_or_default();
    trace::callback("new_session", json!([connection, sessions::name(&session)]), || {});
    RECEIVED.with_borrow_mut(|received| received.push((connection, session)));
}

/// Take what a connection has been given since it was last asked, in order.
pub fn take(connection: &str) -> Vec<SslSession> {
    let (mine, others): (Vec<_>, Vec<_>) = RECEIVED.take().into_iter().partition(|(name, _)| name == connection);
    RECEIVED.set(others);
    mine.into_iter().map(|(_, session)| session).collect()
}
