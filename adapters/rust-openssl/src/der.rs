//! Sessions made by hand: the DER that d2i_SSL_SESSION(3) reads, which is `SSL_SESSION_ASN1` of OpenSSL's ssl/ssl_asn1.c.

const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;
const SEQUENCE: u8 = 0x30;
const EXPLICIT: u8 = 0xA0;

/// In bytes, of every session id that is not empty.
const ID: usize = 32;

/// Return the DER of a session, None for a version that there is no name for. `time` is in seconds of the epoch, `timeout` counts from then.
pub fn session(label: &str, version: &str, time: i64, timeout: i64) -> Option<Vec<u8>> {
    let (number, cipher, secret) = flavour(version)?;
    let mut fields = vec![
        integer(1),
        integer(number),
        tagged(OCTETS, &cipher),
        tagged(OCTETS, &id_of(label)),
        tagged(OCTETS, &(0..secret).collect::<Vec<u8>>()),
        tagged(EXPLICIT | 1, &integer(time)),
        tagged(EXPLICIT | 2, &integer(timeout)),
        tagged(EXPLICIT | 4, &tagged(OCTETS, b"")),
    ];
    if version == "TLSv1.3" && !label.is_empty() {
        // A session of TLS 1.3 without a ticket is none that a client could offer.
        fields.push(tagged(EXPLICIT | 10, &tagged(OCTETS, &id_of(label))));
    }
    Some(tagged(SEQUENCE, &fields.concat()))
}

/// Return the number of a version, a cipher suite that it has, and how many bytes its secrets have.
fn flavour(version: &str) -> Option<(i64, [u8; 2], u8)> {
    match version {
        // TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TLS_AES_128_GCM_SHA256
        "TLSv1.2" => Some((0x0303, [0xC0, 0x2B], 48)),
        "TLSv1.3" => Some((0x0304, [0x13, 0x01], 32)),
        "unheard of" => Some((0x0399, [0xC0, 0x2B], 48)),
        _ => None,
    }
}

fn id_of(label: &str) -> Vec<u8> {
    let mut id = label.as_bytes().to_vec();
    if !id.is_empty() {
        id.resize(ID, 0);
    }
    id
}

fn integer(value: i64) -> Vec<u8> {
    let bytes = value.to_be_bytes();
    let sign = if value < 0 { 0xFF } else { 0 };
    // As short as it can be: a byte may go where it and the sign of the next one say the same.
    let spare = bytes.windows(2).take_while(|pair| pair[0] == sign && (pair[1] ^ sign) & 0x80 == 0).count();
    tagged(INTEGER, &bytes[spare..])
}

fn tagged(tag: u8, content: &[u8]) -> Vec<u8> {
    let size = content.len();
    let mut whole = match u8::try_from(size) {
        Ok(short) if short < 0x80 => vec![tag, short],
        Ok(long) => vec![tag, 0x81, long],
        Err(_) => vec![tag, 0x82, (size >> 8) as u8, size as u8],
    };
    whole.extend_from_slice(content);
    whole
}
