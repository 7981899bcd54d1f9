//! The operations, by the methods of the crate. In the evidence a call is named after the method: `SslRef::set_session`.

use std::collections::BTreeMap;

use openssl::base64::decode_block;
use openssl::error::ErrorStack;
use openssl::ex_data::Index;
use openssl::pkey::{PKey, Private};
use openssl::ssl::{
    Error, ShutdownResult, ShutdownState, Ssl, SslContext, SslContextRef, SslMethod, SslOptions, SslSession, SslSessionCacheMode,
    SslSessionRef, SslVersion,
};
use openssl::x509::X509;
use serde_json::{json, Value};

use crate::connection::{said, waits, Connection};
use crate::context::{add, cache_mode, is_tls13, remove, speak_only, Context};
use crate::description::described;
use crate::refusal::{reasons, Refusal};
use crate::{guarded, looking, received, removals, sessions, trace};

/// Of each end; a handshake that takes more does not move.
const TURNS: usize = 12;

/// The arguments of an operation, by position.
pub struct Arguments<'a>(&'a [Value]);

impl<'a> Arguments<'a> {
    /// Return those of a request.
    pub fn of(request: &'a Value) -> Arguments<'a> {
        Arguments(request["args"].as_array().map_or(&[], Vec::as_slice))
    }

    fn text(&self, position: usize) -> Result<&'a str, Refusal> {
        self.optional(position).ok_or_else(|| Refusal::broken(format!("argument {position} is no string")))
    }

    /// Return a string, None for null and for an argument that is missing.
    fn optional(&self, position: usize) -> Option<&'a str> {
        self.0.get(position)?.as_str()
    }

    fn number(&self, position: usize) -> Result<i64, Refusal> {
        self.0.get(position).and_then(Value::as_i64).ok_or_else(|| Refusal::broken(format!("argument {position} is no number")))
    }

    /// Return a list of words, an empty one for an argument that is none.
    fn words(&self, position: usize) -> Vec<&'a str> {
        self.0.get(position).and_then(Value::as_array).map_or(Vec::new(), |words| words.iter().filter_map(Value::as_str).collect())
    }
}

/// The crate, and the objects of the row under way.
pub struct Driver {
    certificate: X509,
    key: PKey<Private>,
    /// Where a connection keeps its own name, for the callback that is given nothing but the connection.
    name_index: Index<Ssl, String>,
    reference_count: Result<usize, String>,
    made: BTreeMap<String, usize>,
    contexts: BTreeMap<String, Context>,
    connections: BTreeMap<String, Connection>,
}

impl Driver {
    /// Open the library with the settings of the first message.
    pub fn open(settings: &Value) -> Result<Driver, Refusal> {
        let bytes = |name: &str| decode_block(settings[name].as_str().unwrap_or_default());
        let loaded = || -> Result<Driver, ErrorStack> {
            looking::watch_destructions();
            Ok(Driver {
                certificate: X509::from_der(&bytes("certificate_base64")?)?,
                key: PKey::private_key_from_der(&bytes("key_base64")?)?,
                name_index: Ssl::new_ex_index()?,
                reference_count: calibrated(),
                made: BTreeMap::new(),
                contexts: BTreeMap::new(),
                connections: BTreeMap::new(),
            })
        };
        loaded().map_err(|stack| Refusal::LibraryNotLoaded { reason: reasons(&stack).join("; ") })
    }

    /// Carry out one operation, and return what `is` in its answer.
    pub fn carry_out(&mut self, operation: &str, given: &Arguments) -> Result<Value, Refusal> {
        match operation {
            "describe" => Ok(described()),
            "begin" => self.begin(),
            "end" => self.end(),
            "new_context" => self.new_context(given.text(0)?, given.text(1)?),
            "stranger" => self.stranger(given.text(0)?),
            "set_cache" => self.set_cache(given.text(0)?, &given.words(1)),
            "set_cache_size" => self.set_cache_size(given.text(0)?, given.number(1)?),
            "watch_removals" => self.watch_removals(given.text(0)?, given.optional(1).unwrap_or(removals::NOTHING)),
            "removals" => Ok(removals::of(given.text(0)?)),
            "reacted" => Ok(removals::reacted(given.text(0)?)),
            "add_session" => self.change_cache(given, "SslContextRef::add_session", "SSL_CTX_add_session(NULL)", add),
            "remove_session" => self.change_cache(given, "SslContextRef::remove_session", "SSL_CTX_remove_session(NULL)", remove),
            "entries" => self.entries(given.text(0)?),
            "flush" => Err(Refusal::NotImplementedThere { function: "SSL_CTX_flush_sessions" }),
            "free_context" => self.free_context(given.text(0)?),
            "new_connection" => self.new_connection(given.text(0)?),
            "set_session" => self.set_session(given.text(0)?, given.optional(1)),
            "get_session" => self.get_session(given.text(0)?),
            "peek_session" => self.peek_session(given.text(0)?),
            "received_session" => self.received_session(given.text(0)?),
            "handshake" => self.handshake(given.text(0)?, given.text(1)?, given.text(2)?),
            "exchange" => self.exchange(given.text(0)?, given.text(1)?),
            "hang_up" => self.hang_up(given.text(0)?),
            "shutdown" => self.shutdown(given.text(0)?),
            "set_shutdown" => self.set_shutdown(given.text(0)?, &given.words(1)),
            "set_quiet_shutdown" => Err(Refusal::NotImplementedThere { function: "SSL_set_quiet_shutdown" }),
            "clear" => Err(Refusal::NotImplementedThere { function: "SSL_clear" }),
            "free_connection" => self.free_connection(given.text(0)?),
            "reused" => self.reused(given.text(0)?),
            "version" => self.version(given.text(0)?),
            "new_session" => new_session(given.text(0)?, given.text(1)?, given.number(2)?, given.number(3)?),
            "release" => release(given.text(0)?),
            "references" => self.references(given.text(0)?),
            "destroyed" => Ok(trace::observe("destroyed", given.text(0)?, sessions::is_destroyed(given.text(0)?))),
            "resumable" => Ok(trace::observe("resumable", given.text(0)?, sessions::with(given.text(0)?, looking::resumable)?)),
            unknown => Err(Refusal::broken(format!("no operation is called {unknown:?}"))),
        }
    }

    fn begin(&mut self) -> Result<Value, Refusal> {
        self.made.clear();
        sessions::begin();
        removals::begin();
        Ok(Value::Null)
    }

    /// Free what is left: connections first, then sessions, then contexts.
    pub fn end(&mut self) -> Result<Value, Refusal> {
        for connection in self.connections.keys().cloned().collect::<Vec<_>>() {
            self.free_connection(&connection)?;
        }
        for session in sessions::held() {
            release(&session)?;
        }
        for context in self.contexts.keys().cloned().collect::<Vec<_>>() {
            self.free_context(&context)?;
        }
        sessions::abandon_destroyed();
        Ok(Value::Null)
    }

    // Contexts

    fn new_context(&mut self, role: &str, variant: &str) -> Result<Value, Refusal> {
        let (method, shown) = match role {
            "client" => (SslMethod::tls_client(), "SslMethod::tls_client()"),
            _ => (SslMethod::tls_server(), "SslMethod::tls_server()"),
        };
        let name = self.name("ctx");
        let mut builder = trace::call("SslContext::builder", json!([shown]), || SslContext::builder(method), |_| json!(name))?;
        let version = if is_tls13(variant) { ("TLS1_3", SslVersion::TLS1_3) } else { ("TLS1_2", SslVersion::TLS1_2) };
        let spoken = speak_only(&mut builder, &name, version);
        spoken.map_err(|stack| Refusal::ProtocolNotSpoken { protocol: variant.to_owned(), why: reasons(&stack).join("; ") })?;
        if matches!(variant, "TLS 1.2 with session ids" | "TLS 1.3 stateful") {
            let set = || builder.set_options(SslOptions::NO_TICKET);
            trace::call("SslContextBuilder::set_options", json!([name, "NO_TICKET"]), set, trace::nothing);
        }
        if role == "server" {
            let (certificate, key) = (&self.certificate, &self.key);
            trace::call(
                "SslContextBuilder::set_certificate",
                json!([name, "certificate"]),
                || builder.set_certificate(certificate),
                trace::nothing,
            )?;
            trace::call("SslContextBuilder::set_private_key", json!([name, "key"]), || builder.set_private_key(key), trace::nothing)?;
        } else if is_tls13(variant) {
            let index = self.name_index;
            let set = || builder.set_new_session_callback(move |ssl, session| guarded(|| received::keep(ssl.ex_data(index), session)));
            trace::call("SslContextBuilder::set_new_session_callback", json!([name]), set, trace::nothing);
        }
        self.contexts.insert(name.clone(), Context::new(role, variant, builder));
        Ok(json!(name))
    }

    fn stranger(&mut self, context: &str) -> Result<Value, Refusal> {
        let like = self.context(context)?;
        let (role, variant) = (like.role.clone(), like.variant.clone());
        self.new_context(&role, &variant)
    }

    fn set_cache(&mut self, context: &str, flags: &[&str]) -> Result<Value, Refusal> {
        let mode = flags.iter().fold(SslSessionCacheMode::OFF, |mode, flag| mode | cache_mode(flag));
        let builder = self.context(context)?.builder("SSL_CTX_set_session_cache_mode on a context in use")?;
        let set = || builder.set_session_cache_mode(mode);
        trace::call("SslContextBuilder::set_session_cache_mode", json!([context, flags]), set, trace::nothing);
        Ok(Value::Null)
    }

    fn set_cache_size(&mut self, context: &str, entries: i64) -> Result<Value, Refusal> {
        let size = i32::try_from(entries).map_err(|_| Refusal::broken(format!("{entries} is no size that the crate takes")))?;
        let builder = self.context(context)?.builder("SSL_CTX_sess_set_cache_size on a context in use")?;
        let set = || builder.set_session_cache_size(size);
        trace::call("SslContextBuilder::set_session_cache_size", json!([context, entries]), set, trace::nothing);
        Ok(Value::Null)
    }

    fn watch_removals(&mut self, context: &str, reaction: &str) -> Result<Value, Refusal> {
        let (reaction, name) = (removals::reaction(reaction)?, context.to_owned());
        let builder = self.context(context)?.builder("SSL_CTX_sess_set_remove_cb on a context in use")?;
        let set =
            || builder.set_remove_session_callback(move |inside, session| guarded(|| removals::hear(&name, inside, session, reaction)));
        trace::call("SslContextBuilder::set_remove_session_callback", json!([context]), set, trace::nothing);
        Ok(Value::Null)
    }

    fn change_cache(
        &mut self,
        given: &Arguments,
        method: &str,
        with_none: &'static str,
        act: fn(&SslContextRef, &SslSessionRef) -> bool,
    ) -> Result<Value, Refusal> {
        let name = given.text(0)?;
        let session = given.optional(1).ok_or(Refusal::NotImplementedThere { function: with_none })?;
        let context = self.context(name)?.built();
        ErrorStack::get();
        let returned = sessions::with(session, |inside| {
            trace::call(method, json!([name, session]), || act(context, inside), |returned| json!(returned))
        })?;
        Ok(json!([i32::from(returned), reasons(&ErrorStack::get())]))
    }

    fn entries(&mut self, context: &str) -> Result<Value, Refusal> {
        Ok(trace::observe("entries", context, looking::entries(self.context(context)?.pointer())))
    }

    fn free_context(&mut self, context: &str) -> Result<Value, Refusal> {
        let kept = self.contexts.remove(context).ok_or_else(|| Refusal::broken(format!("there is no {context}")))?;
        trace::call("drop", json!([context]), || drop(kept), trace::nothing);
        Ok(Value::Null)
    }

    // Connections

    fn new_connection(&mut self, context: &str) -> Result<Value, Refusal> {
        let kind = if self.context(context)?.role == "client" { "client" } else { "server" };
        let name = self.name(kind);
        let index = self.name_index;
        let kept = self.context(context)?;
        let tls13 = is_tls13(&kept.variant);
        let inside = kept.built();
        let mut ssl = trace::call("Ssl::new", json!([context]), || Ssl::new(inside), |_| json!(name))?;
        ssl.set_ex_data(index, name.clone());
        self.connections.insert(name.clone(), Connection::new(ssl, kind == "client", tls13));
        Ok(json!(name))
    }

    fn set_session(&mut self, connection: &str, session: Option<&str>) -> Result<Value, Refusal> {
        let session = session.ok_or(Refusal::NotImplementedThere { function: "SSL_set_session(NULL)" })?;
        let streaming = Refusal::NotImplementedThere { function: "SSL_set_session on a connection that is a stream already" };
        let ssl = self.connection(connection)?.fresh().ok_or(streaming)?;
        ErrorStack::get();
        let show = |set: &Result<(), ErrorStack>| json!(if set.is_ok() { "Ok" } else { "Err" });
        let set = sessions::with(session, |inside| {
            // Safe or not is what it is called to find out.
            trace::call("SslRef::set_session", json!([connection, session]), || unsafe { ssl.set_session(inside) }, show)
        })?;
        Ok(match set {
            Ok(()) => json!([1, reasons(&ErrorStack::get())]),
            Err(stack) => json!([0, reasons(&stack)]),
        })
    }

    fn get_session(&mut self, connection: &str) -> Result<Value, Refusal> {
        let ssl = self.connection(connection)?.ssl();
        let take = || ssl.session().map(|session| sessions::keep(session.to_owned()));
        Ok(json!(trace::call("SslRef::session().to_owned", json!([connection]), take, |name| json!(name))))
    }

    fn peek_session(&mut self, connection: &str) -> Result<Value, Refusal> {
        let ssl = self.connection(connection)?.ssl();
        Ok(json!(trace::call("SslRef::session", json!([connection]), || ssl.session().map(sessions::name), |name| json!(name))))
    }

    fn received_session(&mut self, connection: &str) -> Result<Value, Refusal> {
        if !self.connection(connection)?.tls13 {
            return self.get_session(connection);
        }
        let mut given = received::take(connection);
        let last = given.pop().map(sessions::keep);
        drop_unwanted(given);
        Ok(json!(last))
    }

    fn handshake(&mut self, client: &str, server: &str, until: &str) -> Result<Value, Refusal> {
        let (one, two) = (self.connection(client)?.pipe.clone(), self.connection(server)?.pipe.clone());
        if !one.joined() {
            one.join(&two);
        }
        let turns = match until {
            "client spoke" => vec![client],
            "server answered" => vec![client, server],
            _ => [client, server].repeat(TURNS),
        };
        for end in turns {
            if !self.is_over(client, server) {
                self.turn(end)?;
            }
        }
        let (one, two) = (&self.connections[client], &self.connections[server]);
        Ok(json!([one.done, two.done, if one.failed.is_empty() { &two.failed } else { &one.failed }]))
    }

    fn is_over(&self, client: &str, server: &str) -> bool {
        let (one, two) = (&self.connections[client], &self.connections[server]);
        (one.done && two.done) || !one.failed.is_empty() || !two.failed.is_empty()
    }

    /// Call one end of a handshake once, unless it is done.
    fn turn(&mut self, name: &str) -> Result<(), Refusal> {
        let end = self.connection(name)?;
        if end.done {
            return Ok(());
        }
        let client = end.client;
        let method = if client { "SslStream::connect" } else { "SslStream::accept" };
        let stream = end.stream()?;
        let call = || if client { stream.connect() } else { stream.accept() };
        match trace::call(method, json!([name]), call, |done| json!(done.as_ref().map_or_else(said, |()| "Ok".to_owned()))) {
            Ok(()) => end.done = true,
            Err(error) if waits(&error) => {}
            Err(error) => end.failed = format!("{method}({name}): {}", said(&error)),
        }
        Ok(())
    }

    fn exchange(&mut self, client: &str, server: &str) -> Result<Value, Refusal> {
        let show = |done: &Result<usize, Error>| json!(done.as_ref().map_or_else(said, ToString::to_string));
        let stream = self.connection(server)?.stream()?;
        let sent = trace::call("SslStream::ssl_write", json!([server, "1 byte"]), || stream.ssl_write(b"x"), show);
        let stream = self.connection(client)?.stream()?;
        let read = trace::call("SslStream::ssl_read", json!([client, "1 byte"]), || stream.ssl_read(&mut [0]), show);
        let failed = |error: Error| Refusal::broken(format!("{client} could not read what {server} wrote: {}", said(&error)));
        sent.and(read).map_err(failed)?;
        Ok(Value::Null)
    }

    fn hang_up(&mut self, connection: &str) -> Result<Value, Refusal> {
        let pipe = self.connection(connection)?.pipe.clone();
        trace::call("Pipe::cut", json!([connection]), || pipe.cut(), trace::nothing);
        Ok(Value::Null)
    }

    fn shutdown(&mut self, connection: &str) -> Result<Value, Refusal> {
        let stream = self.connection(connection)?.stream()?;
        let show = |done: &Result<ShutdownResult, Error>| json!(done.as_ref().map_or_else(said, |how| format!("{how:?}")));
        let done = trace::call("SslStream::shutdown", json!([connection]), || stream.shutdown(), show);
        // What SSL_shutdown has returned, by what the crate makes of it.
        Ok(json!(match done {
            Ok(ShutdownResult::Sent) => 0,
            Ok(ShutdownResult::Received) => 1,
            Err(_) => -1,
        }))
    }

    fn set_shutdown(&mut self, connection: &str, flags: &[&str]) -> Result<Value, Refusal> {
        let bit = |flag: &&str| if *flag == "sent" { ShutdownState::SENT } else { ShutdownState::RECEIVED };
        let state = flags.iter().map(bit).fold(ShutdownState::empty(), |state, bit| state | bit);
        let stream = self.connection(connection)?.stream()?;
        trace::call("SslStream::set_shutdown", json!([connection, flags]), || stream.set_shutdown(state), trace::nothing);
        Ok(Value::Null)
    }

    fn free_connection(&mut self, connection: &str) -> Result<Value, Refusal> {
        let kept = self.connections.remove(connection).ok_or_else(|| Refusal::broken(format!("there is no {connection}")))?;
        trace::call("drop", json!([connection]), || drop(kept), trace::nothing);
        drop_unwanted(received::take(connection));
        Ok(Value::Null)
    }

    fn reused(&mut self, connection: &str) -> Result<Value, Refusal> {
        let ssl = self.connection(connection)?.ssl();
        Ok(json!(trace::call("SslRef::session_reused", json!([connection]), || ssl.session_reused(), |reused| json!(reused))))
    }

    fn version(&mut self, connection: &str) -> Result<Value, Refusal> {
        let ssl = self.connection(connection)?.ssl();
        Ok(json!(trace::call("SslRef::version_str", json!([connection]), || ssl.version_str(), |version| json!(version))))
    }

    // Sessions

    fn references(&self, session: &str) -> Result<Value, Refusal> {
        let offset = self.reference_count.clone().map_err(|why| Refusal::NotObservable { capability: "reference-count", why })?;
        let count = if sessions::is_destroyed(session) {
            0
        } else {
            sessions::with(session, |inside| looking::word_at(looking::address(inside), offset))?
        };
        Ok(trace::observe("references", session, count))
    }

    // Machinery

    fn context(&mut self, name: &str) -> Result<&mut Context, Refusal> {
        self.contexts.get_mut(name).ok_or_else(|| Refusal::broken(format!("there is no {name}")))
    }

    fn connection(&mut self, name: &str) -> Result<&mut Connection, Refusal> {
        self.connections.get_mut(name).ok_or_else(|| Refusal::broken(format!("there is no {name}")))
    }

    fn name(&mut self, kind: &str) -> String {
        let count = self.made.entry(kind.to_owned()).or_default();
        *count += 1;
        format!("{kind}{count}")
    }
}

fn calibrated() -> Result<usize, String> {
    match sessions::make("calibration", "TLSv1.2", 0, 7200) {
        Some(Ok(session)) => looking::find_reference_count(&session),
        _ => Err("no session can be made by hand to find the count in".to_owned()),
    }
}

fn new_session(label: &str, version: &str, age: i64, timeout: i64) -> Result<Value, Refusal> {
    let made = json!([{"id": label, "version": version, "age": age, "timeout": timeout}]);
    let make = || sessions::make(label, version, age, timeout).map(|made| made.map(sessions::keep));
    let show = |made: &Option<Result<String, ErrorStack>>| json!(made.as_ref().and_then(|made| made.as_ref().ok()));
    match trace::call("SslSession::from_der", made, make, show) {
        Some(Ok(name)) => Ok(json!(name)),
        Some(Err(stack)) => Err(Refusal::NotObservable { capability: "hand-made-sessions", why: reasons(&stack).join("; ") }),
        None => Err(Refusal::broken(format!("no version is called {version:?}"))),
    }
}

fn release(session: &str) -> Result<Value, Refusal> {
    let reference = sessions::take(session)?;
    trace::call("drop", json!([session]), || drop(reference), trace::nothing);
    Ok(Value::Null)
}

/// Give back references that nobody has asked for.
fn drop_unwanted(unwanted: Vec<SslSession>) {
    for session in unwanted {
        let name = sessions::name(&session);
        trace::call("drop", json!([name]), || drop(session), trace::nothing);
    }
}
