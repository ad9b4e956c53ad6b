//! Sealing: how a secret is kept that must be read again.
//!
//! ChaCha20-Poly1305 (RFC 8439) with the server's secret key. What is stored is lower-case hex of
//!
//! ```text
//! version (1 byte, 1) · key id (4 bytes) · nonce (12 bytes) · ciphertext · tag (16 bytes)
//! ```
//!
//! The version, the key's id and the place (project, record, field) are authenticated with it: what
//! is copied into another row, or into another project's, does not open there. The key's id is there
//! so that a later server may have several keys and know which one to take.

use std::{
    fmt,
    fs::{File, OpenOptions},
    io::{self, ErrorKind, Write as _},
    path::Path,
    sync::Arc,
};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use rand::CryptoRng;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sha2::{Digest, Sha256};

use crate::{
    error::ControlError,
    secret::{Secret, hex, random},
};

const VERSION: u8 = 1;
const KEY_ID_LEN: usize = 4;
/// What stands before the ciphertext.
const HEAD_LEN: usize = 1 + KEY_ID_LEN + NONCE_LEN;

/// The server's secret key, which seals what others must not read. `Debug` shows its id only.
#[derive(Clone, PartialEq, Eq)]
pub struct MasterKey([u8; 32]);

impl MasterKey {
    /// Reads 32 bytes, written as 64 hex digits or as base64 (either alphabet, with or without
    /// padding). `None`: it is neither.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let bytes = unhex(text).or_else(|| {
            let text = text.trim_end_matches('=');
            STANDARD_NO_PAD.decode(text).or_else(|_| URL_SAFE_NO_PAD.decode(text)).ok()
        })?;
        Some(Self(bytes.try_into().ok()?))
    }

    /// Draws one.
    #[must_use]
    pub fn generate<R: CryptoRng + ?Sized>(rng: &mut R) -> Self {
        Self(random(rng))
    }

    /// What tells it from another, and says nothing of it: 8 hex digits.
    #[must_use]
    pub fn id(&self) -> String {
        hex(&self.id_bytes())
    }

    fn id_bytes(&self) -> [u8; KEY_ID_LEN] {
        let mut hash = Sha256::new();
        // So that the digest is of use for nothing else.
        hash.update(b"tracekeep secret key id");
        hash.update(self.0);
        let digest: [u8; 32] = hash.finalize().into();
        let mut id = [0; KEY_ID_LEN];
        id.copy_from_slice(&digest[..KEY_ID_LEN]);
        id
    }

    fn cipher(&self) -> LessSafeKey {
        let key = UnboundKey::new(&CHACHA20_POLY1305, &self.0).expect("the key has 32 bytes");
        LessSafeKey::new(key)
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKey({})", self.id())
    }
}

/// Seals and opens with the server's secret key; or says why there is none, when it is asked to.
#[derive(Clone, Debug)]
pub struct Vault {
    key: Result<MasterKey, Arc<str>>,
}

impl Vault {
    /// With this key.
    #[must_use]
    pub fn new(key: MasterKey) -> Self {
        Self { key: Ok(key) }
    }

    /// With the key of a file, by convention `secret.key` in the data folder. One that is missing is
    /// made, readable by its owner only. A file that cannot be used is left as it is: what is sealed
    /// then cannot be opened, and says why.
    ///
    /// It reads and writes where it is called: not for a thread that must not wait for a disk. The
    /// caller holds the data folder's lock.
    #[must_use]
    pub fn of_file<R: CryptoRng + ?Sized>(path: &Path, rng: &mut R) -> Self {
        let read = match std::fs::read_to_string(path) {
            Ok(text) => MasterKey::parse(&text)
                .ok_or_else(|| "it does not hold 32 bytes as hex or base64".to_owned()),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let key = MasterKey::generate(rng);
                write_private(path, &hex(&key.0)).map(|()| key).map_err(|error| error.to_string())
            }
            Err(error) => Err(error.to_string()),
        };
        // Its folder is not said: the reason may be shown to who asks over the network.
        let name = path.file_name().unwrap_or(path.as_os_str()).display();
        let key =
            read.map_err(|reason| Arc::from(format!("the file {name} cannot be used ({reason})")));
        Self { key }
    }

    /// Why nothing can be sealed or opened; `None` if it can.
    #[must_use]
    pub fn problem(&self) -> Option<&str> {
        self.key.as_ref().err().map(|reason| &**reason)
    }

    fn key(&self) -> Result<&MasterKey, ControlError> {
        self.key.as_ref().map_err(|reason| ControlError::NoSecretKey(reason.to_string()))
    }

    pub(crate) fn seal(
        &self,
        secret: &Secret,
        place: &Place<'_>,
        nonce: FreshNonce,
    ) -> Result<String, ControlError> {
        let key = self.key()?;
        let id = key.id_bytes();
        let mut text = secret.expose().as_bytes().to_vec();
        let aad = Aad::from(place.bytes(id));
        key.cipher()
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce.0), aad, &mut text)
            .expect("a credential is shorter than the cipher's 256 GiB");
        let mut sealed = Vec::with_capacity(HEAD_LEN + text.len());
        sealed.push(VERSION);
        sealed.extend_from_slice(&id);
        sealed.extend_from_slice(&nonce.0);
        sealed.extend_from_slice(&text);
        Ok(hex(&sealed))
    }

    pub(crate) fn open(&self, sealed: &str, place: &Place<'_>) -> Result<Secret, ControlError> {
        let key = self.key()?;
        let damaged = || ControlError::DamagedSeal { provider: place.provider.to_owned() };
        let bytes = unhex(sealed).ok_or_else(damaged)?;
        let (head, text) = bytes.split_at_checked(HEAD_LEN).ok_or_else(damaged)?;
        let (version, head) = head.split_first().ok_or_else(damaged)?;
        let (id, nonce) = head.split_at_checked(KEY_ID_LEN).ok_or_else(damaged)?;
        if *version != VERSION {
            return Err(damaged());
        }
        if id != key.id_bytes() {
            return Err(ControlError::OtherSecretKey {
                provider: place.provider.to_owned(),
                sealed_with: hex(id),
                present: key.id(),
            });
        }
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| damaged())?;
        let mut text = text.to_vec();
        let aad = Aad::from(place.bytes(key.id_bytes()));
        let opened = key.cipher().open_in_place(nonce, aad, &mut text).map_err(|_| damaged())?;
        let opened = std::str::from_utf8(opened).map_err(|_| damaged())?;
        Ok(Secret::new(opened.to_owned()))
    }
}

/// What a sealed text belongs to. It opens nowhere else.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    pub(crate) project_id: &'a str,
    /// The record's id.
    pub(crate) record_id: &'a str,
    /// The column.
    pub(crate) field: &'static str,
    /// The record's name, for messages; it may change, and is not part of the place.
    pub(crate) provider: &'a str,
}

impl Place<'_> {
    /// Each part with its length before it, so that no two places run together to the same bytes.
    fn bytes(&self, key_id: [u8; KEY_ID_LEN]) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        bytes.extend_from_slice(&key_id);
        for part in [self.project_id, self.record_id, self.field] {
            bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
            bytes.extend_from_slice(part.as_bytes());
        }
        bytes
    }
}

/// A nonce that is used once: it cannot be copied, and sealing takes it.
///
/// 96 random bits: with one key, two of 2^32 seals share one with a chance of 2^-33, and a server
/// seals when somebody stores a credential.
#[derive(Debug)]
pub(crate) struct FreshNonce([u8; NONCE_LEN]);

impl FreshNonce {
    pub(crate) fn generate<R: CryptoRng + ?Sized>(rng: &mut R) -> Self {
        Self(random(rng))
    }
}

/// Writes a file that only its owner can read, whole or not at all.
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let unfinished = path.with_extension("key.new");
    match std::fs::remove_file(&unfinished) {
        // Of a start that was cut off.
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&unfinished)?;
    writeln!(file, "{text}")?;
    file.sync_all()?;
    std::fs::rename(&unfinished, path)?;
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| match pair {
            [high, low] => Some((digit(*high)? << 4) | digit(*low)?),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests;
