//! The crate openssl as an implementation of the session API, for sslspec: a program on the worker's protocol.
//!
//! This file is the protocol: a line in, a line out, until the input ends (../PROTOCOL.md has it in words). What an operation does is in
//! driver.rs, by the methods of the crate; what no method of it tells is looked at in looking.rs, and only looked at.
//!
//! What the crate has no method for, and what follows: no SSL_set_session on a connection whose handshake has begun or without a session,
//! no SSL_set_quiet_shutdown, SSL_clear and SSL_CTX_flush_sessions, and no change to a context that is in use (not implemented).

mod connection;
mod context;
mod der;
mod description;
mod driver;
mod looking;
mod pipe;
mod received;
mod refusal;
mod removals;
mod sessions;
mod trace;

use std::cell::RefCell;
use std::io::{self, BufRead};
use std::panic::{self, AssertUnwindSafe};

use driver::{Arguments, Driver};
use refusal::Refusal;
use serde_json::{json, Value};

/// Of the protocol that is spoken here.
const PROTOCOL: u64 = 1;

/// In seconds. Time limits are kept by the client; so much later this process ends by itself, because the client must be gone.
const GRACE: u32 = 5;

thread_local! {
    /// What the last panic has said, and where.
    static PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

fn main() -> io::Result<()> {
    // A panic is a fault of this program, not of the library: it becomes an answer, and must not end the process.
    panic::set_hook(Box::new(|info| PANIC.with_borrow_mut(|said| *said = info.to_string())));
    let mut driver = None;
    let mut limit = 0;
    for line in io::stdin().lock().lines() {
        let request: Value = serde_json::from_str(&line?)?;
        trace::begin(request["id"].clone());
        limit = request["args"][0]["limit"].as_u64().map_or(limit, |seconds| (seconds as u32).saturating_add(GRACE));
        end_after(limit);
        let done = panic::catch_unwind(AssertUnwindSafe(|| carry_out(&mut driver, &request)));
        // One in a callback has not ended the operation.
        let panic = PANIC.take();
        let answer = match done {
            Ok(Ok(value)) if panic.is_empty() => json!({"id": request["id"], "is": value}),
            Ok(Err(refusal)) if panic.is_empty() => refused(&request, &refusal),
            _ => refused(&request, &Refusal::broken(panic)),
        };
        end_after(0);
        trace::answer(answer)?;
    }
    if let Some(mut driver) = driver {
        // Nobody is left to tell what cannot be freed.
        let _ = driver.end();
    }
    Ok(())
}

/// Let this process be ended after so many seconds, whatever it hangs in; 0 is never.
fn end_after(seconds: u32) {
    #[cfg(unix)]
    unsafe {
        libc::alarm(seconds)
    };
    #[cfg(not(unix))]
    let _ = seconds;
}

/// Do what a callback does: a panic must not reach the library, which would be said to have ended the process.
fn guarded(act: impl FnOnce()) {
    // What it has said is kept, and found when the operation is over.
    let _ = panic::catch_unwind(AssertUnwindSafe(act));
}

fn carry_out(driver: &mut Option<Driver>, request: &Value) -> Result<Value, Refusal> {
    let operation = request["operation"].as_str().unwrap_or_default();
    let arguments = Arguments::of(request);
    match driver {
        _ if operation == "open" => {
            *driver = Some(Driver::open(&request["args"][0])?);
            Ok(json!({"protocol": PROTOCOL}))
        }
        Some(driver) => driver.carry_out(operation, &arguments),
        None => Err(Refusal::broken("the first message must be 'open'")),
    }
}

fn refused(request: &Value, refusal: &Refusal) -> Value {
    let (error, with) = refusal.to_json();
    json!({"id": request["id"], "error": error, "with": with})
}
