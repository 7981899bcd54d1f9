//! The transport between two connections of this process: bytes in memory, and nothing that waits.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::rc::Rc;

/// What one end has said and the other has not read yet.
#[derive(Default)]
struct Wire {
    bytes: VecDeque<u8>,
    cut: bool,
}

/// One end of a transport. A clone is the same end.
#[derive(Clone, Default)]
pub struct Pipe {
    spoken: Rc<RefCell<Wire>>,
    heard: Rc<RefCell<Option<Rc<RefCell<Wire>>>>>,
}

impl Pipe {
    /// Make each of two ends hear what the other says, from its beginning.
    pub fn join(&self, other: &Pipe) {
        self.heard.replace(Some(Rc::clone(&other.spoken)));
        other.heard.replace(Some(Rc::clone(&self.spoken)));
    }

    /// Return whether this end has been joined to another.
    pub fn joined(&self) -> bool {
        self.heard.borrow().is_some()
    }

    /// Say nothing any more: the other end reads an end of file.
    pub fn cut(&self) {
        self.spoken.borrow_mut().cut = true;
    }
}

impl Read for Pipe {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let heard = self.heard.borrow();
        let mut wire = heard.as_ref().ok_or(ErrorKind::WouldBlock)?.borrow_mut();
        match wire.bytes.read(into)? {
            0 if !wire.cut => Err(ErrorKind::WouldBlock.into()),
            read => Ok(read),
        }
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut wire = self.spoken.borrow_mut();
        if wire.cut {
            return Err(ErrorKind::BrokenPipe.into());
        }
        wire.bytes.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
