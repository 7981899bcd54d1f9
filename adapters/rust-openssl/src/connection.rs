//! Connections as the crate has them: an `Ssl` first, and then a stream over it.

use openssl::ssl::{Error, ErrorCode, Ssl, SslRef, SslStream};

use crate::pipe::Pipe;
use crate::refusal::{reasons, Refusal};

/// A connection before and after the crate has made a stream of it, which lends nothing that SSL_set_session could be called on.
enum End {
    /// As Ssl::new has made it.
    Fresh(Ssl),
    /// Over this end's transport.
    Stream(SslStream<Pipe>),
}

/// A connection, and how far its handshake has come.
pub struct Connection {
    /// None only while one is made of the other.
    end: Option<End>,
    pub pipe: Pipe,
    pub client: bool,
    pub tls13: bool,
    pub done: bool,
    /// Why the handshake cannot go on, or nothing.
    pub failed: String,
}

impl Connection {
    /// Return a connection that nothing has been done with.
    pub fn new(ssl: Ssl, client: bool, tls13: bool) -> Connection {
        Connection { end: Some(End::Fresh(ssl)), pipe: Pipe::default(), client, tls13, done: false, failed: String::new() }
    }

    /// Return the connection for looking at.
    pub fn ssl(&self) -> &SslRef {
        match &self.end {
            Some(End::Fresh(ssl)) => ssl,
            Some(End::Stream(stream)) => stream.ssl(),
            None => unreachable!("an end is there whenever nobody is making it"),
        }
    }

    /// Return the connection for changing, None when it is a stream already.
    pub fn fresh(&mut self) -> Option<&mut Ssl> {
        match &mut self.end {
            Some(End::Fresh(ssl)) => Some(ssl),
            _ => None,
        }
    }

    /// Return the stream, which the connection is from now on.
    pub fn stream(&mut self) -> Result<&mut SslStream<Pipe>, Refusal> {
        self.end = match self.end.take() {
            Some(End::Fresh(ssl)) => Some(End::Stream(SslStream::new(ssl, self.pipe.clone())?)),
            made => made,
        };
        match &mut self.end {
            Some(End::Stream(stream)) => Ok(stream),
            _ => Err(Refusal::broken("a stream could not be made before, and so cannot now")),
        }
    }
}

/// Return whether an end only waits for the other.
pub fn waits(error: &Error) -> bool {
    matches!(error.code(), ErrorCode::WANT_READ | ErrorCode::WANT_WRITE)
}

/// Return the reasons of an error, or the name of its code where it has none.
pub fn said(error: &Error) -> String {
    let reasons = error.ssl_error().map_or_else(Vec::new, reasons);
    if !reasons.is_empty() {
        return reasons.join("; ");
    }
    let names = [
        (ErrorCode::SSL, "SSL_ERROR_SSL"),
        (ErrorCode::WANT_READ, "SSL_ERROR_WANT_READ"),
        (ErrorCode::WANT_WRITE, "SSL_ERROR_WANT_WRITE"),
        (ErrorCode::SYSCALL, "SSL_ERROR_SYSCALL"),
        (ErrorCode::ZERO_RETURN, "SSL_ERROR_ZERO_RETURN"),
    ];
    let named = names.iter().find(|(code, _)| *code == error.code());
    named.map_or_else(|| format!("SSL_get_error {}", error.code().as_raw()), |(_, name)| (*name).to_owned())
}
