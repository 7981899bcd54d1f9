//! The callback for removed sessions: what it has heard of, and what it does with what it is given.

use std::cell::RefCell;
use std::collections::BTreeMap;

use foreign_types::ForeignTypeRef;
use openssl::ssl::{SslContextRef, SslSessionRef};
use serde_json::{json, Value};

use crate::refusal::Refusal;
use crate::{looking, sessions, trace};

/// The reaction of a callback that only listens.
pub const NOTHING: &str = "nothing";

/// What the callback does, the first time it is called.
#[derive(Clone, Copy)]
pub enum Reaction {
    Nothing,
    Count,
    Add,
    Remove,
}

#[derive(Default)]
struct Heard {
    sessions: Vec<String>,
    reacted: Option<i64>,
}

thread_local! {
    /// By the name of the context.
    static HEARD: RefCell<BTreeMap<String, Heard>> = const { RefCell::new(BTreeMap::new()) };
}

/// Forget everything.
pub fn begin() {
    HEARD.with_borrow_mut(BTreeMap::clear);
}

/// Return the reaction with this name; refuses the one that the crate's types forbid, and one that there is not.
pub fn reaction(name: &str) -> Result<Reaction, Refusal> {
    match name {
        NOTHING => Ok(Reaction::Nothing),
        "counts the entries" => Ok(Reaction::Count),
        "adds the session" => Ok(Reaction::Add),
        "removes the session" => Ok(Reaction::Remove),
        "frees the session" => Err(Refusal::NotImplementedThere { function: "SSL_SESSION_free of a session that is only lent" }),
        unknown => Err(Refusal::broken(format!("no reaction is called {unknown:?}"))),
    }
}

/// Be called back.
pub fn hear(name: &str, context: &SslContextRef, session: &SslSessionRef, reaction: Reaction) {
    let removed = sessions::name(session);
    let first = HEARD.with_borrow_mut(|heard| {
        let mine = heard.entry(name.to_owned()).or_default();
        mine.sessions.push(removed.clone());
        mine.sessions.len() == 1
    });
    trace::callback("remove_session", json!([name, removed]), || {
        let reacted = if first { react(context, session, reaction, &json!([name, removed])) } else { None };
        HEARD.with_borrow_mut(|heard| {
            let mine = heard.entry(name.to_owned()).or_default();
            mine.reacted = mine.reacted.or(reacted);
        });
    });
}

/// Return the sessions that a context's callback was called with, in order.
pub fn of(context: &str) -> Value {
    HEARD.with_borrow(|heard| json!(heard.get(context).map_or(&[][..], |heard| &heard.sessions)))
}

/// Return what a context's callback was told by the function that it called, null when it called none.
pub fn reacted(context: &str) -> Value {
    HEARD.with_borrow(|heard| json!(heard.get(context).and_then(|heard| heard.reacted)))
}

fn react(context: &SslContextRef, session: &SslSessionRef, reaction: Reaction, of: &Value) -> Option<i64> {
    let show = |returned: &bool| json!(returned);
    // As in driver.rs: what happens where the crate's contract is broken is asked as well.
    match reaction {
        Reaction::Nothing => None,
        Reaction::Count => trace::observe("entries", of[0].as_str()?, looking::entries(context.as_ptr())).as_i64(),
        Reaction::Add => {
            Some(trace::call("SslContextRef::add_session", of.clone(), || unsafe { context.add_session(session) }, show).into())
        }
        Reaction::Remove => {
            Some(trace::call("SslContextRef::remove_session", of.clone(), || unsafe { context.remove_session(session) }, show).into())
        }
    }
}
