//! What an operation can end in instead of an answer: the errors of the protocol, as far as there is a use for them here.

use openssl::error::ErrorStack;
use serde_json::{json, Value};

/// Who lacks a function, in the words of `NotImplementedThere`.
const WHERE: &str = "the crate openssl";

/// An error of the protocol.
#[derive(Debug)]
pub enum Refusal {
    /// There is nothing to drive.
    LibraryNotLoaded { reason: String },
    /// The crate has no method for a function of the API.
    NotImplementedThere { function: &'static str },
    /// It cannot be seen.
    NotObservable { capability: &'static str, why: String },
    /// The library does not speak a variant.
    ProtocolNotSpoken { protocol: String, why: String },
    /// The library destroyed a session to which the application has references; to go on would be undefined.
    LibraryDestroyedSession { session: String, held: usize },
    /// This program has failed.
    AdapterBroken { reason: String },
}

impl Refusal {
    /// Return an `AdapterBroken`.
    pub fn broken(reason: impl Into<String>) -> Refusal {
        Refusal::AdapterBroken { reason: reason.into() }
    }

    /// Return the `error` and the `with` of an answer.
    pub fn to_json(&self) -> (&'static str, Value) {
        match self {
            Refusal::LibraryNotLoaded { reason } => ("LibraryNotLoaded", json!({"reason": reason})),
            Refusal::NotImplementedThere { function } => ("NotImplementedThere", json!({"function": function, "where": WHERE})),
            Refusal::NotObservable { capability, why } => ("NotObservable", json!({"capability": capability, "why": why})),
            Refusal::ProtocolNotSpoken { protocol, why } => ("ProtocolNotSpoken", json!({"protocol": protocol, "why": why})),
            Refusal::LibraryDestroyedSession { session, held } => ("LibraryDestroyedSession", json!({"session": session, "held": held})),
            Refusal::AdapterBroken { reason } => ("AdapterBroken", json!({"reason": reason})),
        }
    }
}

impl From<ErrorStack> for Refusal {
    /// Of a call that has to succeed for anything to be tested.
    fn from(stack: ErrorStack) -> Refusal {
        Refusal::broken(reasons(&stack).join("; "))
    }
}

/// Return the reasons on an error stack, oldest first.
pub fn reasons(stack: &ErrorStack) -> Vec<String> {
    stack.errors().iter().map(|error| error.reason().map_or_else(|| format!("error {:#x}", error.code()), str::to_owned)).collect()
}
