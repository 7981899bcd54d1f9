//! Contexts as the crate has them: made by a builder, and not changed any more once they are used.

use foreign_types::ForeignTypeRef;
use openssl::error::ErrorStack;
use openssl::ssl::{SslContext, SslContextBuilder, SslContextRef, SslSessionCacheMode, SslSessionRef, SslVersion};
use openssl_sys::SSL_CTX;
use serde_json::json;

use crate::refusal::Refusal;
use crate::trace;

/// A context, for one end and one variant.
pub struct Context {
    pub role: String,
    pub variant: String,
    /// What the crate makes contexts with; it is used up by the first thing that needs a context.
    builder: Option<SslContextBuilder>,
    built: Option<SslContext>,
}

impl Context {
    /// Return a context that can still be changed.
    pub fn new(role: &str, variant: &str, builder: SslContextBuilder) -> Context {
        Context { role: role.to_owned(), variant: variant.to_owned(), builder: Some(builder), built: None }
    }

    /// Return the context, which nothing can be changed of from now on.
    pub fn built(&mut self) -> &SslContextRef {
        if let Some(builder) = self.builder.take() {
            self.built = Some(builder.build());
        }
        self.built.as_deref().expect("a context is in its builder, or built")
    }

    /// Return what changes the context; refuses `function` when there is nothing that could any more.
    pub fn builder(&mut self, function: &'static str) -> Result<&mut SslContextBuilder, Refusal> {
        self.builder.as_mut().ok_or(Refusal::NotImplementedThere { function })
    }

    /// Return where the library has the context.
    pub fn pointer(&self) -> *mut SSL_CTX {
        match (&self.builder, &self.built) {
            (Some(builder), _) => builder.as_ptr(),
            (None, built) => built.as_ref().expect("a context is in its builder, or built").as_ptr(),
        }
    }
}

/// Limit a context to one version, which is shown by the name of its constant.
pub fn speak_only(builder: &mut SslContextBuilder, name: &str, (shown, version): (&str, SslVersion)) -> Result<(), ErrorStack> {
    let of = json!([name, shown]);
    trace::call("SslContextBuilder::set_min_proto_version", of.clone(), || builder.set_min_proto_version(Some(version)), trace::nothing)?;
    trace::call("SslContextBuilder::set_max_proto_version", of, || builder.set_max_proto_version(Some(version)), trace::nothing)
}

/// Call SSL_CTX_add_session.
pub fn add(context: &SslContextRef, session: &SslSessionRef) -> bool {
    // Its contract, one context for a session, is what the pages say of the caller; what happens otherwise is asked as well.
    unsafe { context.add_session(session) }
}

/// Call SSL_CTX_remove_session.
pub fn remove(context: &SslContextRef, session: &SslSessionRef) -> bool {
    // As above.
    unsafe { context.remove_session(session) }
}

/// Return whether a variant is one of TLS 1.3.
pub fn is_tls13(variant: &str) -> bool {
    variant.starts_with("TLS 1.3")
}

/// Return the flag of a cache mode with this name.
pub fn cache_mode(flag: &str) -> SslSessionCacheMode {
    match flag {
        "client" => SslSessionCacheMode::CLIENT,
        "server" => SslSessionCacheMode::SERVER,
        "no-internal-store" => SslSessionCacheMode::NO_INTERNAL_STORE,
        _ => SslSessionCacheMode::NO_INTERNAL_LOOKUP,
    }
}
