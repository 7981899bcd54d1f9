//! The evidence: what is called, in order, and said beforehand, so that a call that ends the process is known.

use std::cell::RefCell;
use std::io::{self, Write};

use serde_json::{json, Value};

/// The result of a call that has not returned.
const UNFINISHED: &str = "(did not return)";

#[derive(Default)]
struct Trace {
    id: Value,
    events: Vec<Value>,
    depth: usize,
}

thread_local! {
    /// Callbacks of the library reach it too, and those carry nothing of ours.
    static TRACE: RefCell<Trace> = RefCell::default();
}

/// Begin the evidence of the request called `id`.
pub fn begin(id: Value) {
    TRACE.with_borrow_mut(|trace| *trace = Trace { id, ..Trace::default() });
}

/// Write the answer to the request, with its evidence; what is called from then on until the next one is told to nobody.
pub fn answer(mut answer: Value) -> io::Result<()> {
    answer["events"] = TRACE.take().events.into();
    say(&answer)
}

/// Make one call of the crate, and record it; `show` tells what the evidence says of the result.
pub fn call<T>(function: &str, of: Value, make: impl FnOnce() -> T, show: impl FnOnce(&T) -> Value) -> T {
    let position = TRACE.with_borrow_mut(|trace| trace.add(json!({"call": function, "of": of, "is": UNFINISHED})));
    TRACE.with_borrow(Trace::tell);
    let result = make();
    let shown = show(&result);
    TRACE.with_borrow_mut(|trace| trace.events[position]["is"] = shown);
    result
}

/// Record that the library called back, and what is done `inside`.
pub fn callback(name: &str, of: Value, inside: impl FnOnce()) {
    TRACE.with_borrow_mut(|trace| {
        trace.add(json!({"callback": name, "of": of}));
        trace.depth += 1;
    });
    inside();
    TRACE.with_borrow_mut(|trace| trace.depth -= 1);
}

/// Record what no call shows.
pub fn observe(what: &str, of: &str, value: impl Into<Value>) -> Value {
    let value = value.into();
    TRACE.with_borrow_mut(|trace| trace.add(json!({"observation": what, "of": [of], "is": value})));
    value
}

/// Say nothing of a result.
pub fn nothing<T>(_: &T) -> Value {
    Value::Null
}

impl Trace {
    /// Say what has been done so far, as long as somebody waits for an answer.
    fn tell(&self) {
        if !self.id.is_null() {
            // Where nobody is listening any more, the answer will not be heard either.
            let _ = say(&json!({"id": self.id, "so_far": self.events}));
        }
    }

    fn add(&mut self, mut event: Value) -> usize {
        if self.depth > 0 {
            event["depth"] = self.depth.into();
        }
        self.events.push(event);
        self.events.len() - 1
    }
}

fn say(message: &Value) -> io::Result<()> {
    let mut output = io::stdout().lock();
    writeln!(output, "{message}")?;
    output.flush()
}
